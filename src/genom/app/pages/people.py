"""The people page's adapter: search by the hash of what is typed, and who was here last by the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from genom.app.commit import now_ms
from genom.app.finding import people_here_last, people_named
from genom.app.pages.liverows import event_rows
from genom.app.pages.masking import title_of
from genom.app.pages.pulse import figures_of, people_of, permitted_by, personal_purposes
from genom.app.pages.strips import Strips
from genom.app.pages.who import head_of
from genom.app.reading import type_of_kind
from genom.app.server import App
from genom.app.show import names
from genom.console.people import ANY, PersonRow, Shares
from genom.journal import Located
from genom.words import Kind

__all__ = ["PeopleFinder"]

_SHOWN: Final = 12
_PURPOSE: Final = "personalise_onsite"
_FRESH: Final = 60_000  # ms that a small strip is used while neither events nor permissions change
_KEPT: Final = 1_000


class PeopleFinder:
    """Finds people."""

    def __init__(self, app: App, strips: Strips) -> None:
        self._app, self._node, self._strips = app, app.node, strips
        self._drawn: dict[tuple[object, ...], tuple[int, tuple[tuple[str, str, float], ...]]] = {}

    async def find(self, text: str, *, language: str) -> Sequence[PersonRow]:
        """The people whom the text names."""
        return await self._told(people_named(self._node, text), language)

    async def recent(self, *, permits: str, language: str) -> Sequence[PersonRow]:
        """Who did something last, of those who permit a purpose if one is named (`any`: at least one)."""
        wanted = self._bits(permits) if permits else 0
        found = people_here_last(
            self._node, _SHOWN, wanted=lambda one: not wanted or bool(permitted_by(self._node, one, now_ms()) & wanted)
        )
        return await self._told(found, language)

    def shares(self, *, language: str) -> Shares:
        """Who permits personalisation, as the start page counts them."""
        found, all_people = figures_of(self._app).permitting, len(people_of(self._app))
        named = tuple((name, names.purpose(name, language), found.purposes[name]) for name in found.purposes)
        return Shares(counted=found.people, people=all_people, any=found.any, purposes=named)

    def _bits(self, permits: str) -> int:
        """Mask of a purpose, or of all of personalisation; raises UnknownName."""
        named = personal_purposes(self._node) if permits == ANY else (permits,)
        return sum(self._node.purposes.bit(name) for name in named)

    def count(self) -> int:
        """How many people there are."""
        return len(people_of(self._app))

    def now(self) -> int:
        """Unix ms."""
        return now_ms()

    async def _told(self, persons: list[int], language: str) -> list[PersonRow]:
        told = []
        for person in persons:
            told.append(self._read(person, language))
            await asyncio.sleep(0)  # others have their turn between two people
        return told

    def _strip(self, person: int, found: Located, language: str) -> tuple[tuple[str, str, float], ...]:
        """The small strip, drawn anew as soon as the person does something or permits something else."""
        now, newest = now_ms(), int(found.rows["sequence"].max(initial=0))
        key = (person, language, newest, self._node.effective(person, now))
        at, strip = self._drawn.get(key, (0, None))
        if strip is None or not 0 <= now - at < _FRESH:
            if len(self._drawn) > _KEPT:
                self._drawn.clear()
            strip = self._strips.mini(person, purpose=_PURPOSE, language=language)
            self._drawn[key] = now, strip
        return strip

    def _read(self, person: int, language: str) -> PersonRow:
        found = self._node.journal.rows_of(self._node.world.people.members(person))
        head = head_of(self._node, person, found, language=language)
        seen, last = self._last(found, language)
        return PersonRow(
            id=head.id,
            title=head.title,
            identifiers=head.identifiers[:2],
            families=self._strip(person, found, language),
            seen=seen,
            last=last,
            simulated=self._simulated(found),
        )

    def _last(self, found: Located, language: str) -> tuple[int, str]:
        """When the newest event that may be shown happened, and what it was."""
        rows, service = found.rows, np.uint64(self._node.purposes.bit("service"))
        events = event_rows(rows)
        events = events[rows["mask"][events] & service == service]
        if not len(events):
            return 0, ""
        newest = int(events[np.lexsort((rows["sequence"][events], rows["ts"][events]))[-1]])
        event: dict[str, Any] = {"type": type_of_kind(int(rows["kind"][newest]))}
        if int(rows["kind"][newest]) == Kind.OTHER or event["type"] == "track":
            event |= msgspec.json.decode(self._node.journal.body(found.places[newest]) or b"{}")
        return int(rows["ts"][newest]), title_of(event, language)

    def _simulated(self, found: Located) -> bool:
        sources = {int(number) for number in np.unique(found.rows["source"]).tolist()}
        return any(s.name.startswith("living-shop") for n in sources if (s := self._node.sources.get(n)))
