"""Who gets in: the person, once, for a while; nobody else, by no guess and from no other site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import order
from tests.app.house import DAY, House
from tests.app.portal import PATHS, plain, visit


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.take(order("ada", category="TEA"), order("bob", category="SECRET THING"))
        yield house


def test_a_link_opens_the_pages_and_its_cookie_is_for_them_alone(house: House) -> None:
    link = house.post("/v1/portal-links", {"type": "user_id", "value": "ada"}).told
    entered = house.browse(link["url"])

    assert link["expires_seconds"] == 900
    kept = entered.headers["set-cookie"]
    assert kept.startswith("genom_portal=")
    assert {"HttpOnly", "Path=/me", "SameSite=lax"} <= set(kept.split("; "))
    assert "What we know" in visit(house, "ada").text()


@pytest.mark.parametrize(
    ("to", "page"), [("why", "/me/why"), ("choices", "/me/choices"), ("", "/me"), ("../people", "/me"), ("/x", "/me")]
)
def test_a_link_can_name_the_page_that_it_opens_and_none_elsewhere(house: House, to: str, page: str) -> None:
    link = house.post("/v1/portal-links", {"type": "user_id", "value": "ada"}).told["url"]

    entered = house.browse(f"{link}&to={to}")

    assert (entered.status, entered.headers["location"]) == (303, page)


def test_who_makes_a_link_is_on_record_whoever_opens_it(house: House) -> None:
    """Whoever has the link reads as the person: the key that asked for it stands for that."""
    house.post("/v1/portal-links", {"type": "user_id", "value": "ada"}).told  # noqa: B018
    house.post("/v1/console-links", {}).told  # noqa: B018

    rows = house.get("/v1/audit?limit=50").told["rows"]

    made = {row["action"]: (row["who"], row["name"]) for row in rows if row["action"].endswith("link_made")}
    assert made == {
        "person.link_made": ("key:first", house.person("ada")),
        "console.link_made": ("key:first", "admin"),
    }


def test_a_link_works_once_and_explains_itself_afterwards(house: House) -> None:
    link = house.post("/v1/portal-links", {"type": "user_id", "value": "ada"}).told["url"]
    house.browse(link)

    again = house.browse(link, language="de")

    assert again.status == 401
    assert "Dieser Link gilt nicht mehr" in plain(again.body.decode())
    assert "set-cookie" not in again.headers


def test_who_is_in_already_is_not_put_out_by_an_old_link(house: House) -> None:
    link = house.post("/v1/portal-links", {"type": "user_id", "value": "ada"}).told["url"]
    cookie = house.browse(link).headers["set-cookie"].partition(";")[0]

    assert house.browse(link, cookie=cookie).headers["location"] == "/me"


def test_a_scanner_that_asks_for_the_head_of_a_link_does_not_use_it_up(house: House) -> None:
    link = house.post("/v1/portal-links", {"type": "user_id", "value": "ada"}).told["url"]

    house.run(house.ask("HEAD", link, key="", headers={"host": "127.0.0.1:8765"}))

    assert house.browse(link).status == 303


def test_a_link_expires(house: House) -> None:
    link = house.post("/v1/portal-links", {"type": "user_id", "value": "ada"}).told["url"]
    house.clock.now += 15 * 60_000 + 1

    assert house.browse(link).status == 401


def test_a_session_ends_after_a_day_and_by_the_button(house: House) -> None:
    ada, again = visit(house, "ada"), visit(house, "ada")

    left = ada.press("/me/leave")

    assert left.headers["location"] == "/me/left"
    assert house.browse("/me", cookie=ada.cookie).status == 401
    assert again.text()
    house.clock.now += DAY + 1
    assert house.browse("/me", cookie=again.cookie).status == 401


@pytest.mark.parametrize("path", PATHS)
def test_without_a_session_no_page_says_anything_of_anybody(house: House, path: str) -> None:
    answer = house.browse(path)

    assert answer.status == 401
    assert "SECRET" not in answer.body.decode().upper()
    assert "Please come in through the shop" in plain(answer.body.decode())


def test_a_session_shows_its_own_person_whatever_else_the_request_names(house: House) -> None:
    ada = visit(house, "ada")
    bob = house.person("bob")

    for path in PATHS:
        for query in (f"?person={bob}", "?user_id=bob", f"?subject={bob}#{bob}"):
            told = ada.text(f"{path}{query}")
            assert "Secret thing" not in told or path == "/me/tell"  # there the catalogue's categories are listed
    assert house.browse(f"/me/{bob}", cookie=ada.cookie).status == 404


@pytest.mark.parametrize("guess", ["", "x", "0" * 43, "genom", "../..", "%00", "é" * 40, "a" * 5_000])
def test_no_guess_is_a_session_or_a_link(house: House, guess: str) -> None:
    assert house.browse("/me", cookie=f"genom_portal={guess.encode('ascii', 'ignore').decode()}").status == 401
    assert house.browse(f"/me/enter?token={guess.encode('ascii', 'ignore').decode()}").status == 401


def test_a_console_session_is_no_portal_session_and_the_other_way_round(house: House) -> None:
    console = house.sign_in("console").partition("=")[2]
    ada = visit(house, "ada").cookie.partition("=")[2]

    assert house.browse("/me", cookie=f"genom_portal={console}").status == 401
    assert house.browse("/people", cookie=f"genom_console={ada}").status == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": "null"},
        {"sec-fetch-site": "", "origin": "null"},
    ],
)
def test_no_other_site_can_turn_a_switch(house: House, headers: dict[str, str]) -> None:
    ada = visit(house, "ada")

    answer = house.browse("/me/choices", {"purpose": "email", "on": "yes"}, cookie=ada.cookie, headers=headers)

    assert answer.status == 403
    assert "nothing was changed" in plain(answer.body.decode())
    assert "purpose-email" in ada.get("/me/choices")
    assert list(house.node.ledger.replay()) == []


def test_a_form_of_the_page_itself_is_taken_as_browsers_send_it(house: House) -> None:
    """Under the policy that sends no referrer, Chromium says `Origin: null` for a form of the same page."""
    ada, headers = visit(house, "ada"), {"sec-fetch-site": "same-origin", "origin": "null"}

    answer = house.browse("/me/choices", {"purpose": "email", "on": "yes"}, cookie=ada.cookie, headers=headers)

    assert answer.status == 303
    assert [entry.purpose for entry in house.node.ledger.replay()] == ["email"]


def test_another_host_name_is_not_answered(house: House) -> None:
    assert house.browse("/me", headers={"host": "evil.example"}).status == 400


def test_links_are_made_for_server_keys_and_for_people_only(house: House) -> None:
    asked = {"type": "user_id", "value": "ada"}

    assert house.post("/v1/portal-links", asked, key=house.write_key).status in {401, 403}
    assert house.post("/v1/portal-links", asked, key="").status == 401
    assert house.post("/v1/portal-links", asked | {"value": "nobody"}).status == 404
    assert house.post("/v1/portal-links", {"type": "person", "value": house.person("ada")}).status == 200
    assert house.post("/v1/portal-links", {"type": "person", "value": "guessed"}).status == 404
    assert house.post("/v1/portal-links", {"type": "user_id"}).status == 400


def test_a_browsers_id_opens_no_account(house: House) -> None:
    house.take(order("ada", category="TEA") | {"userId": None, "anonymousId": "browser-1"})
    assert visit(house, "browser-1", kind="anonymous_id").text()
    house.take(order("ada", category="TEA") | {"anonymousId": "browser-1"})
    assert house.person("ada") == house.person("browser-1", "anonymous_id")

    for kind in ("anonymous_id", "anonymousId"):
        answer = house.post("/v1/portal-links", {"type": kind, "value": "browser-1"})
        told = json.loads(answer.body)
        assert (answer.status, told["code"]) == (403, "portal.log-in")
        assert "log in" in told["fix"]
    assert "TEA" in visit(house, "ada").text()


def test_a_merged_id_leads_to_the_person_and_one_of_nobody_says_so(house: House) -> None:
    house.take(order("a-browser", category="TEA"))
    browser = visit(house, "a-browser", kind="anonymous_id")
    house.take(order("ada", category="TEA") | {"anonymousId": "a-browser"})
    gone = house.sign_in("portal", house.node.public.name(499))

    assert "TEA" in browser.text()
    assert house.browse("/me", cookie=gone).status == 410
    assert "nothing about you here any more" in plain(house.browse("/me/tell", cookie=gone).body.decode())


def test_language_and_theme_are_kept_and_lead_back_to_pages_of_the_portal_only(house: House) -> None:
    ada = visit(house, "ada")

    back = ada.press("/me/look", language="de", back="/me/why")

    assert back.headers["location"] == "/me/why"
    assert "genom_theme=system" in back.headers["set-cookie"]
    for other in ("https://evil.example", "//evil.example", "/people", ""):
        assert ada.press("/me/look", theme="dark", back=other).headers["location"] == "/me"
