"""A decision is shown with its reasons, and said in a sentence."""

from __future__ import annotations

import re

import pytest

from genom.app.show import show_decision
from tests.app.show_data import OWN, decision, drawn, reason


def shown(*reasons, language="en", **more):
    return " ".join(drawn(show_decision, decision(*reasons, **more), language=language, width=120).split())


def test_the_answer_of_the_decide_call_is_enough():
    answer = {key: value for key, value in decision().items() if key not in {"point", "at", "basis", "outcomes"}}

    assert "TEA is offered (probability 41.0 %)" in drawn(show_decision, answer)


def test_contributions_are_bars_to_both_sides_of_an_axis():
    text = drawn(show_decision, decision())

    assert re.search(r"Categories bought +│██████████ +\+1\.50\n", text)
    assert re.search(r"Popularity +██│ +-0\.25\n", text)


def test_the_sentence_names_what_raised_the_score_and_not_what_lowered_it():
    text = shown()

    assert "mainly because of Categories bought (+1.50)." in text


@pytest.mark.parametrize(
    ("why", "more", "sentence"),
    [
        ("random control", {"control": True}, "TEA: drawn at random as part of the permanent control group"),
        ("exploration", {}, "Another action than the best one is being tried here."),
        ("no candidate", {"action": "do_nothing"}, "Nothing is offered: there is no candidate."),
        ("do nothing", {"action": "do_nothing"}, "no offer scored clearly better"),
        ("no permission for recommend", {"action": "do_nothing"}, "not permitted the purpose product recommendations"),
    ],
)
def test_the_sentence_says_what_else_decided(why, more, sentence):
    assert sentence in shown(reason(None, why, 0.0), **more)


def test_a_random_control_is_flagged():
    assert "· random control" in shown(reason(None, "random control", 0.0), control=True)
    assert "· no random control" in shown()


def test_german_figures_and_words():
    text = shown(reason(OWN, "Gekaufte Kategorien", 1.5), language="de")

    assert "TEA wird angeboten (Wahrscheinlichkeit 41,0 %), vor allem wegen: Gekaufte Kategorien (+1,50)." in text
    assert "Wahrscheinlichkeit 41,0 % Punktzahl 1,25" in text


def test_outcomes_follow_with_the_first_five():
    happened = [{"event": "Order Completed", "timestamp": "2026-01-31T13:05:00Z", "amount": 12.5}] * 7

    text = shown(outcomes=happened)

    assert text.count("Order Completed 12.50 31 Jan 2026 13:05 UTC") == 5
    assert "and 2 more" in text


def test_an_action_with_markup_is_shown_literally():
    assert "1 [red]TEA[/] :smile:" in shown(action="[red]TEA[/]\x1b :smile:")


def test_no_choice_is_said():
    assert "No action was chosen." in shown(choices=[])
