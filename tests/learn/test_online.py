"""Statistics that no order, restart or withdrawal can bend."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.learn.online import Sums, rounded

FEATURES = 3
decisions = st.lists(
    st.tuples(
        st.sampled_from(["tea", "milk", "bread", "do_nothing"]),
        st.lists(st.floats(-600, 600) | st.just(float("nan")), min_size=FEATURES, max_size=FEATURES),
        st.floats(0, 20_000),
    ),
    max_size=30,
)


def summed(many):
    sums = Sums(FEATURES)
    for action, features, reward in many:
        sums.add(action, rounded(np.array(features)), reward)
    return sums


@given(decisions, st.data())
def test_the_order_of_decisions_changes_no_bit(many, data):
    other = data.draw(st.permutations(many))

    assert summed(many) == summed(other)


@given(decisions, decisions)
def test_taking_decisions_out_is_the_same_as_training_without_them(kept, withdrawn):
    sums = summed([*kept, *withdrawn])
    for action, features, reward in withdrawn:
        sums.add(action, rounded(np.array(features)), reward, sign=-1)

    assert sums == summed(kept)


@given(decisions)
def test_a_file_keeps_every_bit(many):
    sums = summed(many)

    again = Sums.load(msgspec.msgpack.decode(msgspec.msgpack.encode(sums.dump())))

    assert again == sums


def test_a_decision_adds_what_it_should():
    sums = summed([("tea", [0.5, 2.0, 0.0], 3.0)])

    assert sums.counts.tolist() == [1]
    assert (sums.squares[0] / 1024**2).tolist() == np.outer([1, 0.5, 2, 0], [1, 0.5, 2, 0]).tolist()
    assert (sums.products[0] / 1024**2).tolist() == [3.0, 1.5, 6.0, 0.0]


def test_thirty_million_of_the_largest_decisions_fit():
    sums = summed([("tea", [500.0] * FEATURES, 1.0)])

    assert int(sums.squares.max()) * 33_000_000 < 2**63


def test_actions_beyond_the_limit_share_a_row_and_memory_stays_bounded():
    sums = Sums(1)
    for number in range(1_000):
        sums.add(f"a{number}", np.array([0.5]), 1.0)

    assert len(sums.counts) == len(sums.places) == 257
    assert int(sums.counts.sum()) == 1_000


@given(decisions)
def test_every_sum_is_what_whole_numbers_say(many):
    """The kernel against the definition: n, Σ x xᵀ, Σ r x and Σ r² in Python's own integers."""
    sums = summed(many)

    for action, place in sums.places.items():
        rows = [[1024, *(round(v * 1024) for v in rounded(np.array(f)).tolist())] for a, f, _ in many if a == action]
        paid = [round(min(r, 10_000.0) * 1024) for a, _, r in many if a == action]
        assert sums.counts[place] == len(rows)
        assert sums.rewards[place] == sum(r * r for r in paid)
        assert sums.products[place].tolist() == [
            sum(r * x[i] for r, x in zip(paid, rows, strict=True)) for i in range(FEATURES + 1)
        ]
        assert sums.squares[place].tolist() == [
            [sum(x[i] * x[j] for x in rows) for j in range(FEATURES + 1)] for i in range(FEATURES + 1)
        ]
