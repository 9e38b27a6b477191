"""The pages of sources: what each sent, its code, its key once, and what was seen instead of a first event."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest

from genom.app import audit
from genom.app.pages import arrivals
from tests.app.events import order, track
from tests.app.house import DAY, HOUR, Answer, House

HTMX = {"hx-request": "true"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def text_of(answer: Answer) -> str:
    assert answer.status == 200, answer.body
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.body.decode())).split())


def page(house: House, path: str = "/sources", language: str = "en", **headers: str) -> str:
    return text_of(house.browse(path, cookie=house.sign_in(), language=language, headers=headers))


def number(house: House, name: str) -> int:
    return next(source.number for source in house.node.sources.values() if source.name == name)


def line(house: House, name: str) -> str:
    """The row of a source in the list."""
    body = house.browse("/sources", cookie=house.sign_in()).body.decode()
    (row,) = [row for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL) if f">{name}</a>" in row]
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def waiting(house: House, name: str, language: str = "en") -> str:
    return page(house, f"/sources/{number(house, name)}/waiting", language, **HTMX)


def test_each_source_says_what_it_sent_and_what_was_refused(house: House) -> None:
    key, _ = house.source("shop")
    house.take(order("u1"), order("u2"))
    house.send(order("u3"), track("", "u3"), key=key)

    assert re.fullmatch(r"default Development mode 2 .* 0", line(house, "default"))
    assert re.fullmatch(r"shop Asks for consent 1 .* 1", line(house, "shop"))
    assert "Entwicklungsmodus" in page(house, language="de")


def test_events_count_for_a_day_and_go_on_to_be_counted_as_they_come(house: House) -> None:
    house.take(order("u1"))
    house.clock.now += 2 * HOUR
    house.take(order("u1"))
    assert " 2 " in line(house, "default")

    house.take(order("u1"))
    assert " 3 " in line(house, "default")

    house.clock.now += DAY - HOUR
    assert " 2 " in line(house, "default")
    house.clock.now += DAY
    assert " 0 " in line(house, "default")


def test_a_start_counts_what_came_before_it(house: House) -> None:
    house.take(order("u1"), order("u1"))
    house.restart()

    assert " 2 " in line(house, "default")


def test_of_a_journal_that_is_too_long_it_says_since_when_it_counts(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.take(order("u1"))
    house.source("shop")
    for _ in range(3):
        house.clock.now += HOUR
        house.take(order("u1"))
    monkeypatch.setattr(arrivals, "_BLOCKS", 2)

    assert " 2 " in line(house, "default")
    assert "not lately" in line(house, "shop")
    assert "Counted since" in page(house)


def test_a_silent_source_says_what_was_seen_instead(house: House) -> None:
    key, _ = house.source("shop")
    assert "Never: see why" in line(house, "shop")
    shown = waiting(house, "shop")
    assert "no request to its collection addresses has come" in shown
    assert "No wrong key has come since the start." in shown
    assert "No event of this source was refused." in shown
    assert "It asks for consent" in shown
    assert "script-src and connect-src" in shown
    assert "set public_url to an https address" in shown

    house.send(order("u1"), key="wk_mistyped-secret-9876")
    house.send(track("", "ada@shop.example"), key=key)

    shown = waiting(house, "shop")
    assert "nobody has made the key that ends in …9876" in shown
    assert "mistyped" not in shown
    assert "Refused events of this source: 1. The newest: $.batch[0].event" in shown
    assert "ada@" not in shown
    assert "Falscher Schlüssel" in waiting(house, "shop", "de")


def test_refusals_of_another_source_are_not_told_as_its_own(house: House) -> None:
    house.source("shop")
    house.send(track("", "u1"))

    assert "No event of this source was refused." in waiting(house, "shop")


def test_the_panel_turns_when_the_first_event_comes(house: House) -> None:
    key, _ = house.source("shop")
    assert (
        'hx-trigger="every 2s"'
        in house.browse(f"/sources/{number(house, 'shop')}", cookie=house.sign_in()).body.decode()
    )

    house.take(order("u1"), key=key)

    assert "Events of this source arrive" in waiting(house, "shop")
    assert "every 2s" not in waiting(house, "shop")


def test_a_source_is_added_and_its_key_is_shown_once(house: House) -> None:
    cookie = house.sign_in()
    made = house.browse("/sources", {"name": "shop", "consent": "required"}, cookie=cookie)
    (key,) = set(re.findall(r"wk_[\w-]{20,}", made.body.decode()))

    house.take(order("u1"), key=key)

    assert f'genom.load("{key}"' in unescape(made.body.decode())
    for path in ("/sources", f"/sources/{number(house, 'shop')}"):
        assert key not in house.browse(path, cookie=cookie).body.decode()
    assert 'genom.load("WRITE_KEY"' in page(house, f"/sources/{number(house, 'shop')}")
    (noted,) = audit.rows(house.node.catalogue, action="source.added")
    assert (noted.who, noted.name) == ("console:admin", "shop")


def test_a_name_that_is_taken_is_refused_and_stays_in_the_form(house: House) -> None:
    refused = house.browse("/sources", {"name": "default", "consent": "required"}, cookie=house.sign_in())

    assert refused.status == 400
    assert 'value="default"' in refused.body.decode()
    assert audit.rows(house.node.catalogue, action="source.added") == []


@pytest.mark.parametrize("secret", ["write_key", "server_key"])
def test_no_page_has_a_key(house: House, secret: str) -> None:
    body = house.browse(f"/sources/{number(house, 'default')}", cookie=house.sign_in()).body.decode()

    assert getattr(house, secret) not in body
    assert getattr(house, secret)[-6:] not in body


@pytest.mark.parametrize("path", ["/sources/999", "/sources/shop", "/sources/-1"])
def test_a_source_that_does_not_exist_is_not_found(house: House, path: str) -> None:
    assert house.browse(path, cookie=house.sign_in()).status == 404


def test_who_may_not_gets_no_answer(house: House) -> None:
    house.app.users.add("mara", "marketer", "correct horse battery", now=house.clock.now)
    mara = house.browse("/login", {"name": "mara", "password": "correct horse battery"}).headers["set-cookie"]

    assert house.browse("/sources", cookie=mara).status == 403
    assert house.browse("/sources", {"name": "shop"}, cookie=mara).status == 403
