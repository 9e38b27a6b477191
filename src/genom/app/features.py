"""The features of a learned point, read through the gate."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.world import World
from genom.decide import Feature, Point
from genom.genome import Gene, View
from genom.learn.online import rounded
from genom.words import CHANNELS

__all__ = ["feature_names", "read_features"]

Floats = NDArray[np.float64]

_VOCABULARIES: Final = {"category_1": 1, "category_2": 2}
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FAINT: Final = 0.01  # what has faded below this is no longer known


def read_features(world: World, view: View, point: Point, *, disliked: frozenset[int]) -> Floats:
    """One number for each feature, 0 where nothing is known or may be read; what the person rejected counts 0."""
    values = np.zeros(len(point.features))
    if not view.permitted:
        return values
    histograms: dict[str, Floats] = {}
    for index, feature in enumerate(point.features):
        gene = world.layout.genes[feature.gene]
        if gene.op != "histogram":
            values[index] = _FORMS[feature.form](_number(view, gene), 1.0)
            continue
        cells = histograms.get(gene.id)
        if cells is None:
            cells = histograms[gene.id] = _cells(view, gene, disliked)
        if len(cells):
            values[index] = _of_cell(world, gene, feature, cells)
    return rounded(values)


def feature_names(world: World, point: Point) -> tuple[tuple[str, dict[str, str]], ...]:
    """Gene and label in each language of every feature."""
    named = []
    for feature in point.features:
        label = world.layout.genes[feature.gene].label
        cell = f": {feature.cell}" if feature.cell else ""
        named.append((feature.gene, {language: text + cell for language, text in label.items()}))
    return tuple(named)


def _number(view: View, gene: Gene) -> float | None:
    value = view.read(gene).value
    if isinstance(value, str):
        return 1.0
    return value


def _cells(view: View, gene: Gene, disliked: frozenset[int]) -> Floats:
    cells = view.cells(gene.id)
    if disliked and gene.property == "category_2" and len(cells):
        cells[list(disliked)] = 0.0
    return cells


def _of_cell(world: World, gene: Gene, feature: Feature, cells: Floats) -> float:
    total = float(cells.sum())
    if not feature.cell:
        return float(total > _FAINT)
    code = _code(world, gene.property, feature.cell)
    value = float(cells[code]) if 0 <= code < len(cells) else 0.0
    if feature.form == "known":
        return float(value > _FAINT)
    return _FORMS[feature.form](value, total)


def _code(world: World, property: str, term: str) -> int:
    """The cell that a term has, -1 while no event has brought it."""
    if property in _VOCABULARIES:
        return world.terms[_VOCABULARIES[property]].find(term) or -1
    if property == "channel":
        return int(CHANNELS.get(term, -1))
    if property == "weekday":
        return _WEEKDAYS.index(term) if term in _WEEKDAYS else -1
    if property == "hour_of_week":
        day, _, hour = term.partition(" ")
        return _WEEKDAYS.index(day) * 24 + int(hour) if day in _WEEKDAYS and hour.isdigit() else -1
    return int(term) if term.isdigit() else -1


def _log(value: float | None, _total: float) -> float:
    return math.log1p(max(value, 0.0)) if value is not None else 0.0


def _share(value: float | None, total: float) -> float:
    return max(value, 0.0) / total if value is not None and total > _FAINT else 0.0


def _value(value: float | None, _total: float) -> float:
    return value if value is not None else 0.0


def _known(value: float | None, _total: float) -> float:
    return float(value is not None)


_FORMS: Final[dict[str, Callable[[float | None, float], float]]] = {
    "log": _log,
    "share": _share,
    "value": _value,
    "known": _known,
}
