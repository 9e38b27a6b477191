"""What households permit is simulated, the same each time."""

from __future__ import annotations

import json

import pytest

from genom.app.sample.consents import check_consents
from genom.app.sample.people import WITHHELD, consents_as_json, identifies_as_json, permits
from genom.app.sample.source import read_shop
from genom.app.sample.times import WEEK_MS
from genom.errors import UnknownName
from tests.app.mini_shop import HOUSEHOLDS, write_mini_shop


@pytest.mark.parametrize("purpose", WITHHELD)
def test_about_the_stated_share_withholds_a_purpose(purpose):
    withheld = sum(not permits(household, purpose) for household in range(1, 2_501))

    assert withheld / 2_500 == pytest.approx(WITHHELD[purpose], abs=0.03)


def test_purposes_are_withheld_one_by_one():
    choices = {tuple(permits(household, purpose) for purpose in WITHHELD) for household in range(1, 2_501)}

    assert len(choices) > 50


def test_choices_are_the_same_on_every_machine():
    withheld = [household for household in range(1, 41) if not permits(household, "email")]

    assert withheld == [1, 9, 13, 20, 27, 28, 30, 32, 38]


def test_each_household_says_yes_or_no_to_each_purpose_labelled_as_sample(tmp_path):
    shop = read_shop(write_mini_shop(tmp_path))

    said = [json.loads(one) for one in consents_as_json(shop, consents="simulated").to_pylist()]

    assert {(one["value"], one["purpose"]) for one in said} == {(str(h), p) for h in HOUSEHOLDS for p in WITHHELD}
    assert all(one["granted"] is permits(int(one["value"]), one["purpose"]) for one in said)
    assert {(one["type"], one["mechanism"]) for one in said} == {("card", "sample")}


def test_all_grants_everything(tmp_path):
    shop = read_shop(write_mini_shop(tmp_path))

    assert all(json.loads(one)["granted"] for one in consents_as_json(shop, consents="all").to_pylist())


def test_another_way_of_consent_is_refused():
    with pytest.raises(UnknownName, match="no sample consents 'simulate'"):
        check_consents("simulate")


def test_a_household_is_identified_just_before_its_first_event(tmp_path):
    shop = read_shop(write_mini_shop(tmp_path))

    first, second, third = (json.loads(one) for one in identifies_as_json(shop, shift=WEEK_MS).to_pylist())

    card = {"id": "1", "type": "card", "collection": "users", "encoding": "none"}
    assert first == {
        "type": "identify",
        "messageId": "cj-identify-1",
        "timestamp": "2016-12-26T23:59:59Z",
        "context": {"externalIds": [card]},
        "traits": {
            "age": "25-34",
            "income": "Under 15K",
            "home_ownership": "Renter",
            "household_size": "5+",
            "household_comp": "2 Adults Kids",
            "kids_count": "3+",
        },
    }
    assert second["traits"] == {}
    assert third["traits"]["marital_status"] == "Married"
