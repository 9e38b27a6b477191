"""Masked values in full: never without a reason, never without one row of the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app import audit
from tests.app.house import Answer, House

SECRETS = ("ada@example.org", "Lovelace", "+49301234567", "9000017<", "C-204118<", "device-77-of-ada")
ADA = {
    "type": "identify",
    "userId": "C-204118",
    "anonymousId": "device-77-of-ada",
    "traits": {"email": "ada@example.org", "name": "Ada Lovelace", "phone": "+49301234567"},
    "context": {"externalIds": [{"type": "card", "id": "9000017"}]},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as built:
        built.serve(ADA)
        yield built


def path(house: House) -> str:
    return f"/people/{house.person('C-204118')}/reveal"


def ask(house: House, language: str = "en", **form: str) -> Answer:
    return house.browse(path(house), form, cookie=house.sign_in(subject="ada"), language=language)


def rows(house: House) -> list[audit.Row]:
    return audit.rows(house.node.catalogue)


def named(answer: Answer) -> list[str]:
    return [secret for secret in SECRETS if secret in answer.body.decode()]


def test_no_value_is_in_the_pages_before_a_reason_is_given(house: House) -> None:
    cookie = house.sign_in()
    public = house.person("C-204118")

    for page in ("/people", f"/people/{public}", f"/people/{public}/identity", path(house)):
        answer = house.browse(page, cookie=cookie)

        assert answer.status == 200
        assert named(answer) == []
        if page != f"/people/{public}/identity":
            assert "Show" in answer.body.decode()
    assert rows(house) == []


def test_a_reason_shows_the_value_and_writes_one_row(house: House) -> None:
    answer = ask(house, kind="email", reason="complaint 4711")

    assert answer.status == 200
    assert answer.headers["cache-control"] == "no-store"
    assert named(answer) == ["ada@example.org"]
    (row,) = rows(house)
    assert (row.who, row.action, row.name) == ("console:ada", "person.revealed", house.person("C-204118"))
    assert (row.reason, row.details, row.at) == ("complaint 4711", {"values": ["email"]}, house.clock.now)


def test_all_values_are_one_look_and_one_row(house: House) -> None:
    answer = ask(house, kind="all", reason="letter")

    assert named(answer) == list(SECRETS)
    assert [row.details for row in rows(house)] == [
        {"values": ["name", "email", "phone", "user_id", "card", "anonymous_id"]}
    ]


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_without_a_reason_nothing_is_shown_and_the_field_says_so(house: House, reason: str) -> None:
    answer = ask(house, kind="phone", reason=reason)
    html = answer.body.decode()

    assert answer.status == 400
    assert named(answer) == []
    assert "Say why you need the value." in html
    assert 'aria-invalid="true"' in html
    assert '<option value="phone" selected>' in html
    assert rows(house) == []


def test_a_reason_that_is_too_long_is_kept_and_refused(house: House) -> None:
    answer = ask(house, "de", kind="email", reason="ä" * 501)

    assert answer.status == 400
    assert "Sagen Sie es in höchstens 500 Zeichen." in answer.body.decode()
    assert "ä" * 501 in answer.body.decode()
    assert rows(house) == []


@pytest.mark.parametrize("kind", ["", "address", "password"])
def test_a_value_that_nobody_has_is_told_at_its_field_and_the_reason_is_kept(house: House, kind: str) -> None:
    answer = ask(house, kind=kind, reason="letter 12")

    assert answer.status == 400
    assert "Choose which value you need." in answer.body.decode()
    assert "letter 12" in answer.body.decode()
    assert rows(house) == []


def test_what_the_log_cannot_write_is_not_shown(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(audit, "append", full)

    answer = ask(house, kind="all", reason="letter")

    assert answer.status == 500
    assert named(answer) == []


def test_nobody_without_a_session_and_no_other_site_is_shown_a_value(house: House) -> None:
    form = {"kind": "all", "reason": "curious"}

    outside = house.browse(path(house), form)
    elsewhere = house.browse(path(house), form, cookie=house.sign_in(), headers={"sec-fetch-site": "cross-site"})

    assert (outside.status, elsewhere.status) == (401, 403)
    assert named(outside) == named(elsewhere) == []
    assert rows(house) == []


def test_an_unknown_person_is_not_found(house: House) -> None:
    assert house.browse("/people/nobody/reveal", cookie=house.sign_in()).status == 404


def test_the_log_holds_no_value_of_a_person(house: House) -> None:
    ask(house, kind="all", reason="letter")

    shown = house.browse("/audit", cookie=house.sign_in())

    assert named(shown) == []
    assert "letter" in shown.body.decode()
