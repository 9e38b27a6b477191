"""What does the standard genome gain over twelve genes of recency, frequency and money?

    python benchmarks/ablation.py [DIR] [--only QUESTION …] [--cells N] [--drop FAMILY …]

DIR is a data directory with the sample, loaded with `--sample-consents all`; without it one is made in a scratch
directory.  For each question both sets of genes see the same persons, moments and answers, are split by the same time,
and are fitted by the same families of models with their rounds and penalties chosen on the middle part of the time.
What is told is of the late part: each set's figures, and the paired difference with a 95 % interval over persons.
Questions about categories and coupons have the pair's own features beside the genes in both sets, at three moments.
All genes of the directory that are numbers take part, however many; so many persons or pairs are drawn that no table
exceeds `--cells` numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

os.environ.setdefault("OMP_NUM_THREADS", "2")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # LightGBM must not burn the time of others while it waits

import numpy as np
import sample_tools as tools

from genom.app.training.data import asked, few, genes_at, moments_of, persons_table
from genom.app.training.past import Past, Record, open_record
from genom.app.training.questions import questions_of
from genom.app.training.things import coupons_of
from genom.errors import BadConfiguration
from genom.genome import Columns, numeric_genes
from genom.learn.calibration import calibrate, probabilities
from genom.learn.dataset import DAY, Dataset, Parts, few_without_yes, joined, split_by_time
from genom.learn.history import History, history_of
from genom.learn.models import MODELS
from genom.learn.pairs import category, coupon
from genom.learn.quality import auc, interval, log_loss, measured
from genom.learn.questions import Question
from genom.settings import load_settings

RFM: Final = (
    "rhythm.order.recency",
    *(f"rhythm.orders.count.{span}" for span in ("1d", "7d", "30d", "365d", "lifetime")),
    *(f"value.order_value.sum.{span}" for span in ("1d", "7d", "30d", "365d", "lifetime")),
    "value.orders.mean_amount",
)
"""Recency, frequency at five time scales, money at the same five, and money an order: twelve."""
FAMILIES: Final = ("logistic", "boosted")
CELLS: Final = 30_000_000  # 120 MB
PERSONS: Final = 5_000  # a moment, of questions about pairs
DRAWS: Final = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A table, and which of its columns are genes of the person."""

    data: Dataset
    genes: tuple[str, ...]


