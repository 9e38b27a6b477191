"""A Merkle tree over hashes: one root commits to all of them, and a short path proves that one is among them.

The tree of RFC 9162, section 2.1 (leaves and nodes are hashed under different prefixes, the left subtree is the
largest power of two that is smaller than the whole).  Hashes are 32 bytes; an empty tree has no root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

__all__ = ["path", "root", "root_from"]


def root(leaves: Sequence[bytes]) -> bytes:
    """The root over at least one leaf.

    >>> root([b"a", b"b", b"c"]).hex()[:16]
    '36642e73c2540ab1'
    """
    level = [_leaf(one) for one in leaves]
    while len(level) > 1:
        paired = [_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[2 * len(paired) :]
    return level[0]


def path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """What `root_from` needs beside the leaf at this index: its siblings from below, ⌈log₂ n⌉ at most.

    >>> [len(path([b"a", b"b", b"c"], index)) for index in range(3)]
    [2, 2, 1]
    """
    level, found = [_leaf(one) for one in leaves], []
    while len(level) > 1:
        if (sibling := index ^ 1) < len(level):
            found.append(level[sibling])
        paired = [_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
        level = paired + level[2 * len(paired) :]
        index //= 2
    return found


def root_from(leaf: bytes, index: int, size: int, siblings: Sequence[bytes]) -> bytes:
    """The root of the tree of `size` leaves in which this is the leaf at `index`, if the siblings are right.

    Raises ValueError if there are more or fewer siblings than such a tree has, or no such leaf.

    >>> leaves = [b"a", b"b", b"c"]
    >>> root_from(b"c", 2, 3, path(leaves, 2)) == root(leaves)
    True
    """
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has none at {index}")
    found, left = _leaf(leaf), list(siblings)
    while size > 1:
        if index ^ 1 < size:
            if not left:
                raise ValueError("the path is too short")
            sibling = left.pop(0)
            found = _node(sibling, found) if index & 1 else _node(found, sibling)
        index, size = index // 2, (size + 1) // 2
    if left:
        raise ValueError("the path is too long")
    return found


def _leaf(value: bytes) -> bytes:
    return hashlib.sha256(b"\0" + value).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()
