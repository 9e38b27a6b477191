"""Taking in the copy of a person that another Genom handed out, so that the genome is the same here.

Events keep their times, their local hours, and the purposes that they were collected for; choices keep their times and
the texts that they are about.  What was decided elsewhere, and who looked at it, is not taken over.  Events of one and
the same millisecond are ordered by hashes under each Genom's own secrets, so genes of patterns may differ there.

If the person was erased here, what is older than that does not come back by a copy: events, grants, and, of a copy that
is older as a whole, contact data and links.  Refusals are kept: they take nothing from whoever was erased.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from genom.app.batch import Batch
from genom.app.commit import now_ms
from genom.app.consenting import record_entries
from genom.app.permitting import names_of
from genom.app.pipeline import Copies, Staged
from genom.app.reading import find_person
from genom.app.rights.copy_file import Copied, CopiedChoice, CopiedEvent, read_copy
from genom.app.server import App
from genom.collect import open_envelope, understand
from genom.consent import CHOICE, ENDED, LIFTED, OBJECTION, RESTRICTION, RESTRICTION_LIFTED, Entry
from genom.errors import BadRequest
from genom.words import CHANNELS, DIRECT_TYPES, Channel, ConsentMode, Event, Flag, Source

__all__ = ["SOURCE", "Taken", "take_copy"]

SOURCE: Final = "imported copies"
_ACTS: Final = frozenset({CHOICE, ENDED, OBJECTION, RESTRICTION, RESTRICTION_LIFTED})
_SOME: Final = 1_000  # events that are understood at once
_SPELLED: Final = {"user_id": "userId", "anonymous_id": "anonymousId"}
_CHANNELS: Final = {name.lower(): int(channel) for name, channel in Channel.__members__.items()} | CHANNELS
_VAULT: Final = DIRECT_TYPES | {"first_name", "last_name", "address"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of it."""

    person: str  # public id here
    events: int
    choices: int
    left: int  # choices that count for nothing here: of purposes that do not exist, refused here, or erased
    erased_events: int  # events of before an erasure of the person here, which are not taken
    erased_choices: int  # of the choices that are left, those of before it
    erased_identifiers: int  # contact data and linked identifiers of a copy that was made before it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What the ledger knows of the identifiers of a copy."""

    subjects: tuple[str, ...]  # the ledger's names for them
    erased: int  # when somebody with one of them was last erased here, unix ms; 0 = never
    over: bool  # the copy was made before that


async def take_copy(app: App, packed: bytes) -> Taken:
    """Take a copy in, whole or not at all.

    Of several at once each waits for the one before, so the same copy twice is told so.  Raises BadRequest for a file
    that cannot be used, or whose person is known here: then two pasts would be mixed.
    """
    copied = await asyncio.to_thread(read_copy, packed)
    async with app.taking_in:
        return await _taken(app, copied, size=len(packed))


async def _taken(app: App, copied: Copied, *, size: int) -> Taken:
    _must_be_new(app, copied)
    source = await _source(app)
    events, masks = await asyncio.to_thread(_understood, app, copied, source)
    node, identifiers = app.node, [(one.type, one.value) for one in copied.profiles]
    past = _past(app, copied, identifiers)
    direct = {one.type: one.value for one in copied.identifiers if one.type in _VAULT}
    gone = set[tuple[str, str]]()
    if past.over:
        gone = {(one.type, one.value) for one in (*copied.profiles, *copied.identifiers)} - {identifiers[0]}
        direct, identifiers = {}, identifiers[:1]
    taken = [at for at, event in enumerate(events) if not past.over and event.ts > past.erased]
    batch = Batch([events[at] for at in taken], source, server=True, size=size)
    copies = Copies(batch, [masks[at] for at in taken], identifiers, direct)

    def staged() -> Staged:
        _must_be_new(app, copied)  # an event may have brought the person meanwhile
        return node.pipeline.stage_copies(copies, now=now_ms())

    await app.committer.submit_facts(staged)
    person = node.world.people.person(node.world.profiles.find(*identifiers[0]))
    entries, old = _entries(app, person, copied.choices, past)
    await record_entries(app, person, entries)
    new = len(taken) - batch.duplicates - batch.erased
    app.counts["accepted"] += new
    app.counts["erased"] += len(events) - len(taken)
    return Taken(
        person=node.public.name(person),
        events=new,
        choices=len(entries),
        left=len(copied.choices) - len(entries),
        erased_events=len(events) - len(taken) + batch.erased,
        erased_choices=old,
        erased_identifiers=len(gone),
    )


def _past(app: App, copied: Copied, identifiers: Sequence[tuple[str, str]]) -> _Past:
    subjects = names_of(app.node.world, identifiers)
    erased = max(app.node.choices.erased.get(one, 0) for one in subjects)
    return _Past(subjects=subjects, erased=erased, over=_ms(copied.made_at) <= erased)


