"""The start page: its numbers are those of the interface."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.web import Formats
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

    stats = house.get("/v1/stats").told
    events, people, decisions, consent, genes = numbers(page(house))

    assert (people, genes) == (f"{stats['people']:,}", f"{stats['genes']:,}")
    assert events == f"{stats['events']:,}"
    assert (decisions, consent) == ("0", "100%")  # the first source assumes consents


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
