"""Reading a person: who it is, the genome as of a moment, the events."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
import numpy as np

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.errors import BadRequest, Gone, NotFound
from genom.genome import Gate, View, known_before, refold
from genom.journal import Located
from genom.words import Channel, Kind, strength

__all__ = [
    "events_of",
    "find_person",
    "instant",
    "person_number",
    "rfc3339",
    "type_named",
    "type_of_kind",
    "view_of",
]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TYPE: Final = re.compile(r"[a-z0-9_.]{1,40}")
_ALIASES = {"userId": "user_id", "anonymousId": "anonymous_id"}


def rfc3339(ms: int) -> str:
    """Unix ms as people and machines read it.

    >>> rfc3339(0)
    '1970-01-01T00:00:00.000Z'
    """
    return (_EPOCH + timedelta(milliseconds=ms)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> int:
    """An RFC 3339 time as unix ms; raises BadRequest.

    >>> instant("1970-01-01T00:00:01.001Z"), instant("1970-01-01T01:00:00 01:00")
    (1001, 0)
    """
    try:
        when = datetime.fromisoformat(text.replace(" ", "+"))
        return (when.replace(tzinfo=when.tzinfo or UTC).astimezone(UTC) - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            f"The time {text[:40]!r} cannot be read.", why=str(error), fix="write it like 2026-01-31T12:00:00Z"
        ) from None


def type_named(name: str) -> str:
    """The type of an identifier as events have it; raises BadRequest for one that no event can have.

    >>> type_named("userId"), type_named("card")
    ('user_id', 'card')
    """
    kind = _ALIASES.get(name, name)
    if kind == "person" or not _TYPE.fullmatch(kind):
        why = "a type is up to 40 lower-case letters, digits, dots and underscores"
        raise BadRequest(
            f"There is no identifier type {name[:40]!r}.",
            why=why,
            fix="use one such as user_id, anonymous_id, card or email",
        )
    return kind


def find_person(node: Node, ids: Mapping[str, str]) -> int:
    """The person whom one of the identifiers names, the strongest first; 0 if nobody knows any."""
    for kind in sorted(ids, key=lambda name: strength(_ALIASES.get(name) or name)):
        if kind == "person":
            profile = node.public.number(ids[kind]) or 0
        else:
            profile = node.world.profiles.find(_ALIASES.get(kind, kind), str(ids[kind]))
        if node.world.profiles.exists(profile):
            return int(node.world.people.person(profile))
    return 0


def person_number(node: Node, public: str) -> int:
    """The person of a public id; a merged profile's id leads to its person.  Raises NotFound, Gone if erased."""
    person = find_person(node, {"person": public})
    if not person and 0 < (node.public.number(public) or 0) <= node.world.profiles.count:
        raise Gone("This person was erased.", why="nothing is left under the id", fix="see GET /v1/erasures")
    if not person:
        raise NotFound(
            "There is no such person.",
            why="the id is not one that Genom gave out",
            fix="look the person up with /v1/people:lookup",
        )
    return person


def view_of(node: Node, person: int, *, purpose: str, at: int | None = None) -> View:
    """A person's genome for a purpose: live, in the future (values decay), or as it was in the past.

    A read in the past uses today's permissions and read windows.
    """
    now = now_ms()
    live = max(now, node.world.last_ts + 1)
    effective = node.effective(person, now)
    if at is None or at >= live or at > now:
        return node.gate.view(person, purpose=purpose, effective=effective, at=max(at or 0, live))
    rows = node.world.rows_of(person, node.journal)
    rows = rows[known_before(rows, at)]
    past = refold(node.world.layout, rows, node.world.serves(rows, now=now))
    gate = Gate(past, purpose_bit=node.purposes.bit, term=node.world.term)
    return gate.view(1, purpose=purpose, effective=effective, at=at)


def events_of(
    node: Node, person: int, *, limit: int, found: Located | None = None, serving: int = 0
) -> Iterator[dict[str, Any]]:
    """A person's events that may be read for `service`, newest first; `found` are their rows if they are at hand.

    `serving` are bits of purposes: only events that serve one of them now are told; 0 = all.
    """
    found = found or node.journal.rows_of(node.world.people.members(person))
    rows = found.rows
    service = np.uint64(node.purposes.bit("service"))
    told = (rows["kind"] < 200) & (rows["line"] == 0) & (rows["mask"] & service == service)
    if serving:
        told &= node.world.serves(rows, now=now_ms()) & np.uint64(serving) != 0
    events = np.flatnonzero(told)
    order = events[np.lexsort((rows["sequence"][events], rows["ts"][events]))][::-1]
    return (_event(node, found, int(index)) for index in order[:limit])


def _event(node: Node, found: Located, index: int) -> dict[str, Any]:
    row = found.rows[index]
    body = msgspec.json.decode(node.journal.body(found.places[index]))
    return {
        "messageId": body.get("messageId"),
        "type": body.get("type") or type_of_kind(int(row["kind"])),
        "event": body.get("event"),
        "timestamp": rfc3339(int(row["ts"])),
        "receivedAt": rfc3339(int(row["known_at"])),
        "channel": Channel(int(row["channel"])).name.lower(),
        "properties": body.get("properties") or body.get("traits") or {},
        "context": body.get("context") or {},
        "source": node.sources[int(row["source"])].name,
        "sequence": int(row["sequence"]),
        "purposes": node.purposes.names_of(int(row["mask"])),
        "assumed": node.purposes.names_of(int(row["assumed"])),
    }


def type_of_kind(kind: int) -> str:
    """The type of call that a kind of event comes by.

    >>> type_of_kind(Kind.PAGE_VIEWED), type_of_kind(Kind.ORDER_COMPLETED)
    ('page', 'track')
    """
    calls = {
        Kind.PAGE_VIEWED: "page",
        Kind.SCREEN_VIEWED: "screen",
        Kind.IDENTIFIED: "identify",
        Kind.GROUPED: "group",
        Kind.ALIASED: "alias",
    }
    return calls.get(Kind(kind), "track")
