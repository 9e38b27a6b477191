"""Waiting for the first event: after twenty seconds the page says what was checked, and it turns when one comes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from tests.app.house import House

EVENT = {"type": "track", "event": "Product Viewed", "userId": "u1", "properties": {"product_id": "p1"}}
HTMX = {"hx-request": "true"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as built:
        yield built


def page(house: House, path: str, language: str = "en", **headers: str) -> str:
    answer = house.browse(path, cookie=house.sign_in(), language=language, headers=headers)
    assert answer.status == 200, answer.body[:500]
    return answer.body.decode()


def begin(house: House, path: str = "/") -> str:
    """Open a page that waits; returns the address that its panel asks."""
    found = re.search(r'hx-get="(/events/waiting[^"]+)" hx-trigger="every 1s"', page(house, path))
    assert found
    return unescape(found[1])


def later(house: House, panel: str, seconds: int, language: str = "en") -> str:
    house.clock.now += seconds * 1_000
    return page(house, panel, language, **HTMX)


def checks(html: str) -> list[tuple[str, str]]:
    """State and text of each check."""
    found = re.findall(
        r'<li class="check-(ok|wrong|open)">.*?<span class="unseen">[^<]*</span>([^<]*)</span></li>', html
    )
    return [(state, unescape(text)) for state, text in found]


@pytest.mark.parametrize("path", ["/", "/events/live"])
def test_after_twenty_seconds_the_panel_says_what_was_checked(house: House, path: str) -> None:
    panel = begin(house, path)

    assert checks(later(house, panel, 19)) == []
    listed = checks(later(house, panel, 1))

    assert [state for state, _ in listed] == ["open", "open", "ok", "ok"]
    assert "no request to its collection addresses has come" in listed[0][1]
    assert "No key has been seen" in listed[1][1]
    assert "No event was refused" in listed[2][1]
    assert "Source default is in development mode" in listed[3][1]


def test_the_checks_are_german_in_german(house: House) -> None:
    listed = checks(later(house, begin(house), 20, "de"))

    assert [text.split()[0] for _, text in listed] == ["Dieser", "Seit", "Kein", "Die"]


def test_a_wrong_key_is_told_at_once_by_its_ending_alone(house: House) -> None:
    panel = begin(house)
    assert house.send(EVENT, key="wk_mistyped-secret-9876").status == 401

    html = later(house, panel, 1)

    (state, text) = checks(html)[1]
    assert state == "wrong"
    assert text.startswith("Wrong key (requests: 1): nobody has made the key that ends in …9876")
    assert f"The first write key ends in …{house.write_key[-4:]}." in text
    assert "mistyped" not in html
    assert "Falscher Schlüssel" in later(house, panel, 1, "de")


def test_a_request_without_a_key_is_told(house: House) -> None:
    panel = begin(house)
    assert house.send(EVENT, key="").status == 401

    assert "a request came without any" in checks(later(house, panel, 1))[1][1]


def test_a_refused_event_is_told_with_field_and_reason(house: House) -> None:
    panel = begin(house)
    house.send({"type": "track", "event": "Order Completed", "userId": "u1", "properties": {"total": "a lot"}})

    listed = checks(later(house, panel, 1))

    assert "is reached (requests to its collection addresses since it started: 1)" in listed[0][1]
    assert "The key of source default is known; its newest event was refused" in listed[1][1]
    assert listed[2][0] == "wrong"
    assert ".properties.total" in listed[2][1]


def test_the_right_key_after_the_wrong_one_is_the_last_word(house: House) -> None:
    panel = begin(house)
    house.send(EVENT, key="wk_mistyped")
    house.clock.now += 1_000
    house.send({"type": "track"})

    assert checks(later(house, panel, 1))[1][0] == "ok"


def test_a_source_that_asks_for_consent_says_so(house: House) -> None:
    house.put("/v1/sources", {"name": "default", "consent": "required"})

    listed = checks(later(house, begin(house), 20))

    assert listed[-1] == ("open", "Source default asks for consent: the tag sends nothing before the visitor agrees.")


@pytest.mark.parametrize("path", ["/", "/events/live"])
def test_the_first_event_turns_the_panel_and_leads_to_its_person(house: House, path: str) -> None:
    panel = begin(house, path)
    house.take(EVENT)

    html = later(house, panel, 1)

    assert "Received: Product Viewed" in html
    assert f'href="/people/{house.person("u1")}"' in html
    assert "hx-trigger" not in html


def test_an_event_of_before_is_not_what_is_waited_for(house: House) -> None:
    house.take(EVENT)
    panel = begin(house, "/events/waiting?since=0")

    assert "Listening for the first event" in later(house, panel, 1)
    assert "The key of source default is known; its newest event was accepted" in checks(later(house, panel, 20))[1][1]


def test_without_scripts_a_link_checks_at_once(house: House) -> None:
    path = unescape(re.search(r'<a href="(/events/waiting[^"]+)"', page(house, "/"))[1])  # type: ignore[index]

    html = page(house, path)

    assert "<h1>Why nothing arrives</h1>" in html
    assert len(checks(html)) >= 3


@pytest.mark.parametrize("query", ["since=x&after=y", "since=-1&after=-1", "since=9" + "9" * 30, ""])
def test_a_bent_address_begins_to_wait_anew(house: House, query: str) -> None:
    assert "Listening for the first event" in page(house, f"/events/waiting?{query}", **HTMX)


def test_nobody_without_a_session_sees_what_was_checked(house: House) -> None:
    assert house.browse("/events/waiting").status == 303
