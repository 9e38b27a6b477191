"""The law of the region in which a person is: who may say it, which counts, what a move or a link changes at once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from genom.app.world import World
from genom.consent import load_purposes
from tests.app.events import Event, consenting, identify, order, track, view
from tests.app.house import DAY, HOUR, House
from tests.app.portal import visit
from tests.consent.gpp_strings import gpp

LAX = ("sale_us", "personalise_onsite", "recommend", "model_training", "ads_measure")  # rest on opt_out in the US


def purposes_with(path: Path, *, source: str = "traits.country", table: bool = True) -> None:
    """A purposes file in a data directory: in the US five purposes rest on opt_out."""
    path.mkdir(mode=0o700, exist_ok=True)
    parts = load_purposes().as_definition()
    for name in LAX:
        parts["purposes"][name]["basis"] = {"eu": "consent", "us": "opt_out"}
    if table:
        parts["regions"] = {"from": source, "countries": {"DE": "eu", "FR": "eu", "US": "us"}}
    (path / "purposes.yaml").write_text(yaml.safe_dump(parts, allow_unicode=True), "utf-8")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    purposes_with(tmp_path / "d")
    with House(tmp_path / "d") as house:
        yield required(house)


def required(house: House) -> House:
    """Nothing is assumed here."""
    house.put("/v1/sources", {"name": "default", "consent": "required"}).told  # noqa: B018
    return house


def traits(user: str, **given: Any) -> Event:
    return {"type": "identify", "messageId": uuid.uuid4().hex, "userId": user, "traits": given}


def number(house: House, value: str = "u1", kind: str = "user_id") -> int:
    world: World = house.node.world
    return world.people.person(world.profiles.find(kind, value))


def permits(house: House, purpose: str, value: str = "u1", kind: str = "user_id") -> bool:
    node = house.node
    return bool(node.effective(number(house, value, kind), house.clock.now) & node.purposes.bit(purpose))


def move(house: House, country: str | None, value: str = "u1") -> dict[str, Any]:
    told: dict[str, Any] = house.post(
        "/v1/consent/region", {"type": "user_id", "value": value, "country": country}
    ).told
    return told


def masks(house: House, value: str = "u1") -> list[set[str]]:
    """What each event of a person may serve, oldest first."""
    rows = house.node.journal.rows_of(house.node.world.people.members(number(house, value))).rows
    return [
        set(house.node.purposes.names_of(int(mask)))
        for mask in rows[(rows["kind"] < 200) & (rows["line"] == 0)]["mask"]
    ]


# --- who may say it ---


def test_a_server_says_it_and_the_laxer_law_counts_from_that_event_on(house: House) -> None:
    house.serve(order("u1"))
    assert not permits(house, "recommend")

    house.serve(traits("u1", country="us"), order("u1"))

    assert permits(house, "recommend")
    assert permits(house, "sale_us")
    assert not permits(house, "email")  # names no region but eu
    assert ["recommend" in mask for mask in masks(house)] == [False, True, True]
    house.restart()
    assert permits(house, "recommend")


def test_a_browser_cannot_choose_the_laxer_law_for_itself(house: House) -> None:
    house.take(traits("u1", country="US"), order("u1"))

    assert not permits(house, "recommend")
    assert not list(entries(house))


def test_a_country_of_a_context_or_of_an_address_counts_as_well(tmp_path: Path) -> None:
    for place, event in {
        "context.location.country": track("Signed In", "u1") | {"context": {"location": {"country": "US"}}},
        "traits.address.country": traits("u1", address={"city": "Reno", "country": "US"}),
        "traits.country": track("Signed In", "u1") | {"context": {"traits": {"country": "US"}}},
    }.items():
        path = tmp_path / place
        purposes_with(path, source=place)
        with House(path) as house:
            required(house).serve(event, order("u2"))
            assert permits(house, "recommend"), place
            assert not permits(house, "recommend", "u2"), place


def test_batches_that_are_read_in_columns_say_it_too(house: House) -> None:
    events = [order(f"u{n}") | {"context": {"traits": {"country": "US"}}} for n in range(8)]

    house.serve(*events)

    assert all(permits(house, "recommend", f"u{n}") for n in range(8))


@pytest.mark.parametrize("many", [1, 8])
def test_a_field_is_found_however_its_name_is_escaped(house: House, tmp_path: Path, many: int) -> None:
    def escaped(name: str) -> bytes:
        events = [order(f"u{n}") | {"context": {"traits": {"XX": "US"}}} for n in range(many)]
        return json.dumps({"batch": events}).replace("XX", name).encode()

    assert house.post("/v1/batch", escaped(r"c\u006Funtry"), key=house.server_key).status == 200
    assert permits(house, "recommend", "u0")
    purposes_with(tmp_path / "land", source="traits.Länderkürzel")
    with House(tmp_path / "land") as other:
        assert required(other).post("/v1/batch", escaped(r"L\u00E4nderk\u00fcrzel"), key=other.server_key).status == 200
        assert permits(other, "recommend", "u0")


def test_the_api_says_it_and_what_the_table_lacks_is_unknown(house: House) -> None:
    assert move(house, "us")["region"] == "us"
    assert permits(house, "recommend")

    assert move(house, "Atlantis")["region"] is None
    assert not permits(house, "recommend")
    move(house, "US")
    assert move(house, None)["region"] is None
    assert not permits(house, "recommend")
    house.restart()
    assert not permits(house, "recommend")


def test_a_write_key_cannot_ask_for_it_and_without_a_table_nobody_can(house: House, tmp_path: Path) -> None:
    body = {"type": "user_id", "value": "u1", "country": "US"}
    assert house.post("/v1/consent/region", body, key=house.write_key).status in {401, 403}

    with House(tmp_path / "other") as other:
        answer = other.post("/v1/consent/region", body)
        assert answer.status == 400
        assert answer.json["code"] == "consent.no-regions"
        other.serve(traits("u1", country="US"))
        assert not list(entries(other))


@pytest.mark.parametrize("country", [7, True, [], {"US": 1}, "", " ", "x" * 5_000, "ÜS", None])
def test_what_is_no_country_is_unknown_and_stops_no_event(house: House, country: Any) -> None:
    house.serve(traits("u1", country="US"), order("u1"))

    house.serve(traits("u1", country=country))

    assert not permits(house, "recommend")
    assert len(masks(house)) == 3


def entries(house: House) -> Iterator[tuple[str, str]]:
    return ((entry.region, entry.mechanism) for entry in house.node.ledger.replay() if entry.act == "region")


def test_it_is_on_record_once_and_nobody_knows_nothing_is_not(house: House) -> None:
    house.serve(traits("u9", country=None), traits("u1", country="US"), order("u1"))
    for _ in range(3):
        house.serve(track("Signed In", "u1") | {"context": {"traits": {"country": "us"}}})

    assert list(entries(house)) == [("us", "event")]


def test_an_older_word_that_comes_late_does_not_undo_a_newer_one(house: House) -> None:
    house.serve(traits("u1", country="DE"))

    house.serve(traits("u1", country="US") | {"timestamp": "2026-03-01T12:00:00Z"})

    assert not permits(house, "recommend")


# --- which counts ---


def test_a_move_to_a_stricter_region_acts_on_the_next_read_and_masks_stay(house: House) -> None:
    house.serve(traits("u1", country="US"), order("u1"))
    assert house.orders("u1", purpose="personalise_onsite") == 1
    assert house.decide("u1")["permitted"]

    move(house, "DE")

    assert not house.decide("u1")["permitted"]
    assert house.orders("u1", purpose="personalise_onsite") == "withheld"
    assert all("personalise_onsite" in mask for mask in masks(house))
    house.restart()
    assert not house.decide("u1")["permitted"]
    move(house, "US")
    assert house.decide("u1")["permitted"]


def test_of_linked_profiles_the_strictest_region_counts_and_a_split_judges_anew(house: House) -> None:
    move(house, "US", "u1")
    move(house, "DE", "u2")
    assert permits(house, "recommend", "u1")

    house.serve(identify("u1", "a-1"), identify("u2", "a-1"))
    assert number(house, "u1") == number(house, "u2")
    assert not permits(house, "recommend", "u1")

    house.unlink("u2")
    assert permits(house, "recommend", "u1")
    assert not permits(house, "recommend", "u2")
    house.restart()
    assert permits(house, "recommend", "u1")
    assert not permits(house, "recommend", "u2")


def test_a_profile_without_a_region_leaves_that_of_the_others(house: House) -> None:
    move(house, "US", "u1")

    house.serve(identify("u1", "a-7"))

    assert permits(house, "recommend", "a-7", "anonymous_id")


def test_a_refusal_counts_in_every_region(house: House) -> None:
    move(house, "US")
    house.consent("u1", "recommend", granted=False)
    assert not permits(house, "recommend")

    move(house, "DE")
    house.consent("u1", "recommend", granted=True)

    assert permits(house, "recommend")


def test_an_erasure_drops_the_region_and_keeps_what_was_refused(house: House) -> None:
    move(house, "US")
    house.take(google("u1", "denied"))
    house.consent("u1", "sale_us", granted=False)

    house.post("/v1/people:erase", {"type": "user_id", "value": "u1", "reason": "asked"}).told  # noqa: B018
    house.run(house.app.erasing.finish())
    house.clock.now += HOUR
    house.serve(order("u1"))
    assert not permits(house, "recommend")

    move(house, "US")
    assert permits(house, "recommend")
    assert not permits(house, "sale_us")
    assert not permits(house, "ads_measure")  # what a signal had denied
    house.restart()
    assert permits(house, "recommend")
    assert not permits(house, "ads_measure")


# --- denials that object to nothing ---


def google(user: str, state: str) -> Event:
    return view(user) | {"context": {"consent": {"google": {"ad_storage": state, "ad_user_data": state}}}}


def test_what_consent_mode_denies_is_off_where_no_consent_is_needed(house: House) -> None:
    move(house, "US")
    assert permits(house, "ads_measure")

    house.take(google("u1", "denied"))

    assert not permits(house, "ads_measure")
    assert state(house, "ads_measure") == {"purpose": "ads_measure", "state": "open", "may_ask": True}
    house.serve(order("u1"))
    assert "ads_measure" not in masks(house)[-1]
    house.restart()
    assert not permits(house, "ads_measure")
    house.serve(google("u1", "granted"))
    assert permits(house, "ads_measure")
    house.restart()
    assert permits(house, "ads_measure")


def test_what_was_denied_before_the_region_was_known_stays_off(house: House) -> None:
    house.take(google("u1", "denied"))

    move(house, "US")

    assert not permits(house, "ads_measure")


def test_it_is_on_record_once_however_often_a_page_says_so(house: House) -> None:
    for _ in range(5):
        house.take(google("u1", "denied"))

    ended = [entry.purpose for entry in house.node.ledger.replay() if entry.act == "ended"]
    assert ended == ["ads_measure"]


def test_a_grant_that_a_signal_ended_before_there_was_a_table_does_not_come_back_by_it(tmp_path: Path) -> None:
    path = tmp_path / "d"
    purposes_with(path, table=False)
    with House(path) as house:
        house.consent("u1", "ads_measure", granted=True)
        house.post("/v1/consent/google", {"type": "user_id", "value": "u1", "google": {"ad_storage": "denied"}}).told  # noqa: B018
        house.take(google("u2", "denied"))  # who had granted nothing
        house.close()
        purposes_with(path)
        house.open()

        move(house, "US", "u1"), move(house, "US", "u2"), move(house, "US", "u3")

        assert [permits(house, "ads_measure", f"u{n}") for n in (1, 2, 3)] == [False, False, True]


def test_a_section_of_gpp_that_nobody_understands_turns_sale_off(house: House) -> None:
    move(house, "US")
    assert permits(house, "sale_us")

    house.post("/v1/consent/gpp", {"type": "user_id", "value": "u1", "gpp": gpp({8: "BAAAAAAA"})}).told  # noqa: B018

    assert not permits(house, "sale_us")
    assert permits(house, "recommend")


def test_a_pause_that_ends_leaves_off_what_a_signal_denied(house: House) -> None:
    move(house, "US")
    house.take(google("u1", "denied"))

    own = visit(house, "u1")
    own.press("/me/pause", pause="yes")
    assert not permits(house, "recommend")
    own.press("/me/pause", pause="no")

    assert permits(house, "recommend")
    assert not permits(house, "ads_measure")


# --- how long, and who may ask ---


def state(house: House, purpose: str, value: str = "u1") -> dict[str, Any]:
    told = house.post("/v1/consent:state", {"type": "user_id", "value": value}).told["purposes"]
    found: dict[str, Any] = next(one for one in told if one["purpose"] == purpose)
    return found


def test_a_grant_runs_out_where_consent_is_needed_and_a_banner_asks_by_region(house: House) -> None:
    house.consent("u1", "recommend", granted=True)
    move(house, "US")
    assert state(house, "recommend") == {"purpose": "recommend", "state": "not_needed", "may_ask": False}
    house.clock.now += 400 * DAY
    assert permits(house, "recommend")

    move(house, "DE")

    assert not permits(house, "recommend")
    assert state(house, "recommend")["state"] == "expired"
    assert state(house, "recommend")["may_ask"]
    house.clock.now += 1
    move(house, "US")
    assert permits(house, "recommend")


# --- what rests on it ---


def test_a_decision_names_basis_and_region_or_that_none_is_known(house: House) -> None:
    house.serve(order("u1"))
    unknown = house.decide("u1")
    move(house, "US")
    lax = house.decide("u1")
    move(house, "DE")
    house.consent("u1", "personalise_onsite", granted=True)
    house.consent("u1", "recommend", granted=True)
    strict = house.decide("u1")

    assert (unknown["basis"], unknown["ground"]) == ("none", {"basis": "consent", "regions": []})
    assert (lax["basis"], lax["ground"]) == ("no consent needed", {"basis": "opt_out", "regions": ["us"]})
    assert (strict["basis"], strict["ground"]) == ("recorded consent", {"basis": "consent", "regions": ["eu"]})


def test_without_a_table_a_decision_says_nothing_of_it(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"))
        assert "ground" not in house.decide("u1")


def test_another_table_acts_at_the_next_start(house: House) -> None:
    move(house, "US")
    house.close()
    parts = yaml.safe_load((house.path / "purposes.yaml").read_text("utf-8"))
    parts["purposes"]["recommend"]["basis"] = {"eu": "consent", "us": "consent"}
    (house.path / "purposes.yaml").write_text(yaml.safe_dump(parts), "utf-8")
    house.open()
    assert not permits(house, "recommend")
    assert permits(house, "personalise_onsite")

    house.close()
    purposes_with(house.path, table=False)
    house.open()

    assert not permits(house, "personalise_onsite")


def test_an_event_that_denies_is_kept_out_whatever_the_region(house: House) -> None:
    move(house, "US")

    house.serve(consenting(order("u1"), recommend=False))

    assert "recommend" not in masks(house)[-1]
    assert "personalise_onsite" in masks(house)[-1]
    assert not permits(house, "recommend")
