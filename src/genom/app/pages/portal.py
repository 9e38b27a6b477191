"""The person's pages: what `portal.Port` asks, answered by a node."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

import msgspec

from genom.app import audit, list_reads
from genom.app.activating.telling import recipients_of
from genom.app.commit import now_ms
from genom.app.holders import subject_of_person
from genom.app.looks import SEEN
from genom.app.pages.consents import Consents
from genom.app.pages.deed_words import reason_words
from genom.app.pages.labels import Labels
from genom.app.pages.me import asking, choosing, telling
from genom.app.pages.me.dealt import Dealt
from genom.app.pages.me.deciding import decided_of
from genom.app.pages.me.knowing import is_invented, known_of
from genom.app.pages.me.people import Things, declared, person_of
from genom.app.pages.reveal import REVEALED
from genom.app.pages.sessions import SESSION_SECONDS
from genom.app.reading import find_person
from genom.app.rights.handing_out import EXPORTED, copy_for
from genom.app.server import App
from genom.app.show import names
from genom.consent import Entry
from genom.errors import Busy, NotPermitted
from genom.portal import Asking, Choices, Decided, ErasedFrom, Erasure, Holdings, Known, Receiver, Telling
from genom.words import Kind

__all__ = ["PortalPages"]

_STATES: Final[Mapping[str, str]] = {
    "wanted": "coming", "sent": "coming", "member": "there", "wrong": "there",
    "leaving": "leaving", "asked": "leaving", "gone": "gone",
}  # fmt: skip
"""State of the outbox → what the person reads."""
_PERSON: Final = "person"  # who acts if nobody does in the person's place
_REMEMBERED: Final = 10_000  # persons
_LOOKED: Final = 10  # readers that are shown
_ROWS: Final = 100  # of the audit log that are looked through for them
_HOUR: Final = 3_600_000  # ms
_FRESH: Final = 15 * 60_000  # ms after its begin that a session may have a copy of everything
_CHANGES, _MINUTES = 60, 10  # changes that one person may make in so many minutes


class PortalPages:
    """Reads through the gate and writes the way of every choice and event."""

    def __init__(self, app: App, labels: Labels, consents: Consents) -> None:
        self._app, self._node, self._labels, self._consents = app, app.node, labels, consents
        self._things, self._dealt = Things(app.node), Dealt(app.node)
        self._invented: dict[str, bool] = {}
        self._changes: defaultdict[int, deque[int]] = defaultdict(lambda: deque(maxlen=_CHANGES))

    def who(self, cookie: str | None) -> str | None:
        """Whom a session's cookie stands for."""
        return self._app.sessions.who("portal", cookie, now=now_ms())

    def actor(self, cookie: str | None) -> str:
        """Who acts in a session."""
        return self._app.sessions.maker("portal", cookie, now=now_ms()) or _PERSON

    async def enter(self, token: str) -> tuple[str, int]:
        """A session's token and its seconds; raises NotPermitted."""
        session = await asyncio.to_thread(self._app.sessions.redeem, "portal", token, now=now_ms())
        return session, SESSION_SECONDS["portal"]

    def invented(self, person: str) -> bool:
        """Whether the person belongs to a simulated world; remembered, because nobody becomes real later."""
        if person not in self._invented:
            if len(self._invented) > _REMEMBERED:
                self._invented.clear()
            number = find_person(self._node, {"person": person})
            self._invented[person] = bool(number) and is_invented(self._node, number)
        return self._invented[person]

    async def leave(self, cookie: str | None) -> None:
        """End a session."""
        await asyncio.to_thread(self._app.sessions.end, "portal", cookie)

    async def known(self, person: str, *, language: str) -> Known:
        """What we know."""
        paused = bool(await self._paused(person))
        return known_of(self._node, person, things=self._things, language=language, paused=paused)

    async def decided(self, person: str, *, language: str) -> tuple[Decided, ...]:
        """The last decisions."""
        return decided_of(self._node, person, labels=self._labels, things=self._things, language=language)

    async def choices(self, person: str, *, language: str) -> Choices:
        """The purposes and what the person chose."""
        past, paused = await self._past(person), await self._paused(person)
        return choosing.choices_of(self._node, person, past=past, paused=paused, language=language)

    async def choose(self, person: str, purpose: str, *, on: bool, actor: str) -> None:
        """Record a choice; what the person has told us counts for a purpose that they now permit."""
        self._slowly(person)
        said = declared(self._node, person_of(self._node, person))
        await choosing.choose(self._app, person, purpose, on=on, actor=actor)
        if on and purpose in self._node.gate.purposes and said and said[0].told:
            await telling.tell(self._app, person, telling.repeat(self._node, said[0]), actor=actor)

    async def pause(self, person: str, *, on: bool, actor: str) -> None:
        """Refuse whatever can be refused, or bring back what was on."""
        self._slowly(person)
        await choosing.pause(self._app, person, paused=await self._paused(person), on=on, actor=actor)

    async def holdings(self, person: str, *, cookie: str | None, language: str) -> Holdings:
        """What a copy would hold."""
        node, number = self._node, person_of(self._node, person)
        kinds = node.journal.rows_of(node.world.people.members(number)).rows
        events = (kinds["kind"] < 200) & (kinds["line"] == 0)
        copies = await asyncio.to_thread(
            audit.rows, node.catalogue, action=EXPORTED, name=node.public.name(number), limit=1
        )
        return Holdings(
            events=int(events.sum()),
            decisions=int((kinds["kind"] == Kind.DECISION).sum()),
            choices=len(await self._past(person)),
            looked=await asyncio.to_thread(self._looked, number, language),
            copied=copies[0].at if copies else 0,
            receivers=await asyncio.to_thread(self._receivers, number, language),
            fresh=self._fresh(cookie),
        )

    def _receivers(self, person: int, language: str) -> tuple[Receiver, ...]:
        """Who outside has the person's data, or had them."""
        return tuple(
            Receiver(
                name=one["recipient"],
                country=one["country"],
                purposes=tuple(names.purpose(purpose, language) for purpose in one["purposes"]),
                state=_STATES[one["state"]],
                since=int(datetime.fromisoformat(one["since"]).timestamp() * 1000),
            )
            for one in recipients_of(self._node, self._node.world.people.members(person))
        )

    def _looked(self, person: int, language: str) -> tuple[tuple[int, bool, str], ...]:
        """Who read the person's data last, the newest first."""
        self._app.looks.write()
        node = self._node
        profiles = node.world.people.members(person)
        public = [node.public.name(profile) for profile in profiles]
        deeds = [(name, action) for name in public for action in (SEEN, REVEALED, EXPORTED)]
        rows = [
            row
            for name, action in deeds
            for row in audit.rows(node.catalogue, action=action, name=name, limit=_ROWS)
            if row.who != _PERSON  # their own copies
        ]
        rows += list_reads.rows_about(node.catalogue, profiles, limit=_ROWS)
        newest: dict[tuple[int, str, str], audit.Row] = {}  # one line for all that a reader opened in an hour
        for row in sorted(rows, key=lambda row: -row.number):
            newest.setdefault((row.at // _HOUR, row.who, row.reason), row)
        shown = list(newest.values())[:_LOOKED]
        return tuple((row.at, row.who.startswith("key:"), reason_words(row.reason, language)) for row in shown)

    async def copy(self, person: str, *, cookie: str | None, language: str, actor: str) -> bytes:
        """A ZIP file of everything that is held; raises NotPermitted if the session is not fresh."""
        self._slowly(person)
        if not self._fresh(cookie):
            raise NotPermitted(
                "No copy is made in a session that began long ago.",
                why="somebody else may sit at the computer",
                fix="come by a new link from the shop",
                code="portal.stale",
            )
        return await copy_for(self._node, person_of(self._node, person), language=language, who=actor)

    async def erase(self, person: str, *, cookie: str | None, actor: str) -> str:
        """Erase everything about the person; raises NotPermitted if the session is not fresh."""
        if not self._fresh(cookie):
            raise NotPermitted(
                "Nothing is erased in a session that began long ago.",
                why="somebody else may sit at the computer",
                fix="come by a new link from the shop",
                code="portal.stale",
            )
        subject = await asyncio.to_thread(subject_of_person, self._node, person_of(self._node, person))
        receipt = await self._app.erasing.erase(subject, who=actor, reason="")
        return receipt.id

    async def erasure(self, receipt: str) -> Erasure:
        """What has become of an erasure; raises NotFound."""
        found = await asyncio.to_thread(self._app.erasing.intents.receipt, receipt)
        return Erasure(
            id=found.id,
            asked_at=found.asked_at,
            done_at=found.done_at,
            stores=tuple(ErasedFrom(store=one.store, found=one.found, done=one.done_at > 0) for one in found.stores),
            file=msgspec.json.format(msgspec.json.encode(found)),
        )

    async def asking(self, person: str, *, cookie: str | None, language: str) -> Asking:
        """What the person has asked for, and can ask for."""
        return await asking.asking_of(self._app, person, fresh=self._fresh(cookie), language=language)

    async def ask(self, person: str, kind: str, *, note: str, cookie: str | None, actor: str) -> bool:
        """Ask for something; returns whether a fresh log-in is needed to go on.  Raises BadRequest."""
        self._slowly(person)
        confirmed = self._app.sessions.confirmed("portal", cookie, now=now_ms())
        return await asking.ask(
            self._app, person, kind, note=note, fresh=self._fresh(cookie), confirmed=confirmed, actor=actor
        )

    def _fresh(self, cookie: str | None) -> bool:
        return self._app.sessions.age("portal", cookie, now=now_ms()) <= _FRESH

    async def telling(self, person: str, *, language: str) -> Telling:
        """What the person has told us and may tell."""
        await self._dealt.caught_up()
        return telling.telling_of(self._node, person, things=self._things, dealt=self._dealt, language=language)

    async def tell(self, person: str, thing: str, *, word: Literal["like", "dislike", "withdraw"], actor: str) -> None:
        """Like a thing, be not interested, or take it back."""
        self._slowly(person)
        await telling.tell(self._app, person, [telling.thing_event(self._node, thing, word)], actor=actor)

    async def state(self, person: str, question: str, *, value: str, actor: str) -> None:
        """Answer a question, or take the answer back."""
        self._slowly(person)
        await telling.tell(self._app, person, [telling.answer_event(self._node, question, value)], actor=actor)

    async def _past(self, public: str) -> list[Entry]:
        await self._consents.ready()
        return self._consents.of(person_of(self._node, public))

    async def _paused(self, public: str) -> Mapping[str, Entry]:
        await self._consents.ready()
        return self._consents.paused(person_of(self._node, public))

    def _slowly(self, public: str) -> None:
        """Each change is kept for ever, so a script must not make thousands.  Raises Busy."""
        if len(self._changes) > _REMEMBERED:
            self._changes.clear()
        changes, now = self._changes[person_of(self._node, public)], now_ms()
        if len(changes) == _CHANGES and changes[0] > now - _MINUTES * 60_000:
            raise Busy("That were many changes.", why=f"{_CHANGES} in {_MINUTES} minutes", fix="wait a little")
        changes.append(now)
