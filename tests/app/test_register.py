"""Every file of a data directory belongs to a holder of personal data, or is told to hold none; each holder keeps its
promises."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import msgspec
import pytest

from genom.app.holders import NOT_PERSONAL, subject_of_identifier, subject_of_person
from genom.privacy import Holder, Subject
from tests.app.destination_house import MAIL, Recipient, deliver, name_recipients
from tests.app.destination_house import define as define_destinations
from tests.app.events import identify, order, track
from tests.app.house import House
from tests.app.portal import visit
from tests.app.segment_house import ORDERS, define

HOLDERS = (
    "outcomes", "models", "consents", "genome", "segments", "keys", "journal", "vault", "rejected", "destinations",
    "requests", "catalogue",
)  # fmt: skip


def lived(house: House) -> None:
    """Something of u1 and of u2 everywhere that a house can have something."""
    for user in ("u1", "u2"):
        house.consent(user, "personalise_onsite", granted=True)
        house.consent(user, "recommend", granted=True)
        house.serve(order(user), identify(user, f"a-{user}", email=f"{user}@mail.example"), track("Seen", user))
        house.decide(user)
        visit(house, user)
        asked = {"type": "user_id", "value": user, "kind": "access"}
        assert house.post("/v1/requests", asked).status == 200
        assert house.send({"type": "track", "userId": user, "properties": "no object"}).told["rejected"]
        house.get(f"/v1/people/{house.person(user)}/events")
    define(house, {"gene": ORDERS, "is": ">=", "value": 1})
    for user in ("u1", "u2"):
        house.consent(user, "email", granted=True)
    define_destinations(house, MAIL)
    deliver(house, Recipient())
    house.app.looks.write()
    house.write_state()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    name_recipients(tmp_path / "d", email=["Mailer Ltd"])
    with House(tmp_path / "d", segment_floor=1) as house:
        lived(house)
        yield house


def holders(house: House) -> dict[str, Holder]:
    return {holder.name: holder for holder in house.app.erasing.holders}


def subject(house: House, user: str) -> Subject:
    world = house.node.world
    return subject_of_person(house.node, world.people.person(world.profiles.find("user_id", user)))


def unowned(house: House) -> list[str]:
    patterns = [*NOT_PERSONAL, *(pattern for holder in holders(house).values() for pattern in holder.files)]
    files = [str(path.relative_to(house.path)) for path in house.path.rglob("*") if path.is_file()]
    assert len(files) > 15
    return [name for name in files if not any(fnmatchcase(name, pattern) for pattern in patterns)]


def test_no_file_is_without_somebody_who_answers_for_it(house: House) -> None:
    assert unowned(house) == []
    house.restart()
    assert unowned(house) == []


def test_a_file_that_nobody_answers_for_is_found(house: House) -> None:
    (house.path / "exports").mkdir()
    (house.path / "exports" / "people.csv").write_text("u1", "utf-8")

    assert unowned(house) == ["exports/people.csv"]


def test_the_contract_names_every_holder(house: House) -> None:
    assert tuple(holders(house)) == HOLDERS


def test_counting_and_exporting_change_nothing_and_tell_of_nobody_else(house: House) -> None:
    mine, other = subject(house, "u1"), subject(house, "u2")
    for name, holder in holders(house).items():
        first = holder.count(mine)

        exported: list[Any] = list(holder.export(mine))

        assert holder.count(mine) == first, name
        text = msgspec.json.encode(exported).decode()
        assert not [one for one in (*other.public, "u2@mail.example", '"u2"') if one in text], name


def test_what_is_found_is_what_is_counted_and_says_nothing_of_its_content(house: House) -> None:
    mine = subject(house, "u1")
    for name, holder in holders(house).items():
        found = list(holder.find(mine))

        assert sum(one.records for one in found) == holder.count(mine).records, name
        assert all(one.records > 0 for one in found), name
        assert len({one.what for one in found}) == len(found), name
        text = msgspec.json.encode(found).decode()
        assert not [one for one in (*mine.public, *mine.tokens, "u1@mail.example", "u1") if one in text], name


def test_an_identifier_finds_its_person_whatever_it_is(house: House) -> None:
    by = {
        kind: {
            name: list(one.find(subject_of_identifier(house.node, kind, value))) for name, one in holders(house).items()
        }
        for kind, value in (("user_id", "u1"), ("email", "U1@mail.example"), ("person", house.person("u1")))
    }

    assert by["user_id"] == by["email"] == by["person"]
    assert by["user_id"] == {name: list(one.find(subject(house, "u1"))) for name, one in holders(house).items()}


def test_of_an_identifier_that_names_nobody_only_what_stands_under_it_is_found(house: House) -> None:
    house.send({"type": "track", "userId": "stranger", "properties": "no object"})
    for value, expected in (("stranger", {"rejected": [("rejected event", 1)]}), ("nobody", {})):
        nobody = subject_of_identifier(house.node, "user_id", value)
        found = {
            name: [(one.what, one.records) for one in holder.find(nobody)] for name, holder in holders(house).items()
        }

        assert {name: of for name, of in found.items() if of} == expected
        assert all(
            holder.count(nobody).records == sum(n for _, n in found[name]) for name, holder in holders(house).items()
        )


def test_each_holder_lets_go_of_one_person_alone_and_again_without_harm(house: House) -> None:
    mine, other = subject(house, "u1"), subject(house, "u2")
    before = {one.name: one.count(other) for one in holders(house).values()}
    house.run(house.app.erasing.erase(mine, who="cli", reason=""))
    house.run(house.app.erasing.finish())

    for name, holder in holders(house).items():
        assert holder.count(mine).records == 0, name
        assert list(holder.find(mine)) == [], name
        assert list(holder.export(mine)) == [], name
        for _ in range(2):
            holder.drop(mine)
            holder.erase(mine)
        assert {one.name: one.count(other) for one in holders(house).values()} == before, name
    assert house.orders("u2") == 1
    assert house.verify().equal


def test_everybody_but_two_has_something_of_somebody_who_lived(house: House) -> None:
    counts = {name: holder.count(subject(house, "u1")).records for name, holder in holders(house).items()}

    assert {name for name, records in counts.items() if not records} <= {"models", "outcomes"}, counts
