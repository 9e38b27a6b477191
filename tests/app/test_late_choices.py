"""Choices that are heard of later than they were made: what the person has chosen since stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genom.app.reading import rfc3339
from tests.app.events import order
from tests.app.house import DAY, HOUR, START, House


def given(purpose: str, *, granted: bool, at: int, value: str = "ada") -> dict[str, Any]:
    return {
        "type": "user_id", "value": value, "purpose": purpose, "granted": granted, "mechanism": "phone",
        "at": rfc3339(at),
    }  # fmt: skip


def state(house: House, purpose: str = "email", value: str = "ada") -> dict[str, Any]:
    told = house.post("/v1/consent:state", {"type": "user_id", "value": value}, headers={"x-reason": "a test"}).told
    found: dict[str, Any] = next(one for one in told["purposes"] if one["purpose"] == purpose)
    return found


def test_a_late_choice_counts_from_when_it_was_made(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.post("/v1/consent", given("email", granted=True, at=START - 30 * DAY)).told  # noqa: B018

        assert state(house)["state"] == "granted"
        assert state(house)["since"] == rfc3339(START - 30 * DAY)


@pytest.mark.parametrize("newest", [True, False])
def test_a_late_choice_changes_nothing_about_a_newer_one(tmp_path: Path, newest: bool) -> None:
    with House(tmp_path / "d") as house:
        house.consent("ada", "email", granted=newest)

        house.post("/v1/consent", given("email", granted=not newest, at=START - DAY)).told  # noqa: B018

        assert state(house)["state"] == ("granted" if newest else "refused")
        house.restart()
        assert state(house)["state"] == ("granted" if newest else "refused")


def test_late_choices_of_one_request_count_in_the_order_in_which_they_were_made(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        refused_last = [
            given("email", granted=granted, at=START - ago * HOUR) for granted, ago in ((False, 1), (True, 2))
        ]

        assert house.post("/v1/consent", {"consents": refused_last}).told == {"recorded": 2}

        assert state(house)["state"] == "refused"


def test_a_grant_of_before_an_erasure_brings_nobody_back_and_a_refusal_holds(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(order("ada"))
        house.post("/v1/people:erase", {"type": "user_id", "value": "ada", "reason": "asked"}).told  # noqa: B018
        house.run(house.app.erasing.finish())
        before = house.node.world.profiles.find("user_id", "ada")
        old = [given("email", granted=True, at=START - DAY), given("sms_push", granted=False, at=START - DAY)]

        alone = house.post("/v1/consent", old[0])
        assert house.node.world.profiles.find("user_id", "ada") == before
        both = house.post("/v1/consent", {"consents": old})

        assert (alone.status, alone.json["code"]) == (410, "person.erased")
        assert both.told == {"recorded": 1}
        assert state(house)["state"] == "open"
        assert state(house, "sms_push")["state"] == "refused"


def test_a_time_that_is_none_is_refused(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        soon = given("email", granted=True, at=START) | {"at": "soon"}

        assert house.post("/v1/consent", soon).status == 400


def test_a_time_to_come_is_now(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.post("/v1/consent", given("email", granted=True, at=START + DAY)).told  # noqa: B018

        assert state(house)["since"] == rfc3339(START)
