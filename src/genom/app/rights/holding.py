"""Everything that a node holds of a person, as JSON values: what was given, observed, worked out and decided.

It is the person's own data, so nothing is withheld here; what may not be used for a purpose now says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app import audit, list_reads
from genom.app.activating.telling import recipients_of
from genom.app.commit import now_ms
from genom.app.holders.naming import naming
from genom.app.legal import ground_of, regions_of
from genom.app.node import Node
from genom.app.pages.who import identifiers_of, values_of
from genom.app.permitting import subjects_of
from genom.app.pipeline import vault_place
from genom.app.reading import rfc3339, type_of_kind
from genom.app.rights.asked import Asked
from genom.app.rights.requests import requests_of
from genom.app.rights.turned_away import turned_away
from genom.app.show import names
from genom.collect import BadRow
from genom.consent import NEVER, STORED, Entry, Purpose, choices_about
from genom.genome import Read
from genom.journal import Located
from genom.privacy import Subject
from genom.words import Channel, Flag, Identifier, Kind

__all__ = ["FORMAT", "held_of"]

FORMAT: Final = 2
_EVERYTHING: Final = (1 << 64) - 1  # what a person permits themselves to read
_AUDIT_ROWS: Final = 10_000  # about one identifier
_SHOWN: Final = frozenset({"messageId", "type", "event", "timestamp", "properties", "traits", "context"})
"""Members of an event that stand in the copy by themselves."""

Json = dict[str, Any]


async def held_of(node: Node, person: int, *, language: str) -> Json:
    """All that is held of a person, through all linked profiles; the slow parts run in a thread."""
    members, now = node.world.people.members(person), now_ms()
    await node.segments.caught_up(now=now)
    found = node.journal.rows_of(members)
    public = [node.public.name(profile) for profile in members]
    effective = node.effective(person, now)
    live = {
        "genes": [
            gene for purpose in node.gate.purposes for gene in _genes(node, person, purpose, effective, language)
        ],
        "segments": [
            {"name": one.segment.id, "label": one.segment.label[language], "purpose": one.segment.purpose}
            for one in node.segments.of_person(person, now=now)
        ],
        "told": _told(node, person, now),
    }
    needed = node.pipeline.permits.standing_of(person, now).law.consent_needed
    slow = await asyncio.to_thread(_kept, node, person, found, public, needed=needed, language=language)
    return {
        "format": FORMAT,
        "made_at": rfc3339(now),
        "person": node.public.name(person),
        "also_known_as": [name for name in public if name != node.public.name(person)],
        "permitted_now": node.purposes.names_of(effective),
        "regions": list(regions_of(node, person)),
        **slow,
        **live,
        "kept_for": [
            {
                "purpose": purpose.name,
                "text": purpose.text[language],
                "read_for_days": purpose.read_window_days,
                "stored_for_days": purpose.storage_window_days,
                "decisions_stored_for_days": purpose.decision_days,
                "by_category": {
                    category: {
                        "read_for_days": purpose.read_days(category),
                        "stored_for_days": purpose.storage_days(category),
                    }
                    for category in STORED
                },
                "basis": ground_of(node, person, purpose.name).basis,
            }
            for purpose in node.purposes.every
        ],
    }


def _naming(node: Node, person: int, known: Collection[Identifier]) -> Callable[[BadRow], bool]:
    subject = Subject(
        person=person, profiles=(), public=(), tokens=subjects_of(node.world, person), identifiers=tuple(known)
    )
    return naming(subject, token=node.world.profiles.token)


def _kept(node: Node, person: int, found: Located, public: list[str], *, needed: int, language: str) -> Json:
    """What lies in files; `needed` are the purposes that need the person's consent."""
    entries = choices_about(node.ledger.replay(), subjects_of(node.world, person))
    rows = [row for name in public for row in audit.rows(node.catalogue, name=name, limit=_AUDIT_ROWS)]
    rows += list_reads.rows_about(node.catalogue, node.world.people.members(person), limit=_AUDIT_ROWS)
    profiles, identifiers = _profiles(node, found), values_of(node, person, found)
    known = {Identifier(kind, value) for kind, value in (*profiles.values(), *identifiers) if value}
    return {
        "identifiers": [{"type": kind, "value": value} for kind, value in identifiers],
        "links": list(_links(node, found)),
        "profiles": [{"type": kind, "value": value} for kind, value in profiles.values()],
        "events": list(_events(node, found, profiles)),
        "rejected": list(turned_away(node.bad_rows, _naming(node, person, known), {one.value for one in known})),
        "choices": [_choice(node, entry, needed, language) for entry in entries],
        "decisions": [_record(node, found, index) for index in _places(found, Kind.DECISION)],
        "decisions_never_shown": [_record(node, found, index) for index in _places(found, Kind.SHADOW)],
        "recipients": recipients_of(node, node.world.people.members(person)),
        "requests": [_request(asked) for asked in requests_of(node.catalogue, public)],
        "looked_at": [
            {"at": rfc3339(row.at), "action": row.action, "by": row.who.partition(":")[0], "reason": row.reason}
            for row in sorted(rows, key=lambda row: row.number)
        ],
    }


