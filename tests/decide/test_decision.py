"""A decision names its choices, their probabilities and their reasons."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import decide
from genom.errors import BadRequest
from tests.decide.shop import COUPONS, NOW, all_categories, facts, point

seeds = st.integers(0, 2**64 - 1)
own = st.lists(st.floats(0, 100), min_size=5, max_size=5)


def decided(known=None, at=None, candidates=None, *, n=3, seed=1, decision=1, language="en"):
    candidates = candidates or all_categories()
    outcome = decide(at or point(), known or facts(), candidates, n=n, seed=seed, decision=decision, language=language)
    return outcome.decision


def first_of(wanted, **policy):
    """The first decision of seeds 0, 1, 2 … that is as wanted, with its seed."""
    at = point(**policy)
    return next(d for seed in range(1_000) if wanted(d := decided(facts([0, 9, 0, 0, 0]), at, seed=seed)))


def test_the_answer_has_the_agreed_shape():
    answer = msgspec.json.decode(msgspec.json.encode(decided(decision=0xABC)))

    assert list(answer) == ["decision_id", "choices", "purpose", "model", "control", "ms"]
    assert answer["decision_id"] == "d0000000000000abc"
    assert (answer["purpose"], answer["model"]) == ("recommend", "own-purchases-1")
    assert list(answer["choices"][0]) == ["action", "score", "probability", "reasons", "start"]
    assert list(answer["choices"][0]["reasons"][0]) == ["gene", "label", "contribution"]


@given(own, seeds)
def test_the_reasons_sum_to_the_score_and_the_largest_is_named_first(bought, seed):
    decision = decided(facts(bought, recent=facts(bought).own / 2), point(control=0.0), n=4, seed=seed)

    for choice in decision.choices:
        sizes = [abs(r.contribution) for r in choice.reasons if r.label != "exploration"]
        assert sum(r.contribution for r in choice.reasons) == pytest.approx(choice.score, abs=1e-9)
        assert sizes == sorted(sizes, reverse=True)


def test_a_person_who_bought_tea_is_shown_tea_because_of_that_gene():
    choice = first_of(lambda d: not d.control and d.choices[0].action == "TEA").choices[0]

    assert choice.reasons[0].gene == "taste.category_2.30d"
    assert choice.reasons[0].label == "purchases by category, 30 days"
    assert [r.label for r in choice.reasons[1:]] == ["popularity"]


def test_labels_come_in_the_language_asked_for():
    choice = decided(facts([0, 9, 9, 9, 9]), point(control=0.0, do_nothing=-9.0), language="de").choices[0]

    assert choice.reasons[0].label == "Käufe je Kategorie, 30 Tage"


def test_a_choice_that_is_not_the_best_free_one_says_that_it_explores():
    decision = first_of(lambda d: not d.control and d.choices[0].action == "WINE")

    assert (decision.choices[0].reasons[-1].label, decision.choices[0].reasons[-1].contribution) == ("exploration", 0.0)
    assert all(r.gene is None for r in decision.choices[0].reasons if r.label == "exploration")


def test_only_choices_below_the_best_say_that_they_explore():
    for seed in range(300):
        decision = decided(facts([0, 9, 0, 0, 0]), point(control=0.0, do_nothing=-9.0), n=4, seed=seed)
        scores = [choice.score for choice in decision.choices]
        explored = [any(r.label == "exploration" for r in choice.reasons) for choice in decision.choices]
        assert explored == [scores[i] < max(scores[i:]) for i in range(len(scores))] or len(scores) == 1


def test_a_control_keeps_its_scores_and_has_one_reason():
    decision = first_of(lambda d: d.control and d.choices[0].action == "TEA")

    assert decision.choices[0].score > 2.0
    assert decision.choices[0].probability == 0.2
    reasons = {tuple(msgspec.structs.astuple(r) for r in choice.reasons) for choice in decision.choices}
    assert reasons == {((None, "random control", 0.0),)}


def test_doing_nothing_explains_its_score_and_stands_alone():
    decision = first_of(lambda d: not d.control and d.choices[0].action == "do_nothing", do_nothing=5.0)

    assert len(decision.choices) == 1
    assert decision.choices[0].score == 5.0
    assert [(r.label, r.contribution) for r in decision.choices[0].reasons] == [("do nothing", 5.0)]


@given(seeds)
def test_a_person_without_permission_gets_the_neutral_choice(seed):
    decision = decided(facts([0, 9, 0, 0, 0], permitted=False), seed=seed)

    assert msgspec.to_builtins(decision.choices) == (
        {
            "action": "do_nothing",
            "score": 0.0,
            "probability": 1.0,
            "reasons": ({"gene": None, "label": "no permission for recommend", "contribution": 0.0},),
            "start": 0.0,
        },
    )
    assert not decision.control


def test_without_permission_nothing_that_is_known_changes_the_answer():
    known, unknown = facts([0, 9, 0, 0, 0], permitted=False), facts(permitted=False)

    assert decided(known) == decided(unknown)


def test_without_a_candidate_nothing_is_done_and_that_is_the_reason():
    decision = decided(candidates=COUPONS.take(COUPONS.running(NOW)[:0]))

    assert [choice.action for choice in decision.choices] == ["do_nothing"]
    assert [reason.label for reason in decision.choices[0].reasons] == ["no candidate"]


def test_a_person_of_whom_nothing_is_known_is_shown_what_is_popular():
    choice = first_of(lambda d: not d.control and d.choices[0].action == "MILK").choices[0]

    assert [r.label for r in choice.reasons if r.contribution] == ["popularity"]


@pytest.mark.parametrize("n", [0, -1, 101])
def test_a_list_of_an_unusable_length_is_refused(n):
    with pytest.raises(BadRequest, match="cannot have"):
        decided(n=n)
