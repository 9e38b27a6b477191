"""Scores are sums of their named parts and follow what was bought."""

from __future__ import annotations

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide.reading import read
from genom.decide.scoring import own_purchases_1
from tests.decide.shop import COUPONS, NOW, all_categories, facts

counts = st.lists(st.floats(0, 1e6), min_size=5, max_size=5)
vectors = st.lists(st.floats(width=32), max_size=8)


def scored(known, candidates=None):
    candidates = candidates or all_categories()
    return own_purchases_1(read(known, candidates), candidates)


def test_a_score_is_the_log_of_purchases_plus_the_log_of_popularity():
    result = scored(facts([0, 3, 0, 0, 0], recent=np.array([0, 1.0, 0, 0, 0])))

    popularity = 0.25 * log((40 + 1) * 4 / (100 + 4))
    assert result.total[0] == pytest.approx(log(1 + 3) + 0.5 * log(1 + 1) + popularity, abs=1e-12)


def test_an_action_of_several_categories_counts_each_by_its_weight():
    candidates = COUPONS.take(COUPONS.running(NOW))

    result = scored(facts([0, 4, 0, 2, 0]), candidates)

    assert result.parts["own"][2] == pytest.approx(log(1 + 0.5 * 4 + 0.5 * 2), abs=1e-12)


@given(counts, st.integers(1, 4), st.floats(0.5, 10))
def test_a_purchase_raises_the_score_of_its_category_and_of_no_other(own, code, bought):
    before = scored(facts(own)).total
    own[code] += bought
    after = scored(facts(own)).total

    assert after[code - 1] > before[code - 1]
    assert np.delete(after, code - 1).tolist() == np.delete(before, code - 1).tolist()


def test_what_everybody_buys_scores_higher_for_a_new_person():
    assert scored(facts()).total.argsort().tolist() == [3, 2, 1, 0]


@given(vectors, vectors, st.none() | vectors)
def test_the_parts_sum_to_a_finite_score_whatever_the_values_are(own, popularity, recent):
    known = facts(own, popularity=np.array(popularity), recent=None if recent is None else np.array(recent))

    result = scored(known)

    assert np.isfinite(result.total).all()
    assert sum(result.parts.values()) == pytest.approx(result.total, abs=1e-9)
    assert ("recent" in result.parts) == (recent is not None)
