"""What a decision may know about a person, as values: read through the gate by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Facts"]

Floats = NDArray[np.floating[Any]]


def _nothing() -> Floats:
    return np.zeros(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The facts of one decision; the vectors have one value for each code of `category_2`.

    A vector that is shorter than the vocabulary ends in zeros; without permission all may stay empty.
    """

    permitted: bool  # the person permits the point's purpose now, and those that it needs also
    now: int  # unix ms, UTC
    position: int  # journal position of these facts
    own: Floats = field(default_factory=_nothing)  # the person's purchases, decayed
    own_gene: str = ""
    own_label: Mapping[str, str] = field(default_factory=dict)  # language → label
    recent: Floats | None = None  # the same with a shorter half-life
    recent_gene: str = ""
    recent_label: Mapping[str, str] = field(default_factory=dict)
    popularity: Floats = field(default_factory=_nothing)  # everybody's purchases, decayed
    mailed: frozenset[int] = frozenset()  # hashes of the campaigns that the person received
    features: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))  # those of the point, in its order
    feature_names: tuple[tuple[str, Mapping[str, str]], ...] = ()  # gene, language → label
    viewed: Floats = field(default_factory=_nothing)  # products looked at or put in the cart lately, decayed
    following: Floats = field(default_factory=_nothing)  # what is bought after the last lines, against its popularity
    context: Floats = field(default_factory=_nothing)  # what is bought at this time of the week, against its popularity
    elapsed: Floats = field(default_factory=_nothing)  # days since the last purchase in each category; 0: never
    items: NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, np.uint64))  # hashes of products bought last
    item_weights: Floats = field(default_factory=_nothing)  # what each of them counts
    candidate_genes: Mapping[str, str] = field(default_factory=dict)  # feature of `propensity` → the gene it rests on
    coupons: float = 0.0  # coupons redeemed, decayed
    liked: frozenset[int] = frozenset()  # codes of `category_2` that the person said yes to
    disliked: frozenset[int] = frozenset()  # … and no to
    attributes: Mapping[str, str] = field(default_factory=dict)  # what the person answered: attribute → value
    missing: str = ""  # the purpose that is not permitted; empty: the point's own
