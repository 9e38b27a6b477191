"""Powers and logarithms are right, and their bits are always the same."""

from __future__ import annotations

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide.portable import exp2, log


@given(st.floats(1e-3, 1e3))
def test_a_logarithm_is_right(x):
    assert log(np.array([x]))[0] == pytest.approx(math.log(x), rel=0, abs=1e-15)


@given(st.floats(-1000, 900))
def test_a_power_of_two_is_right(x):
    assert exp2(np.array([x]))[0] == pytest.approx(2.0**x, rel=3e-15)


@given(st.floats(1.0, 1e15), st.floats(1.0, 1e15))
def test_a_logarithm_keeps_the_order(x, y):
    small, large = log(np.array([min(x, y), max(x, y)]))

    assert small <= large


def test_a_value_does_not_depend_on_its_place():
    x = np.linspace(0.01, 50, 1001)

    assert log(x).tolist() == [float(log(x[i : i + 1])[0]) for i in range(len(x))]
    assert exp2(-x).tolist() == [float(exp2(-x[i : i + 1])[0]) for i in range(len(x))]


def test_the_bits_are_those_of_every_other_machine():
    x = np.arange(1, 20_001) / 64.0

    digest = hashlib.sha256(log(x).astype("<f8").tobytes() + exp2(-x).astype("<f8").tobytes()).hexdigest()

    assert digest[:16] == "a50b5cc92a2bfadd"
