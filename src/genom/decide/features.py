"""What `propensity` knows of each candidate; a pure function, so that training and deciding read the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.facts import Facts
from genom.decide.portable import log
from genom.decide.reading import LARGEST, weighted, width_of

__all__ = ["FEATURES", "FEATURE_LABELS", "features"]

Floats = NDArray[np.float64]

_YEAR: Final = 365 / 0.6931471805599453  # days of a steady rate that a count with a half-life of a year sums up
_LONG: Final = 365.0  # days
_OVERDUE: Final = 4.0  # gaps
_CLEAR: Final = 30.0  # a ratio to the average beyond it, or below its inverse, says no more

FEATURE_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "own": {"en": "bought before", "de": "früher gekauft"},
    "recent": {"en": "bought lately", "de": "zuletzt gekauft"},
    "viewed": {"en": "looked at lately", "de": "zuletzt angesehen"},
    "popular": {"en": "popularity", "de": "Beliebtheit"},
    "context": {"en": "popular at this time", "de": "beliebt um diese Zeit"},
    "following": {"en": "often bought next", "de": "wird oft als Nächstes gekauft"},
    "due": {"en": "due by your own rhythm", "de": "nach Ihrem Rhythmus fällig"},
    "since": {"en": "time since the last purchase", "de": "Zeit seit dem letzten Kauf"},
    "covered": {"en": "products bought lately", "de": "zuletzt gekaufte Produkte"},
    "activity": {"en": "how much is bought", "de": "Umfang der Einkäufe"},
    "coupons": {"en": "coupons redeemed", "de": "eingelöste Gutscheine"},
}
"""Feature → its label by language, in the order of the columns."""

FEATURES: Final = tuple(FEATURE_LABELS)


def features(facts: Facts, candidates: Candidates) -> Floats:
    """One row for each candidate, one column for each of FEATURES, float32 numbers; 0 is what is not known.

    Categories are averaged by their weights in an action before logarithms are taken.
    """
    own, recent, viewed, popular, context, following, elapsed = weighted(_read(facts, candidates), candidates)
    popularity = _usable(facts.popularity)
    total, kinds = float(popularity.sum()), max(1, int(np.count_nonzero(popularity)))
    columns = np.empty((len(FEATURES), len(candidates.ids)))
    columns[0:3] = log(np.array([own, recent, viewed]) + 1.0)
    columns[3] = log((popular + 1.0) * (kinds / (total + kinds)))
    columns[4] = log(np.clip(context, 1 / _CLEAR, _CLEAR)) if len(facts.context) else 0.0
    columns[5] = log(np.clip(following, 1 / _CLEAR, _CLEAR)) if len(facts.following) else 0.0
    known = elapsed > 0
    columns[6] = np.where(known, np.fmin(elapsed * own / _YEAR, _OVERDUE), 0.0)
    columns[7] = np.where(known, log(np.fmin(elapsed, _LONG) + 1.0), 0.0)
    columns[8] = 0.0
    if candidates.covers is not None and len(facts.items):
        columns[8] = log(candidates.covers.weigh(facts.items, np.asarray(facts.item_weights, np.float64)) + 1.0)
    columns[9:11] = log(np.array([[float(_usable(facts.own).sum())], [max(facts.coupons, 0.0)]]) + 1.0)
    return np.asarray(columns.T, np.float32).astype(np.float64)


def _read(facts: Facts, candidates: Candidates) -> Floats:
    """The vectors by category, as wide as the candidates need."""
    vectors = (
        facts.own, facts.recent, facts.viewed, facts.popularity, facts.context, facts.following, facts.elapsed
    )  # fmt: skip
    values = np.zeros((len(vectors), width_of(candidates)))
    for row, vector in zip(values, vectors, strict=True):
        if vector is not None:
            row[: len(vector)] = vector[: len(row)]
    return _usable(values)


def _usable(values: NDArray[Any]) -> Floats:
    return np.fmin(np.fmax(np.asarray(values, np.float64), 0.0), LARGEST)
