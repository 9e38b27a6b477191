"""Signed heads of the audit log, and the proof by which anyone checks a row under one without the log.

A head commits to the newest row's hash, hence to the whole chain, and to a Merkle root over the rows since the head
before; a row, its path and the head are all that a check needs.
"""

from __future__ import annotations

import msgspec

from genom.keys import SigningKey, verify
from genom.privacy import deeds, merkle
from genom.privacy.deeds import Deed

__all__ = ["Head", "Proof", "head_is_genuine", "problem_of", "proof_of", "root_of", "signed_head"]


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """The signature (Ed25519) is over the other members as compact JSON with sorted keys.

    `anchored_at` is left out of it, and so are `first` and `root` in heads of before there were roots.
    """

    rows: int  # number of the newest row then
    hash: str  # of that row
    at: int  # unix ms, UTC
    public_key: str
    signature: str = ""
    anchored_at: int = 0  # unix ms; when the command took it, 0 = not
    first: int = 0  # the first row under the root; 0 = there is none
    root: str = ""  # Merkle root over the hashes of rows `first` to `rows`, hexadecimal


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """That a row stands in the log."""

    row: Deed
    path: tuple[str, ...]  # siblings from below, hexadecimal
    head: Head


def signed_head(head: Head, key: SigningKey) -> Head:
    """The head with its signature."""
    return msgspec.structs.replace(head, signature=key.sign(_said(head)))


def head_is_genuine(head: Head) -> bool:
    """Whether a head is as it was signed; whoever asks must know the public key from elsewhere."""
    return verify(head.public_key, _said(head), head.signature)


def root_of(hashes: list[str]) -> str:
    """The Merkle root over hashes of rows, hexadecimal."""
    return merkle.root([bytes.fromhex(one) for one in hashes]).hex()


def proof_of(row: Deed, hashes: list[str], head: Head) -> Proof:
    """A row's proof; `hashes` are those of all rows under the head's root, in order."""
    siblings = merkle.path([bytes.fromhex(one) for one in hashes], row.number - head.first)
    return Proof(row=row, path=tuple(one.hex() for one in siblings), head=head)


def problem_of(proof: Proof, *, public_key: str = "") -> str:
    """What is wrong with a proof; "" if the row is as it was written, or lost to an erasure only what a row may lose.

    Without a public key from elsewhere it shows only that whoever has the head's key signed it.
    """
    row, head = proof.row, proof.head
    if public_key and head.public_key != public_key:
        return "the head is signed with another key"
    if not head_is_genuine(head):
        return "the head is not as it was signed"
    if problem := deeds.wrong(row):
        return f"row {row.number} {problem}"
    try:
        siblings = [bytes.fromhex(one) for one in proof.path]
        size = head.rows - head.first + 1
        found = merkle.root_from(bytes.fromhex(row.hash), row.number - head.first, size, siblings)
    except ValueError as error:
        return f"the path leads nowhere: {error}"
    return "" if found.hex() == head.root else f"row {row.number} does not stand under the head"


def _said(head: Head) -> bytes:
    members = msgspec.to_builtins(head)
    del members["signature"], members["anchored_at"]
    if not head.root:
        del members["first"], members["root"]
    return msgspec.json.encode(members, order="sorted")
