"""Drift: whether today's people look as those did whom a model was trained on.

The measure is the population stability index, Σ (q - p) ln(q / p) over ten parts of the training's people and one for
"not known", less what chance alone adds to it: (parts - 1) (1/m + 1/n) for m and n people.
Source: Yurdakul, "Statistical properties of population stability index", Western Michigan University (2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.learn.dataset import Dataset
from genom.learn.predict import predict

__all__ = ["CHANGED", "FEWEST", "SHIFTS", "Drift", "Shift", "drift_of", "index", "level", "reference_of"]

Floats = NDArray[np.float64]

SHIFTS: Final = 0.10  # from here on a distribution shifts
CHANGED: Final = 0.25  # from here on it has changed a lot
FEWEST: Final = 50  # people; fewer say nothing
_PARTS: Final = 10
_INPUTS: Final = 100  # the most important ones are followed
_ROWS: Final = 50_000  # whose scores are taken
_HALF: Final = 0.5  # counted beside each part, so that none is empty


class Shift(msgspec.Struct, frozen=True):
    """How far one input has moved."""

    name: str
    psi: float


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """How far today's people are from those of the training."""

    version: str
    at: int  # unix ms, UTC
    people: int  # today
    score: float | None  # of the probabilities; None: they are not measured
    inputs: tuple[Shift, ...]  # the furthest first


def level(psi: float) -> str:
    """`unchanged`, `shifts` or `changed`.

    >>> [level(psi) for psi in (0.05, 0.1, 0.3)]
    ['unchanged', 'shifts', 'changed']
    """
    return "changed" if psi >= CHANGED else "shifts" if psi >= SHIFTS else "unchanged"


def reference_of(model: Mapping[str, Any], data: Dataset, importance: Mapping[str, float]) -> dict[str, Any]:
    """What is kept with a model of its newest training rows: edges and counts of each input and of the score."""
    newest = data.only(data.at == data.at.max()) if len(data) else data
    _, first = np.unique(newest.person, return_index=True)
    chosen = sorted((name for name in data.names if importance.get(name, 0) > 0), key=lambda n: -importance[n])
    places = {name: place for place, name in enumerate(data.names)}
    step = max(1, len(newest) // _ROWS)
    scores = predict(model, newest.x[::step]) if len(newest) else np.zeros(0)
    return {
        "people": len(first),
        "inputs": {name: _parts(np.asarray(newest.x[first, places[name]], float)) for name in chosen[:_INPUTS]},
        "score": _parts(scores),
    }


def drift_of(
    reference: Mapping[str, Any], names: tuple[str, ...], x: Floats, scores: Floats | None, *, version: str, at: int
) -> Drift | None:
    """Today's people, one row each, against the reference; None if there are too few on a side to say anything."""
    people, before = len(x), int(reference["people"])
    if min(people, before) < FEWEST:
        return None
    places = {name: place for place, name in enumerate(names)}
    shifts = [
        Shift(name, index(parts, np.asarray(x[:, places[name]], float), people=(before, people)))
        for name, parts in reference["inputs"].items()
        if name in places
    ]
    score = None
    if scores is not None and len(scores) and reference["score"]["counts"]:
        score = index(reference["score"], scores, people=(before, people))
    ordered = tuple(sorted(shifts, key=lambda shift: (-shift.psi, shift.name)))
    return Drift(version=version, at=at, people=people, score=score, inputs=ordered)


def index(parts: Mapping[str, Any], values: Floats, *, people: tuple[int, int]) -> float:
    """The index of values against the parts of the training, at least 0; `people` are those of then and of now.

    >>> then = _parts(np.arange(1000.0))
    >>> people = (1000, 1000)
    >>> index(then, np.arange(1000.0), people=people), round(index(then, np.arange(1000.0) + 300, people=people), 1)
    (0.0, 2.0)
    """
    old = np.asarray(parts["counts"], float) + _HALF
    new = _counts(np.asarray(parts["edges"], float), values) + _HALF
    p, q = old / old.sum(), new / new.sum()
    by_chance = (np.count_nonzero(old + new > 2 * _HALF) - 1) * sum(1 / n for n in people)
    return max(0.0, float(((q - p) * np.log(q / p)).sum() - by_chance))


def _parts(values: Floats) -> dict[str, Any]:
    """Ten parts of about equal size, and how many values each holds; what is not known is the last."""
    known = values[np.isfinite(values)]
    edges = np.unique(np.quantile(known, np.arange(1, _PARTS) / _PARTS)) if len(known) else np.zeros(0)
    return {"edges": edges.tolist(), "counts": _counts(edges, values).tolist()}


def _counts(edges: Floats, values: Floats) -> Floats:
    known = values[np.isfinite(values)]
    held = np.bincount(np.searchsorted(edges, known, side="left"), minlength=len(edges) + 1)
    return np.append(held, len(values) - len(known)).astype(float)
