"""Development mode: what it assumes, about whom, from where and for how long."""

from __future__ import annotations

from pathlib import Path

import pytest

from genom.app.assumptions import ASSUMED_MS, Assumptions
from genom.words import ConsentMode, Source
from tests.app.events import consenting, order
from tests.app.house import DAY, START, House

ASSUMED = {"personalise_onsite", "recommend", "measure_person"}  # service needs no consent and no assumption


def mode(house: House, name: str) -> None:
    """What `genom source set default --consent NAME` does."""
    assert house.put("/v1/sources", {"name": "default", "consent": name}).told["consent"] == name


def newest(house: House, user: str) -> dict[str, list[str]]:
    event = house.get(f"/v1/people/{house.person(user)}/events").told["events"][0]
    return {"purposes": event["purposes"], "assumed": event["assumed"]}


def permitted(house: House, user: str) -> set[str]:
    person = house.node.world.people.person(house.node.world.profiles.find("user_id", user))
    return set(house.node.purposes.names_of(house.node.effective(person, house.clock.now)))


def test_it_assumes_on_site_purposes_and_flags_them(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))

        assert newest(house, "u1")["purposes"] == ["service", "security", "measure_aggregate"]
        assert set(newest(house, "u1")["assumed"]) == ASSUMED
        assert permitted(house, "u1") == {"service", "security", "measure_aggregate"} | ASSUMED
        assert house.orders("u1") == 1


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1"])
def test_it_holds_for_this_machine(tmp_path: Path, peer: str) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"), peer=peer)

        assert house.orders("u1") == 1


@pytest.mark.parametrize("peer", ["192.168.0.9", "10.0.0.1", "2001:db8::1", "", None])
def test_it_holds_for_no_other_machine(tmp_path: Path, peer: str | None) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"), peer=peer)

        assert newest(house, "u1")["assumed"] == []
        assert house.orders("u1") == "withheld"


@pytest.mark.parametrize(
    "header",
    [
        "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port", "Via", "X-Real-IP",
        "X-Forwarded-Server", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Cluster-Client-IP",
    ],
)  # fmt: skip
def test_it_holds_for_nothing_that_was_forwarded(tmp_path: Path, header: str) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"), headers={header: "127.0.0.1"})

        assert newest(house, "u1")["assumed"] == []


def test_it_says_nothing_about_history(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, _ = house.source("archive", consent="development", history=True)

        house.take(order("u1"), key=key)

        assert house.orders("u1") == "withheld"


@pytest.mark.parametrize("granted", [True, False])
def test_a_recorded_choice_wins(tmp_path: Path, *, granted: bool) -> None:
    with House(tmp_path / "d") as house:
        house.consent("u1", "personalise_onsite", granted=granted)

        house.take(order("u1"))

        assert "personalise_onsite" not in newest(house, "u1")["assumed"]
        assert house.orders("u1") == (1 if granted else "withheld")
        assert house.orders("u1", purpose="recommend") == 1


@pytest.mark.parametrize("granted", [True, False])
def test_a_choice_in_the_event_wins(tmp_path: Path, *, granted: bool) -> None:
    with House(tmp_path / "d") as house:
        house.take(consenting(order("u1"), recommend=granted))

        assert "recommend" not in newest(house, "u1")["assumed"]
        assert ("recommend" in newest(house, "u1")["purposes"]) is granted


def test_a_denial_beats_what_was_assumed_before_it(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))

        house.consent("u1", "personalise_onsite", granted=False)

        assert house.orders("u1") == "withheld"
        assert house.orders("u1", purpose="recommend") == 1


