"""Learned points: scores that explain themselves, the same bits everywhere, a draw that cools with evidence."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import (
    Action,
    ActionSet,
    Feature,
    Learned,
    agrees,
    decide,
    decode_record,
    encode_record,
    record_of,
)
from genom.decide.linear import _names, score, score_fast
from genom.learn.online import rounded
from tests.decide.shop import facts, point

seeds = st.integers(0, 2**64 - 1)
numbers = st.floats(-3, 3, width=32)


@st.composite
def cases(draw):
    actions, features = draw(st.integers(1, 60)), draw(st.integers(0, 24))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    coefficients = (rng.normal(0, draw(st.sampled_from([0.01, 0.3, 5.0])), (actions, features + 1))).astype(np.float32)
    x = rounded(rng.normal(0, 1, features) * (rng.random(features) < 0.7))
    values = draw(st.sampled_from([np.ones(actions), rng.random(actions) * 20]))
    return coefficients.astype(np.float64), x, values, draw(st.sampled_from([1.0, 10_000.0]))


def learned(coefficients, **changes):
    given = {
        "places": {f"a{i}": i for i in range(len(coefficients))},
        "coefficients": coefficients,
        "pooled": coefficients.mean(0),
        "deviation": 0.1,
        "ceiling": 1.0,
        "signature": "s",
    }
    return Learned(**(given | changes))


def asked(coefficients, x, values, ceiling=1.0, *, seed=1, n=1, **policy):
    at = msgspec.structs.replace(
        point("next_offer", **policy), model="learned", features=tuple(Feature(f"g{i}") for i in range(len(x)))
    )
    known = facts(
        features=x, feature_names=tuple((f"g{i}", {"en": f"Gene {i}", "de": f"Gen {i}"}) for i in range(len(x)))
    )
    candidates = ActionSet(Action(id=f"a{i}", label="", value=v) for i, v in enumerate(values)).candidates(1)
    model = learned(coefficients, ceiling=ceiling)
    outcome = decide(at, known, candidates, n=n, seed=seed, decision=1, model=model)
    return outcome, record_of(outcome, point=at, facts=known, person="p", mask=1, basis="consent")


@given(cases())
def test_machine_code_gives_the_bits_of_the_formula(case):
    coefficients, x, values, ceiling = case

    fast, start, _ = score_fast(coefficients, x, values, ceiling)
    total, begun = score(coefficients, x, values, ceiling)

    assert fast.view(np.int64).tolist() == total.view(np.int64).tolist()
    assert start.view(np.int64).tolist() == begun.view(np.int64).tolist()


@given(cases(), seeds, st.integers(1, 8))
def test_every_record_repeats_and_every_reason_adds_up(case, seed, n):
    outcome, record = asked(*case, seed=seed, n=n, control=0.2)

    again = decode_record(encode_record(record))
    assert agrees(again)
    assert len({choice.action for choice in again.choices}) == len(again.choices)
    for choice in outcome.decision.choices:
        if choice.action != "do_nothing" and not outcome.decision.control:
            total = choice.start + sum(reason.contribution for reason in choice.reasons)
            assert total == pytest.approx(choice.score, rel=1e-9, abs=1e-9)


def test_a_feature_that_is_unknown_is_no_reason():
    outcome, record = asked(np.full((1, 4), 0.25), np.array([0.5, 0.0, 1.0]), [1.0], control=0.0, do_nothing=-9.0)

    assert [reason.gene for reason in outcome.decision.choices[0].reasons] == ["g2", "g0"]
    assert [feature.gene for feature in record.evidence.linear.features] == ["g0", "g2"]


def test_a_score_never_leaves_what_a_reward_can_be():
    coefficients = np.array([[0.5, 9.0], [0.5, -9.0]])

    outcome, _ = asked(coefficients, np.array([1.0]), [4.0, 4.0], seed=3)

    assert outcome.weighed.scores.tolist() == [4.0, 0.0]


def test_more_evidence_follows_the_best_more_closely():
    coefficients, x, values = np.array([[0.2], [0.1]]), np.zeros(0), [1.0, 1.0]
    at = msgspec.structs.replace(point("next_offer", control=0.0, do_nothing=-9.0, temperature=0.5), model="learned")
    candidates = ActionSet(Action(id=f"a{i}", label="", value=v) for i, v in enumerate(values)).candidates(1)

    chances = [
        decide(
            at, facts(features=x), candidates, n=1, seed=1, decision=1, model=learned(coefficients, deviation=d)
        ).weighed.draw.first[0]
        for d in (1.0, 0.1, 0.01)
    ]

    assert chances[0] < 0.6 < chances[1] < 0.9 < chances[2]


def test_doing_nothing_is_learned_like_an_action():
    coefficients = np.array([[0.1], [0.4]])
    at = msgspec.structs.replace(point("next_offer", control=0.0, epsilon=1e-9, do_nothing=0.0), model="learned")
    candidates = ActionSet([Action(id="a0", label="", value=2.0)]).candidates(1)
    model = learned(coefficients, places={"a0": 0, "do_nothing": 1}, deviation=0.001)

    outcome = decide(at, facts(features=np.zeros(0)), candidates, n=1, seed=1, decision=1, model=model)

    assert outcome.decision.choices[0].action == "do_nothing"
    assert outcome.decision.choices[0].score == pytest.approx(0.8)


def test_what_was_never_chosen_is_scored_as_the_others_are():
    outcome, _ = asked(np.array([[0.2], [0.4]]), np.zeros(0), [1.0, 1.0, 1.0])

    assert outcome.weighed.scores.tolist() == pytest.approx([0.2, 0.4, 0.3])


def test_names_are_those_of_the_language_and_of_the_very_features():
    """What is kept at hand for one version of a point never names the features of another."""
    for version in range(200):
        features = tuple((f"g{i}", {"en": f"Gene {version}.{i}", "de": f"Gen {version}.{i}"}) for i in range(3))
        for language, word in (("en", "Gene"), ("de", "Gen"), ("fr", "Gene"), ("en", "Gene")):
            assert _names(features, language) == [(f"g{i}", f"{word} {version}.{i}") for i in range(3)]
    assert _names((("g", {}),), "en") == [("g", "g")]
