"""A row of the audit log as a commitment: its words can go, and the chain still holds.

A row's hash covers who did what and when as they are; the object's name, and reason with details, only by salted
hashes.  An erasure empties name or words together with their salt: what is left matches the chain, and nobody can
guess what stood there.  Source: P55 of the catalogue of privacy patterns in `docs/privacy.md`.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Final

import msgspec

__all__ = ["NOTHING", "START", "Deed", "seal", "without", "wrong"]

START: Final = "0" * 64
"""What the first row is chained to."""
NOTHING: Final = "{}"
"""Details of a row whose words are gone."""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """One row; hashes are hexadecimal."""

    number: int
    at: int  # unix ms, UTC
    who: str
    action: str
    kind: str
    name: str
    reason: str
    details: str  # JSON with sorted keys
    previous: str  # hash of the row before
    hash: str = ""
    name_salt: str = ""  # "" once the name is gone
    text_salt: str = ""  # "" once reason and details are gone
    name_proof: str = ""  # salted hash of the name; "" in rows of before there were any
    text_proof: str = ""  # salted hash of reason and details
    redacted: int = 0  # number of the row that tells of it; 0 = nothing is gone


def seal(deed: Deed) -> Deed:
    """The row with salts, proofs and hash.

    >>> row = Deed(number=1, at=0, who="cli", action="a.b", kind="person", name="p1", reason="", details="{}",
    ...     previous=START)
    >>> wrong(seal(row)), wrong(msgspec.structs.replace(seal(row), name="p2"))
    ('', 'was changed')
    """
    salted = msgspec.structs.replace(deed, name_salt=secrets.token_hex(16), text_salt=secrets.token_hex(16))
    proved = msgspec.structs.replace(salted, name_proof=_name_proof(salted), text_proof=_text_proof(salted))
    return msgspec.structs.replace(proved, hash=_digest(proved))


def without(deed: Deed, *, told_by: int, name: bool) -> Deed:
    """The row without its words and, if asked, without its name.

    >>> row = seal(Deed(number=1, at=0, who="cli", action="a.b", kind="person", name="p1", reason="asked by Anna",
    ...     details="{}", previous=START))
    >>> gone = without(row, told_by=2, name=True)
    >>> gone.name, gone.reason, gone.hash == row.hash, wrong(gone)
    ('', '', True, '')
    """
    gone = msgspec.structs.replace(deed, reason="", details=NOTHING, text_salt="", redacted=told_by)
    return msgspec.structs.replace(gone, name="", name_salt="") if name else gone


def wrong(deed: Deed) -> str:
    """What is wrong with a row taken for itself; "" if nothing is.

    Whether a redacted row is told of is for whoever holds the whole chain to check.  Of a row that has no proofs and
    was redacted only the place in the chain is left to prove.
    """
    if not deed.name_proof:
        return "" if deed.redacted or _same(deed.hash, _digest(deed)) else "was changed"
    whole = _same(deed.hash, _digest(deed)) and _holds(
        deed.name_salt, deed.name_proof, _name_proof(deed), gone=deed.redacted > 0 and deed.name == ""
    )
    text_gone = deed.redacted > 0 and (deed.reason, deed.details) == ("", NOTHING)
    return "" if whole and _holds(deed.text_salt, deed.text_proof, _text_proof(deed), gone=text_gone) else "was changed"


def _holds(salt: str, told: str, computed: str, *, gone: bool) -> bool:
    """Whether a part is as it was, or gone together with its salt."""
    return _same(told, computed) if salt else gone


def _digest(deed: Deed) -> str:
    said = (deed.name_proof, deed.text_proof) if deed.name_proof else (deed.name, deed.reason, deed.details)
    return _hash(deed.number, deed.at, deed.who, deed.action, deed.kind, *said, deed.previous)


def _name_proof(deed: Deed) -> str:
    return _hash("name", deed.name_salt, deed.name)


def _text_proof(deed: Deed) -> str:
    return _hash("text", deed.text_salt, deed.reason, deed.details)


def _hash(*values: object) -> str:
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
