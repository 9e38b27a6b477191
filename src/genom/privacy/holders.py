"""Every place that keeps personal data says what it has of a person, hands it out, and lets go of it.

A place that is no holder may keep none: a test walks the data directory and fails at a file that no holder owns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from genom.words import Identifier

__all__ = ["Count", "Erased", "Found", "Holder", "Subject", "tallied"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom a request is about, as all holders know them."""

    person: int  # number of the person, 0 = gone
    profiles: tuple[int, ...]  # numbers of all profiles of the person
    public: tuple[str, ...]  # public ids of these profiles
    tokens: tuple[str, ...]  # hex of the keyed hashes of their identifiers, as the ledger names them
    identifiers: tuple[Identifier, ...]  # what is known in plain, direct identifiers included


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How much a holder has of a person."""

    records: int
    bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Something that a holder has of somebody, without what it says."""

    what: str  # such as "events" or "email"
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """What a holder let go of; it says nothing about who it was."""

    records: int
    bytes: int = 0
    kept: str = ""  # what stays and why, such as "proof of consent, restricted"


class Holder(Protocol):
    """A place that keeps personal data; every method may be called again and does no harm then."""

    name: str  # such as "journal"
    files: tuple[str, ...]  # globs, relative to the data directory, of the files that are its own

    def find(self, subject: Subject) -> Iterator[Found]:
        """What there is of a person or of an identifier, without its content; the records of `count` by what they are.

        A subject that is an identifier alone has no profiles: it is found where its hash or its value stands.
        """

    def count(self, subject: Subject) -> Count:
        """How much there is of a person."""

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """Everything that there is of a person, as JSON values, for access and portability."""

    def drop(self, subject: Subject) -> None:
        """The immediate effect of an erasure: from now on nobody reads anything of the person here.

        Runs between two commits on the node's loop: no more than a few milliseconds.
        """

    def erase(self, subject: Subject) -> Erased:
        """The physical effect: afterwards no byte of the person is in the holder's files.

        Runs in a thread, after `drop`; it may take minutes.
        """


def tallied(whats: Iterable[str]) -> Iterator[Found]:
    """How many records there are of each kind, in the order of their names.

    >>> [(one.what, one.records) for one in tallied(["phone", "email", "phone"])]
    [('email', 1), ('phone', 2)]
    """
    return (Found(what=what, records=records) for what, records in sorted(Counter(whats).items()))
