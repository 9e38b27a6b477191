"""A split and its undoing: the same person as before, once, and never somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.app import audit
from tests.app.events import Event, identify, order
from tests.app.house import DAY, House
from tests.app.test_laws import BROWSERS, PURPOSES, USERS, events, links, scratch, seen, shop

DEVICE = ("a-1", "anonymous_id")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("a-1"), order("a-2"), order("u2"), identify("u1", "a-1"), identify("u1", "a-2"))
        yield house


def undo(house: House, value: str, kind: str = "user_id", status: int = 200) -> Any:
    answer = house.post("/v1/people:undo-unlink", {"type": kind, "value": value})
    assert answer.status == status, answer.body
    return answer.json


def one_person(house: House, *devices: str, user: str = "u1") -> bool:
    return all(house.person(device, "anonymous_id") == house.person(user) for device in devices)


def deeds(house: House) -> list[str]:
    return [row.action for row in audit.rows(house.node.catalogue)][::-1]


@settings(max_examples=15)
@given(before=st.lists(events, max_size=15), data=st.data())
def test_link_split_undo_leaves_the_genome_as_it_was(before: list[Event], data: st.DataObject) -> None:
    made = data.draw(st.lists(links, min_size=1, max_size=4))
    split = data.draw(st.sampled_from([("user_id", made[0]["userId"]), ("anonymous_id", made[0]["anonymousId"])]))

    with scratch() as here, shop(here) as house:
        house.serve(*before)
        house.serve(*made)
        house.restart()
        known = {name: {p: seen(house, name)[p].state() for p in PURPOSES} for name in USERS + BROWSERS}
        house.unlink(split[1], split[0])
        undo(house, split[1], split[0])

        for name, by_purpose in known.items():
            for purpose, was in by_purpose.items():
                now = seen(house, name)[purpose].state()
                assert (now.integers == was.integers).all()
                assert now.decayed == pytest.approx(was.decayed, rel=2e-5, abs=1e-6)
                assert now.rings == was.rings
        assert house.verify().differences == []
        house.restart()
        assert house.verify().differences == []


def test_a_split_is_undone_with_all_the_links_that_it_ended(house: House) -> None:
    assert len(house.unlink("u1")) == 3

    person = undo(house, "u1")["person"]

    assert person == house.person("u1")
    assert one_person(house, "a-1", "a-2")
    assert house.orders("u1") == 3
    house.restart()
    assert one_person(house, "a-1", "a-2")
    assert house.orders("u1") == 3


def test_a_split_is_undone_after_a_restart(house: House) -> None:
    house.unlink(*DEVICE)
    house.write_state()
    house.restart()

    undo(house, *DEVICE)

    assert one_person(house, "a-1", "a-2")
    assert house.verify().differences == []


def test_a_split_is_undone_once_and_a_new_split_once_more(house: House) -> None:
    house.unlink(*DEVICE)
    undo(house, *DEVICE)

    assert undo(house, *DEVICE, status=400)["code"] == "identity.no-split"
    house.unlink(*DEVICE)
    undo(house, *DEVICE)
    assert one_person(house, "a-1")


def test_who_was_never_split_has_nothing_to_undo(house: House) -> None:
    assert house.unlink("u2") == []

    undo(house, "u2", status=400)
    undo(house, "u1", status=400)


def test_after_a_new_sign_in_there_is_nothing_to_undo(house: House) -> None:
    house.unlink(*DEVICE)
    house.serve(identify("u1", "a-1"))

    undo(house, *DEVICE, status=400)
    assert one_person(house, "a-1", "a-2")


def test_a_new_device_of_the_person_is_no_hindrance(house: House) -> None:
    house.unlink(*DEVICE)
    house.serve(identify("u1", "a-9"))

    undo(house, *DEVICE)

    assert one_person(house, "a-1", "a-2", "a-9")


@pytest.mark.parametrize("taken", ["a-1", "a-2"])
def test_an_undone_split_never_joins_somebody_who_came_in_since(house: House, taken: str) -> None:
    house.unlink("u1")
    house.serve(identify("u2", taken))

    undo(house, "u1", status=400)

    assert not one_person(house, taken)
    assert one_person(house, taken, user="u2")


def test_the_later_split_of_the_other_side_is_the_last_word(house: House) -> None:
    house.unlink(*DEVICE)
    house.unlink("u1")

    undo(house, *DEVICE, status=400)
    undo(house, "u1")

    assert one_person(house, "a-2")
    assert not one_person(house, "a-1")


def test_two_splits_of_one_person_are_undone_in_any_order(house: House) -> None:
    for device in ("a-1", "a-2"):
        house.unlink(device, "anonymous_id")
    for device in ("a-1", "a-2"):
        undo(house, device, "anonymous_id")

    assert one_person(house, "a-1", "a-2")
    assert house.orders("u1") == 3


def test_a_split_that_an_older_genom_wrote_cannot_be_undone(house: House) -> None:
    profile = house.node.world.profiles.find("anonymous_id", "a-1")

    async def as_before() -> None:
        house.node.world.people.unlink(profile)
        await house.committer.submit_facts(lambda: house.node.pipeline.stage_facts(unlink=(profile, b"")))

    house.run(as_before())

    undo(house, *DEVICE, status=400)


def test_split_and_undoing_are_on_record(house: House) -> None:
    person = house.person("u1")
    house.unlink(*DEVICE)
    house.clock.now += DAY
    undo(house, *DEVICE)
    undo(house, *DEVICE, status=400)

    split, undone = audit.rows(house.node.catalogue)[::-1]
    assert deeds(house) == ["person.split", "person.rejoined"]
    assert [row.who for row in (split, undone)] == ["key:first", "key:first"]
    assert [row.name for row in (split, undone)] == [person, person]
    assert split.details == undone.details == {"profile": device(house)}


def device(house: House) -> str:
    """Public id of the profile that is split off."""
    return house.node.public.name(house.node.world.profiles.find("anonymous_id", "a-1"))


def page(house: House, path: str, language: str = "en") -> str:
    answer = house.browse(path, cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:500]
    return answer.body.decode()


def test_the_identity_page_splits_and_undoes(house: House) -> None:
    person, cookie = house.person("u1"), house.sign_in(subject="ada")
    path = f"/people/{person}/identity"

    split = house.browse(path, {"profile": device(house)}, cookie=cookie)
    parted = page(house, split.headers["location"], "de")
    assert split.status == 303
    assert "Trennung rückgängig machen" in parted
    assert f'action="/people/{person}/identity/rejoin"' in parted
    assert "Undo the split" in page(house, f"/people/{house.person(*DEVICE)}/identity")

    undone = house.browse(f"{path}/rejoin", {"profile": device(house)}, cookie=cookie)
    shown = page(house, undone.headers["location"])
    assert "One person again" in shown
    assert "3 profiles are one person" in shown
    assert "a split was undone" in shown
    assert "Undo the split" not in shown
    assert [row.who for row in audit.rows(house.node.catalogue)] == ["console:ada"] * 2


def test_undoing_twice_in_two_windows_is_told_in_words(house: House) -> None:
    person, cookie = house.person("u1"), house.sign_in()
    house.unlink(*DEVICE)
    path = f"/people/{person}/identity/rejoin"

    first, second = (house.browse(path, {"profile": device(house)}, cookie=cookie) for _ in range(2))

    assert (first.status, second.status) == (303, 400)
    assert house.browse(path, {"profile": "nobody"}, cookie=cookie).status == 404
    assert house.browse(path, {}, cookie=cookie).status == 404
