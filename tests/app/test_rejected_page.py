"""The page of refused events: reasons in words, the figure before a try, the try, and who may."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import msgspec
import pytest

from genom.app import audit
from tests.app.events import Event, order, track
from tests.app.house import Answer, House

PATH = "/events/rejected"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d", event_bytes=1_000) as house:
        yield house


def long(user: str) -> Event:
    return order(user, note="x" * 2_000)


def mend(house: House) -> None:
    house.node.settings = replace(house.node.settings, event_bytes=20_000)


def text_of(answer: Answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.body.decode())).split())


def page(house: House, query: str = "", language: str = "en") -> str:
    answer = house.browse(f"{PATH}{query}", cookie=house.sign_in(), language=language)
    assert answer.status == 200
    return text_of(answer)


def act(house: House, **form: str) -> Answer:
    return house.browse(PATH, form, cookie=house.sign_in())


def test_an_empty_page_says_what_would_stand_there(house: House) -> None:
    assert "No event is refused" in page(house)
    assert "30 Tage lang" in page(house, language="de")


def test_reasons_are_counted_in_words_and_say_how_to_mend_them(house: House) -> None:
    house.send(long("u1"), long("u2"), track("", "u3"))

    assert "The event is too large. collect.too-large Raise event_bytes" in page(house)
    assert "Das Ereignis ist zu groß. collect.too-large event_bytes" in page(house, language="de")
    assert "3 refused events" in page(house)
    assert "1 refused event " in page(house, "?code=collect.no-event-name")
    assert "No refused event fits" in page(house, "?day=2020-01-01")
    assert house.browse(f"{PATH}?day=today", cookie=house.sign_in()).status == 400


def test_first_comes_the_figure_then_the_try_then_what_came_of_it(house: House) -> None:
    house.send(*(long(f"u{n}") for n in range(4)), track("", "u9"))
    mend(house)

    checked = act(house, which="all")
    assert "4 of 5 events would be taken now" in text_of(checked)
    assert "1 would be refused again. The name of the event is missing. (1)" in text_of(checked)
    assert house.node.bad_rows.count() == 5

    tried = act(house, which="all", act="try")
    assert tried.status == 303
    shown = text_of(house.browse(tried.headers["location"], cookie=house.sign_in()))
    assert "4 of 5 events were taken." in shown
    assert "1 was refused again and stays with the reason of today." in shown
    assert house.node.bad_rows.count() == 1
    (noted,) = audit.rows(house.node.catalogue, action="rejected.replayed")
    assert noted.who == "console:admin"


def test_some_are_chosen(house: House) -> None:
    house.send(long("u1"), long("u2"))
    mend(house)
    chosen, _ = (row.id for row in house.node.bad_rows.newest(2))

    assert act(house, which="some").status == 400
    assert "Choose events in the list" in text_of(act(house, which="some"))
    assert f'name="row" value="{chosen}"' in act(house, which="some", row=chosen).body.decode()
    assert act(house, which="some", row=chosen, act="try").status == 303

    assert [house.node.world.profiles.find("user_id", user) > 0 for user in ("u1", "u2")] == [False, True]


def test_a_filter_limits_what_is_tried(house: House) -> None:
    key, _ = house.source("shop")
    house.send(long("u1"))
    house.send(long("u2"), key=key)
    mend(house)

    location = act(house, which="all", act="try", source="shop").headers["location"]

    assert "source=shop" in location
    assert [row.source for row in house.node.bad_rows.newest(5)] == ["default"]


@pytest.mark.parametrize("secret", ["C-204118", "forty-two", "203.0.113.9", "ada@example.org"])
def test_nothing_on_the_page_names_anybody(house: House, secret: str) -> None:
    event = track("", "C-204118", to="ada@example.org")
    event["context"] = {"traits": {"shoe": "forty-two"}, "ip": "203.0.113.9"}
    house.send(event, {"type": "track", "userId": "C-204118", "timestamp": "ada@example.org", "event": "Seen"})
    torn = b'{"userId":"C-204118","note":"forty-two ada@example.org'
    house.node.bad_rows.add([msgspec.structs.replace(house.node.bad_rows.newest(1)[0], raw=torn)])

    assert "C-•••18" in page(house)
    assert secret not in house.browse(PATH, cookie=house.sign_in()).body.decode()


def test_older_events_follow_page_by_page(house: House) -> None:
    house.send(*(long(f"u{n}") for n in range(60)))

    first = house.browse(PATH, cookie=house.sign_in()).body.decode()
    older = unescape(re.findall(r'href="([^"]*after=[^"]*)"', first)[0])
    second = house.browse(older, cookie=house.sign_in()).body.decode()

    assert [shown.count('name="row"') for shown in (first, second)] == [50, 10]


def test_who_may_not_gets_no_link_and_no_answer(house: House) -> None:
    house.app.users.add("mara", "marketer", "correct horse battery", now=house.clock.now)
    mara = house.browse("/login", {"name": "mara", "password": "correct horse battery"}).headers["set-cookie"]

    assert house.browse(PATH, cookie=mara).status == 403
    assert house.browse(PATH, {"which": "all", "act": "try"}, cookie=mara).status == 403
    assert PATH not in house.browse("/", cookie=mara).body.decode()


def test_live_events_lead_here(house: House) -> None:
    assert f'href="{PATH}"' in house.browse("/events/live", cookie=house.sign_in()).body.decode()
