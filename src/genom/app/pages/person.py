"""The person's pages: what `console.person.People` asks, answered by a node."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.decisions.deciding import decision_of, decisions_of
from genom.app.legal import regions_of
from genom.app.pages.badges import badges_of
from genom.app.pages.consents import Consents
from genom.app.pages.labels import Labels
from genom.app.pages.linked import link_entries, profiles_of, splits_of
from genom.app.pages.places import Places
from genom.app.pages.reasons import why_of
from genom.app.pages.strips import Strips
from genom.app.pages.timelines import timeline_of
from genom.app.pages.who import head_of
from genom.app.parting import split_off, undo_split
from genom.app.reading import find_person, person_number
from genom.app.server import App
from genom.app.show import names
from genom.console.person import Head, Identity, Person, Why
from genom.errors import BadRequest, NotFound
from genom.journal import Located
from genom.words import Kind

__all__ = ["PersonPages"]

_TIMELINE: Final = 30  # entries
_DECISIONS: Final = 30
_TRIED: Final = 6  # newest decisions that are looked at for one to explain
_MINUTES: Final = 15  # that a link to the person's own page is good for


class PersonPages:
    """Reads persons through the gate; a split and its undoing are the only changes it makes."""

    def __init__(self, app: App, places: Places, labels: Labels, *, consents: Consents) -> None:
        self._app, self._node = app, app.node
        self._strips, self._labels = Strips(app.node, places), labels
        self._consents = consents

    async def person(self, public: str, *, purpose: str, decision: str, language: str) -> Person:
        """The page of a person."""
        await self._consents.ready()
        node, number = self._node, person_number(self._node, public)
        found = self._rows(number)
        purpose = purpose if purpose in node.gate.purposes else node.gate.purposes[0]
        return Person(
            head=head_of(node, number, found, language=language),
            badges=badges_of(node, number, language=language),
            genome=self._strips.genome(number, purpose=purpose, language=language),
            why=self._why(found, decision, language),
            timeline=timeline_of(
                node, number, found, consents=self._consents, labels=self._labels, language=language, most=_TIMELINE
            ),
            purposes=tuple((name, names.purpose(name, language)) for name in node.gate.purposes),
            profiles=len(node.world.people.members(number)),
            regions=None if node.purposes.regions is None else names.regions(regions_of(node, number), language),
        )

    async def identity(self, public: str, *, parted: Sequence[str], language: str) -> Identity:
        """The person's linked profiles; `parted` are people whose splits can be undone from here too."""
        node, number = self._node, person_number(self._node, public)
        found = self._rows(number)
        profiles, waiting = profiles_of(node, number, found, language=language)
        return Identity(
            head=head_of(node, number, found, language=language),
            profiles=tuple(profiles),
            waiting=tuple(waiting),
            splits=tuple(splits_of(node, found, parted, language=language)),
            past=tuple(sorted(link_entries(node, found, language=language), key=lambda entry: -entry.at)),
        )

    async def decisions(self, public: str, *, language: str) -> tuple[Head, tuple[Why, ...]]:
        """The newest decisions about the person."""
        number = person_number(self._node, public)
        head = head_of(self._node, number, self._rows(number), language=language)
        found = decisions_of(self._node, number, limit=_DECISIONS)
        return head, tuple(why_of(self._node, one, self._labels, language=language) for one in found)

    async def decision(self, decision: str, *, language: str) -> tuple[Head | None, Why]:
        """One decision as it was recorded, and the person if it knew one."""
        record = decision_of(self._node, decision)
        number = find_person(self._node, {"person": record["person"]}) if record.get("person") else 0
        head = head_of(self._node, number, self._rows(number), language=language) if number else None
        return head, why_of(self._node, record, self._labels, language=language)

    async def split(self, public: str, profile: str, *, by: str) -> tuple[str, ...]:
        """Undo a profile's links; returns the public ids of the people that come of it."""
        node, number = self._node, person_number(self._node, public)
        chosen = node.public.number(profile)
        members = node.world.people.members(number)
        if chosen not in members or len(members) < 2:
            raise BadRequest(
                "This identifier cannot be split off.",
                why="it does not belong to the person, or the person has no other",
                fix="open the person's identity page again",
            )
        persons = await split_off(self._app, chosen, who=f"console:{by}")
        return tuple(node.public.name(person) for person in persons)

    async def rejoin(self, profile: str, *, by: str) -> str:
        """Take a profile's split back; returns the public id of the person.  Raises NotFound, BadRequest."""
        person_number(self._node, profile)
        number = self._node.public.number(profile) or 0
        return self._node.public.name(await undo_split(self._app, number, who=f"console:{by}"))

    async def portal_link(self, public: str, *, by: str) -> tuple[str, int]:
        """A path or link that opens the person's own page once, and how many minutes it is good for.

        What is chosen there is on record as chosen by `by`, not by the person.
        """
        number = person_number(self._node, public)
        name, now = self._node.public.name(number), now_ms()
        token = await asyncio.to_thread(
            self._app.sessions.make_link, "portal", name, now=now, minutes=_MINUTES, maker=f"console:{by}"
        )
        await asyncio.to_thread(
            audit.record,
            self._node.catalogue,
            "person.link_made",
            who=f"console:{by}",
            kind="person",
            name=name,
            at=now,
        )
        return f"{self._node.settings.public_url.rstrip('/')}/me/enter?token={token}", _MINUTES

    def _why(self, found: Located, decision: str, language: str) -> Why | None:
        """The chosen decision if it is the person's, else the newest that was not drawn by lot for an experiment."""
        own = [f"d{one:016x}" for one in found.rows["decision"][found.rows["kind"] == Kind.DECISION].tolist()]
        if not own:
            return None
        tried = [decision] if decision in own else own[: -_TRIED - 1 : -1]
        try:
            records = [decision_of(self._node, name) for name in tried]
        except NotFound:  # an index that is behind; the page does without
            return None
        chosen = next((record for record in records if record["model"] != "experiment"), records[0])
        return why_of(self._node, chosen, self._labels, language=language)

    def _rows(self, number: int) -> Located:
        return self._node.journal.rows_of(self._node.world.people.members(number))
