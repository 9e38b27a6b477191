from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import Busy
from genom.tables import Table128
from genom.tables.probing import Keys

few_keys = st.tuples(st.integers(0, 3), st.integers(0, 5))  # (0, 0) among them, and clashing homes
steps = st.lists(
    st.tuples(st.sampled_from(["insert", "put", "remove", "find"]), st.lists(few_keys, max_size=40)), max_size=12
)


def keys_of(pairs: list[tuple[int, int]]) -> Keys:
    return np.array(pairs, np.uint64).reshape(-1, 2)


def random_keys(n: int) -> Keys:
    return np.random.default_rng(7).integers(1, 1 << 63, (n, 2), dtype=np.uint64)


def alike(pair: tuple[int, int]) -> tuple[int, int]:
    return (0, 1) if pair == (0, 0) else pair  # documented: (0, 0) marks an empty slot


def oracle_step(known: dict[tuple[int, int], int], step: str, pair: tuple[int, int], value: int) -> int:
    before = known.get(pair, -1)
    if step == "remove":
        known.pop(pair, None)
    elif step == "put" or (step == "insert" and before < 0):
        known[pair] = value
    return before


@given(steps=steps)
def test_table_answers_as_a_dict_does(steps: list[tuple[str, list[tuple[int, int]]]]) -> None:
    table, known = Table128(1, max_entries=1_000), dict[tuple[int, int], int]()

    for number, (step, pairs) in enumerate(steps):
        values = np.arange(len(pairs)) + 100 * number
        before = [oracle_step(known, step, alike(p), int(v)) for p, v in zip(pairs, values, strict=True)]
        keys = keys_of(pairs)
        if step == "remove":
            assert table.remove(keys) == sum(b >= 0 for b in before)
        else:
            got = table.find(keys) if step == "find" else getattr(table, step)(keys, values)
            assert got.tolist() == before
        assert len(table) == len(known)


def test_growing_keeps_every_entry() -> None:
    table, keys = Table128(1, max_entries=100_000), random_keys(50_000)

    table.insert(keys, np.arange(50_000))

    assert (table.find(keys) == np.arange(50_000)).all()
    assert len(table) == 50_000


def test_removing_half_leaves_the_other_half_findable() -> None:
    table, keys = Table128(max_entries=100_000), random_keys(30_000)
    table.insert(keys, np.arange(30_000))

    table.remove(keys[::2])

    assert (table.find(keys[::2]) == -1).all()
    assert (table.find(keys[1::2]) == np.arange(30_000)[1::2]).all()


def test_a_full_table_refuses_new_keys_and_changes_nothing() -> None:
    table, keys = Table128(max_entries=3), random_keys(5)
    table.insert(keys[:2], np.arange(2))

    with pytest.raises(Busy, match="no room for 2 more"):
        table.insert(keys[2:4], np.arange(2))

    assert len(table) == 2


def test_a_full_table_still_takes_keys_that_it_knows() -> None:
    table, keys = Table128(max_entries=2), random_keys(3)
    table.insert(keys[:2], np.arange(2))

    assert table.insert(np.concatenate([keys[:2]] * 3), np.arange(6)).tolist() == [0, 1] * 3


def test_a_loaded_dump_is_the_same_table() -> None:
    table, other, keys = Table128(max_entries=1_000), Table128(max_entries=1_000), random_keys(900)
    table.insert(keys, np.arange(900))

    other.load(table.dump())

    assert (other.find(keys) == np.arange(900)).all()
    assert len(other) == 900


def test_memory_is_24_bytes_a_slot_and_at_most_64_an_entry() -> None:
    table = Table128(max_entries=1_000_000)
    table.insert(random_keys(800_000), np.arange(800_000))

    assert table.nbytes == 24 * (1 << 21)
    assert table.nbytes / len(table) <= 64


def test_read_only_and_strided_keys_are_taken() -> None:
    table, keys = Table128(max_entries=100), random_keys(8)
    keys.flags.writeable = False

    assert table.insert(keys[::2], np.arange(8)[::2]).tolist() == [-1] * 4
    assert table.find(keys).tolist() == [0, -1, 2, -1, 4, -1, 6, -1]
