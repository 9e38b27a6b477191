"""Trees as the chance: reasons that add up, and records that repeat without the trees."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.decide import Boosted, agrees, decide, decode_record, encode_record, record_of
from tests.decide.shop import all_categories, facts, point

parts = st.lists(st.lists(st.floats(-3, 3), min_size=3, max_size=3), min_size=4, max_size=4).map(np.array)
NAMES = {
    "en": (("taste.own", "bought before"), (None, "popularity"), ("price.redeemed", "coupons redeemed")),
    "de": (("taste.own", "früher gekauft"), (None, "Beliebtheit"), ("price.redeemed", "eingelöste Gutscheine")),
}


def boosted(parts: np.ndarray, start: float = -2.0) -> Boosted:
    return Boosted(
        margins=start + parts.sum(axis=1), parts=lambda shown: (start, parts[shown]), names=NAMES, version="v"
    )


def weighed(model: Boosted, *, known=None, seed: int = 1, language: str = "en", n: int = 3, **policy):
    at = msgspec.structs.replace(point(**policy), model="propensity")
    known = known or facts((1, 0, 4, 2, 0))
    outcome = decide(at, known, all_categories(), n=n, seed=seed, decision=1, model=model, language=language)
    return outcome, record_of(outcome, point=at, facts=known, person="p", mask=1, basis="consent")


@given(parts, st.floats(-5, 2), st.integers(0, 2**64 - 1), st.floats(-1, 1))
def test_the_reasons_add_up_to_the_score_and_the_record_repeats(parts, start, seed, nothing):
    outcome, record = weighed(boosted(parts, start), seed=seed, control=0.0, do_nothing=nothing)

    assert agrees(decode_record(encode_record(record)))
    assert outcome.decision.model == "propensity"
    for choice in outcome.decision.choices:
        if choice.action != "do_nothing":
            total = choice.start + sum(reason.contribution for reason in choice.reasons)
            assert total == pytest.approx(choice.score, abs=1e-9)


def test_the_score_is_the_chance_of_the_log_odds():
    outcome, record = weighed(boosted(np.array([[1.0, 0, 0], [0, 2.0, 0], [0, 0, 0], [0, 0, -1.0]])))

    expected = [1 / (1 + np.exp(-z)) for z in (-1.0, 0.0, -2.0, -3.0)]
    assert outcome.weighed.scores.tolist() == pytest.approx(expected)
    assert record.evidence.boosted.margins == [-1.0, 0.0, -2.0, -3.0]


def test_only_what_is_shown_is_explained():
    asked = []
    parts = np.eye(4, 3)
    model = Boosted(
        margins=parts.sum(axis=1), parts=lambda shown: (asked.extend(shown.tolist()), (0.0, parts[shown]))[1],
        names=NAMES, version="v",
    )  # fmt: skip

    outcome, _ = weighed(model, n=2, do_nothing=-900.0, epsilon=1e-9)

    assert len(outcome.decision.choices) == len(asked) == 2


def test_a_record_with_another_log_odds_does_not_agree():
    _, record = weighed(boosted(np.eye(4, 3)), control=0.0)
    evidence = record.evidence
    other = msgspec.structs.replace(evidence.boosted, margins=[9.0, *evidence.boosted.margins[1:]])

    assert not agrees(msgspec.structs.replace(record, evidence=msgspec.structs.replace(evidence, boosted=other)))


def test_what_the_person_said_is_a_reason_of_its_own():
    known = facts((1, 0, 4, 2, 0), liked=frozenset({4}))

    outcome, record = weighed(boosted(np.zeros((4, 3))), known=known, control=0.0, epsilon=1e-9, language="de")

    assert outcome.decision.choices[0].action == "WINE"
    assert outcome.decision.choices[0].reasons[0].label == "Sie haben es uns gesagt"
    assert agrees(decode_record(encode_record(record)))