def main() -> None:
    asked_for = _arguments()
    began = time.time()
    with tempfile.TemporaryDirectory() as scratch:
        directory = asked_for.directory or tools.loaded(Path(scratch) / "data")
        record = open_record(directory, load_settings(directory), now=time.time_ns() // 1_000_000)
        found: dict[str, Any] = {"genes": record.world.layout.version, "rfm": list(RFM), "cells": asked_for.cells}
        for name, question in questions_of(directory).items():
            if not asked_for.only or name in asked_for.only:
                try:
                    found[name] = ablated(record, question, cells=asked_for.cells, drop=frozenset(asked_for.drop))
                except BadConfiguration as error:  # too short a history, or too few answers
                    found[name] = {"refused": f"{error.what} {error.why}."}
                tools.say(json.dumps({name: found[name]}))
    print(
        json.dumps(
            {
                **found,
                "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
                "seconds": round(time.time() - began),
            },
            indent=1,
        )
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("directory", nargs="?", type=Path, help="the sample with `--sample-consents all`")
    parser.add_argument("--only", nargs="+", default=(), help="questions; all without it")
    parser.add_argument("--drop", nargs="+", default=(), help="families that the whole genome is tried without, too")
    parser.add_argument("--cells", type=int, default=CELLS, help="most numbers of a table")
    return parser.parse_args()


def ablated(record: Record, question: Question, *, cells: int, drop: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Both sets on one question; raises BadConfiguration where its past is too short."""
    seen = table(record, question, cells=cells)
    parts = split_by_time(seen.data, within_days=question.within_days)
    sets = {"rfm": frozenset(RFM), "genome": frozenset(seen.genes)}
    sets |= {f"genome without {family}": frozenset(g for g in seen.genes if _family(g) != family) for family in drop}
    late = parts.test
    answer: dict[str, Any] = {
        "rows": {name: len(getattr(parts, name)) for name in ("train", "valid", "test")},
        "persons": len(np.unique(late.person)),
        "base_rate": round(float(late.y.mean()), 4),
        "genes": {name: len(genes) for name, genes in sets.items()},
        "known_for_half": _known(late, seen.genes),
    }
    for family in FAMILIES:
        p = {}
        for name, genes in sets.items():
            tools.say(f"{question.id}: {family} on {name}")
            p[name] = _late(family, parts, _columns(seen, genes))
        answer[family] = {name: _told(of, late) for name, of in p.items()} | {
            f"{name} - rfm": _paired(p[name], p["rfm"], late) for name in p if name != "rfm"
        }
    return answer


def _family(gene: str) -> str:
    return gene.split(".", 1)[0]


def _known(rows: Dataset, genes: tuple[str, ...]) -> int:
    """Genes that are known for at least half of the rows; column by column, as the table is large."""
    places = [rows.names.index(gene) for gene in genes]
    return sum(bool(np.isnan(rows.x[:, place]).mean() <= 0.5) for place in places)


def _columns(seen: Seen, genes: frozenset[str]) -> list[int]:
    """The pair's features and these genes."""
    missing = genes - set(seen.data.names)
    if missing:
        raise SystemExit(f"The genome lacks {', '.join(sorted(missing))}.\n  fix: name others in RFM of {__file__}")
    return [i for i, name in enumerate(seen.data.names) if name in genes or name not in seen.genes]


def _late(family: str, parts: Parts, columns: list[int]) -> np.ndarray[Any, Any]:
    """Probabilities on late time, as `train` makes a candidate's."""
    early, middle, late = (_narrow(part, columns) for part in (parts.train, parts.valid, parts.test))
    fit, later = few_without_yes(early), few_without_yes(middle)
    fitted = MODELS[family].fit(fit.x, fit.y, later=(later.x, later.y), settings={})
    margin = MODELS[family].margins(fitted, middle.x)
    calibration = calibrate(margin, middle.y, middle.person)
    return probabilities(calibration, MODELS[family].margins(fitted, late.x))


def _narrow(part: Dataset, columns: list[int]) -> Dataset:
    names = tuple(part.names[i] for i in columns)
    return part if len(columns) == len(part.names) else replace(part, names=names, x=part.x[:, columns])


def _told(p: Any, late: Dataset) -> dict[str, list[float]]:
    return {name: _of(f.value, f.low, f.high) for name, f in measured(p, late.y, late.person).items()}


def _paired(p: Any, other: Any, late: Dataset) -> dict[str, list[float]]:
    """Log loss spared, and AUC gained, with intervals over persons: both sets see the same draws."""
    spared = interval(log_loss(other, late.y) - log_loss(p, late.y), late.person)
    order = np.argsort(late.person, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(late.person[order])) + 1)
    rng, gains = np.random.default_rng(1), []
    for _ in range(DRAWS):
        rows = np.concatenate([groups[k] for k in rng.integers(0, len(groups), len(groups))])
        gains.append(auc(p[rows], late.y[rows]) - auc(other[rows], late.y[rows]))
    low, high = np.percentile(gains, (2.5, 97.5))
    gained = auc(p, late.y) - auc(other, late.y)
    return {"log_loss_spared": _of(spared.value, spared.low, spared.high), "auc_gained": _of(gained, low, high)}


def _of(*values: float) -> list[float]:
    return [round(float(value), 5) for value in values]


def table(record: Record, question: Question, *, cells: int) -> Seen:
    """Everything that both sets may see of a question."""
    past = record.past(tools.need(record, question))
    moments = moments_of(past, question, at=record.at)
    if not question.each:
        data = persons_table(record, past, question, moments, tools.say, cells=cells).data
        return Seen(data, data.names)
    return _pairs(record, past, question, _three(moments, question), cells=cells)


def _three(moments: list[int], question: Question) -> list[int]:
    """The newest three that lie so far apart that each knows nothing of the next."""
    chosen: list[int] = []
    for moment in reversed(moments):
        if len(chosen) < 3 and (not chosen or moment + (question.within_days + 1) * DAY <= chosen[-1]):
            chosen.append(moment)
    return chosen[::-1]


def _pairs(record: Record, past: Past, question: Question, moments: list[int], *, cells: int) -> Seen:
    """Drawn pairs of a person and a thing, the pair's own features and all genes of the person."""
    history = history_of(past.rows, past.who, people=len(past.persons))
    things = _Categories(history, moments) if question.each == "category" else _Coupons(history, record, question)
    layout = record.world.layout
    columns = Columns(layout, numeric_genes(layout.genes))
    width = len(things.names) + len(columns.names)
    people = [few(things.people(past, question, moment), PERSONS) for moment in moments]
    genes = genes_at(record, past, question.purpose, columns, persons=people, moments=moments)
    past.let_go()
    parts, start = list[Dataset](), 0
    for moment, who in zip(moments, people, strict=True):
        own, place, y, thing = things.rows(who, question, moment)
        rows = drawn(y, most=cells // width // len(moments))
        tools.say(f"{question.id}: {len(rows):,} of {len(y):,} pairs as of {moment}")
        x = np.empty((len(rows), width), np.float32)
        x[:, : own.shape[1]], x[:, own.shape[1] :] = own[rows], genes[start : start + len(who)][place[rows]]
        start += len(who)
        parts.append(
            Dataset(names=(*things.names, *columns.names), x=x, y=y[rows], person=past.persons[who[place[rows]]],
                    at=np.full(len(rows), moment), thing=thing[rows])
        )  # fmt: skip
    if not parts:
        raise BadConfiguration(
            f"{question.id} is not asked.", why="the history is too short", fix="wait for more of it"
        )
    return Seen(joined(parts), columns.names)


def drawn(y: Any, *, most: int) -> Any:
    """Rows with and without yes, each drawn evenly: the rarer kind whole if it is less than half of `most`.

    An AUC is the same with any share of yes; the log loss is that of the drawn rows.
    """
    rng = np.random.default_rng(1)
    yes, no = np.flatnonzero(y), np.flatnonzero(~y)
    few_yes = min(len(yes), max(most // 2, most - len(no)))
    few_no = min(len(no), most - few_yes)
    return np.sort(np.concatenate([rng.choice(yes, few_yes, replace=False), rng.choice(no, few_no, replace=False)]))


class _Categories:
    """Categories beside persons."""

    names = category.NAMES

    def __init__(self, history: History, moments: list[int]) -> None:
        self._history = history
        self._codes = category.covered_categories(history.before(moments[0]) if moments else history)

    def people(self, past: Past, question: Question, moment: int) -> Any:
        return asked(past, question, moment)

    def rows(self, who: Any, question: Question, moment: int) -> tuple[Any, Any, Any, Any]:
        history, codes = self._history, self._codes
        context = category.category_context(history, codes, at=moment)
        own = category.category_features(history, context, at=moment)[who].reshape(-1, len(self.names))
        y = category.category_answers(history, codes, at=moment, days=question.within_days)[who].reshape(-1)
        return own, np.repeat(np.arange(len(who)), len(codes)), y, np.tile(codes, len(who))


class _Coupons:
    """Coupons beside the persons to whom they were mailed."""

    names = coupon.NAMES

    def __init__(self, history: History, record: Record, question: Question) -> None:
        self._history, self._coupons, self._days = history, coupons_of(record), question.within_days

    def _all(self, moment: int) -> tuple[Any, Any]:
        return coupon.coupon_pairs(self._history, self._coupons, at=moment, ahead_days=self._days)

    def people(self, past: Past, question: Question, moment: int) -> Any:  # noqa: ARG002 -- mailings say who
        return np.unique(self._all(moment)[0])

    def rows(self, who: Any, question: Question, moment: int) -> tuple[Any, Any, Any, Any]:
        people, which = self._all(moment)
        chosen = np.isin(people, who)
        pairs = people[chosen], which[chosen]
        context = coupon.coupon_context(self._history, self._coupons, at=moment)
        own = coupon.coupon_features(self._history, self._coupons, pairs, context=context, at=moment)
        y = coupon.coupon_answers(self._history, self._coupons, pairs, at=moment, days=question.within_days)
        return own, np.searchsorted(who, pairs[0]), y, pairs[1]


if __name__ == "__main__":
    main()
