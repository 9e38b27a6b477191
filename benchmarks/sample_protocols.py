"""Does Genom's learning beat the baselines of the sample shop?  The two protocols of ../shared/protocols.

    python benchmarks/sample_protocols.py [DIR] [--only coupons|categories|confirmation]

DIR is a data directory that holds the sample with `--sample-consents all`; without it one is made in a scratch
directory.  Features come from Genom's journal and kernel as of the cut, the models are those that `genom learn` trains,
with the settings that it chooses on time before the cut.  The confirmation asks the coupons' question at other cuts.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # LightGBM must not burn the time of others while it waits

import numpy as np
import sample_tools as tools
from sample_coupons import at_protocol, confirmation

from genom.app.training.data import moments_of
from genom.app.training.past import Record, open_record
from genom.app.training.questions import questions_of
from genom.app.training.things import category_parts
from genom.learn.dataset import joined
from genom.learn.questions import Question
from genom.settings import load_settings

PARTS = ("coupons", "categories", "confirmation")


def main() -> None:
    if not tools.PROTOCOL.exists():
        print(json.dumps({"skipped": f"there is no {tools.PROTOCOL.name} in ../shared/protocols"}))
        return
    asked = _arguments()
    began = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        directory = asked.directory or tools.loaded(Path(scratch) / "data")
        record = open_record(directory, load_settings(directory), now=time.time_ns() // 1_000_000)
        questions = questions_of(directory)
        found: dict[str, Any] = {}
        for part in [asked.only] if asked.only else PARTS:
            found[part] = _asked(part, record, questions)
            tools.say(json.dumps({part: found[part]}))
    print(json.dumps({**found, "seconds": round(time.time() - began)}, indent=1))


def _asked(part: str, record: Record, questions: dict[str, Question]) -> dict[str, Any]:
    if part == "categories":
        return categories(record, questions["buys_category"])
    return {"coupons": at_protocol, "confirmation": confirmation}[part](record, questions["redeems_coupon"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("directory", nargs="?", type=Path, help="the sample with `--sample-consents all`")
    parser.add_argument("--only", choices=PARTS)
    return parser.parse_args()


def categories(record: Record, question: Question) -> dict[str, Any]:
    """Mean average precision over the protocol's categories on the held-out households."""
    protocol = tools.protocol()
    cut = tools.moment(record, protocol.CUT)
    households, names, y, is_train = protocol.category_task()
    past = record.past(tools.need(record, question))
    codes = np.array([record.world.terms[2].find(name) for name in names], np.int64)
    assert (codes > 0).all()
    moments = [*moments_of(past, question, at=cut), cut]
    *parts, at_cut = category_parts(record, past, question, codes, moments, tools.say)
    person = tools.persons(record, past)
    order = np.array([person[h] for h in households])  # the protocol's households as persons
    place = {int(p): i for i, p in enumerate(at_cut.person[:: len(codes)])}
    rows = np.array([place[int(past.persons[p])] for p in order])
    own = at_cut.y.reshape(-1, len(codes))[rows]
    agree = float((own == y).mean())
    train = np.zeros((len(place), len(codes)), np.bool_)
    train[rows[is_train]] = True
    labelled = at_cut.only(train.reshape(-1))
    fitted = tools.fit(joined(parts), question, more=labelled)
    scores = tools.margins(fitted, at_cut).reshape(-1, len(codes))[rows]
    ours = protocol.category_ap(y, is_train, scores)
    base = protocol.category_ap(y, is_train, protocol.rfm_and_own_counts(households, names, y, is_train))
    return _compared(protocol, ours, base, households=int((~is_train).sum()), fitted=fitted) | {"labels_agree": agree}


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


if __name__ == "__main__":
    main()
