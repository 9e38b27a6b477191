"""Reasons in words for trees over a person and a coupon: features that say the same become one reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.facts import COUPONS, OWN, RECENT
from genom.decide.features import FEATURE_LABELS
from genom.genome import Layout

__all__ = ["COUPON_LABELS", "Reasons"]

Floats = NDArray[np.float64]
Named = tuple[str | None, str]

_UNKNOWN: Final = "unknown"
_WORDS: Final[Mapping[str, tuple[str | None, Mapping[str, str]]]] = {
    "own": (OWN, FEATURE_LABELS["own"]),
    "category": (OWN, {"en": "bought in its categories", "de": "in diesen Kategorien gekauft"}),
    "since": (RECENT, FEATURE_LABELS["since"]),
    "coupons": (COUPONS, FEATURE_LABELS["coupons"]),
    "couponed": (COUPONS, {"en": "bought with coupons", "de": "mit Gutscheinen gekauft"}),
    "mailed": (COUPONS, {"en": "offers received", "de": "erhaltene Angebote"}),
    "popular": (None, FEATURE_LABELS["popular"]),
    "campaign": (None, {"en": "the campaign", "de": "die Kampagne"}),
    _UNKNOWN: (None, {"en": "what is not known", "de": "was nicht bekannt ist"}),
}
"""Reason → the gene that it rests on, and its label by language."""
COUPON_LABELS: Final = {name: labels for name, (_, labels) in _WORDS.items()}
_BEGINS: Final = (
    ("pair.couponed", "couponed"),
    ("person.couponed", "couponed"),
    ("pair.category", "category"),
    ("pair.days_since", "since"),
    ("pair.used", "coupons"),
    ("pair.", "own"),
    ("person.redemption", "coupons"),
    ("person.mailings", "mailed"),
    ("coupon.", "popular"),
    ("campaign.", "campaign"),
)
"""How a feature begins → its reason; the first that fits.  A rank belongs to what is ranked."""


class Reasons:
    """How the columns of a model become reasons."""

    def __init__(self, layout: Layout, names: Sequence[str]) -> None:
        reasons = [_reason_of(name) for name in names]
        kinds = [*dict.fromkeys(reasons), _UNKNOWN]
        self._place = np.array([kinds.index(reason) for reason in reasons], np.intp)
        self._count = len(kinds)
        self.names = {lang: tuple(_named(layout, kind, lang) for kind in kinds) for lang in ("en", "de")}

    def parts(self, parts: Floats, unknown: NDArray[np.bool_]) -> Floats:
        """From (rows, columns) to (rows, reasons): sums, so that nothing is lost; an unknown column names no gene."""
        grouped = np.zeros((len(parts), self._count))
        np.add.at(grouped.T, np.where(unknown, self._count - 1, self._place), parts.T)
        return grouped


def _reason_of(name: str) -> str:
    of = name.removeprefix("rank.")
    return next((reason for begins, reason in _BEGINS if of.startswith(begins)), name)


def _named(layout: Layout, kind: str, language: str) -> Named:
    if kind in _WORDS:
        gene, words = _WORDS[kind]
        return gene, words[language]
    label = layout.genes[kind].label
    return kind, label.get(language) or label.get("en") or kind
