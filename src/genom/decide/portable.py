"""Powers of two and logarithms whose bits do not depend on the machine.

`numpy.exp` and `numpy.log` choose their code by the processor and differ in the last bit.
A decision must re-evaluate to the same bits on another machine, so these two use only operations
that IEEE 754 rounds exactly: sum, product, quotient and scaling by a power of two.
Tables keep the polynomials short. Source: Tang, "Table-driven implementation of the exponential function",
ACM TOMS 15 (1989), and the same for the logarithm, ACM TOMS 16 (1990).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["INVERSE_LN2", "LN2", "exp2", "log", "logistic"]

Floats = NDArray[np.float64]

LN2: Final = 0.6931471805599453
INVERSE_LN2: Final = 1.0 / LN2
STEPS: Final = 1024  # of each table


def exp2(x: Floats) -> Floats:
    """2 to the power x, to a relative 1e-15; x is taken as at least -1000 and must be below 1000.

    >>> exp2(np.array([0.0, 3.0, -0.5])).round(12).tolist()
    [1.0, 8.0, 0.707106781187]
    """
    x = np.fmax(x, -1000.0) * STEPS
    whole = np.rint(x)
    x -= whole
    steps = whole.astype(np.int32)
    fractions = EXP_TABLE[steps & (STEPS - 1)] * _polynomial(x, EXP_TERMS)
    powers: Floats = np.ldexp(fractions, steps >> 10)
    return powers


def log(x: Floats) -> Floats:
    """Natural logarithm of positive x, to an absolute 1e-15 where x is between 1e-3 and 1e3.

    >>> log(np.array([1.0, 2.0, 10.0])).round(12).tolist()
    [0.0, 0.69314718056, 2.302585092994]
    """
    rest, exponent = np.frexp(x)
    steps = (rest * (2 * STEPS)).astype(np.int32) - STEPS
    point = LOG_POINTS[steps]
    rest -= point  # exact, as the two are close
    rest /= point
    logs: Floats = exponent * LN2 + (LOG_TABLE[steps] + rest * _polynomial(rest, LOG_TERMS))
    return logs


def logistic(z: Floats) -> Floats:
    """1 / (1 + exp(-z)).

    >>> logistic(np.array([0.0, 2.0, -900.0])).round(12).tolist()
    [0.5, 0.880797077978, 0.0]
    """
    chances: Floats = 1.0 / (1.0 + exp2(np.fmin(np.fmax(-z, -500.0), 500.0) * INVERSE_LN2))
    return chances


def _polynomial(x: Floats, terms: tuple[float, ...]) -> Floats:
    """The polynomial with these coefficients, highest power first."""
    result = x * terms[0]
    for term in terms[1:-1]:
        result += term
        result *= x
    result += terms[-1]
    return result


def _power(fraction: float) -> float:
    """2 to a power between 0 and 1, by the Taylor series of the exponential."""
    total = term = 1.0
    for n in range(1, 25):
        term *= fraction * LN2 / n
        total += term
    return total


def _logarithm(x: float) -> float:
    """The logarithm of a number between 0.5 and 1, by the series 2 (s + s^3/3 + s^5/5 …), s = (x - 1) / (x + 1)."""
    s = power = (x - 1.0) / (x + 1.0)
    total = s
    for n in range(3, 41, 2):
        power *= s * s
        total += power / n
    return 2.0 * total


_STEP: Final = LN2 / STEPS
EXP_TERMS: Final = (_STEP * _STEP * _STEP / 6, _STEP * _STEP / 2, _STEP, 1.0)  # the next is below 2**-50 of the result
LOG_TERMS: Final = (-1 / 4, 1 / 3, -1 / 2, 1.0)  # of log(1 + x) / x; the next is below 2**-52
EXP_TABLE: Final = np.array([_power(step / STEPS) for step in range(STEPS)])
LOG_POINTS: Final = 0.5 + np.arange(STEPS) / (2 * STEPS)
LOG_TABLE: Final = np.array([-LN2] + [_logarithm(point) for point in LOG_POINTS[1:].tolist()])
