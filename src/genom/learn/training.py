"""Training on one page: split by time, check for leaks, fit, calibrate, measure on later time, choose, fit anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.errors import BadConfiguration
from genom.learn.calibration import calibrate, platt, probabilities
from genom.learn.card import Card, Manifest, Span
from genom.learn.dataset import Dataset, few_without_yes, split_by_time
from genom.learn.leaks import check_leaks
from genom.learn.models import MODELS
from genom.learn.quality import Figure, interval, log_loss, measured, reliability
from genom.learn.questions import Question
from genom.learn.ranking import ndcg5

__all__ = ["Early", "Trained", "train"]

Floats = NDArray[np.float64]

_FEW: Final = 30  # yes (and no) that each part of the time must have
_LINEAR_ROWS: Final = 200_000  # enough for a few dozen weights


@dataclass(frozen=True, slots=True)
class Early:
    """A model of the early time, and the line from its log-odds to true ones by the middle time."""

    fitted: dict[str, Any]
    line: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Trained:
    """What is kept of a training: the content of the model's file, and its card."""

    model: dict[str, Any]
    card: Card
    early: Mapping[str, Early] = field(default_factory=dict)  # by family: what was measured on later time


@dataclass(frozen=True, slots=True)
class _Candidate:
    name: str
    fitted: dict[str, Any]
    calibration: dict[str, Any]
    line: dict[str, Any]
    p: Floats  # on later time
    valid_loss: float
    valid_rank: float  # NDCG@5 on the middle time, over persons and moments


def train(
    question: Question,
    data: Dataset,
    manifest: Manifest,
    *,
    now: int,
    threads: int = 2,
    progress: Callable[[str], None] = lambda _: None,
) -> Trained:
    """The best model for a question, or the base rate if none beats it on later time.

    Of a question about coupons, which are put in an order, the best is what ranks best on the middle time; of others,
    what has the smallest log loss there.

    Where yes is rare, models are fitted on fewer rows without one; the calibration, which sees all rows of its time,
    puts the level right again.

    Raises BadConfiguration if there is too little to learn from, or a feature is too good to be true.
    """
    parts = split_by_time(data, within_days=question.within_days)
    for when, part in (("early", parts.train), ("middle", parts.valid), ("late", parts.test)):
        _enough(part, question.id, when)
    alone = check_leaks(parts.train, question.id, trust=question.trust)
    settings: Mapping[str, Any] = {"num_threads": threads}
    tried = []
    for name in MODELS:
        progress(f"{question.id}: {name}")
        tried.append(_candidate(name, parts.train, parts.valid, parts.test, settings))
    chosen, gain = _choose(tried, parts.test, ranks=question.each == "coupon")
    progress(f"{question.id}: {chosen.name}, on all of the time")
    fitted = _fitted(chosen.name, data, None, {**settings, **chosen.fitted.get("settings", {})})
    model = {
        "name": question.id,
        "question": msgspec.to_builtins(question),
        "model": chosen.name,
        "names": list(data.names),
        "fitted": {k: v for k, v in fitted.items() if k != "settings"},
        "calibration": chosen.calibration,
        "data": manifest.data,
    }
    importance = MODELS[chosen.name].importance(fitted, len(data.names))
    card = Card(
        name=question.id,
        label=msgspec.to_builtins(question.label),
        family=question.family,
        question=msgspec.to_builtins(question),
        model=chosen.name,
        trained_at=now,
        train=_span(parts.train),
        valid=_span(parts.valid),
        test=_span(parts.test),
        base_rate=float(parts.test.y.mean()),
        quality=measured(chosen.p, parts.test.y, parts.test.person),
        compared={c.name: measured(c.p, parts.test.y, parts.test.person) for c in tried},
        gain=gain,
        beats_base_rate=chosen.name != "base_rate",
        calibration=chosen.calibration["kind"],
        reliability=reliability(chosen.p, parts.test.y),
        alone=alone,
        features=sorted(
            ((name, float(share)) for name, share in zip(data.names, importance, strict=True)),
            key=lambda pair: -pair[1],
        ),
        manifest=manifest,
    )
    return Trained(model, card, {one.name: Early(one.fitted, one.line) for one in tried})


def _candidate(name: str, early: Dataset, middle: Dataset, late: Dataset, settings: Mapping[str, Any]) -> _Candidate:
    fitted = _fitted(name, early, middle, settings)
    margin = MODELS[name].margins(fitted, middle.x)
    calibration = calibrate(margin, middle.y, middle.person)
    loss = float(log_loss(probabilities(calibration, margin), middle.y).mean())
    p = probabilities(calibration, MODELS[name].margins(fitted, late.x))
    return _Candidate(name, fitted, calibration, platt(margin, middle.y), p, loss, _rank(margin, middle))


def _rank(margin: Floats, rows: Dataset) -> float:
    """NDCG@5 of what each person could choose from at each moment; 0 if nothing was chosen."""
    asked = np.unique(np.stack([rows.person, rows.at], axis=1), axis=0, return_inverse=True)[1].reshape(-1)
    found = ndcg5(margin, rows.y, asked)
    return float(found.mean()) if len(found) else 0.0


def _fitted(name: str, rows: Dataset, later: Dataset | None, settings: Mapping[str, Any]) -> dict[str, Any]:
    rows, later = few_without_yes(rows), None if later is None else few_without_yes(later)
    step = max(1, len(rows) // _LINEAR_ROWS) if name == "logistic" else 1
    after = None if later is None else (later.x, later.y)
    return MODELS[name].fit(rows.x[::step], rows.y[::step], later=after, settings=settings)


def _choose(tried: list[_Candidate], late: Dataset, *, ranks: bool) -> tuple[_Candidate, Figure]:
    """The best on the middle time, if it spares log loss against the base rate on the late one, for certain."""
    base = next(c for c in tried if c.name == "base_rate")
    best = max(tried, key=lambda c: (c.valid_rank, -c.valid_loss)) if ranks else min(tried, key=lambda c: c.valid_loss)
    gain = interval(log_loss(base.p, late.y) - log_loss(best.p, late.y), late.person)
    return (best, gain) if best is not base and gain.low > 0 else (base, gain)


def _enough(part: Dataset, question: str, when: str) -> None:
    yes, no = int(part.y.sum()), int((~part.y).sum())
    if min(yes, no) < _FEW:
        raise BadConfiguration(
            f"There is too little to learn {question!r} from.",
            why=f"the {when} part of the time has {yes} yes and {no} no; {_FEW} of each are needed",
            fix="wait until there is more history, or ask a question that is answered more often",
            code="learn.too-little",
        )


def _span(part: Dataset) -> Span:
    persons = len(np.unique(part.person))
    return Span(int(part.at.min()), int(part.at.max()), len(part), persons, int(part.y.sum()))
