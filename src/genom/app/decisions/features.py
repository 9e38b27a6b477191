"""The features of a learned point, read through the gate; what the reading needs is worked out once for a point."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.world import World
from genom.compiled import compiled
from genom.decide import Feature, Point
from genom.genome import Gene, View
from genom.genome.plan import plan_of
from genom.learn.online import rounded
from genom.words import CHANNELS, DEVICES

__all__ = ["FeatureReader", "put"]

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]

_VOCABULARIES: Final = {"category_1": 1, "category_2": 2}
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_ALL: Final = -2  # stands for all cells of a histogram
_FORMS: Final = ("value", "log", "share", "known")
_LOG, _SHARE, _KNOWN = 1, 2, 3
_FAINT: Final = 0.01  # what has faded below this is no longer known


class FeatureReader:
    """Reads the features of one version of a point."""

    def __init__(self, world: World, point: Point) -> None:
        genes = world.layout.genes
        self.point, self._world = point, world
        self.names = tuple(_named(feature, genes[feature.gene]) for feature in point.features)
        own = [genes[feature.gene] for feature in point.features]
        cells = [place for place, gene in enumerate(own) if gene.op == "histogram"]
        whether = [p for p, gene in enumerate(own) if p not in cells and point.features[p].form == "known"]
        self._states = [(place, own[place]) for place in whether]
        self._single = np.array([p for p in range(len(own)) if p not in cells and p not in whether], np.intp)
        self._plan = plan_of(world.layout, tuple(own[place] for place in self._single))
        self._every = np.arange(len(self._single))
        self._forms = np.array([_FORMS.index(point.features[place].form) for place in self._single], np.intp)
        self._histograms = [
            _Histogram(genes[name], [(place, point.features[place]) for place in cells if own[place].id == name])
            for name in dict.fromkeys(own[place].id for place in cells)
        ]

    def read(self, view: View, *, disliked: frozenset[int]) -> Floats:
        """One number for each feature, 0 where nothing is known or may be read; what the person rejected counts 0."""
        values = np.zeros(len(self.point.features))
        if not view.permitted:
            return values
        if len(self._single):
            put(view.numbers(self._plan), self._every, self._forms, 0.0, self._single, values)
        for place, gene in self._states:
            values[place] = view.read(gene).state == "known"
        for histogram in self._histograms:
            histogram.read(self._world, view, values, disliked)
        return rounded(values)


class _Histogram:
    """Several cells of one gene."""

    def __init__(self, gene: Gene, features: list[tuple[int, Feature]]) -> None:
        self._gene = gene
        self._places = np.array([place for place, _ in features], np.intp)
        self._terms = [feature.cell for _, feature in features]
        self._forms = np.array([_FORMS.index(feature.form) for _, feature in features], np.intp)
        self._wants_total = "" in self._terms or any(feature.form == "share" for _, feature in features)
        self._codes, self._known_terms = np.zeros(0, np.intp), -1

    def read(self, world: World, view: View, values: Floats, disliked: frozenset[int]) -> None:
        cells = view.cells(self._gene.id)
        if not len(cells):
            return
        if disliked and self._gene.property == "category_2":
            cells[list(disliked)] = 0.0
        total = float(cells.sum()) if self._wants_total else 0.0
        put(cells, self._codes_of(world), self._forms, total, self._places, values)

    def _codes_of(self, world: World) -> Indices:
        """Looked up again when events have brought new terms."""
        vocabulary = world.terms.get(_VOCABULARIES.get(self._gene.property, 0))
        known = len(vocabulary.terms) if vocabulary else 0
        if known != self._known_terms:
            self._codes = np.array([_code(world, self._gene.property, term) for term in self._terms], np.intp)
            self._known_terms = known
        return self._codes


@compiled
def put(  # noqa: PLR0917 -- a compiled function takes its arrays by position
    numbers: Floats, codes: Indices, forms: Indices, total: float, places: Indices, values: Floats
) -> None:
    """Write numbers, each in its form, where they belong; what is not there or no number is 0."""
    for i in range(len(codes)):
        number = numbers[codes[i]] if codes[i] >= 0 else total if codes[i] == _ALL else 0.0
        positive = number if number > 0 else 0.0
        if forms[i] == _LOG:
            number = math.log1p(positive)
        elif forms[i] == _SHARE:
            number = positive / total if total > _FAINT else 0.0
        elif forms[i] == _KNOWN:
            number = 1.0 if positive > _FAINT else 0.0
        values[places[i]] = number if number == number else 0.0  # noqa: PLR0124 -- not so for NaN


def _named(feature: Feature, gene: Gene) -> tuple[str, dict[str, str]]:
    cell = f": {feature.cell}" if feature.cell else ""
    return gene.id, {language: text + cell for language, text in gene.label.items()}


def _code(world: World, property: str, term: str) -> int:
    """The cell that a term has, -1 while no event has brought it."""
    if not term:
        return _ALL
    if property in _VOCABULARIES:
        return world.terms[_VOCABULARIES[property]].find(term) or -1
    if property == "channel":
        return int(CHANNELS.get(term, -1))
    if property == "device":
        return int(DEVICES.get(term, -1))
    if property == "weekday":
        return _WEEKDAYS.index(term) if term in _WEEKDAYS else -1
    if property == "hour_of_week":
        day, _, hour = term.partition(" ")
        fits = day in _WEEKDAYS and hour.isdigit() and int(hour) < 24
        return _WEEKDAYS.index(day) * 24 + int(hour) if fits else -1
    return int(term) if term.isdigit() and int(term) < 24 else -1