def _places(found: Located, kind: Kind) -> list[int]:
    return [int(index) for index in np.flatnonzero(found.rows["kind"] == kind)]


def _links(node: Node, found: Located) -> Iterator[Json]:
    for index in np.flatnonzero(np.isin(found.rows["kind"], (Kind.LINK, Kind.UNLINK))).tolist():
        row = found.rows[index]
        other = int(row["item"])
        yield {
            "what": "linked" if row["kind"] == Kind.LINK else "split off",
            "one": node.public.name(int(row["profile"])),
            "other": node.public.name(other) if row["kind"] == Kind.LINK else "",
            "at": rfc3339(node.journal.committed_at(found.places[index])),
        }


def _profiles(node: Node, found: Located) -> dict[int, tuple[str, str]]:
    """Profile → type and value of the identifier that it stands for."""
    world, named = node.world, list(identifiers_of(node, found))
    direct = [item for profile, _, _ in named for item in node.vault.get(vault_place(world, profile)).items()]
    held = {world.profiles.find(kind, value): value for kind, value in direct}  # under whom it came with, often another
    return {profile: (kind, value or held.get(profile, "")) for profile, kind, value in named}


def _events(node: Node, found: Located, profiles: Mapping[int, tuple[str, str]]) -> Iterator[Json]:
    """Every event, oldest first, whatever it may serve; what another Genom needs to take it in as it is, included."""
    rows = found.rows
    for index in np.flatnonzero((rows["kind"] < 200) & (rows["line"] == 0)).tolist():
        row = rows[index]
        body = msgspec.json.decode(node.journal.body(found.places[index]))
        kind, value = profiles.get(int(row["profile"]), ("", ""))
        yield {
            "messageId": body.get("messageId"),
            "type": body.get("type") or type_of_kind(int(row["kind"])),
            "event": body.get("event"),
            "timestamp": rfc3339(int(row["ts"])),
            "receivedAt": rfc3339(int(row["known_at"])),
            "channel": Channel(int(row["channel"])).name.lower(),
            "source": node.sources[int(row["source"])].name,
            "properties": body.get("properties") or body.get("traits") or {},
            "context": body.get("context") or {},
            "purposes": node.purposes.names_of(int(row["mask"])),
            "decision": f"d{int(row['decision']):016x}" if row["decision"] else None,
            "by": {"type": kind, "value": value},
            "hourOfWeek": int(row["hour_of_week"]),
            "clamped": bool(row["flags"] & Flag.CLAMPED),
            "categories": _categories(node, rows, index),
            "more": {name: said for name, said in body.items() if name not in _SHOWN},
        }


