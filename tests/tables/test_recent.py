"""What came last is remembered, whatever came before; what had to go too early is counted."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.tables import Recent
from genom.tables.probing import Keys
from genom.tables.table import Slots

DAY = 20_000
batches = st.lists(st.lists(st.integers(1, 400), max_size=60), max_size=20)


def keys_of(numbers: Iterable[int]) -> Keys:
    return np.array([(n, n) for n in numbers], np.uint64).reshape(-1, 2)


def sure(most: int) -> int:
    """Of how many of the newest keys it is certain that they are remembered."""
    return most - 6 * -(-most // 240)


@given(batches=batches)
def test_a_key_is_new_once_while_there_is_room(batches: list[list[int]]) -> None:
    memory, known = Recent(1_000, days=30, entries=1), set[int]()

    for batch in batches:
        expected = []
        for n in batch:
            expected.append(n in known)
            known.add(n)
        assert memory.seen(keys_of(batch), day=DAY).tolist() == expected
    assert len(memory) == len(known)
    assert (memory.forgotten, memory.early) == (0, 0)


@given(batches=batches, most=st.integers(8, 300))
def test_the_newest_are_remembered_and_the_oldest_go(batches: list[list[int]], most: int) -> None:
    memory, came = Recent(most, days=30, entries=1), list[int]()

    for day, batch in enumerate(batches, DAY):
        seen = memory.seen(keys_of(batch), day=day).tolist()
        came += [n for n, was_there in zip(batch, seen, strict=True) if not was_there]
        assert len(memory) <= most
    held = {int(low) for low, _ in memory.dump()["keys"].tolist()}

    assert len(memory) == len(held)
    assert memory.forgotten == len(came) - len(held)
    assert held >= set(came[-sure(most) :]), "the newest"
    assert memory.seen(keys_of(held), day=DAY).all()


@given(batches=batches, undone=st.sets(st.integers(0, 19)), most=st.integers(8, 300))
def test_what_is_taken_back_is_new_again(batches: list[list[int]], undone: set[int], most: int) -> None:
    memory = Recent(most, days=30, entries=1)

    for number, batch in enumerate(batches):
        new = keys_of(dict.fromkeys(n for n in batch))
        new = new[~memory.seen(new, day=DAY)]
        if number in undone and len(new) <= sure(most):
            before = len(memory)
            memory.forget(new)
            assert before - len(memory) == len(new)
            assert not memory.seen(new[-1:], day=DAY).any()
    assert len(memory) <= most


@given(batches=batches, most=st.integers(8, 300), later=batches)
def test_a_loaded_dump_goes_on_as_if_nothing_had_happened(
    batches: list[list[int]], most: int, later: list[list[int]]
) -> None:
    memory, other = Recent(most, days=30), Recent(most, days=30)
    for batch in batches:
        memory.seen(keys_of(batch), day=DAY)

    other.load(memory.dump())

    assert len(other) == len(memory)
    came = [int(low) for low, _ in memory.dump()["keys"].tolist()]
    assert other.seen(keys_of(came), day=DAY).all()
    for batch in later:
        each = keys_of(dict.fromkeys(batch))
        new = each[~other.seen(each, day=DAY)]  # whoever was known already stays as old as before
        assert other.seen(new[-sure(most) :], day=DAY).all()
        assert len(other) <= most


def test_whoever_goes_too_early_is_counted() -> None:
    memory = Recent(240, days=30)
    memory.seen(keys_of(range(1, 201)), day=DAY)
    memory.seen(keys_of(range(201, 237)), day=DAY + 29)  # nearly full
    assert (memory.forgotten, memory.early) == (0, 0)

    memory.seen(keys_of(range(237, 341)), day=DAY + 30)  # the first ones came 30 days before
    assert memory.forgotten > 90
    assert memory.early == 0
    memory.seen(keys_of(range(341, 600)), day=DAY + 40)

    assert memory.forgotten == 599 - len(memory)
    assert memory.early == memory.forgotten - 200


def test_a_smaller_memory_takes_the_newest() -> None:
    memory, other = Recent(1_000, days=30), Recent(100, days=30)
    for number in range(40):
        memory.seen(keys_of(range(10 * number + 1, 10 * number + 11)), day=DAY + number)

    other.load(memory.dump())

    assert len(other) <= 100
    assert other.forgotten == 400 - len(other)
    assert other.early == other.forgotten - 100  # those of the first ten days were old enough
    assert other.seen(keys_of(range(401 - sure(100), 401)), day=DAY + 40).all()


def test_a_dump_is_loaded_into_slots_that_are_wide_enough_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, other = Recent(100_000, days=30), Recent(100_000, days=30)
    memory.seen(keys_of(range(60_000)), day=DAY)
    dump = memory.dump()

    def grow(_: object) -> None:
        raise AssertionError("keys in the order of their slots crowd into a table that grows: a start took minutes")

    monkeypatch.setattr(Slots, "grow", grow)
    other.load(dump)

    assert len(other) == len(memory) == 60_000
    assert other.seen(keys_of(range(60_000)), day=DAY).all()


def test_what_one_lacks_of_the_others_last_days_is_counted() -> None:
    memory, other = Recent(1_000, days=30), Recent(1_000, days=30)
    memory.seen(keys_of(range(1, 11)), day=DAY)
    for number in range(1, 101):  # a portion has ten keys at least, so these are in others
        memory.seen(keys_of([1_000 + number]), day=DAY + 50)
    other.seen(keys_of(range(1_001, 1_096)), day=DAY + 50)

    assert memory.lacks(other, days=30) == 0
    assert other.lacks(memory, days=30) == 5
    assert other.lacks(memory, days=60) == 15


def test_fifty_million_take_at_most_a_billion_two_hundred_million_bytes() -> None:
    assert Slots(50_000_000, values=None).bits == 26
    assert (1 << 26) * (16 + np.dtype(np.uint8).itemsize) <= 1_200_000_000
    assert (1 << 26) * 3 // 4 >= 50_000_000
