"""Who may link whom: what a public write key says about identity counts less than what a server says."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import Enum

from genom.identity.people import People
from genom.identity.profiles import Profiles
from genom.words import DIRECT_TYPES

__all__ = ["Party", "Verdict", "judge", "party", "prove"]


class Verdict(Enum):
    """What becomes of a link."""

    CONFIRMED = "confirmed"  # the two are one person from now on
    PENDING = "pending"  # recorded; waits for a server key or a proof
    SAME = "same"  # they are one person already
    REFUSED = "refused"  # a device that several people share: the link would mix them up


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One side of a link: an identifier's type and the person that it belongs to so far."""

    type: str
    person: int
    known: bool  # the person has an identifier other than an anonymous id


def party(profile: int, *, profiles: Profiles, people: People) -> Party:
    """The side of a link that a profile stands for."""
    person = people.person(profile)
    known = profiles.known(profile) or any(profiles.known(member) for member in people.members(person))
    return Party(type=profiles.type_of(profile), person=person, known=known)


def judge(strongest: Party, other: Party, *, server: bool, trusted: bool, proven: bool) -> Verdict:
    """What becomes of the link between an event's strongest identifier and another of its identifiers.

    `server`: sent with a server key; `trusted`: the source trusts its clients' links or is in development mode;
    `proven`: the event proves its user id (see `prove`).

    >>> ada = Party(type="user_id", person=1, known=True)
    >>> browser = Party(type="anonymous_id", person=2, known=False)
    >>> judge(ada, browser, server=False, trusted=False, proven=False)
    <Verdict.PENDING: 'pending'>
    >>> judge(ada, browser, server=False, trusted=False, proven=True)
    <Verdict.CONFIRMED: 'confirmed'>
    """
    if strongest.person == other.person:
        return Verdict.SAME
    if server:
        return Verdict.CONFIRMED
    types = {strongest.type, other.type}
    if strongest.known and other.known:
        return Verdict.REFUSED if "anonymous_id" in types else Verdict.PENDING
    if types & DIRECT_TYPES:  # whoever knows an address could claim to be its owner
        return Verdict.PENDING
    if trusted or (proven and "user_id" in types):
        return Verdict.CONFIRMED
    return Verdict.PENDING


def prove(secret: bytes, user_id: str, user_hash: str) -> bool:
    """Whether `user_hash` is the HMAC-SHA256 of the user id under the source's secret, in hexadecimal digits.

    The comparison takes the same time for every wrong hash. Without a secret nothing is proven.

    >>> prove(b"secret", "ada", "b6b94a3fd4d5bfbd7f7d5e3d1ca3b0bb")
    False
    """
    if not secret:
        return False
    expected = hmac.new(secret, user_id.encode("utf-8", "surrogatepass"), "sha256").hexdigest()
    return hmac.compare_digest(expected.encode(), user_hash.lower().encode("utf-8", "surrogatepass"))