def _must_be_new(app: App, copied: Copied) -> None:
    if not copied.profiles or not all(one.value for one in copied.profiles):
        raise BadRequest(
            "The copy names nobody.", why="it has no identifier", fix="use a whole copy", code="copy.unusable"
        )
    known = [one for one in copied.profiles if find_person(app.node, {one.type: one.value})]
    if known:
        raise BadRequest(
            "The person of this copy is known here already.",
            why=f"somebody has the same {known[0].type}, and two pasts would be mixed",
            fix="erase the person here first, or take the copy into another Genom",
            code="copy.known",
        )


async def _source(app: App) -> Source:
    node = app.node
    if own := next((source for source in node.sources.values() if source.name == SOURCE), None):
        return own
    mode = ConsentMode.REQUIRED
    made, _ = await asyncio.to_thread(node.catalogue.add_source, SOURCE, consent=mode, history=True)
    node.refresh_sources()
    return made


def _understood(app: App, copied: Copied, source: Source) -> tuple[list[Event], list[int]]:
    """The events as collection reads them, then with the times and the purposes of the copy."""
    events, node = list[Event](), app.node
    for begin in range(0, len(copied.events), _SOME):
        some = copied.events[begin : begin + _SOME]
        body = msgspec.json.encode({"batch": [_sent(one) for one in some]})
        envelope = open_envelope(body, "batch")
        decoded = understand(envelope, source=source, server=True, received_at=now_ms(), settings=node.settings)
        if decoded.rejected:
            first = decoded.rejected[0]
            raise BadRequest(
                "An event of the copy cannot be taken in.",
                why=f"$.events[{begin + first.index}]: {first.message}",
                fix="nothing was taken in; correct the copy or its limits",
                code="copy.event",
            )
        events += [_as_it_was(event, one) for event, one in zip(decoded.events, some, strict=True)]
    known = node.purposes.by_name
    masks = [sum(known[name].mask for name in {*one.purposes} if name in known) for one in copied.events]
    return events, masks


def _sent(one: CopiedEvent) -> dict[str, Any]:
    """The event as a shop's server would send it; its own identifiers, else the one of its profile."""
    told = "traits" if one.type in {"identify", "group"} else "properties"
    body = {"type": one.type, told: one.properties, "context": one.context, **one.more, "timestamp": one.timestamp}
    body |= {"event": one.event} if one.event is not None else {}
    body |= {"messageId": one.message_id} if one.message_id is not None else {}
    if not {"userId", "anonymousId"} & body.keys() and not one.context.get("externalIds"):
        if one.by.type in _SPELLED:
            body[_SPELLED[one.by.type]] = one.by.value
        else:
            external = {"id": one.by.value, "type": one.by.type, "collection": "users", "encoding": "none"}
            body["context"] = one.context | {"externalIds": [external]}
    return body


def _as_it_was(event: Event, one: CopiedEvent) -> Event:
    event.ts, event.known_at = _ms(one.timestamp), _ms(one.received_at)
    event.hour_of_week = one.hour_of_week % 168
    event.channel = _CHANNELS.get(one.channel, 0)
    event.decision, event.consent, event.signals = 0, None, None  # decided and permitted elsewhere
    event.identifiers = ((one.by.type, one.by.value),)
    if one.clamped:
        event.flags |= Flag.CLAMPED
    own, *lines = one.categories or [("", "")]
    event.category_1, event.category_2 = own
    for line, (wider, narrower) in zip(event.lines, lines, strict=False):
        line.category_1, line.category_2 = wider, narrower
    return event


def _entries(app: App, person: int, choices: Sequence[CopiedChoice], past: _Past) -> tuple[list[Entry], int]:
    """The choices with their own times, and how many are left out as older than an erasure.

    What was refused here before stays refused.
    """
    node = app.node
    now = now_ms()
    members = node.world.people.members(person)
    denied = node.choices.of(members, at=now).deny
    refused = 0 if past.over else node.choices.refused(members)  # a banner's next string lifts the rest, no copied one
    found, old = list[Entry](), 0
    for one in choices:
        purpose = node.purposes.by_name.get(one.purpose)
        about_all = one.act in {RESTRICTION, RESTRICTION_LIFTED}
        if one.act not in _ACTS or not (purpose or about_all):
            continue
        widens = one.granted or one.source == LIFTED
        if purpose and purpose.mask & (denied if widens else refused) and (one.granted or one.act == CHOICE):
            continue
        if _ms(one.at) <= past.erased and not _refuses(one):
            old += 1
            continue
        found.append(
            Entry(
                at=min(_ms(one.at), now), subjects=past.subjects, purpose=one.purpose, granted=one.granted,
                text=one.text_sha256, mechanism=one.by, source=one.source, actor="copy", act=one.act,
                evidence=one.evidence,
            )
        )  # fmt: skip
    return found, old


def _refuses(one: CopiedChoice) -> bool:
    """Whether it takes a permission and gives none back; a restriction ends with an erasure."""
    return not one.granted and one.source != LIFTED and one.act in {CHOICE, OBJECTION}


def _ms(text: str) -> int:
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise BadRequest(
            f"The copy has no time at {text[:40]!r}.", why=str(error), fix="use a whole copy", code="copy.unusable"
        ) from error
