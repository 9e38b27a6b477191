"""Does Genom's learning beat the baselines of the sample shop?  The two protocols of ../shared/protocols.

    python benchmarks/sample_protocols.py [DIR] [--only coupons|categories]

DIR is a data directory that holds the sample with `--sample-consents all`; without it one is made in a scratch
directory.  Features come from Genom's journal and kernel as of the cut, the models are those that `genom learn` trains,
with the settings that it chooses on time before the cut.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # LightGBM must not burn the time of others while it waits

import numpy as np

from genom.app.learning_data import (
    category_part,
    coupon_part,
    coupons_of,
    moments_of,
    table_of,
)
from genom.app.learning_past import Past, Record, open_record
from genom.app.questions import questions_of
from genom.learn.dataset import Dataset, few_without_yes, joined, split_by_time
from genom.learn.history import history_of
from genom.learn.models import MODELS
from genom.learn.questions import Question, need_of
from genom.settings import load_settings

PROTOCOL = Path(__file__).resolve().parents[2] / "shared" / "protocols" / "sample_shop.py"
CUT_MS = 1_509_926_400_000  # 2017-11-06, source time


def main() -> None:
    if not PROTOCOL.exists():
        print(json.dumps({"skipped": f"there is no {PROTOCOL.name} in ../shared/protocols"}))
        return
    asked = _arguments()
    began = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        directory = asked.directory or _loaded(Path(scratch) / "data")
        protocol, cut = _protocol(), CUT_MS + _shift(directory)
        record = open_record(directory, load_settings(directory), now=time.time_ns() // 1_000_000)
        questions = questions_of(directory)
        found: dict[str, Any] = {}
        if asked.only != "categories":
            found["coupons"] = coupons(protocol, record, questions["redeems_coupon"], cut)
            _say(json.dumps(found))
        if asked.only != "coupons":
            found["categories"] = categories(protocol, record, questions["buys_category"], cut)
    print(json.dumps({**found, "seconds": round(time.time() - began)}, indent=1))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("directory", nargs="?", type=Path, help="the sample with `--sample-consents all`")
    parser.add_argument("--only", choices=("coupons", "categories"))
    return parser.parse_args()


def coupons(protocol: Any, record: Record, question: Question, cut: int) -> dict[str, Any]:
    """NDCG@5 of the coupons mailed to each household."""
    task = protocol.coupon_task()
    past = record.past(need_of(question, record.purposes.bits))
    fitted = _fit(table_of(record, past, question, at=cut, progress=_say).data, question)
    have = coupons_of(record)
    place = {name: i for i, name in enumerate(have.ids)}
    person = _persons(record, past)
    pairs = [(person[h], place[f"{c}-{u}"]) for h, candidates, _ in task for c, u in candidates]
    asked = tuple(np.array(column, np.int64) for column in zip(*pairs, strict=True))
    history = history_of(past.rows, past.who, people=len(past.persons))
    rows = coupon_part(record, past, history, have, question, asked, at=cut)
    margins = iter(np.split(_margins(fitted, rows), np.cumsum([len(candidates) for _, candidates, _ in task])[:-1]))
    ours = protocol.coupon_ndcg(task, lambda *_: next(margins))
    base = protocol.coupon_ndcg(task, protocol.own_purchases_of_coupon())
    return _compared(protocol, ours, base, households=len(task), fitted=fitted)


def categories(protocol: Any, record: Record, question: Question, cut: int) -> dict[str, Any]:
    """Mean average precision over the protocol's categories on the held-out households."""
    households, names, y, is_train = protocol.category_task()
    past = record.past(need_of(question, record.purposes.bits))
    history = history_of(past.rows, past.who, people=len(past.persons))
    codes = np.array([record.world.terms[2].find(name) for name in names], np.int64)
    assert (codes > 0).all()
    parts = []
    for moment in moments_of(past, question, at=cut):
        _say(f"buys_category as of {moment}")
        parts.append(category_part(record, past, history, question, codes, at=moment))
    at_cut = category_part(record, past, history, question, codes, at=cut)
    person = _persons(record, past)
    order = np.array([person[h] for h in households])  # the protocol's households as persons
    place = {int(p): i for i, p in enumerate(at_cut.person[:: len(codes)])}
    rows = np.array([place[int(past.persons[p])] for p in order])
    own = at_cut.y.reshape(-1, len(codes))[rows]
    agree = float((own == y).mean())
    train = np.zeros((len(place), len(codes)), np.bool_)
    train[rows[is_train]] = True
    labelled = at_cut.only(train.reshape(-1))
    fitted = _fit(joined(parts), question, more=labelled)
    scores = _margins(fitted, at_cut).reshape(-1, len(codes))[rows]
    ours = protocol.category_ap(y, is_train, scores)
    base = protocol.category_ap(y, is_train, protocol.rfm_and_own_counts(households, names, y, is_train))
    return _compared(protocol, ours, base, households=int((~is_train).sum()), fitted=fitted) | {"labels_agree": agree}


def _fit(data: Dataset, question: Question, more: Dataset | None = None) -> dict[str, Any]:
    """As `train` does: rounds on later time, then once more on all of the time."""
    parts = split_by_time(data, within_days=question.within_days)
    boosted = MODELS["boosted"]
    early, later = few_without_yes(parts.train), few_without_yes(parts.valid)
    chosen = boosted.fit(early.x, early.y, later=(later.x, later.y), settings={})
    everything = few_without_yes(data if more is None else joined([data, more]))
    _say(f"{question.id}: {chosen['settings']}, {len(everything):,} rows")
    return boosted.fit(everything.x, everything.y, later=None, settings=chosen["settings"])


def _margins(fitted: dict[str, Any], rows: Dataset) -> np.ndarray[Any, Any]:
    return MODELS["boosted"].margins(fitted, rows.x)


def _compared(protocol: Any, ours: Any, base: Any, *, households: int, fitted: dict[str, Any]) -> dict[str, Any]:
    difference, low, high = protocol.paired_interval(ours, base)
    return {
        "ours": round(float(ours.mean()), 4),
        "baseline": round(float(base.mean()), 4),
        "difference": round(float(difference), 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "beaten": bool(low > 0),
        "households": households,
        "settings": fitted["settings"],
    }


def _persons(record: Record, past: Past) -> dict[str, int]:
    """Household → person, from 0."""
    found, world = {number: place for place, number in enumerate(past.persons.tolist())}, record.world
    answer = {}
    for household in range(1, 2_501):
        person = world.people.person(world.profiles.find("card", str(household)) or 0)
        if person in found:
            answer[str(household)] = found[person]
    return answer


def _protocol() -> Any:
    spec = importlib.util.spec_from_file_location("sample_shop_protocol", PROTOCOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _shift(directory: Path) -> int:
    with sqlite3.connect(f"file:{directory / 'catalogue.sqlite'}?mode=ro", uri=True) as connection:
        (value,) = connection.execute("SELECT value FROM meta WHERE key = 'sample'").fetchone()
    return int(json.loads(value)["shift_ms"])


def _loaded(directory: Path) -> Path:
    command = [sys.executable, "-m", "genom", "up", "--data", str(directory), "--sample-only"]
    subprocess.run([*command, "--sample-consents", "all", "--port", "9149"], check=True, stdout=sys.stderr)
    return directory


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