def test_it_ends_seven_days_after_receipt(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1", at=START - 300 * DAY))

        house.clock.now = START + 7 * DAY - 1
        assert house.orders("u1") == 1
        house.clock.now = START + 7 * DAY
        assert house.orders("u1") == "withheld"
        assert permitted(house, "u1") == {"service", "security", "measure_aggregate"}


def test_each_event_has_its_own_seven_days(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        house.clock.now += 5 * DAY
        house.take(order("u1"))

        house.clock.now += 5 * DAY

        assert house.orders("u1") == 1
        assert house.verify().differences == []


def test_what_ended_while_the_node_was_down_does_not_count(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        house.write_state()

        house.clock.now += 8 * DAY
        house.restart()

        assert house.orders("u1") == "withheld"
        assert house.verify().differences == []


def test_it_ends_with_the_mode_by_refold_and_decisions_turn_neutral(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        house.consent("u2", "personalise_onsite", granted=True)
        house.take(order("u2"))

        mode(house, "required")

        assert house.orders("u1") == "withheld"
        assert house.orders("u2") == 1
        assert house.orders("u2", purpose="recommend") == "withheld"
        assert [choice["action"] for choice in house.decide("u1")["choices"]] == ["do_nothing"]
        assert house.verify().differences == []


def test_a_later_grant_does_not_bring_back_what_was_only_assumed(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        mode(house, "required")

        house.consent("u1", "personalise_onsite", granted=True)

        assert house.orders("u1") == "unknown"


@pytest.mark.parametrize("read_between", [True, False])
def test_what_ended_stays_ended_when_the_mode_comes_back(tmp_path: Path, *, read_between: bool) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        mode(house, "required")
        if read_between:
            house.orders("u1")
        house.clock.now += 1

        mode(house, "development")

        assert house.orders("u1") == "withheld"
        assert house.verify().differences == []
        house.clock.now += 1
        house.take(order("u1"))
        assert house.orders("u1") == 1
        assert house.verify(house.write_state()).differences == []


def test_setting_the_mode_that_it_is_in_changes_nothing(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        house.clock.now += DAY

        mode(house, "development")

        assert house.orders("u1") == 1


def test_two_sources_end_on_their_own(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        other, _ = house.source("other", consent="development")
        house.take(order("u1"))
        house.take(order("u1"), order("u1"), key=other)

        mode(house, "required")

        assert house.orders("u1") == 2
        assert house.verify().differences == []


def test_the_first_read_after_the_end_is_right_though_another_source_goes_on(tmp_path: Path) -> None:
    """What the person's last event assumed has ended with its source; the other source's events are too old."""
    with House(tmp_path / "d") as house:
        other, _ = house.source("other", consent="development")
        house.take(order("u1"), key=other)
        house.clock.now += 6 * DAY
        house.take(order("u1"))
        mode(house, "required")

        house.clock.now += 2 * DAY

        assert house.orders("u1") == "withheld"


def test_links_carry_what_is_assumed(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("a-1"))
        house.clock.now += 6 * DAY
        house.take(order("u1") | {"anonymousId": "a-1"})
        assert house.orders("u1") == 2

        house.clock.now += 2 * DAY

        assert house.orders("u1") == 1
        assert house.verify().differences == []


def test_more_than_sixty_three_sources_may_be_in_the_mode() -> None:
    """The sources of a person are a set of 64 bits: those from 63 on share one, and none of them counts too long."""
    sources = [Source(number, f"s{number}", ConsentMode.DEVELOPMENT) for number in range(1, 80)]
    assumptions = Assumptions(10)

    assumptions.set_sources(sources)
    assert assumptions.since[79] == 0
    assumptions.set_sources([*sources[:-1], Source(79, "s79")])

    assert (assumptions.since[78], assumptions.since[79]) == (0, 2**63 - 1)
    assert ASSUMED_MS == 7 * DAY


def test_the_eightieth_source_takes_events(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        keys = [house.source(f"s{number}", consent="development")[0] for number in range(80)]

        house.take(order("u1"), key=keys[-1])
        house.take(order("u1"), key=keys[-2])
        house.put("/v1/sources", {"name": "s79", "consent": "required"})

        assert house.orders("u1") == 1


def test_health_says_so_in_one_line_while_it_lasts(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        notice = house.get("/health", key="").told["notice"]
        assert "Development mode" in notice
        assert "\n" not in notice

        mode(house, "required")

        assert house.get("/health", key="").told["notice"] == ""


def test_a_read_in_the_middle_of_a_commit_leaves_everything_right(tmp_path: Path) -> None:
    """A person whose assumed events have ended is refolded while a large group is half folded."""
    with House(tmp_path / "d") as house:
        house.consent("u1", "recommend", granted=True)
        house.take(order("u1"))
        house.clock.now += 8 * DAY
        lines = [{"product_id": f"p{number}", "price": 1, "quantity": 1} for number in range(200)]
        large = [order("u1") | {"properties": {"products": lines, "total": 200, "currency": "EUR"}} for _ in range(5)]
        folded = []

        async def read_in_the_middle() -> None:
            while house.node.journal.last <= house.node.world.position:
                await house.nothing()
            folded.append(house.node.journal.last - house.node.world.position)
            await house.ask("GET", f"/v1/people/{person}/genome")

        person = house.person("u1")
        house.together(house.ask("POST", "/v1/batch", {"batch": large}, key=house.write_key), read_in_the_middle())

        assert folded[0] > 0
        assert house.orders("u1", purpose="recommend") == 6
        assert house.verify().differences == []
