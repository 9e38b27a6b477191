"""Events and facts as journal rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.desk import Desk
from genom.app.special.naming import named_in
from genom.app.world import World, identifier_body
from genom.identity import NewProfile
from genom.tables import Table128
from genom.words import DIRECT_TYPES, IDENTIFIER_TYPES, ROW, Event, Flag, Kind, Line

__all__ = ["PACK", "RowWriter"]

Codes = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]
Thing = tuple[int, int, int, bool]
"""Hash of a product, coupon or campaign, codes of its two categories, and whether it is tagged `art9`."""

PACK: Final = Struct("<QQqqQQQQQQQQqqqqIIHHHHHHHBBBB6x").pack
"""The fields of ROW in their order."""

_ATTRIBUTE: Final = int(Kind.ATTRIBUTE_DECLARED)
_REMEMBERED: Final = 200_000  # strings whose hashes are kept at hand
_TYPE_CODES: Final = {name: code for code, name in enumerate(IDENTIFIER_TYPES) if name}
# as plain integers: operations of Flag take a microsecond each
_AMOUNT, _SERVER, _COUPON, _DISCOUNTED, _LINE, _PENDING, _SPECIAL = (
    int(flag)
    for flag in (Flag.AMOUNT, Flag.SERVER, Flag.COUPON, Flag.DISCOUNTED, Flag.LINE, Flag.PENDING, Flag.SPECIAL)
)


class RowWriter:
    """Collects the rows and bodies of one commit; facts (profiles, links, terms) come before the events."""

    def __init__(self, world: World, desk: Desk) -> None:
        self._world, self._desk = world, desk
        self._facts: list[bytes] = []
        self._rows: list[bytes] = []
        self._bodies: list[bytes] = []
        self._size = 0
        self._hashes: dict[str, int] = {}
        self._things: dict[tuple[str, str, str], Thing] = {}
        self.kept = desk.purposes.of_special  # what an event about a special category serves at most
        self.tagged_names, self._tagging = self._hashes_of_names(), bool(desk.tags)
        self._codes = Table128(max_entries=_REMEMBERED)

    def profiles_of(self, events: list[Event]) -> list[list[int]]:
        """The profiles of each event's identifiers, strongest first; new ones are written down."""
        flat = [identifier for event in events for identifier in event.identifiers]
        numbers = self.profiles(flat)
        if len(flat) == len(events):
            return [[number] for number in numbers]
        found, at = [], 0
        for event in events:
            found.append(numbers[at : at + len(event.identifiers)])
            at += len(event.identifiers)
        return found

    def profiles(self, identifiers: Sequence[tuple[str, str]]) -> list[int]:
        """The profiles of identifiers; new ones are written down."""
        numbers, new = self._world.profiles.resolve(identifiers)
        self.new_profiles(new)
        return numbers

    def new_profiles(self, new: list[NewProfile]) -> None:
        """Write down new profiles; choices that waited for them are theirs from now on."""
        for profile in new:
            self._profile(profile)
            self._desk.choices.adopt(f"{profile.high:016x}{profile.low:016x}", profile.number)

    def _profile(self, new: NewProfile) -> None:
        body = identifier_body(new.type, None if new.type in DIRECT_TYPES else new.value)
        code = _TYPE_CODES.get(new.type, 0)
        self._fact(Kind.IDENTIFIER, new.number, low=new.low, high=new.high, body=body, category_1=code)

    def link(self, profile: int, other: int, *, source: int, pending: bool) -> None:
        """Two profiles of one person; a pending link is recorded and changes nothing yet."""
        self._fact(Kind.LINK, profile, item=other, source=source, flags=_PENDING if pending else 0)

    def unlink(self, profile: int, body: bytes) -> None:
        """A profile that stands alone again; the body says what was ended."""
        self._fact(Kind.UNLINK, profile, body=body)

    def code(self, vocabulary: int, term: str) -> int:
        """The code of a category; a new one is written down."""
        terms = self._world.terms[vocabulary]
        code = terms.code(term)
        for new, text in terms.take_new():
            self._fact(Kind.TERM, 0, line=vocabulary, category_2=new, body=text.encode())
        return code

    def _fact(
        self, kind: Kind, profile: int, *, low: int = 0, high: int = 0, item: int = 0, source: int = 0, flags: int = 0,
        line: int = 0, category_1: int = 0, category_2: int = 0, body: bytes = b"",
    ) -> None:  # fmt: skip
        start = self._body(body)
        self._facts.append(
            PACK(
                0,
                profile,
                0,
                0,
                0,
                0,
                low,
                high,
                0,
                item,
                0,
                0,
                0,
                0,
                0,
                0,
                start,
                len(body),
                0,
                kind,
                source,
                category_1,
                category_2,
                line,
                flags,
                0,
                0,
                0,
                0,
            )
        )

    def _body(self, body: bytes) -> int:
        start = self._size
        if body:
            self._bodies.append(body)
            self._size += len(body)
        return start

    def event(
        self, event: Event, *, profile: int, source: int, server: bool, key: list[int], mask: int, assumed: int
    ) -> None:
        """An event and its lines; if one of them is about a special category, all serve no more than may know it."""
        money = event.currency == self._desk.currency
        flags = event.flags | (_AMOUNT if money else 0) | (_SERVER if server else 0)
        item, one, two, special = self._thing(event.item, event.category_1, event.category_2)
        lines = [self._thing(line.item, line.category_1, line.category_2) for line in event.lines]
        if self._tagging and (special or any(thing[3] for thing in lines) or self._names_special(event)):
            mask, assumed, flags = mask & self.kept, assumed & self.kept, flags | _SPECIAL
        if event.kind == _ATTRIBUTE:
            item = self._world.layout.genes.attributes.number(event.item)
        name = self._hash(event.name) if event.kind == 0 and event.name else 0
        low, high = key
        body, start = event.body, self._size
        self._bodies.append(body)
        self._size += len(body)
        self._rows.append(
            PACK(
                0,
                profile,
                event.ts,
                event.known_at,
                mask,
                assumed,
                low,
                high,
                name,
                item,
                event.decision,
                0,
                event.amount if money else 0,
                event.amount,
                event.discount if money else 0,
                event.quantity,
                start,
                len(body),
                event.currency,
                event.kind,
                source,
                one,
                two,
                0,
                flags,
                event.channel,
                event.hour_of_week,
                0,
                event.device,
            )
        )
        for number, (line, thing) in enumerate(zip(event.lines, lines, strict=True), 1):
            self._line(line, thing, number, event, profile, source, flags, low, high, mask, assumed)

    def events(self, rows: NDArray[np.void], bodies: bytes) -> None:
        """Rows of events that are complete but for the place of their bodies, which counts from the begin of these."""
        rows["body_start"] += np.uint32(self._body(bodies))
        self._rows.append(rows.tobytes())

    def categories_of(self, things: NDArray[np.uint64], thing: Callable[[int], tuple[str, str, str]]) -> Codes:
        """Codes of the two categories of things, and which things are tagged.

        Things are known by hashes of shape (n, 2); `thing` tells what the i-th is.
        """
        found = self._codes.find(things)
        for index in np.flatnonzero(found < 0).tolist():
            _, one, two, special = self._thing(*thing(index))
            found[index] = special << 32 | one << 16 | two
            if len(self._codes) == _REMEMBERED:
                self._codes = Table128(max_entries=_REMEMBERED)
            self._codes.put(things[index : index + 1], found[index : index + 1])
        return found >> 16 & 0xFFFF, found & 0xFFFF, found >> 32 > 0

    def _line(  # noqa: PLR0917 -- on the hot path, by position
        self, line: Line, thing: Thing, number: int, event: Event, profile: int, source: int, flags: int, low: int,
        high: int, mask: int, assumed: int,
    ) -> None:  # fmt: skip
        money = flags & _AMOUNT
        own = _LINE | (flags & ~(_COUPON | _DISCOUNTED))
        own |= (_COUPON if line.coupon else 0) | (_DISCOUNTED if line.discount > 0 else 0)
        item, one, two, _ = thing
        self._rows.append(
            PACK(
                0,
                profile,
                event.ts,
                event.known_at,
                mask,
                assumed,
                low,
                high,
                0,
                item,
                event.decision,
                0,
                line.amount if money else 0,
                line.amount,
                line.discount if money else 0,
                line.quantity,
                0,
                0,
                event.currency,
                event.kind,
                source,
                one,
                two,
                number,
                own,
                event.channel,
                event.hour_of_week,
                0,
                event.device,
            )
        )

    def _thing(self, item: str, one: str, two: str) -> Thing:
        found = self._things.get((item, one, two))
        if found is None:
            if len(self._things) > _REMEMBERED:
                self._things.clear()
            known = self._known_categories(item, one, two)
            special = self._desk.tags.about(item, one, two) or self._desk.tags.about(item, *known)
            found = self._things[item, one, two] = (
                self._hash(item) if item else 0, *self._category_codes(*known), special,
            )  # fmt: skip
        return found

    def _names_special(self, event: Event) -> bool:
        """Whether the event itself is tagged, or names something tagged that it is not about, such as a coupon."""
        tags = self._desk.tags
        return event.name in tags.events or any(
            tags.about(*named) or tags.about(named[0], *self._known_categories(*named))
            for named in named_in(event.body)
        )

    def forget_things(self) -> None:
        """The catalogue or its tags have changed."""
        self._things.clear()
        self._codes = Table128(max_entries=_REMEMBERED)
        self.tagged_names, self._tagging = self._hashes_of_names(), bool(self._desk.tags)

    def _hashes_of_names(self) -> NDArray[np.uint64]:
        """As rows have the names of own events."""
        names = [name.encode() for name in sorted(self._desk.tags.events)]
        return np.asarray(self._desk.items.hash64(names) if names else [], np.uint64)

    def _known_categories(self, item: str, one: str, two: str) -> tuple[str, str]:
        """As the event says, or else the catalogue."""
        return self._desk.products.get(item, (one, two)) if item and not two else (one, two)

    def _category_codes(self, one: str, two: str) -> tuple[int, int]:
        if not two and not one:
            return 0, 0
        terms = self._world.terms
        return terms[1].find(one) or (self.code(1, one) if one else 0), terms[2].find(two) or (
            self.code(2, two) if two else 0
        )

    def _hash(self, text: str) -> int:
        found = self._hashes.get(text)
        if found is None:
            if len(self._hashes) > _REMEMBERED:
                self._hashes.clear()
            found = self._hashes[text] = int(self._desk.items.hash64([text.encode()])[0])
        return found

    def take(self) -> tuple[NDArray[np.void], bytes]:
        """All rows and bodies collected since the last call."""
        rows = np.frombuffer(bytearray(b"".join(self._facts + self._rows)), ROW)
        bodies = b"".join(self._bodies)
        self._facts, self._rows, self._bodies, self._size = [], [], [], 0
        return rows, bodies

    def keep_facts(self, rows: NDArray[np.void], bodies: bytes) -> None:
        """Keep the facts of rows that could not be written: the world knows them already."""
        for row in rows[rows["kind"] >= 200]:
            start, length = int(row["body_start"]), int(row["body_length"])
            kept = row.copy()
            kept["body_start"] = self._body(bodies[start : start + length])
            self._facts.append(kept.tobytes())
