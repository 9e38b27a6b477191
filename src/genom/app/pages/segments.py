"""The segments' pages: what `console.segments.Segments` asks, answered by a node."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from genom.app.activating.destinations import stored_destinations
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.segments_fields import BuilderFields
from genom.app.pages.who import head_of
from genom.app.segmenting.defining import define_segments, remove_defined
from genom.app.segmenting.live import rule_name
from genom.app.segmenting.preview import Preview, absent_of, preview, reached
from genom.app.segmenting.reach import CHANNELS, Reached
from genom.app.segmenting.shown import share_of, told_growth
from genom.app.segmenting.store import segment_versions
from genom.app.show import names
from genom.app.show.clean import clean
from genom.console.person import Head
from genom.console.segments import (
    Came,
    Definition,
    Growth,
    Reach,
    SegmentRow,
    Segments,
    SegmentView,
    Someone,
    Tried,
    VersionRow,
)
from genom.console.segments_fields import Fields
from genom.errors import NotFound
from genom.segments import Crowd, Point, Reason, Segment, Teller, kept_form, read_segment

__all__ = ["SegmentPages"]

_PURPOSE: Final = "personalise_onsite"
_FEW_DAYS: Final = 3  # of daily points: then the hourly ones say more
_RECORDS: Final = 20_000  # of the log that are looked through for who came and went
_OF_CHANNELS: Final = frozenset(channel.purpose for channel in CHANNELS)
_CAME: Final = 12  # people who came or went


class SegmentPages(Segments):
    """Reads segments, tries rules, defines and removes."""

    def __init__(self, node: Node) -> None:
        self._node, self._fields = node, BuilderFields(node)

    async def segments(self, *, language: str) -> Sequence[SegmentRow]:
        """All segments, by their labels."""
        await self._node.segments.caught_up(now=now_ms())
        sent, rows = await self._sent_to(language), list[SegmentRow]()
        for segment in self._node.segments.newest():
            one, now = self._node.segments.shown(segment.id), now_ms()
            people = self._node.segments.members(one, now=now)
            name = rule_name(segment.purpose, segment.rule)
            whole = self._teller.told(self._node.segments.crowd(one))
            channels = self._channels(await reached(self._node, people, name, now=now), whole)
            rows.append(self._row(segment, language, channels=channels, sent_to=sent.get(segment.id, ())))
            await asyncio.sleep(0)  # others have their turn between two segments
        return sorted(rows, key=lambda row: row.label.casefold())

    async def _sent_to(self, language: str) -> dict[str, tuple[str, ...]]:
        """Segment → what the destinations that take it are called."""
        found = dict[str, tuple[str, ...]]()
        for kept in (await asyncio.to_thread(stored_destinations, self._node)).values():
            if not kept.removed:
                to, label = kept.destination.segment, kept.destination.label
                found[to] = (*found.get(to, ()), clean(label.get(language) or kept.destination.id, most=120))
        return found

    def unreadable(self) -> Mapping[str, str]:
        """Segments that cannot be kept up → why."""
        return self._node.segments.unreadable

    async def segment(self, name: str, *, language: str) -> SegmentView:
        """One segment; raises NotFound."""
        segment = self._newest(name)
        await self._node.segments.caught_up(now=now_ms())
        found = await preview(self._node, segment, now=now_ms())
        return SegmentView(
            row=self._row(segment, language, sent_to=(await self._sent_to(language)).get(name, ())),
            definition=self.definition(name),
            version=segment.version,
            tried=self._told(found, language),
            growth=self._growth(name, self._points(name)),
            came=await self._came(name, enough=self._teller.told(found.crowd) is not None),
            versions=await asyncio.to_thread(self._versions, name),
        )

    def definition(self, name: str) -> Definition:
        """A segment as it was defined, for another purpose if its own was given up; raises NotFound."""
        lost = self._node.segments.lost.get(name)
        form = kept_form(lost.segment if lost else self._newest(name))
        purpose = form["purpose"] if form["purpose"] in self._node.purposes.bits else self.purpose()
        return Definition(
            id=name, label=form["label"], description=form["description"], purpose=purpose, rule=form["rule"]
        )

    def purpose(self) -> str:
        """The purpose that a new segment begins with."""
        return _PURPOSE if _PURPOSE in self._node.purposes.bits else self._node.purposes.names[0]

    def fields(self, purpose: str, *, without: str, language: str) -> Fields:
        """What a rule may be about.  Raises UnknownName."""
        return self._fields.of(purpose, without=without, language=language, now=now_ms())

    async def tried(self, name: str, purpose: str, rule: object, *, language: str) -> Tried:
        """What a rule means now."""
        return self._told(await preview(self._node, _trial(name, purpose, rule), now=now_ms()), language)

    async def people(self, name: str, purpose: str, rule: object, *, language: str) -> Sequence[Someone] | None:
        """Up to 20 people of whom a rule is true; None if there are fewer than the floor."""
        found = await preview(self._node, _trial(name, purpose, rule), now=now_ms())
        if self._teller.told(found.crowd) is None:
            return None
        shown = []
        for person in found.examples:
            head = self._head(person, language)
            shown.append(Someone(id=head.id, title=head.title, identifiers=head.identifiers[:2]))
            await asyncio.sleep(0)  # others have their turn between two people
        return shown

    async def save(self, body: dict[str, Any], *, by: str) -> str:
        """Define a segment; without an id it gets one from its label.  Returns the id."""
        name = body["id"] or self._new_id(body["label"]["en"])
        await define_segments(self._node, [body | {"id": name}], author=by, who=by, now=now_ms())
        return name

    async def remove(self, name: str, *, by: str) -> None:
        """Remove a segment; raises NotFound, and BadRequest if others ask about it."""
        await remove_defined(self._node, name, author=by, who=by, now=now_ms())

    def _newest(self, name: str) -> Segment:
        self._node.segments.shown(name)
        found = next((one for one in self._node.segments.newest() if one.id == name), None)
        if found is None:
            raise NotFound(f"There is no segment named {name[:60]!r}.")
        return found

    def _new_id(self, label: str) -> str:
        plain = re.sub(r"[^a-z0-9]+", "_", label.lower()).strip("_")[:50]
        plain = plain if plain[:1].isalpha() else f"segment_{plain}".strip("_")
        taken = {one.id for one in self._node.segments.newest()} | self._node.segments.unreadable.keys()
        numbered = (plain if number == 1 else f"{plain}_{number}" for number in range(1, len(taken) + 2))
        return next(name for name in numbered if name not in taken)

    @property
    def _teller(self) -> Teller:
        return self._node.segments.held.teller

    def _row(
        self, segment: Segment, language: str, *, channels: tuple[Reach, ...] = (), sent_to: tuple[str, ...] = ()
    ) -> SegmentRow:
        segments = self._node.segments
        one, newest = segments.shown(segment.id), segments.newest()
        live = next(each for each in segments.live if each.number == segment.number)
        return SegmentRow(
            id=segment.id,
            label=_label(segment, language),
            purpose=names.purpose(segment.purpose, language),
            people=self._teller.told(segments.crowd(one)),
            floor=self._teller.least,
            building=not live.built,
            progress=live.progress,
            growth=self._growth(segment.id, self._points(segment.id)[-30:]),
            used_by=tuple((each.id, _label(each, language)) for each in newest if segment.id in each.members_of),
            absent=bool(absent_of(segment, segments.known(now=now_ms()))),
            sent_to=sent_to,
            channels=channels,
        )

    def _points(self, name: str) -> Sequence[Point]:
        growth = self._node.segments.growth.get(name)
        return (growth.daily if len(growth.daily) > _FEW_DAYS else growth.hourly) if growth else ()

    def _growth(self, name: str, points: Sequence[Point]) -> tuple[Growth, ...]:
        told = [told_growth(point, name, self._teller) for point in points]
        return tuple(
            Growth(at=point.at, people=people, entered=entered, left=left)
            for point, (people, entered, left) in zip(points, told, strict=True)
        )

    def _told(self, found: Preview, language: str) -> Tried:
        tell = self._teller.told
        people, everyone = tell(found.crowd), tell(found.everyone)
        return Tried(
            people=people,
            floor=self._teller.least,
            everyone=everyone,
            share=share_of(people, everyone),
            sentence=found.sentence[language],
            alone=tuple((one.text[language], tell(one.crowd)) for one in found.conditions),
            channels=self._channels(found.channels, people),
            reach=tuple(
                self._reach(names.purpose(purpose, language), crowd, people)
                for purpose, crowd in found.reach.items()
                if purpose not in _OF_CHANNELS
            ),
            absent=tuple((self._gene(gene, language), why) for gene, why in found.absent.items()),
        )

    def _channels(self, found: Mapping[str, Reached], whole: int | None) -> tuple[Reach, ...]:
        return tuple(
            self._reach(name, one.people, whole, without=self._teller.told(one.without)) for name, one in found.items()
        )

    def _reach(self, name: str, part: Crowd, whole: int | None, *, without: int | None = None) -> Reach:
        number = self._teller.told(part)
        return Reach(name=name, people=number, share=share_of(number, whole) or 0.0, without=without)

    async def _came(self, name: str, *, enough: bool) -> tuple[Came, ...]:
        """Who entered and left last; of a segment below the floor nobody is named."""
        if not enough:
            return ()
        segments = self._node.segments
        numbers = [one.number for one in segments.live if one.segment.id == name]
        after = max(0, segments.last_change - _RECORDS)
        records = await asyncio.to_thread(segments.changes, after, segments=numbers)
        shown = list[Came]()
        for record in records[records["person"] > 0][::-1][: 20 * _CAME]:
            person = self._node.world.people.person(int(record["person"]))
            found = self._node.journal.rows_of(self._node.world.people.members(person))
            if len(found.rows):  # nothing is left of who was erased
                head = head_of(self._node, person, found, language="en")
                shown.append(_moved(record, head))
            if len(shown) == _CAME:
                break
            await asyncio.sleep(0)  # others have their turn between two people
        return tuple(shown)

    def _versions(self, name: str) -> tuple[VersionRow, ...]:
        return tuple(
            VersionRow(
                number=row["version"], author=clean(row["author"], most=80), at=row["at"],
                removed="rule" not in row["body"], rule=row["body"].get("rule", {}),
            )
            for row in reversed(segment_versions(self._node.catalogue, name))
        )  # fmt: skip

    def _gene(self, gene: str, language: str) -> str:
        return clean(self._node.segments.known(now=now_ms()).genes[gene].label[language], most=120)

    def _head(self, person: int, language: str) -> Head:
        found = self._node.journal.rows_of(self._node.world.people.members(person))
        return head_of(self._node, person, found, language=language)


def _trial(name: str, purpose: str, rule: object) -> Segment:
    """A segment to try; one that is named does not ask about itself."""
    label = {"en": "preview", "de": "Vorschau"}
    return read_segment({"id": name or "preview", "label": label, "purpose": purpose, "rule": rule})


def _moved(record: Any, head: Head) -> Came:
    return Came(
        id=head.id, title=head.title, entered=bool(record["entered"]), at=int(record["at"]),
        reason=Reason(int(record["reason"])).name.lower(),
    )  # fmt: skip


def _label(segment: Segment, language: str) -> str:
    return clean(segment.label.get(language) or segment.id, most=120)