def _categories(node: Node, rows: NDArray[np.void], index: int) -> list[list[str]]:
    """The wider and the narrower category of an event and of each of its lines, which follow it."""
    end = index + 1
    while end < len(rows) and rows["line"][end]:
        end += 1
    terms = node.world.term
    return [
        [terms("category_1", int(row["category_1"])), terms("category_2", int(row["category_2"]))]
        for row in rows[index:end]
    ]


def _choice(node: Node, entry: Entry, needed: int, language: str) -> Json:
    """A choice, or that the person was said to be in a region."""
    purpose = node.purposes.by_name.get(entry.purpose)
    same = purpose is not None and purpose.text_hash == entry.text
    return {
        "at": rfc3339(entry.at),
        "purpose": entry.purpose,
        "name": names.purpose(entry.purpose, language),
        "granted": entry.granted,
        "valid_until": _valid_until(purpose if purpose and purpose.mask & needed else None, entry),
        "text": purpose.text[language] if purpose is not None and same else None,
        "text_sha256": entry.text,
        "by": entry.mechanism,
        "source": entry.source,
        "act": entry.act,
        "region": entry.region or None,
        "recorded_as": "person" if entry.actor == "person" else "shop",
        "evidence": entry.evidence,
        "number": entry.n,
        "sha256": entry.hash,
        "previous_sha256": entry.prev,
    }


def _request(asked: Asked) -> Json:
    """What the person asked for, and what became of it; who of the staff did it is said by how they came."""
    told: Json = msgspec.to_builtins(asked)
    del told["subject"]
    return told | {
        "handled_by": asked.handled_by.partition(":")[0],
        **{
            name: rfc3339(told[name]) if told[name] else None
            for name in ("asked_at", "due_at", "done_at", "checked_at")
        },
    }


def _valid_until(purpose: Purpose | None, entry: Entry) -> str | None:
    """When the grant runs out by itself; a later choice ends it earlier."""
    end = purpose.lifetime.end(entry.at) if purpose is not None and entry.granted else NEVER
    return None if end == NEVER else rfc3339(end)


def _record(node: Node, found: Located, index: int) -> Json:
    record: Json = msgspec.json.decode(node.journal.body(found.places[index]))
    return record | {"at": rfc3339(record["at"])}


def _genes(node: Node, person: int, purpose: str, effective: int, language: str) -> Iterator[Json]:
    """What is known, estimates included; `used` says whether it may be used for the purpose now."""
    at = max(now_ms(), node.world.last_ts + 1)
    view = node.gate.view(person, purpose=purpose, effective=_EVERYTHING, at=at)
    used = node.gate.view(person, purpose=purpose, effective=effective, at=at)
    may = {read.gene.id for read in used if read.state == "known"}
    for read in view:
        if read.state == "known":
            yield _gene(read, purpose, used=read.gene.id in may, estimated=False, language=language)
    for read in node.models.reads(person, view, purpose=purpose):
        if read.state == "known":
            yield _gene(read, purpose, used=used.permitted, estimated=True, language=language)


def _gene(read: Read, purpose: str, *, used: bool, estimated: bool, language: str) -> Json:
    value: float | str | Mapping[str, float] | None = read.cells if read.cells is not None else read.value
    return {
        "id": read.gene.id,
        "label": read.gene.label[language],
        "purpose": purpose,
        "value": value,
        "unit": read.gene.unit,
        "estimated": estimated,
        "used": used,
    }


def _told(node: Node, person: int, now: int) -> Json:
    """What the person said themselves, by the terms of the catalogue."""
    at = max(now, node.world.last_ts + 1)
    purpose = node.gate.purposes[0]
    said = node.gate.view(person, purpose=purpose, effective=_EVERYTHING, at=at).declared()
    terms = {code: node.world.term("category_2", code) for code in (*said.liked, *said.disliked)}
    return {
        "liked": sorted(terms[code] for code in said.liked),
        "disliked": sorted(terms[code] for code in said.disliked),
        "attributes": said.attributes,
    }
