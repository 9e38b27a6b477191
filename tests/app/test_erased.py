"""A person who is erased from memory and journal: nobody else notices, and the two go on telling the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import numpy as np
import pytest

from genom.app.snapshot import forget_in_states
from tests.app.events import Event, identify, order, view, when
from tests.app.house import START, House

OTHERS = ("u2", "u3", "a-2")


def erase(house: House, user: str) -> tuple[int, ...]:
    """What an erasure does to the two; returns the profiles."""
    node = house.node
    person = node.world.people.person(node.world.profiles.find("user_id", user))
    members = node.world.forget(person, node.journal, now=house.clock.now)
    node.journal.write_held(now=house.clock.now)
    node.journal.erase(members)
    return members


def story(seed: int) -> list[Event]:
    """What happened to a few people, minute by minute; `u1` is also the browser `a-1`."""
    chance, told = Random(seed), [order("u2"), order("u3", category="MILK"), view("a-2", "MILK")]
    for _ in range(40):
        who, category = chance.choice(("u1", "a-1", *OTHERS)), chance.choice(("TEA", "MILK"))
        told.append(
            order(who, chance.randint(1, 9), category=category) if chance.random() < 0.5 else view(who, category)
        )
    told.insert(chance.randint(3, 40), identify("u1", "a-1"))
    told.insert(chance.randint(3, 40), identify("u2", "a-2"))
    return [event | when(START - 60_000 * (len(told) - n)) for n, event in enumerate(told)]


def named(event: Event) -> str:
    return str(event.get("userId") or event["anonymousId"])


def genomes(house: House) -> dict[str, Any]:
    kinds = {"a": "anonymous_id", "u": "user_id"}
    return {who: house.genome(who, kind=kinds[who[0]]) for who in OTHERS}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


@pytest.mark.parametrize("seed", range(5))
def test_for_all_others_it_is_as_if_the_person_had_never_been(tmp_path: Path, seed: int) -> None:
    events = story(seed)
    with House(tmp_path / "with"):
        pass  # both have the same keys, so the same hashes
    copytree(tmp_path / "with", tmp_path / "without")
    with House(tmp_path / "with") as full, House(tmp_path / "without") as never:
        full.serve(*events)
        erase(full, "u1")
        never.serve(*(event for event in events if named(event) not in {"u1", "a-1"}))

        assert genomes(full) == genomes(never)
        mine, theirs = (one.node.world.matrix.popularity(one.clock.now) for one in (full, never))
        assert mine == pytest.approx(theirs, rel=1e-9, abs=1e-9)
        assert full.node.world.counts == never.node.world.counts


def test_memory_and_a_refold_of_the_erased_journal_are_equal(house: House) -> None:
    house.serve(*story(7), order("c-1"))
    erase(house, "u1")

    report = house.verify()

    assert report.equal, report.differences
    assert house.verify(house.write_state()).equal


@pytest.mark.parametrize("with_state", [True, False])
def test_an_identifier_that_comes_again_is_somebody_new_and_no_number_is_given_twice(
    house: House, with_state: bool
) -> None:
    house.serve(order("u2"), order("u1"), identify("u1", "a-1"))
    given = house.node.world.profiles.count
    erase(house, "u1")
    if with_state:
        house.write_state()
    house.restart()

    assert house.node.world.profiles.find("user_id", "u1") == 0
    assert house.node.world.profiles.count == given
    house.serve(order("u1", 5.0))

    assert house.node.world.profiles.find("user_id", "u1") == given + 1
    assert house.orders("u1") == 1
    assert house.orders("u2") == 1
    assert house.verify().equal


def test_an_erased_person_is_left_in_no_row_of_the_journal(house: House) -> None:
    house.serve(*story(3))
    house.decide("u1")

    members = erase(house, "u1")

    assert len(members) == 2
    assert len(house.node.journal.rows_of(members).rows) == 0
    left = [int(number) for block in house.node.journal.blocks() for number in block.rows["profile"]]
    assert sorted(number for number in left if number in members) == sorted(members)  # of each the number alone


@pytest.mark.parametrize("damaged", [True, False])
def test_an_older_state_file_does_not_bring_the_person_back(house: House, damaged: bool) -> None:
    house.serve(*story(4))
    state = house.write_state()
    kept = genomes(house)
    digest = house.node.world.profiles.hash_of(house.node.world.profiles.find("user_id", "u1"))
    needle = digest[0].to_bytes(8, "little") + digest[1].to_bytes(8, "little")
    assert needle in state.read_bytes()
    members = erase(house, "u1")
    if damaged:  # as a crash in the middle leaves it
        content = bytearray(state.read_bytes())
        content[-1] ^= 1
        state.write_bytes(content)
    with state.open("rb") as open_still:
        assert forget_in_states(house.path, members) == 1
        assert needle not in open_still.read()  # what the disk may keep of the file
    assert not state.exists()
    house.restart()

    assert house.node.world.profiles.find("user_id", "u1") == 0
    assert not any(house.node.world.people.partners(profile) for profile in members)
    assert house.node.world.matrix.empty(np.array(members)).all()
    assert genomes(house) == kept
    assert house.verify(house.write_state()).equal
