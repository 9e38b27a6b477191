"""What is said of an effect, and when it is too early to say anything."""

from __future__ import annotations

import numpy as np
import pytest

from genom.measure import BUCKETS, STEPS, Tally, effect_of, verdict_of
from genom.measure.shares import SUSPECT, evidence_against

GIVEN = {"arm": "policy", "base": "control", "smaller": 500, "rewarded": 90.0, "sound": True}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"smaller": 199}, "too_early"),
        ({"rewarded": 19}, "too_early"),
        ({}, "no_difference_yet"),
        ({"low": 0.01}, "better"),
        ({"high": -0.01}, "worse"),
        ({"low": 0.01, "sound": False}, "health_problem"),
        ({"low": 0.01, "controlled": False}, "no_control"),
    ],
)
def test_the_word_follows_from_the_figures(changes, word):
    verdict = verdict_of(**(GIVEN | {"value": 0.0, "low": -0.02, "high": 0.03} | changes))

    assert verdict.word == word
    assert set(verdict.sentence) == {"en", "de"}
    assert all(text[0].isupper() and text.endswith(".") for text in verdict.sentence.values())


def test_the_sentences_read_well():
    verdict = verdict_of(**GIVEN, value=0.031, low=0.012, high=0.05)

    assert verdict.sentence == {
        "en": "The policy is better than the random control: +3.10 successes per 100 decisions "
        "(95 % interval +1.20 to +5.00).",
        "de": "Die Strategie ist besser als die Zufallskontrolle: +3,10 Erfolge je 100 Entscheidungen "
        "(95-%-Intervall +1,20 bis +5,00).",
    }


def test_money_is_written_as_money():
    verdict = verdict_of(**GIVEN, value=-0.031, low=-0.05, high=-0.012, unit="EUR")

    assert "control: -€3.10 per 100 decisions" in verdict.sentence["en"]
    assert "(95 % interval -€5.00 to -€1.20)" in verdict.sentence["en"]
    assert "-3,10\N{NO-BREAK SPACE}€ je 100 Entscheidungen" in verdict.sentence["de"]
    assert "EUR" not in " ".join(verdict.sentence.values())


def arm(n, mean, seed):
    chance, tally = np.random.default_rng(seed), Tally()
    buckets = chance.integers(0, BUCKETS, n)
    tally.counts += np.bincount(buckets, minlength=BUCKETS)
    tally.totals += np.bincount(buckets[chance.random(n) < mean], minlength=BUCKETS) * STEPS
    return tally


def test_an_effect_names_its_arms_and_its_base():
    effect = effect_of(
        {"policy": arm(9_000, 0.2, 1), "control": arm(1_000, 0.1, 2)}, {"policy": 0.9, "control": 0.1}, base="control"
    )

    assert [a.arm for a in effect.arms] == ["policy", "control"]
    assert effect.verdict.word == "better"
    assert effect.difference.low < 0.1 < effect.difference.high


def test_wrong_shares_are_a_health_problem():
    effect = effect_of({"a": arm(6_000, 0.1, 1), "b": arm(5_000, 0.1, 2)}, {"a": 0.5, "b": 0.5}, base="a")

    assert effect.verdict.word == "health_problem"


def test_without_a_control_there_is_nothing_to_compare():
    effect = effect_of({"policy": arm(900, 0.2, 1)}, {"policy": 1.0, "control": 0.0}, base="control")

    assert effect.verdict.word == "no_control"


def test_decisions_in_an_arm_without_a_share_are_evidence_against_the_shares():
    assert evidence_against([900, 1], [1.0, 0.0]) > SUSPECT > evidence_against([900, 0], [1.0, 0.0])


def test_nothing_measured_is_too_early():
    assert effect_of({}, {"policy": 0.9, "control": 0.1}, base="control").verdict.word == "too_early"
