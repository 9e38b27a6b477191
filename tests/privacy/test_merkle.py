"""The Merkle tree is that of RFC 9162, and a path proves its own leaf and no other."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.privacy.merkle import path, root, root_from

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def by_definition(leaves: list[bytes]) -> bytes:
    """Section 2.1.1, word for word."""
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while 2 * split < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + by_definition(leaves[:split]) + by_definition(leaves[split:])).digest()


@given(leaves=LEAVES)
def test_the_root_is_that_of_the_definition(leaves: list[bytes]) -> None:
    assert root(leaves) == by_definition(leaves)


@given(leaves=LEAVES, data=st.data())
def test_a_path_proves_its_leaf(leaves: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))

    assert root_from(leaves[index], index, len(leaves), path(leaves, index)) == root(leaves)


@given(leaves=LEAVES, other=st.binary(max_size=8), data=st.data())
def test_a_path_proves_no_other_leaf_and_no_other_place(leaves: list[bytes], other: bytes, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    place = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[place] == other:
        return

    try:
        found = root_from(other, place, len(leaves), path(leaves, index))
    except ValueError:
        return
    assert found != root(leaves)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_the_tree_does_not_have_is_refused(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="has none"):
        root_from(b"a", index, size, [])


@pytest.mark.parametrize("change", [lambda found: found[:-1], lambda found: [*found, b"x" * 32]])
def test_a_path_of_another_length_is_refused(change: object) -> None:
    assert callable(change)
    with pytest.raises(ValueError, match="path is too"):
        root_from(b"a", 0, 3, change(path([b"a", b"b", b"c"], 0)))
