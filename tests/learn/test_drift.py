"""Whether today's people look as those of the training: zero for the same, plain words for how far."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genom.learn import train
from genom.learn.drift import FEWEST, _parts, drift_of, index, level, reference_of
from tests.learn.making import MANIFEST, question, table

ANY = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")))


@given(arrays(np.float64, st.integers(1, 200), elements=ANY))
def test_the_same_people_have_not_drifted(values):
    assert index(_parts(values), values, people=(len(values), len(values))) == 0


@given(arrays(np.float64, 60, elements=ANY), arrays(np.float64, 60, elements=ANY))
def test_the_index_is_a_number_and_never_negative(then, now):
    found = index(_parts(then), now, people=(60, 60))

    assert 0 <= found < np.inf
    assert level(found) in {"unchanged", "shifts", "changed"}


def test_a_worked_example():
    """Half of the people had 0 and half 1; now nine in ten have 1: (0.4) ln(0.9/0.5) + (-0.4) ln(0.1/0.5) = 0.879."""
    then, now = np.repeat([0.0, 1.0], 50_000), np.repeat([0.0, 1.0], [10_000, 90_000])

    assert index(_parts(then), now, people=(100_000, 100_000)) == pytest.approx(0.879, abs=1e-3)


def test_what_is_no_longer_known_is_a_change():
    then, now = np.arange(1_000.0), np.where(np.arange(1_000) % 2, np.nan, np.arange(1_000.0))

    assert level(index(_parts(then), now, people=(1_000, 1_000))) == "changed"


def test_chance_alone_is_seldom_called_a_shift():
    dice, called = np.random.default_rng(31), 0
    for _ in range(300):
        then, now = dice.normal(size=120), dice.normal(size=120)
        called += level(index(_parts(then), now, people=(120, 120))) != "unchanged"

    assert called <= 30


def test_a_model_knows_whom_it_was_trained_on_and_names_what_moved():
    data = table(400, seed=3)
    trained = train(question(), data, MANIFEST, now=1, threads=1)
    reference = reference_of(trained.model, data, dict(trained.card.features))
    newest = data.only(data.at == data.at.max())
    _, first = np.unique(newest.person, return_index=True)
    x = np.asarray(newest.x[first], float)
    moved = x.copy()
    named = trained.card.features[0][0]
    moved[:, data.names.index(named)] += 3

    same = drift_of(reference, data.names, x, None, version="v", at=2)
    other = drift_of(reference, data.names, moved, None, version="v", at=2)

    assert same is not None
    assert other is not None
    assert all(shift.psi == 0 for shift in same.inputs)
    assert other.inputs[0].name == named
    assert level(other.inputs[0].psi) == "changed"
    assert [shift.psi for shift in other.inputs[1:]] == [0] * (len(other.inputs) - 1)


def test_too_few_people_say_nothing():
    data = table(400, seed=3)
    trained = train(question(), data, MANIFEST, now=1, threads=1)
    reference = reference_of(trained.model, data, dict(trained.card.features))

    assert drift_of(reference, data.names, np.zeros((FEWEST - 1, len(data.names))), None, version="v", at=2) is None
