"""The console's door: who comes in, how, and what everybody else sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.web import CSP
from tests.app.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as built:
        yield built


def link(house: House, kind: str = "console") -> str:
    return house.app.sessions.make_link("console" if kind == "console" else "portal", "admin", now=house.clock.now)


def test_without_a_session_every_page_leads_to_the_door(house: House) -> None:
    for path in ("/nowhere", "/people", "/events/live", "/dev/kit"):
        answer = house.browse(path)
        assert (answer.status, answer.headers["location"]) == (303, "/login")


def test_a_link_opens_the_door_once(house: House) -> None:
    token = link(house)

    first, second = house.browse(f"/login?token={token}"), house.browse(f"/login?token={token}")

    assert (first.status, first.headers["location"]) == (303, "/")
    for word in ("genom_console=", "HttpOnly", "SameSite=lax", "Path=/", "Max-Age=604800"):
        assert word in first.headers["set-cookie"]
    assert second.status == 401
    assert "genom login" in second.body.decode()


def test_asking_for_the_headers_of_a_link_does_not_use_it_up(house: House) -> None:
    token = link(house)

    house.run(house.ask("HEAD", f"/login?token={token}", key="", headers={"host": "localhost"}))

    assert house.browse(f"/login?token={token}").status == 303


def test_a_portal_session_opens_no_console_page(house: House) -> None:
    cookie = house.sign_in("portal", "p_1").replace("genom_portal=", "genom_console=")

    assert house.browse("/people", cookie=cookie).status == 303


@pytest.mark.parametrize(("language", "word"), [("en", "one-time link"), ("de", "Einmal-Link")])
def test_the_door_says_how_to_come_in(house: House, language: str, word: str) -> None:
    answer = house.browse("/login", language=language)

    assert answer.status == 200
    assert word in answer.body.decode()
    assert f'<html lang="{language}"' in answer.body.decode()


def test_log_out_ends_the_session(house: House) -> None:
    cookie = house.sign_in()
    assert house.browse("/nowhere", cookie=cookie).status == 404

    assert house.browse("/logout", {}, cookie=cookie).headers["location"] == "/login"

    assert house.browse("/nowhere", cookie=cookie).status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null", "sec-fetch-site": "cross-site"},  # a sandboxed frame
        {"origin": "null", "sec-fetch-site": ""},  # an old browser says nothing else
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8765"},
    ],
)
def test_a_change_that_another_site_asks_for_is_refused(house: House, headers: dict[str, str]) -> None:
    cookie = house.sign_in()

    assert house.browse("/logout", {}, cookie=cookie, headers=headers).status == 403
    assert house.browse("/nowhere", cookie=cookie).status == 404  # still signed in


def test_a_change_that_does_not_say_where_it_comes_from_is_refused(house: House) -> None:
    answer = house.post("/look", b"theme=dark", key="", headers={"host": "localhost"})

    assert answer.status == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8765", "", "a@127.0.0.1"])
def test_a_foreign_name_is_not_answered(house: House, host: str) -> None:
    assert house.browse("/login", headers={"host": host}).status == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost", "[::1]:8765", "192.168.1.20:8765"])
def test_our_own_names_are_answered(house: House, host: str) -> None:
    assert house.browse("/login", headers={"host": host}).status == 200


@pytest.mark.parametrize("path", ["/login", "/nowhere", "/static/console/x/none.css"])
def test_every_answer_carries_the_policy(house: House, path: str) -> None:
    assert house.browse(path).headers["content-security-policy"] == CSP


def test_language_and_theme_are_kept_and_lead_back(house: House) -> None:
    answer = house.browse("/look?back=%2Fpeople%3Fq%3Dx", {"language": "de", "theme": "dark"})

    assert (answer.status, answer.headers["location"]) == (303, "/people?q=x")
    assert "genom_theme=dark" in answer.headers["set-cookie"]


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/\\evil.example", "%0d%0aset-cookie:x"])
def test_nobody_is_led_elsewhere(house: House, back: str) -> None:
    assert house.browse(f"/look?back={back}", {"language": "de"}).headers["location"] == "/"


def test_a_page_that_is_not_there_says_so_in_words(house: House) -> None:
    answer = house.browse("/nowhere", cookie=house.sign_in(), language="de")

    assert answer.status == 404
    assert "Hier ist nichts" in answer.body.decode()
