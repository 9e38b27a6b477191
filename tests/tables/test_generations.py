from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.tables import Generations
from genom.tables.probing import Keys
from genom.tables.table import Slots

names = st.lists(st.lists(st.integers(1, 60), max_size=30), max_size=10)


def keys_of(numbers: list[int]) -> Keys:
    return np.array([(n, n) for n in numbers], np.uint64).reshape(-1, 2)


@given(batches=names)
def test_a_key_is_new_once_while_there_is_room(batches: list[list[int]]) -> None:
    memory, known = Generations(1_000, entries=1), set[int]()

    for batch in batches:
        expected = []
        for n in batch:
            expected.append(n in known)
            known.add(n)
        assert memory.seen(keys_of(batch)).tolist() == expected
    assert len(memory) == len(known)


@given(batches=names, half=st.integers(1, 20))
def test_the_latest_half_is_always_remembered(batches: list[list[int]], half: int) -> None:
    memory, first_seen = Generations(2 * half), list[int]()

    for batch in batches:
        seen = memory.seen(keys_of(batch)).tolist()
        first_seen += [n for n, was_there in zip(batch, seen, strict=True) if not was_there]
    latest = first_seen[-half:]

    assert memory.seen(keys_of(latest)).all()
    assert len(memory) <= 2 * half
    assert memory.forgotten == len(first_seen) - len(memory)


def test_the_older_half_is_forgotten_when_the_newer_is_full() -> None:
    memory = Generations(4)
    memory.remember(keys_of([1, 2, 3, 4, 5]))

    assert memory.forgotten == 2
    assert memory.seen(keys_of([3, 4, 5, 1])).tolist() == [True, True, True, False]


def test_a_forgotten_key_is_new_again() -> None:
    memory = Generations(4)
    memory.remember(keys_of([1, 2, 3]))  # 1 and 2 are in the older half by now

    memory.forget(keys_of([1, 3]))

    assert memory.seen(keys_of([2, 1, 3])).tolist() == [True, False, False]


def test_a_loaded_dump_forgets_at_the_same_moment() -> None:
    memory, other = Generations(4), Generations(4)
    memory.remember(keys_of([1, 2, 3]))

    other.load(memory.dump())

    for one in (memory, other):
        assert one.seen(keys_of([4, 5, 3, 1])).tolist() == [False, False, True, False]


def test_a_dump_is_loaded_into_slots_that_are_wide_enough_from_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, other = Generations(100_000), Generations(100_000)
    memory.remember(keys_of(range(60_000)))
    dump = memory.dump()

    def grow(_: object) -> None:
        raise AssertionError("keys in the order of their slots crowd into a table that grows: a start took minutes")

    monkeypatch.setattr(Slots, "grow", grow)
    other.load(dump)

    assert len(other) == len(memory) == 60_000
    assert other.seen(keys_of(range(60_000))).all()


def test_a_smaller_memory_takes_what_it_has_room_for() -> None:
    memory, other = Generations(1_000), Generations(100)
    memory.remember(keys_of(range(400)))

    other.load(memory.dump())

    assert (len(other), other.forgotten) == (50, 350)
