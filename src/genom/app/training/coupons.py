"""Stored actions of campaigns as coupons: columns that models learn from and read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from genom.learn.pairs.coupon import Coupons

__all__ = ["as_coupons"]

_CODES: Final = 384  # cells of `category_2`


def as_coupons(
    actions: list[dict[str, Any]], *, hashed: Callable[[list[str]], NDArray[np.uint64]], code: Callable[[str], int]
) -> Coupons:
    """Stored actions as columns; an action's coupon is its id without the campaign in front."""
    ids = [a["id"] for a in actions]
    names = [a["id"].removeprefix(f"{a['campaign']}-") for a in actions]
    products = [hashed(a["products"]) if a["products"] else np.zeros(0, np.uint64) for a in actions]
    items = np.unique(np.concatenate(products)) if products else np.zeros(0, np.uint64)
    sizes = np.array([len(p) for p in products], np.int64)
    columns = np.searchsorted(items, np.concatenate(products)) if products else np.zeros(0, np.int64)
    rows = np.repeat(np.arange(len(actions)), sizes)
    covers = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(actions), len(items)))
    covers.data[:] = 1.0
    shares = [(i, code(name), w) for i, a in enumerate(actions) for name, w in a["categories"].items() if code(name)]
    at = tuple(np.array([s[k] for s in shares], np.int64) for k in (0, 1))
    return Coupons(
        ids=tuple(ids),
        coupon=hashed(names) if names else np.zeros(0, np.uint64),
        campaign=hashed([a["campaign"] for a in actions]) if actions else np.zeros(0, np.uint64),
        starts=np.array([a["starts"] for a in actions], np.int64),
        ends=np.array([a["ends"] for a in actions], np.int64),
        covers=covers,
        items=items,
        categories=sparse.csr_matrix((np.array([s[2] for s in shares], float), at), shape=(len(actions), _CODES)),
    )
