"""The start page: its numbers are those of the interface."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.pages.pulse import pulse_of
from genom.web import Formats
from tests.app.events import order
from tests.app.house import House

EVENT = {"type": "track", "event": "Product Viewed", "properties": {"product_id": "p1"}}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as built:
        yield built


def page(house: House, language: str = "en", **how: str) -> str:
    house.clock.now += 2_500  # a view is used for two seconds
    answer = house.browse("/", cookie=house.sign_in(), language=language, headers=how)
    assert answer.status == 200
    return answer.body.decode()


def numbers(html: str) -> list[str]:
    return re.findall(r"<dt>[^<]*</dt><dd>(?:<a [^>]*>)?([^<]*)<", html)


def test_an_empty_install_shows_exactly_one_primary_action(house: House) -> None:
    html = page(house)

    assert html.count("button primary") == 1
    assert "Connect your shop" in html
    assert numbers(html) == []


def test_the_numbers_equal_those_of_the_interface(house: House) -> None:
    house.take(*[EVENT | {"userId": f"u{n % 1500}", "messageId": f"m{n}"} for n in range(400)])

    house.send(EVENT, EVENT)
    for _ in range(3):
        house.decide("u1")
    house.clock.now += 2_500  # a view is used for two seconds

    told, stats = house.get("/v1/pulse").told, house.get("/v1/stats").told
    five = [told[name] for name in ("events_minute", "people", "decisions_hour", "personalised", "refused")]

    assert numbers(page(house)) == ["400", "400", "3", "100%", "2"]  # the first source assumes consents
    assert five == [400, 400, 3, 1.0, 2]
    assert [stats[name] for name in ("events", "people", "decisions", "rejected")] == [400, 400, 3, 2]


def linked(house: House, number: int) -> str:
    """The list that a number of the start page leads to."""
    path = re.findall(r'<dt>[^<]*</dt><dd><a href="([^"]+)"', page(house))[number]
    answer = house.browse(path, cookie=house.sign_in())
    assert answer.status == 200
    return answer.body.decode()


def test_each_number_leads_to_a_list_with_the_same_total(house: House) -> None:
    house.put("/v1/sources", {"name": "default", "consent": "required"})
    house.take(*[EVENT | {"userId": f"u{n}"} for n in range(8)])
    house.consent("u0", "recommend", granted=True)
    house.consent("u1", "price", granted=True)
    house.send(EVENT, EVENT, EVENT)
    for _ in range(2):
        house.decide("u1")

    events, people, decisions, consent, refused = (linked(house, number) for number in range(5))

    assert numbers(page(house)) == ["8", "8", "2", "25%", "3"]
    assert "8 events were accepted in the last minute." in events
    assert events.count('data-state="accepted"') == 8
    assert "8 people in all" in people
    assert people.count('<th scope="row">') == 8
    assert "2 decisions in the last hour" in decisions
    assert decisions.count('<th scope="row">') == 2
    assert "2 of 8 people permit it: 25%" in consent
    assert consent.count('<th scope="row">') == 2
    assert "3 refused events are kept." in refused
    assert refused.count('data-state="refused"') == 3


def test_the_lists_of_a_node_that_started_again_begin_anew_with_its_numbers(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})
    house.decide("u1")
    house.restart()
    house.take(EVENT | {"userId": "u2"})

    events, decisions = linked(house, 0), linked(house, 2)

    assert numbers(page(house))[:3] == ["1", "2", "0"]
    assert events.count('data-state="accepted"') == 1
    assert "No decision in the last hour" in decisions


@pytest.mark.parametrize(("purpose", "number"), [("recommend", 1), ("price", 1), ("personalise_onsite", 0)])
def test_each_purpose_has_its_own_list(house: House, purpose: str, number: int) -> None:
    house.put("/v1/sources", {"name": "default", "consent": "required"})
    house.take(*[EVENT | {"userId": f"u{n}"} for n in range(4)])
    for user, permitted in (("u0", "recommend"), ("u1", "price")):
        house.consent(user, permitted, granted=True)

    answer = house.browse(f"/people?permits={purpose}", cookie=house.sign_in())
    html = answer.body.decode()

    assert f"{number} of 4 people permit it: {number * 25}%" in html
    assert html.count('<th scope="row">') == number
    assert house.browse("/people?permits=nonsense", cookie=house.sign_in()).status == 400


def test_decisions_are_counted(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})
    for _ in range(3):
        house.decide("u1")

    assert numbers(page(house))[2] == "3"


def test_the_share_of_consents_follows_the_choices(house: House) -> None:
    house.put("/v1/sources", {"name": "default", "consent": "required"})
    house.take(*[EVENT | {"userId": f"u{n}"} for n in range(4)])
    house.consent("u0", "personalise_onsite", granted=True)
    house.consent("u1", "personalise_onsite", granted=False)

    assert numbers(page(house))[3] == "25%"
    assert numbers(page(house, "de"))[3] == Formats("de").percent(0.25, 0)


def test_what_needs_attention_is_named(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})
    assert "Development mode: default" in page(house)

    house.send(EVENT)
    house.put("/v1/sources", {"name": "default", "consent": "required"})

    html = page(house, "de")
    assert "1 Ereignis wurde abgelehnt" in html
    assert "Entwicklungsmodus" not in html


def test_a_damaged_model_is_named(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})
    version = house.path / "models" / "inactive_30d" / "v1"
    version.mkdir(parents=True)
    (version / "model.json").write_bytes(b"{")
    (version.parent / "current").write_text("v1")

    house.node.models.refresh(now=house.clock.now)

    html = page(house)
    assert "inactive_30d" in html
    assert "cannot be used" in html


def test_a_point_whose_model_is_damaged_does_not_wait_for_a_first_training(house: House) -> None:
    house.take(order("u1", category="TEA"))
    house.consent("u1", "recommend", granted=True)
    house.post("/v1/decide", {"point": "next_product", "person": {"user_id": "u1"}}).told  # noqa: B018
    assert "until the first training" in page(house)

    version = house.path / "models" / "buys_category" / "v1"
    version.mkdir(parents=True)
    (version / "model.json").write_bytes(b"{")
    (version.parent / "current").write_text("v1")
    house.node.models.refresh(now=house.clock.now)

    html = page(house, "de")
    assert "buys_category" in html
    assert "ersten Training" not in html


def test_nothing_to_do_is_said(house: House) -> None:
    house.put("/v1/sources", {"name": "default", "consent": "required"})
    house.take(EVENT | {"userId": "u1"})

    assert "Nothing needs you now." in page(house)


def test_the_checklist_ticks_what_happened(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})
    assert page(house).count('<li class="done">') == 2  # events, and consents that are assumed

    house.serve({"type": "identify", "userId": "u1", "anonymousId": "a1"})

    assert page(house).count('<li class="done">') == 3


def test_a_part_renews_itself(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})

    part = page(house, **{"hx-request": "true"})

    assert part.lstrip().startswith("<dl")
    assert "<html" not in part


def test_invented_people_are_announced_on_every_page(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})
    assert "are invented" not in page(house)

    house.source("living-shop")

    assert "are invented" in page(house)
    assert "erfunden" in house.browse("/people", cookie=house.sign_in(), language="de").body.decode()


def test_the_line_is_drawn_only_where_a_series_exists(house: House) -> None:
    house.take(EVENT | {"userId": "u1"})
    assert 'id="plot"' not in page(house)

    async def note() -> None:
        pulse_of(house.app)._note()

    for minute in range(3):
        house.take(EVENT | {"userId": "u1", "messageId": f"m{minute}"})
        house.clock.now += 60_000
        house.run(note())

    shown = page(house)
    assert 'id="plot"' in shown
    assert f'data-offset="{Formats("en").offset()}"' in shown  # the line tells the page's time
    told = json.loads(re.findall(r'id="minutes">([^<]+)<', shown)[0])
    assert [events for _, events in told] == [2, 1, 1]  # the oldest minute has the event of before too
