"""Rankings are compared without making up an order among equals."""

from __future__ import annotations

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.learn.ranking import OWN_PURCHASES, chosen_ranking, ndcg5

rows = st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.integers(0, 2)), min_size=1, max_size=6)


def of_one_order(answers: tuple[bool, ...]) -> float:
    gain = sum(1 / np.log2(place + 2) for place, yes in enumerate(answers[:5]) if yes)
    return float(gain / sum(1 / np.log2(place + 2) for place in range(min(5, sum(answers)))))


def over_all_orders(scored: list[tuple[int, bool]]) -> float:
    """The mean over every order that the scores allow."""
    orders = [o for o in permutations(scored) if all(a[0] >= b[0] for a, b in pairwise(o))]
    return float(np.mean([of_one_order(tuple(yes for _, yes in order)) for order in orders]))


@given(rows)
def test_equals_share_their_places(drawn: list[tuple[int, bool, int]]) -> None:
    score, y, person = (np.array(column) for column in zip(*drawn, strict=True))
    persons = sorted({p for _, yes, p in drawn if yes})

    found = ndcg5(score.astype(float), y, person)

    expected = [over_all_orders([(s, yes) for s, yes, p in drawn if p == one]) for one in persons]
    assert found.tolist() == pytest.approx(expected)


def test_own_purchases_serve_unless_something_is_better() -> None:
    y, person = np.array([True, False] * 20), np.arange(40) // 2
    right, wrong = np.where(y, 1.0, 0.0), np.where(y, 0.0, 1.0)

    def served(**others: np.ndarray) -> str:
        found = chosen_ranking({OWN_PURCHASES: np.zeros(40), **others}, y, person, at=7)
        assert found is not None
        return found.served

    assert served(logistic=right) == "logistic"
    assert served(logistic=wrong) == served(logistic=np.zeros(40)) == served() == OWN_PURCHASES
    assert served(logistic=right * 0.0, boosted=right) == "boosted"


def test_nothing_is_chosen_where_nothing_came_of_anything() -> None:
    assert chosen_ranking({OWN_PURCHASES: np.ones(3)}, np.zeros(3, bool), np.arange(3), at=1) is None
