"""Which actions run, whose they are, and what they are about."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import Action, ActionSet, category_actions, eligible
from genom.errors import BadConfiguration
from tests.decide.shop import CATEGORIES, COUPONS, NOW, facts, point


def names(indices, actions=COUPONS):
    return actions.take(indices).ids


def test_an_action_runs_from_its_start_until_before_its_end():
    actions = ActionSet([Action(id="a", label="A", starts=10, ends=20)])

    assert [len(actions.running(now)) for now in (9, 10, 19, 20)] == [0, 1, 1, 0]


def test_only_running_coupons_of_the_mailed_campaigns_are_candidates():
    found = eligible(point("next_offer"), facts(mailed=frozenset({7})), actions=COUPONS, categories=CATEGORIES)

    assert found.ids == ["tea-coupon"]


@pytest.mark.parametrize("mailed", [frozenset(), frozenset({999}), frozenset({0}), frozenset({2**64 - 1})])
def test_without_a_running_mailed_coupon_all_running_ones_are_candidates(mailed):
    found = eligible(point("next_offer"), facts(mailed=mailed), actions=COUPONS, categories=CATEGORIES)

    assert found.ids == ["tea-coupon", "milk-coupon", "mixed-coupon"]


def test_the_next_product_is_one_of_all_categories():
    found = eligible(point("next_product"), facts(), actions=COUPONS, categories=CATEGORIES)

    assert found.ids == ["TEA", "MILK", "BREAD", "WINE"]


def test_without_permission_there_is_no_candidate():
    found = eligible(point("next_offer"), facts(permitted=False), actions=COUPONS, categories=CATEGORIES)

    assert found.ids == []


def test_a_category_that_events_named_like_the_reserved_action_is_left_out():
    assert list(category_actions(["", "do_nothing", "TEA"]).labels) == ["TEA"]


@pytest.mark.parametrize(
    "actions",
    [
        [Action(id="a", label="A"), Action(id="a", label="B")],
        [Action(id="do_nothing", label="A")],
        [Action(id="", label="A")],
        [Action(id="a", label="A", categories=((-1, 1.0),))],
        [Action(id="a", label="A", categories=((1, float("nan")),))],
        [Action(id="a", label="A", categories=((1, -0.5),))],
    ],
)
def test_an_action_that_cannot_be_told_apart_or_weighed_is_refused(actions):
    with pytest.raises(BadConfiguration, match="cannot be used"):
        ActionSet(actions)


categories = st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1)), max_size=4).map(tuple)
actions = st.lists(
    st.builds(Action, id=st.uuids().map(str), label=st.just(""), categories=categories, campaign=st.integers(0, 3)),
    max_size=6,
    unique_by=lambda action: action.id,
)


@given(actions, st.frozensets(st.integers(0, 3)))
def test_candidates_keep_their_own_categories(listed, mailed):
    """The arrays hold, for each chosen action, exactly the categories that it was given."""
    taken = ActionSet(listed).take(ActionSet(listed).of_campaigns(mailed, NOW))

    wanted = [action for action in listed if action.campaign in mailed - {0}]
    pairs = list(zip(taken.rows.tolist(), taken.codes.tolist(), taken.weights.tolist(), strict=True))
    assert taken.ids == [action.id for action in wanted]
    assert pairs == [(row, code, weight) for row, a in enumerate(wanted) for code, weight in a.categories]
