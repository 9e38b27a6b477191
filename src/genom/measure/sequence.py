"""Asymptotic confidence sequences: intervals that hold at all times at once, so that anybody may look at any time.

Source: Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas, "Time-uniform central limit theory and asymptotic confidence
sequences", Annals of Statistics 52 (2024), theorem 2.2 and proposition 2.3.
"""

from __future__ import annotations

import math
from typing import Final

__all__ = ["ALPHA", "PLANNED", "mean_interval", "width"]

ALPHA: Final = 0.05
PLANNED: Final = 5_000  # observations at which the sequence is tightest


def width(n: float, *, alpha: float = ALPHA, planned: float = PLANNED) -> float:
    """Half the width of the sequence for a mean after n observations, in standard deviations of one of them.

    At every time it is wider than the fixed-time interval, by a factor of about 1.5 at the planned size.

    >>> round(width(5_000) * math.sqrt(5_000), 2), round(width(50_000) * math.sqrt(50_000), 2)
    (3.04, 3.24)
    """
    if n <= 0:
        return math.inf
    rho = _rho2(alpha, planned)
    spread = n * rho + 1.0
    return math.sqrt(2.0 * spread / (n * n * rho) * math.log(math.sqrt(spread) / alpha))


def mean_interval(
    n: int, total: float, squares: float, *, alpha: float = ALPHA, planned: float = PLANNED
) -> tuple[float, float]:
    """The sequence for a mean, from n, Σx and Σx².

    >>> low, high = mean_interval(1_000, 100.0, 100.0)
    >>> round(low, 3), round(high, 3)
    (0.068, 0.132)
    """
    if n < 2:
        return -math.inf, math.inf
    mean = total / n
    deviation = math.sqrt(max(squares / n - mean * mean, 0.0) * n / (n - 1))
    half = deviation * width(n, alpha=alpha, planned=planned)
    return mean - half, mean + half


def _rho2(alpha: float, planned: float) -> float:
    """The mixture's variance that makes the sequence tightest at the planned size (their appendix B.2)."""
    log = -2.0 * math.log(alpha)
    return (log + math.log(log + 1.0)) / planned
