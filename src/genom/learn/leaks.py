"""The leak check: a single feature that answers the question almost alone probably knows the answer already."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from genom.errors import BadConfiguration
from genom.learn.dataset import Dataset
from genom.learn.quality import auc

__all__ = ["TOO_GOOD", "Leak", "check_leaks", "single_auc"]

TOO_GOOD: Final = 0.98  # AUC of one feature alone
_FEW: Final = 20  # answers of the rarer kind
_ROWS: Final = 100_000  # enough to know an AUC to the third digit


class Leak(msgspec.Struct, frozen=True):
    """A feature that is too good to be true."""

    feature: str
    auc: float


def single_auc(data: Dataset) -> list[Leak]:
    """AUC of each feature alone, the best first; which direction is good does not matter, unknown sorts first."""
    rows = slice(None, None, max(1, len(data) // _ROWS))
    x, y = data.x[rows], data.y[rows]
    if min(y.sum(), (~y).sum()) < _FEW:
        return []
    found = [auc(np.nan_to_num(x[:, i], nan=-np.inf), y) for i in range(len(data.names))]
    alone = [Leak(name, max(a, 1 - a)) for name, a in zip(data.names, found, strict=True)]
    return sorted(alone, key=lambda leak: -leak.auc)


def check_leaks(data: Dataset, question: str, *, trust: tuple[str, ...] = ()) -> list[Leak]:
    """The five best features alone.

    Raises BadConfiguration that names a feature which is too good, unless the question trusts it.
    """
    alone = single_auc(data)
    for leak in alone:
        if leak.auc >= TOO_GOOD and leak.feature not in trust:
            raise BadConfiguration(
                f"The question {question!r} is not trained: {leak.feature} is too good to be true.",
                why=f"alone it tells yes from no with an AUC of {leak.auc:.3f}; such a feature mostly knows the answer",
                fix=f"see when its events are known and correct `known_at`, or, if it is right, add {leak.feature} to "
                "the question's `trust`",
                code="learn.leak",
            )
    return alone[:5]
