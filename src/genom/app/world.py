"""What the journal folds to: who exists, who is linked, which terms and ids are known, and everybody's genome.

The node folds every group into it as it commits; a start, the worker and `genom verify` fold the journal with the
same steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.assumptions import Assumptions, served
from genom.app.directory import Secrets
from genom.app.folding import NO_CUTS, admit
from genom.genome import DAY, Layout, Matrix, refold
from genom.identity import ErasedIdentifiers, Pending, People, Profiles
from genom.journal import Block, Dedupe, Journal, Vocabulary
from genom.settings import Settings
from genom.words import IDENTIFIER_TYPES, ROW, Flag, Kind

__all__ = ["VOCABULARIES", "World", "identifier_body"]

VOCABULARIES: Final = {1: ("category_1", 64), 2: ("category_2", 384)}  # number → column, size
_TOLD: Final = 16_384  # rows between two words of progress
_ROOM: Final = 4_096  # profiles whose memory is provided ahead


@lru_cache
def _beside() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "genom-ids")


def _type_of(body: bytes) -> str:
    return str(msgspec.json.decode(body)["type"]) if body else ""


def identifier_body(kind: str, value: str | None) -> bytes:
    """The body of an IDENTIFIER row; direct identifiers come without their value."""
    return msgspec.json.encode({"type": kind} if value is None else {"type": kind, "value": value})


class World:
    """The state that is rebuilt from the journal, at one position."""

    at_once = 1_048_576  # rows folded in one go at a start: 160 MB

    def __init__(self, layout: Layout, secrets: Secrets, settings: Settings, *, popularity_bit: int) -> None:
        self.layout, self.position, self._popularity_bit = layout, 0, popularity_bit
        self.profiles = Profiles(secrets.identity, capacity=settings.people_max)
        self.people = People(settings.people_max)
        self.pending = Pending()
        self.erased = ErasedIdentifiers()  # told by the ledger, not by the journal
        self.terms = {
            number: Vocabulary(size, told=partial(layout.name_code, column))
            for number, (column, size) in VOCABULARIES.items()
        }
        self.dedupe = Dedupe(secrets.message, max_entries=settings.dedupe_entries)
        self.matrix = Matrix(layout, settings.people_max, popularity_bit=popularity_bit)
        self.assumptions = Assumptions(settings.people_max)
        self.last_ts = 0  # when the newest event folded was known: live reads are as of later than that
        self.counts = {"events": 0, "rows": 0}
        self.expired = 0  # rows of these that a replay met overwritten, for their time had passed
        self._roomy = 0  # profiles that have their memory
        self._keyless: set[int] = set()  # erased profiles whose rows are in the journal still
        self._day, self._cuts = -1, NO_CUTS  # for which read windows are cut
        self.on_refold: Callable[[int], None] = lambda _person: None  # somebody's row was folded anew

    def term(self, property: str, code: int) -> str:
        """The text of a category code."""
        terms = self.terms[1 if property == "category_1" else 2].terms
        return terms[code] if code < len(terms) else ""

    def fold(self, rows: NDArray[np.void], *, now: int) -> None:
        """Fold event rows into the genome."""
        if now // DAY != self._day:
            self._day, self._cuts = now // DAY, self.layout.windows.cuts(now)
        admitted = admit(rows, self.people.person_of, self.assumptions, now=now, cuts=self._cuts)
        self.matrix.fold(rows, admitted.masks, admitted.targets)
        self.last_ts = max(self.last_ts, admitted.known_at)  # never before a row's `ts`
        self.counts["rows"] += admitted.rows
        self.counts["events"] += admitted.events

    @property
    def wants_room(self) -> bool:
        """Whether memory for people to come should be provided."""
        return self.profiles.count + _ROOM // 2 > self._roomy

    def make_room(self) -> None:
        """Provide it; may run in another thread."""
        first, self._roomy = max(self._roomy, self.profiles.count) + 1, self.profiles.count + _ROOM
        self.matrix.reserve(first, self._roomy)

    def link(self, a: int, b: int) -> None:
        """Two profiles are one person: their rows add up."""
        if merge := self.people.link(a, b):
            self.matrix.merge(merge.kept, merge.merged)
            self.assumptions.merge(merge.kept, merge.merged)

    def refold(self, person: int, journal: Journal, *, now: int, until: int | None = None) -> None:
        """Throw a person's row away and fold it again from the journal (up to a position)."""
        rows = self.rows_of(person, journal)
        if until is not None:
            rows = rows[rows["sequence"] <= until]
        self.matrix.replace(person, refold(self.layout, rows, self.serves(rows, now=now)))
        self.assumptions.reset(person)
        counted = rows[served(rows, now=now, since=self.assumptions.since) != rows["mask"]]
        self.assumptions.note(np.full(len(counted), person, np.int64), counted)
        self.on_refold(person)

    def forget(self, person: int, journal: Journal, *, now: int) -> tuple[int, ...]:
        """Take an erased person out, before the journal's rows are overwritten; returns the person's profiles.

        Their identifiers are unknown from now on: an event with one of them makes a profile with a new number.
        Everybody else's genome is as if the person had never been.
        """
        members, rows = self.people.members(person), self.rows_of(person, journal)
        rows = rows[rows["sequence"] <= self.position]
        self.matrix.take_back(rows, self.serves(rows, now=now))
        self.matrix.clear(person)
        self.assumptions.reset(person)
        self.counts["rows"] -= len(rows)
        self.counts["events"] -= int(np.count_nonzero(rows["line"] == 0))
        self.people.erase(members)
        for profile in members:
            self.profiles.erase(profile)
        return members

    def serves(self, rows: NDArray[np.void], *, now: int) -> NDArray[np.uint64]:
        """The purposes that each row may serve at a moment: what is assumed has not ended, no window has passed."""
        masks = served(rows, now=now, since=self.assumptions.since)
        return self.layout.windows.within(masks, rows, now)

    def rows_of(self, person: int, journal: Journal) -> NDArray[np.void]:
        """A person's event rows, in order of sequence."""
        rows = journal.rows_of(self.people.members(person)).rows
        return rows[rows["kind"] < 200]

    def replay(
        self, journal: Journal, *, now: int, until: int | None = None, progress: Callable[[int], None] = lambda _: None
    ) -> None:
        """Fold what the journal has beyond the position (up to another one)."""
        self.follow(journal.blocks(self.position + 1), journal, now=now, until=until, progress=progress)

    def follow(
        self, blocks: Iterable[Block], journal: Journal, *, now: int, until: int | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> None:  # fmt: skip
        """Fold these blocks, the first of which follows the position."""
        dirty, waiting, held, told = set[int](), list[NDArray[np.void]](), 0, 0
        for block in blocks:
            if until is not None and block.header.first_sequence > until:
                break
            kinds = block.rows["kind"]
            if (kinds >= 200).any():
                self._flush(waiting, now=now)
                held = 0
                dirty |= self._take_facts(block)
            waiting.append(self._left(block.rows, now=now))
            held += len(block.rows)
            told += len(block.rows)
            if held >= self.at_once:
                self._flush(waiting, now=now)
                held = 0
            if told >= _TOLD:
                progress(self.position)
                told = 0
            self.position = block.header.first_sequence + block.header.rows - 1
        self._flush(waiting, now=now)
        for person in {self.people.person(split) for split in dirty}:  # they may have been linked again since
            self.refold(person, journal, now=now, until=self.position)

    def _left(self, rows: NDArray[np.void], *, now: int) -> NDArray[np.void]:
        """Without the rows of profiles whose keys were destroyed, and which an erasure has still to overwrite."""
        if not self._keyless:
            return rows
        self.dedupe.remember(rows, now=now)
        return rows[~np.isin(rows["profile"], list(self._keyless)) | (rows["kind"] >= 200)]

    def _flush(self, waiting: list[NDArray[np.void]], *, now: int) -> None:
        if waiting:
            rows = np.concatenate([part.view(np.uint8) for part in waiting]).view(ROW)  # as bytes: three times as fast
            remembered = _beside().submit(self._remember, rows, now)  # ids and genome are different memory
            self._count_expired(rows)
            self.fold(rows, now=now)
            remembered.result()
            waiting.clear()

    def _count_expired(self, rows: NDArray[np.void]) -> None:
        """Events whose storage window has passed were there: whoever saw them counted them."""
        expired = rows[(rows["kind"] == Kind.ERASED) & (rows["flags"] & np.uint16(Flag.EXPIRED) != 0)]
        self.expired += len(expired)
        self.counts["rows"] += len(expired)
        self.counts["events"] += int(np.count_nonzero(expired["id_low"] | expired["id_high"]))

    def _remember(self, rows: NDArray[np.void], now: int) -> None:
        """An event of these that comes again does not count again."""
        self.dedupe.remember(rows, now=now)

    def _take_facts(self, block: Block) -> set[int]:
        self._take_profiles(block)
        dirty = set[int]()
        for index in np.flatnonzero((block.rows["kind"] > Kind.IDENTIFIER) & (block.rows["kind"] < Kind.DECISION)):
            dirty |= self._take_fact(block.rows[index], block.body(int(index)))
        return dirty

    def _take_profiles(self, block: Block) -> None:
        places = np.flatnonzero(block.rows["kind"] == Kind.IDENTIFIER)
        whole = ~block.keyless(places)
        coded = zip(places.tolist(), block.rows["category_1"][places].tolist(), strict=True)
        types = [IDENTIFIER_TYPES[code] if code else _type_of(block.body(place)) for place, code in coded]
        whole &= np.array([bool(name) for name in types], np.bool_)  # the others were erased since the block was read
        rows, types = block.rows[places[whole]], [name for name, there in zip(types, whole, strict=True) if there]
        numbers = rows["profile"].astype(np.int64)
        self.profiles.adopt_all(numbers, types, np.stack([rows["id_low"], rows["id_high"]], axis=1))
        gone = block.rows["profile"][block.rows["kind"] == Kind.ERASED].astype(np.int64)
        keyless = block.rows["profile"][places[~whole]].tolist()
        self._keyless.update(keyless)
        gone = np.append(gone, keyless)
        self.profiles.skip(int(gone.max(initial=0)))
        self.people.erase(gone[gone > 0].astype(np.int64).tolist())

    def _take_fact(self, row: np.void, body: bytes) -> set[int]:
        profile, other = int(row["profile"]), int(row["item"])
        if row["kind"] == Kind.TERM:
            self.terms[int(row["line"])].adopt(int(row["category_2"]), body.decode())
        elif row["kind"] == Kind.UNLINK:
            return set(self.people.unlink(profile))
        elif int(row["flags"]) & Flag.PENDING:
            self.pending.first([(profile, other)])
        else:
            self.link(profile, other)
        return set()

    def dump(self, *, copy: bool = True) -> dict[str, NDArray[Any]]:
        """Everything as arrays, for a state file at `position`; the genome is copied, if it may change meanwhile."""
        parts: dict[str, NDArray[Any]] = {}
        for name, arrays in (
            ("profiles", self.profiles.dump()),
            ("people", self.people.dump()),
            ("matrix", self.matrix.dump(self.profiles.count, copy=copy)),
            ("assumptions", self.assumptions.dump(self.profiles.count)),
            ("dedupe", self.dedupe.dump()),
        ):
            parts |= {f"{name}.{part}": array for part, array in arrays.items()}
        small = {"terms": {n: v.terms for n, v in self.terms.items()}, "last_ts": self.last_ts, "counts": self.counts}
        return parts | {"small": np.frombuffer(msgspec.json.encode(small), np.uint8)}

    @property
    def places(self) -> dict[str, NDArray[Any]]:
        """Where the largest arrays of a state file belong, so that they can be read there."""
        return {f"matrix.{part}": array for part, array in self.matrix.places.items()}

    def begin_anew(self) -> None:
        """Without what was read into `places`."""
        self.matrix = Matrix(self.layout, self.matrix.people, popularity_bit=self._popularity_bit)

    def load(self, parts: dict[str, NDArray[Any]], *, position: int) -> None:
        """Take in the arrays of a state file; stores of which it has none stay as they are."""
        for name, store in (
            ("profiles", self.profiles),
            ("people", self.people),
            ("matrix", self.matrix),
            ("assumptions", self.assumptions),
            ("dedupe", self.dedupe),
        ):
            own = {key.partition(".")[2]: part for key, part in parts.items() if key.partition(".")[0] == name}
            if own:
                store.load(own)
        self.people.erase(self.profiles.erased().tolist())
        small = msgspec.json.decode(parts["small"].tobytes())
        for number, terms in small["terms"].items():
            _adopt_terms(self.terms[int(number)], terms)
        self.last_ts, self.counts, self.position = small["last_ts"], small["counts"], position

    def adopt(self, other: World) -> None:
        """Take over the genome of a world at the same position that was folded under another gene set."""
        self.layout, self.matrix, self.assumptions = other.layout, other.matrix, other.assumptions
        self._roomy, self._day = self.profiles.count, -1
        for number, (column, _) in VOCABULARIES.items():
            self.terms[number].tell(partial(self.layout.name_code, column))


def _adopt_terms(vocabulary: Vocabulary, terms: Iterable[str]) -> None:
    for code, term in enumerate(terms):
        if code > 1:
            vocabulary.adopt(code, term)
