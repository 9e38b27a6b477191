"""Figures that are shown side by side must add up as shown."""

from __future__ import annotations

import math
from collections.abc import Sequence

__all__ = ["rounded_parts"]


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
