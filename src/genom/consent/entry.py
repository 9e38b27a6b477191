"""One record of the consent ledger, chained to the one before it by its hash."""

from __future__ import annotations

import hashlib
from typing import Any, Final, NamedTuple

import msgspec

from genom.errors import Corrupt, UnknownFormat
from genom.typed import from_json, json_decoder

__all__ = [
    "BANNER",
    "CHOICE",
    "ENDED",
    "ERASURE",
    "GENESIS",
    "LIFTED",
    "MINOR",
    "OBJECTION",
    "OF_AGE",
    "REGION",
    "RESTRICTION",
    "RESTRICTION_LIFTED",
    "Entry",
    "Head",
    "decode",
    "encode",
    "sealed",
]

BANNER: Final = "tcf"
"""`mechanism` of what a banner's TC string says: a later string of the same person takes its refusals back."""
CHOICE: Final = "choice"
ENDED: Final = "ended"
"""`act` of an entry with which a grant ends and nothing is objected to: who grants again later is permitted again."""
ERASURE: Final = "erasure"
"""`act` of an entry that says that the person with these identifiers was erased."""
MINOR: Final = "minor"
"""`act` of an entry that says that the person is a known minor, so what minors are kept out of is refused."""
OF_AGE: Final = "of_age"
"""`act` of an entry that ends that."""
OBJECTION: Final = "objection"
"""`act` of a refusal that came as an objection (Art. 21 GDPR): it counts as any refusal."""
REGION: Final = "region"
"""`act` of an entry that says in which region the person is, so which law counts."""
RESTRICTION: Final = "restriction"
"""`act` of an entry from which on the person's data are stored and nothing else (Art. 18 GDPR)."""
RESTRICTION_LIFTED: Final = "restriction_lifted"
"""`act` of an entry that ends the restriction; what was chosen before counts again."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A choice that somebody made, with the evidence for it, or another act that changes what may be used.

    `n`, `prev` and `hash` are given by the ledger.  Members that came later than the first format are left out of the
    line and of the hash while they have their default, so that older entries stay as they were written.
    """

    n: int = 0  # number in the ledger, from 1
    at: int  # unix ms, UTC; when the choice was made
    subjects: tuple[str, ...]  # hex hashes of the person's identifiers
    purpose: str  # name of the purpose
    granted: bool
    text: str  # hash of the purpose's text that the choice is about
    mechanism: str = ""  # how it was made, such as "api", "banner", "gpc"
    source: str = ""  # name of the source it came by
    actor: str = ""  # who recorded it, such as "person" or a key's name
    act: str = CHOICE  # what the entry records
    evidence: str = ""  # the signal as it came, such as a TC string
    region: str = ""  # of REGION: a region of the purposes; empty: of a country that nobody knows the region of
    message: str = ""  # keyed hash of the id that the sender gave the choice, hex: sent again, it is the same choice
    prev: str = ""  # hash of the entry before
    hash: str = ""  # SHA-256, hex, of the other members as compact JSON with sorted keys


class Head(NamedTuple):
    """The end of the chain; kept elsewhere, it proves that nothing was taken off the end."""

    number: int
    hash: str


GENESIS: Final = Head(0, "0" * 64)
LIFTED: Final = "refusal lifted"
"""`source` of an entry that takes a refusal back and grants nothing: the person is left without a choice."""
_LATER: Final = {
    "act": CHOICE,
    "evidence": "",
    "region": "",
    "message": "",
}  # members of later formats, and their defaults
_decoder: Final = json_decoder(Entry)


def sealed(entry: Entry, after: Head) -> Entry:
    """The entry with its number and its place in the chain.

    >>> first = sealed(Entry(at=0, subjects=("ab",), purpose="email", granted=True, text="cd"), GENESIS)
    >>> first.n, first.prev == GENESIS.hash, len(first.hash)
    (1, True, 64)
    """
    placed = msgspec.structs.replace(entry, n=after.number + 1, prev=after.hash, hash="")
    return msgspec.structs.replace(placed, hash=_digest(_members(placed)))


def encode(entry: Entry) -> bytes:
    """The entry as its line in the ledger, with the line break."""
    return msgspec.json.encode(_members(entry)) + b"\n"


def decode(line: bytes, *, where: str, after: Head | None = None) -> Entry:
    """The entry of a line (without its line break), proven against its own hash and, if given, the one before.

    Raises Corrupt that says where, or UnknownFormat for a whole record with members that this Genom lacks.
    """
    try:
        entry = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unreadable(line, where, str(error)) from error
    if encode(entry) != line + b"\n" or _digest(_members(entry)) != entry.hash:
        raise damaged(where, "its content does not match its hash")
    if after is not None and (entry.n, entry.prev) != (after.number + 1, after.hash):
        raise damaged(where, f"entry {entry.n} stands there, which does not continue entry {after.number}")
    return entry


def damaged(where: str, why: str) -> Corrupt:
    """The error for a ledger that does not hold what was written."""
    return Corrupt(
        f"The consent ledger is damaged at {where}.",
        why=why,
        fix="stop the node and restore this file and all later ones from the ledger's own backup",
        code="consent.ledger-damaged",
    )


def _members(entry: Entry) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(entry)
    for name, default in _LATER.items():
        if members[name] == default:
            del members[name]
    return members


def _digest(members: dict[str, Any]) -> str:
    del members["hash"]
    return hashlib.sha256(msgspec.json.encode(members, order="sorted")).hexdigest()


def _unreadable(line: bytes, where: str, why: str) -> Corrupt:
    try:
        members = from_json(line, dict[str, Any])
        known = members["hash"]
        newer = _digest(members) == known
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        newer = False
    if newer:
        return UnknownFormat(f"The consent ledger at {where} is of a newer format.", why=why, fix="upgrade Genom")
    return damaged(where, why)
