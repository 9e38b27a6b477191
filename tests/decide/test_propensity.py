"""Chance times value, with reasons that add up, from features that training reads as well."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import (
    FEATURES,
    Action,
    ActionSet,
    Propensity,
    agrees,
    decide,
    decode_record,
    encode_record,
    features,
    record_of,
)
from tests.decide.shop import all_categories, facts, point

weights = st.lists(st.floats(-3, 3), min_size=len(FEATURES), max_size=len(FEATURES)).map(np.array)
amounts = st.lists(st.floats(0, 50), max_size=5)


def known(own=(1, 0, 4, 2, 0), **changes):
    given = {
        "recent": np.array([0, 0.5, 1, 0, 0]),
        "viewed": np.array([0, 0, 0, 0, 2.0]),
        "following": np.array([1, 2.0, 0.5, 1, 1]),
        "elapsed": np.array([0, 0, 9.0, 40, 0]),
    }
    return facts(own, **(given | changes))


def propensity_point(**policy):
    return msgspec.structs.replace(point(**policy), model="propensity")


def weighed(facts, candidates, model, seed=1, **policy):
    at = propensity_point(**policy)
    outcome = decide(at, facts, candidates, n=3, seed=seed, decision=1, model=model)
    return outcome, record_of(outcome, point=at, facts=facts, person="p", mask=1, basis="consent")


@given(weights, st.floats(-5, 2), amounts, st.integers(0, 2**64 - 1))
def test_the_reasons_add_up_to_the_score_and_the_record_repeats(weights, intercept, own, seed):
    model = Propensity(weights=weights, intercept=intercept, version="v")

    outcome, record = weighed(known(own), all_categories(), model, seed, control=0.0)

    assert agrees(decode_record(encode_record(record)))
    assert outcome.decision.model == "propensity"
    for choice in outcome.decision.choices:
        if choice.action != "do_nothing":
            total = choice.start + sum(reason.contribution for reason in choice.reasons)
            assert total == pytest.approx(choice.score, abs=1e-12)


def test_a_score_is_the_chance_times_the_value():
    dear, cheap = (
        Action(id=name, label="", categories=((2, 1.0),), value=v) for name, v in (("dear", 8.0), ("c", 2.0))
    )
    candidates = ActionSet([dear, cheap]).candidates(1_000)
    model = Propensity(weights=np.full(len(FEATURES), 0.1), intercept=-1.0, version="v")

    outcome, _ = weighed(known(), candidates, model)

    z = -1.0 + float(features(known(), candidates)[0].sum()) * 0.1
    assert outcome.weighed.scores.tolist() == pytest.approx([8 / (1 + np.exp(-z)), 2 / (1 + np.exp(-z))])


def test_what_nobody_knows_is_zero():
    nothing = features(facts(popularity=np.zeros(5)), all_categories())

    assert nothing.shape == (4, len(FEATURES))
    assert not nothing.any()


def test_each_feature_says_what_it_is_named_for():
    table = dict(zip(FEATURES, features(known(), all_categories()).T.tolist(), strict=True))

    assert table["own"][1] == max(table["own"])  # MILK
    assert table["viewed"][3] == pytest.approx(np.log(3))
    assert table["following"][0] == pytest.approx(np.log(2))
    assert table["since"][2] == pytest.approx(np.log(41))
    assert table["due"][0] == 0 < table["due"][1] < table["due"][2]


def test_products_that_an_action_covers_count_for_it():
    actions = ActionSet([Action(id="a", label="", items=(7, 9)), Action(id="b", label="", items=(9, 11))])
    candidates = actions.candidates(1_000)
    bought = facts(items=np.array([9, 7, 7], np.uint64), item_weights=np.array([1.0, 0.5, 0.5]))

    covered = features(bought, candidates)[:, FEATURES.index("covered")]

    assert covered.tolist() == pytest.approx([np.log(3), np.log(2)])


def test_without_a_model_the_point_falls_back_and_says_so():
    outcome, record = weighed(known(), all_categories(), None)

    assert outcome.decision.model == "own-purchases-1"
    assert agrees(record)


def test_what_the_person_likes_comes_first_with_their_own_words_as_the_reason():
    model = Propensity(weights=np.ones(len(FEATURES)), intercept=-2.0, version="v")

    for given_model in (model, None):
        outcome, record = weighed(
            known(liked=frozenset({4})), all_categories(), given_model, control=0.0, epsilon=1e-9, do_nothing=-9.0
        )
        first = outcome.decision.choices[0]
        assert first.action == "WINE"
        assert first.reasons[0].label == "you told us"
        assert agrees(decode_record(encode_record(record)))
