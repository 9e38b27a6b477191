"""One-time links and sessions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from genom.app.catalogue import Catalogue
from genom.app.pages.sessions import SESSION_SECONDS, Sessions
from genom.errors import NotPermitted

NOW = 1_772_452_800_000


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    return Catalogue(tmp_path / "c.sqlite")


def test_a_link_signs_in_once(catalogue: Catalogue) -> None:
    sessions = Sessions(catalogue)
    token = sessions.make_link("console", "admin", now=NOW)

    cookie = sessions.redeem("console", token, now=NOW)

    assert sessions.who("console", cookie, now=NOW) == "admin"
    with pytest.raises(NotPermitted):
        sessions.redeem("console", token, now=NOW)


@pytest.mark.parametrize("late", [900_000, 900_001])
def test_a_link_runs_out(catalogue: Catalogue, late: int) -> None:
    sessions = Sessions(catalogue)
    token = sessions.make_link("console", "admin", now=NOW, minutes=15)

    with pytest.raises(NotPermitted):
        sessions.redeem("console", token, now=NOW + late)


def test_a_link_of_one_kind_opens_no_other(catalogue: Catalogue) -> None:
    sessions = Sessions(catalogue)
    token = sessions.make_link("portal", "p_1", now=NOW)

    with pytest.raises(NotPermitted):
        sessions.redeem("console", token, now=NOW)
    cookie = sessions.redeem("portal", token, now=NOW)

    assert sessions.who("portal", cookie, now=NOW) == "p_1"
    assert sessions.who("console", cookie, now=NOW) is None


def test_a_session_outlives_a_restart_and_ends_in_time(catalogue: Catalogue) -> None:
    first = Sessions(catalogue)
    cookie = first.redeem("console", first.make_link("console", "admin", now=NOW), now=NOW)
    end = NOW + SESSION_SECONDS["console"] * 1000

    again = Sessions(catalogue)

    assert again.who("console", cookie, now=end - 1) == "admin"
    assert again.who("console", cookie, now=end) is None


def test_a_session_that_was_ended_stays_ended(catalogue: Catalogue) -> None:
    sessions = Sessions(catalogue)
    cookie = sessions.redeem("console", sessions.make_link("console", "admin", now=NOW), now=NOW)

    sessions.end("console", cookie)

    assert sessions.who("console", cookie, now=NOW) is None
    assert Sessions(catalogue).who("console", cookie, now=NOW) is None


@pytest.mark.parametrize("cookie", [None, "", "x", "x" * 100_000])
def test_nobody_has_an_invented_cookie(catalogue: Catalogue, cookie: str | None) -> None:
    sessions = Sessions(catalogue)

    assert sessions.who("console", cookie, now=NOW) is None
    sessions.end("console", cookie)


def test_no_token_stands_in_the_file(tmp_path: Path) -> None:
    with closing(Catalogue(tmp_path / "c.sqlite")) as catalogue:
        sessions = Sessions(catalogue)
        open_link = sessions.make_link("portal", "p_1", now=NOW)
        used = sessions.make_link("console", "admin", now=NOW)
        cookie = sessions.redeem("console", used, now=NOW)
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as database:
        kept = "\n".join(database.iterdump())

    assert not [secret for secret in (open_link, used, cookie) if secret in kept]
    assert kept.count('INSERT INTO "links"') == 1
    assert kept.count('INSERT INTO "sessions"') == 1


def test_a_console_session_that_nobody_uses_ends(catalogue: Catalogue) -> None:
    sessions = Sessions(catalogue, idle_seconds=3_600)
    cookie = sessions.redeem("console", sessions.make_link("console", "admin", now=NOW), now=NOW)
    hour = 3_600_000

    assert sessions.who("console", cookie, now=NOW) == "admin"
    assert sessions.who("console", cookie, now=NOW + hour) == "admin"
    assert sessions.who("console", cookie, now=NOW + 2 * hour, using=False) == "admin"  # a page that asks by itself
    assert sessions.who("console", cookie, now=NOW + 2 * hour + 1) is None
    assert sessions.who("console", cookie, now=NOW + 2 * hour) is None
    assert Sessions(catalogue, idle_seconds=3_600).who("console", cookie, now=NOW) is None


def test_a_start_begins_the_idle_time_anew_and_people_of_the_portal_have_none(catalogue: Catalogue) -> None:
    sessions = Sessions(catalogue, idle_seconds=60)
    console, portal = (
        sessions.redeem(kind, sessions.make_link(kind, "p_1", now=NOW), now=NOW) for kind in ("console", "portal")
    )

    again = Sessions(catalogue, idle_seconds=60)

    assert again.who("console", console, now=NOW + 600_000) == "p_1"
    assert again.who("console", console, now=NOW + 660_001) is None
    assert again.who("portal", portal, now=NOW + 660_001) == "p_1"
