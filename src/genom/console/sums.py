"""Figures that are shown side by side must add up as shown."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Final

__all__ = ["decimals_for", "rounded_parts"]

_SMALL: Final = 0.1
_LEAST: Final = 1e-6  # what is smaller is nothing


def decimals_for(figures: Iterable[float]) -> int:
    """Decimals that figures side by side need: two, and more where all are so small that two would show nothing.

    >>> decimals_for([12.5, 0.001]), decimals_for([0.012, 0.011]), decimals_for([])
    (2, 4, 2)
    """
    largest = max((abs(figure) for figure in figures if math.isfinite(figure)), default=0.0)
    return 2 if largest >= _SMALL or largest < _LEAST else 2 - math.floor(math.log10(largest))


def rounded_parts(parts: Sequence[float], *, total: float, digits: int = 2) -> tuple[float, ...]:
    """The parts rounded so that their sum is the rounded total (largest remainders).

    >>> rounded_parts([1.004, 1.004, 1.004], total=3.012)
    (1.01, 1.0, 1.0)
    >>> rounded_parts([-0.5, 0.25], total=-0.25)
    (-0.5, 0.25)
    """
    scale = 10**digits
    exact = [part * scale for part in parts]
    whole = [math.floor(part) for part in exact]
    missing = round(total * scale) - sum(whole)
    order = sorted(range(len(parts)), key=lambda i: whole[i] - exact[i])  # largest remainder first; stable
    for i in order[: max(0, missing)]:
        whole[i] += 1
    return tuple(part / scale for part in whole)
