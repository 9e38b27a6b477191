"""Drift of the served models: today's people against those of the training, measured beside the node.

`models/NAME/drift.json` holds the newest measurement; it is a report, and nothing depends on it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.training.data import asked
from genom.app.training.past import Past, Record
from genom.app.training.questions import MODELS
from genom.genome import Columns, rows_at
from genom.keys import write_private
from genom.learn import Question, Stored, load_current, model_names, predict
from genom.learn.drift import Drift, drift_of
from genom.learn.history import history_of
from genom.learn.pairs import category
from genom.learn.questions import need_of
from genom.typed import converted, from_json

__all__ = ["measure_all", "newest_drift"]

Floats = NDArray[np.float64]

_NAME: Final = "drift.json"
_MOST: Final = 20_000  # people who are looked at


def measure_all(record: Record, *, now: int, most_days: int) -> list[str]:
    """Measure each model that serves and can be compared; returns the names."""
    directory, done = record.directory / MODELS, list[str]()
    for name in model_names(directory):
        stored, _ = load_current(directory, name, now=now, most_days=most_days)
        if stored is None or "reference" not in stored.model:
            continue
        question = converted(stored.model["question"], Question)
        if question.each == "coupon":  # whom a campaign is mailed to is chosen, and no drift
            continue
        found = _measured(record, stored, question)
        if found is not None:
            write_private(directory / name / _NAME, msgspec.json.encode(found))
            done.append(name)
    return done


def newest_drift(data: Path, name: str, version: str) -> Drift | None:
    """The newest measurement of a version, None before the first."""
    try:
        found = from_json((data / MODELS / name / _NAME).read_bytes(), Drift)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if found.version == version else None


def _measured(record: Record, stored: Stored, question: Question) -> Drift | None:
    past = record.past(need_of(question, record.purposes.bits))
    who = asked(past, question, record.at)
    who = who[:: max(1, len(who) // _MOST)]
    names = tuple(stored.model["names"])
    own = len(category.NAMES) if question.each else 0
    x = _genes(record, past, question, names[own:], who)
    scores = predict(stored.model, x) if not own and len(x) else None
    if own and len(x):
        scores = _scores(record, past, stored, x, who)
    return drift_of(stored.model["reference"], names[own:], x, scores, version=stored.version, at=record.at)


def _genes(record: Record, past: Past, question: Question, names: tuple[str, ...], who: NDArray[np.int64]) -> Floats:
    layout = record.world.layout
    return np.asarray(
        rows_at(
            layout,
            past.rows,
            past.rows["mask"].copy(),
            past.who,
            pairs=(who, np.full(len(who), record.at, np.int64)),
            effective=past.effective[who],
            purpose=question.purpose,
            purpose_bit=record.purposes.bit,
            columns=Columns(layout, tuple(layout.genes[name] for name in names)),
        ),
        np.float64,
    )


def _scores(record: Record, past: Past, stored: Stored, genes: Floats, who: NDArray[np.int64]) -> Floats:
    """Of each person and category."""
    history = history_of(past.rows, past.who, people=len(past.persons))
    context = stored.model["context"]
    x = category.category_features(history, context, at=record.at)[who]
    beside = np.repeat(genes[:, None, :], x.shape[1], axis=1)
    return predict(stored.model, np.concatenate([x, beside], axis=2).reshape(-1, x.shape[2] + genes.shape[1]))
