"""Guessing: no identifier, id or token that somebody tries opens anything, and an answer tells nobody who is here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app.routes import all_routes
from tests.app.events import order
from tests.app.house import Answer, House
from tests.app.portal import visit
from tests.app.test_roles_matrix import key_of

ROLES = ("marketer", "analyst", "ml_engineer")
BY_NAME: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/v1/people:lookup", {}), ("/v1/people:find", {}), ("/v1/consent:state", {}), ("/v1/people:erase", {}),
    ("/v1/portal-links", {}),
    ("/v1/people:unlink", {}), ("/v1/people:undo-unlink", {}), ("/v1/consent/minor", {"minor": True}),
    ("/v1/requests", {"kind": "access"}),
)  # fmt: skip
BY_ID = ("genome?purpose=recommend", "events", "decisions", "segments", "consent")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.consent("ada", "personalise_onsite", granted=True)
        house.consent("ada", "recommend", granted=False)
        house.serve(order("ada", 3.0), order("gone", 4.0))
        yield house


def told(answer: Answer) -> tuple[int, bytes]:
    return answer.status, bytes(answer.body)


def test_a_key_without_the_right_hears_the_same_of_everybody_and_of_nobody(house: House) -> None:
    ids = [house.person("ada"), house.node.public.name(99_999)]
    keys = [house.write_key, "", "made-up", *(key_of(house, role) for role in ROLES)]
    for key in keys:
        for path, more in BY_NAME:
            here, nowhere = (
                told(house.post(path, {"type": "user_id", "value": value} | more, key=key)) for value in ("ada", "eve")
            )
            assert here == nowhere, (path, key)
            assert here[0] in {401, 403}
        for what in BY_ID:
            here, nowhere = (told(house.get(f"/v1/people/{one}/{what}", key=key)) for one in ids)
            assert here == nowhere, (what, key)
            assert here[0] in {401, 403}


def test_a_key_for_purposes_cannot_tell_who_refuses_them_from_nobody(house: House) -> None:
    """Ada permits none of them, one was erased, one was never here."""
    gone = house.person("gone")
    house.post("/v1/people:erase", {"type": "user_id", "value": "gone"}).told  # noqa: B018
    key = key_of(house, "privacy_agent", purposes=["recommend"])
    ids = [house.person("ada"), gone, house.node.public.name(99_999), "nobody"]

    for what in BY_ID:
        answers = {told(house.get(f"/v1/people/{one}/{what}", key=key)) for one in ids}
        assert len(answers) == 1, what
        assert answers.pop()[0] == 404
    looked = {
        told(house.post("/v1/people:lookup", {"type": "user_id", "value": value}, key=key))
        for value in ("ada", "gone", "eve")
    }
    assert len(looked) == 1


def test_a_thousand_guessed_tokens_open_no_page_and_no_person(house: House) -> None:
    person = house.person("ada")
    visit(house, "ada")
    near = [person[:-1] + letter for letter in "abcdefghjkmnpqrstvwxyz0123456789" if person[-1] != letter]

    for _ in range(1_000):
        guess = secrets.token_urlsafe(32)
        assert house.app.sessions.who("portal", guess, now=house.clock.now) is None
    for guess in (secrets.token_urlsafe(32) for _ in range(50)):
        entered = house.browse(f"/me/enter?token={guess}")
        assert entered.status == 401
        assert house.browse("/me/data", cookie=guess).status == 401
    assert all(house.node.public.number(one) is None or not known(house, one) for one in near)


def known(house: House, public: str) -> bool:
    return bool(house.node.world.profiles.exists(house.node.public.number(public) or 0))


NAMES_SOMEBODY = {"type", "value"}
CREATES = {  # whoever they name is known afterwards, and the answer is the same for all
    "/v1/consent", "/v1/consent/region", "/v1/consent/tc", "/v1/consent/google", "/v1/consent/gpp",
}  # fmt: skip


def test_identifiers_cannot_be_tried_in_masses_even_with_the_right(tmp_path: Path) -> None:
    with House(tmp_path / "d", lookups_per_minute=20) as house:
        house.serve(order("ada", 3.0))

        statuses = [
            house.post("/v1/people:lookup", {"type": "user_id", "value": f"guess-{n}"}).status for n in range(25)
        ]

        assert statuses == [404] * 20 + [429] * 5
        for path, more in BY_NAME:
            refused = house.post(path, {"type": "user_id", "value": "ada"} | more)
            assert (refused.status, refused.json["code"]) == (429, "request.too-many"), path
        house.clock.now += 60_000
        assert house.post("/v1/people:lookup", {"type": "user_id", "value": "ada"}).status == 200


def test_whatever_takes_an_identifier_is_among_those_that_are_limited() -> None:
    members = [(route.path, set(getattr(route.takes, "__struct_fields__", ()))) for route in all_routes()]
    takes = {path for path, names in members if names >= NAMES_SOMEBODY}

    assert takes == {"/v1/people:lookup", *CREATES, *(path for path, _ in BY_NAME)}
