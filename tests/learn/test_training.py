"""Training recovers a known truth, and says so when there is none."""

from __future__ import annotations

import numpy as np
import pytest

from genom.errors import BadConfiguration
from genom.learn import markdown, predict, split_by_time, train
from genom.learn.dataset import DAY
from tests.learn.making import MANIFEST, question, table


def test_the_known_probabilities_come_back() -> None:
    found = train(question(), table(), MANIFEST, now=1, threads=1)

    fresh = table(seed=9)
    a, b = fresh.x[:, 0], fresh.x[:, 1]
    truth = 1 / (1 + np.exp(-(1.5 * a - b + a * b - 1.0)))
    assert found.card.model == "boosted"  # the product of a and b is out of a line's reach
    assert np.abs(predict(found.model, fresh.x) - truth).mean() < 0.06
    assert found.card.gain.low > 0
    assert [name for name, _ in found.card.features][2] == "noise"


def test_what_it_says_comes_true_on_later_time() -> None:
    card = train(question(), table(), MANIFEST, now=1, threads=1).card

    assert all(abs(found.said - found.came) < 0.12 for found in card.reliability)


def test_where_nothing_can_be_known_the_base_rate_is_served_and_said() -> None:
    found = train(question(), table(signal=0.0), MANIFEST, now=1, threads=1)

    assert (found.card.model, found.card.beats_base_rate) == ("base_rate", False)
    assert "base rate" in found.card.sentence["en"]
    assert "Grundrate" in found.card.sentence["de"]
    assert predict(found.model, np.zeros((3, 3))).std() == 0


def test_the_same_table_gives_the_same_model() -> None:
    assert (
        train(question(), table(), MANIFEST, now=1, threads=1).model
        == train(question(), table(), MANIFEST, now=2, threads=1).model
    )


def test_a_feature_that_knows_the_answer_is_named() -> None:
    with pytest.raises(BadConfiguration, match="tells_all is too good to be true") as refused:
        train(question(), table(leak=True), MANIFEST, now=1, threads=1)

    assert "trust" in refused.value.fix


def test_no_part_knows_the_answers_of_a_later_one() -> None:
    parts = split_by_time(table(), within_days=30)

    for early, late in ((parts.train, parts.valid), (parts.valid, parts.test)):
        assert early.at.max() + 31 * DAY <= late.at.min()


def test_too_short_a_history_is_refused_in_words() -> None:
    with pytest.raises(BadConfiguration, match="too short"):
        split_by_time(table(), within_days=60)


def test_too_few_answers_are_refused_in_words() -> None:
    with pytest.raises(BadConfiguration, match="too little"):
        train(question(), table(people=20), MANIFEST, now=1, threads=1)


def test_the_card_reads_as_text() -> None:
    text = markdown(train(question(), table(), MANIFEST, now=1, threads=1).card)

    assert text.startswith("# Stays away for 30 days")
    assert "personalise_onsite, model_training" in text
