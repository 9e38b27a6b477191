"""What a decision may know about a person, as values: read through the gate by the caller."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

__all__ = ["Facts"]

Floats = NDArray[np.floating[Any]]

_NOTHING: Final = np.zeros(0)
_NO_ITEMS: Final = np.zeros(0, np.uint64)
_NO_WORDS: Final[Mapping[str, str]] = MappingProxyType({})


class Facts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The facts of one decision; the vectors have one value for each code of `category_2`.

    A vector that is shorter than the vocabulary ends in zeros; without permission all may stay empty.
    """

    permitted: bool  # the person permits the point's purpose now, and those that it needs also
    now: int  # unix ms, UTC
    position: int  # journal position of these facts
    own: Floats = _NOTHING  # the person's purchases, decayed
    own_gene: str = ""
    own_label: Mapping[str, str] = _NO_WORDS  # language → label
    recent: Floats | None = None  # the same with a shorter half-life
    recent_gene: str = ""
    recent_label: Mapping[str, str] = _NO_WORDS
    popularity: Floats = _NOTHING  # everybody's purchases, decayed
    mailed: frozenset[int] = frozenset()  # hashes of the campaigns that the person received
    features: NDArray[np.float64] = _NOTHING  # those of the point, in its order
    feature_names: tuple[tuple[str, Mapping[str, str]], ...] = ()  # gene, language → label
    viewed: Floats = _NOTHING  # products looked at or put in the cart lately, decayed
    following: Floats = _NOTHING  # what is bought after the last lines, against its popularity
    context: Floats = _NOTHING  # what is bought at this time of the week, against its popularity
    elapsed: Floats = _NOTHING  # days since the last purchase in each category; 0: never
    items: NDArray[np.uint64] = _NO_ITEMS  # hashes of products bought last
    item_weights: Floats = _NOTHING  # what each of them counts
    candidate_genes: Mapping[str, str] = _NO_WORDS  # feature of `propensity` → the gene it rests on
    coupons: float = 0.0  # coupons redeemed, decayed
    liked: frozenset[int] = frozenset()  # codes of `category_2` that the person said yes to
    disliked: frozenset[int] = frozenset()  # … and no to
    attributes: Mapping[str, str] = _NO_WORDS  # what the person answered: attribute → value
    missing: str = ""  # the purpose that is not permitted; empty: the point's own
