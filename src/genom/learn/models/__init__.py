"""The models: one idea a file, each with `fit` and `margins`; what `fit` returns is plain data that JSON can hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from genom.learn.models import base_rate, boosted, logistic

__all__ = ["MODELS", "Model"]

Floats = NDArray[np.float64]
Rows = NDArray[np.floating[Any]]
Fitted = Mapping[str, Any]


class Fit(Protocol):
    """Fits on the first table and may look at the second, later one to know when to stop."""

    def __call__(
        self, x: Rows, y: NDArray[np.bool_], *, later: tuple[Rows, NDArray[np.bool_]] | None, settings: Fitted
    ) -> dict[str, Any]: ...


class Margins(Protocol):
    """Log-odds of rows."""

    def __call__(self, fitted: Fitted, x: Rows) -> Floats: ...


class Importance(Protocol):
    """How much each feature tells, as shares that add up to 1 (or all 0)."""

    def __call__(self, fitted: Fitted, features: int) -> Floats: ...


class Reads(Protocol):
    """Which features the margins depend on, shape (features,): the others may be anything."""

    def __call__(self, fitted: Fitted, features: int) -> NDArray[np.bool_]: ...


class Model(NamedTuple):
    """A way to learn."""

    fit: Fit
    margins: Margins
    importance: Importance
    reads: Reads


MODELS: Final[dict[str, Model]] = {
    "base_rate": Model(base_rate.fit, base_rate.margins, base_rate.importance, base_rate.reads),
    "logistic": Model(logistic.fit, logistic.margins, logistic.importance, logistic.reads),
    "boosted": Model(boosted.fit, boosted.margins, boosted.importance, boosted.reads),
}
"""Name → model; a new one is a new file and a line here."""
