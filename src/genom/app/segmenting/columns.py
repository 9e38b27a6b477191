"""Columnar copies of what segments ask about: each column of everybody, filled through the gate, kept up to date.

A copy holds nothing that the person does not permit to be read for the purpose: there it is NaN, and `may`, what each
person permits now, is asked at every evaluation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.segmenting.known import EVENTS, known_of, terms_of
from genom.app.segmenting.predicted import Predicted, is_prediction
from genom.genome import Asked, Gate, Prepared, Scan
from genom.segments import ANY, WANTED, Column, Columns, Place, Program, Where, Window, keep_newest, take_events
from genom.words import CHANNELS, MICROS, ROW

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Events", "SegmentColumns", "permitted_now"]

_ROWS: Final = 16  # columns that there is room for at first
_DRIFT: Final = 64  # half-lives after which the common unit of fading columns moves
_PREVIEWED: Final = 64  # columns that are kept for previews
_FAR: Final = 1 << 62
_LATELY: Final = 60_000  # ms for which predictions that no segment asks about are as good as new

Events = tuple[str, str, Where]
"""What a window counts: purpose, event, filter."""


class SegmentColumns:
    """The copies; row p of the world's people is column p of every matrix here."""

    def __init__(self, node: Node, *, at: int) -> None:
        self._node = node
        self.people = node.settings.people_max + 1
        self.columns = Columns(
            fading=np.zeros((_ROWS, self.people), np.float32), still=np.zeros((_ROWS, self.people)),
            may=np.zeros(self.people, np.uint64),
        )  # fmt: skip
        self._places: dict[Column, Place] = {}
        self._windows: dict[Events, Place] = {}  # place of the newest
        self._sizes: dict[Events, int] = {}
        self._used: dict[Column | Events, int] = {}
        self.previews = 0  # that are under way: their columns stay
        self._slow: set[Column] = set()  # no kernel reads them
        self.models = Predicted(node)
        self.foretold: dict[Column, int] = {}  # predictions that segments ask about, and their rows
        self._foretold_at: dict[Column, tuple[int, int]] = {}  # turn of the models, and when everybody's were read
        self._followed: set[Column | Events] = set()  # that segments ask about, not only previews
        self._clock = 0
        self._free: tuple[list[int], list[int]] = (list(range(_ROWS)), list(range(_ROWS)))  # of fading, of still
        self.take_world(at)

    def take_world(self, at: int) -> None:
        """The genome was replaced: columns of the old one are forgotten."""
        node = self._node
        self.matrix = node.world.matrix
        gate = Gate(self.matrix, purpose_bit=node.purposes.bit, term=node.world.term)
        self.scan = Scan(self.matrix, gate, purpose_bit=node.purposes.bit, terms=lambda prop: terms_of(node, prop))
        self.known = known_of(node, self.scan)
        for column in list(self._places):
            self._drop(column)
        self.bases = self.scan.bases(at)
        self._scales = at, self.scan.scales(self.bases, at)
        self._prepare()

    # which columns there are

    def ensure(self, programs: Iterable[Program]) -> tuple[list[Column], list[Events]]:
        """Make room for what programs ask about; returns what is new and must be filled."""
        self._clock += 1
        columns, windows = list[Column](), list[Events]()
        for source in dict.fromkeys(source for program in programs for source in program.sources):
            if isinstance(source, Column):
                if source not in self._places:
                    self._places[source] = self._room(source)
                    if _is_predicted(source) or self.prepared([source]).slow:
                        self._slow.add(source)
                    columns.append(source)
                self._used[source] = self._clock
            elif isinstance(source, Window):
                key, size = (source.purpose, source.event, source.where), source.place + 1
                if self._sizes.get(key, 0) < size:
                    self._drop(key)
                    self._windows[key], self._sizes[key] = self._still_rows(size), size
                    windows = [other for other in windows if other != key] + [key]
                self._used[key] = self._clock
        if columns or windows:
            self._prepare()
        return columns, windows

    def drop_unused(self, programs: Iterable[Program]) -> None:
        """Forget what no program needs, except for what was looked at lately."""
        needed: set[Column | Events] = set()
        for program in programs:
            for source in program.sources:
                if isinstance(source, Column):
                    needed.add(source)
                elif isinstance(source, Window):
                    needed.add((source.purpose, source.event, source.where))
        spare = sorted((self._used[key], str(key), key) for key in self._used if key not in needed)
        for _, _, key in [] if self.previews else spare[: max(len(spare) - _PREVIEWED, 0)]:
            self._drop(key)
        self._followed = needed
        self._prepare()

    def follows(self, windows: Iterable[Events]) -> bool:
        """Whether segments ask about one of these windows."""
        return not self._followed.isdisjoint(windows)

    def unfollowed(self, programs: Iterable[Program], *, now: int) -> list[Column]:
        """Columns that programs ask about and that events do not keep up to date: they are read when they are used."""
        sources = dict.fromkeys(source for program in programs for source in program.sources)
        late = [s for s in sources if isinstance(s, Column) and s in self._slow and s not in self._followed]
        turn, since = self._node.models.turn, now - _LATELY
        return [s for s in late if (at := self._foretold_at.get(s)) is None or at[0] != turn or at[1] < since]

    def take_models(self) -> None:
        """Other models are in force: what they say must be read anew."""
        self.known = known_of(self._node, self.scan)

    def place_of(self, source: Column | Window) -> Place:
        """Where a column lies."""
        if isinstance(source, Column):
            return self._places[source]
        return Place(self._windows[source.purpose, source.event, source.where].row + source.place)

    def _room(self, column: Column) -> Place:
        if _is_predicted(column):
            place = self._still_rows(1)
            self.columns.still[place.row] = np.nan  # of people who are still to come, too
            return place
        span = self.scan.span(column)
        if span < 0:
            return self._still_rows(1)
        if not self._free[0]:
            self._grow(fading=True)
        return Place(self._free[0].pop(0), span)

    def _still_rows(self, size: int) -> Place:
        """That many rows in a run, all zeros."""
        while True:
            free = self._free[1]
            for i in range(len(free) - size + 1):
                if free[i + size - 1] - free[i] == size - 1:
                    first = free[i]
                    del free[i : i + size]
                    return Place(first)
            self._grow(fading=False)

    def _grow(self, *, fading: bool) -> None:
        old = self.columns.fading if fading else self.columns.still
        grown = np.zeros((2 * len(old), self.people), old.dtype)
        used = self._node.world.profiles.count + 1
        grown[: len(old), :used] = old[:, :used]
        self._free[0 if fading else 1].extend(range(len(old), len(grown)))
        kept = self.columns
        self.columns = Columns(grown, kept.still, kept.may) if fading else Columns(kept.fading, grown, kept.may)
        foretold = () if fading else self._rows_of_predictions(self._places).values()
        grown[list(foretold), used:] = np.nan  # of people who are still to come

    def _drop(self, key: Column | Events) -> None:
        self._used.pop(key, None)
        if isinstance(key, Column):
            self._slow.discard(key)
            self._foretold_at.pop(key, None)
            row, span = self._places.pop(key)
            kind, rows = (0, [row]) if span >= 0 else (1, [row])
        elif key in self._windows:
            first = self._windows.pop(key).row
            kind, rows = 1, list(range(first, first + self._sizes.pop(key)))
        else:
            return
        matrix = self.columns.still if kind else self.columns.fading
        for row in rows:
            matrix[row, : self._node.world.profiles.count + 1] = 0
        self._free[kind].extend(rows)
        self._free[kind].sort()

    def _prepare(self) -> None:
        kept = [column for column in self._places if column not in self._slow or column in self._followed]
        self.every = self.prepared(kept)
        self.moving = self.scan.moving(self.every)
        self.foretold = self._rows_of_predictions(column for column in kept if column in self._followed)
        self._wanted = self._wants(self._windows)

    # what stands in them

    def permissions(self, who: NDArray[np.int64], *, now: int) -> None:
        """Bring up to date what people permit now; a person that another goes on as permits nothing.

        A purpose whose sums hold what is past its read window is withheld whole until the next sweep has been here.
        """
        may = permitted_now(self._node, who, now=now)
        for column in range(len(self.matrix.layout.genes.purposes)):
            if self.matrix.windowed(column):
                may &= ~self.matrix.outlived_bits(who, column, now)
        for old in self._foretold_at.keys() - self.foretold.keys():  # nobody follows these: they say too much now
            self.columns.still[self._places[old].row, who[may != self.columns.may[who]]] = np.nan
        self.columns.may[who] = may

    def prepared(self, only: Iterable[Column]) -> Prepared:
        """Some of the columns, to be filled; predictions are not among them."""
        return self.scan.prepare(
            [Asked(column, self._places[column].row) for column in only if not _is_predicted(column)]
        )

    def predict(self, who: NDArray[np.int64], *, at: int, only: Mapping[Column, int] | None = None) -> None:
        """Compute what models say of some people, and keep it."""
        held = self.columns
        self.models.fill(self.foretold if only is None else only, who, may=held.may, still=held.still, at=at)

    def predictions(self, only: Iterable[Column], *, now: int) -> dict[Column, int]:
        """Those of the columns that models say, with their rows; from now on everybody's are taken to be read."""
        found = self._rows_of_predictions(only)
        self._foretold_at |= dict.fromkeys(found, (self._node.models.turn, now))
        return found

    def _rows_of_predictions(self, only: Iterable[Column]) -> dict[Column, int]:
        return {column: self._places[column].row for column in only if _is_predicted(column)}

    def fill_fast(self, who: NDArray[np.int64], *, at: int, only: Prepared | None = None) -> None:
        """Read those that the kernel knows."""
        held = self.columns
        self.scan.fill(
            only or self.every,
            who,
            may=held.may,
            fading=held.fading,
            still=held.still,
            bases=self.bases,
            at=at,
            scales=self.scales(at),
        )

    def fill_slow(self, who: NDArray[np.int64], *, at: int, only: Prepared | None = None) -> None:
        """Read the others."""
        self.scan.fill_slow(only or self.every, who, may=self.columns.may, still=self.columns.still, at=at)

    def fill_numbers(self, who: NDArray[np.int64], *, at: int) -> None:
        """Of the others those that are numbers."""
        self.scan.fill_numbers(self.every, who, may=self.columns.may, still=self.columns.still, at=at)

    def fill_texts(self, who: NDArray[np.int64], *, at: int) -> None:
        """Of the others those that are texts."""
        self.scan.fill_texts(self.every, who, may=self.columns.may, still=self.columns.still, at=at)

    @property
    def one_by_one(self) -> set[Column]:
        """The columns that take so long that a large group waits for them: texts, and what models say."""
        texts = {Column(*one.ask) for one, _, _ in self.every.texts}
        return texts | self.foretold.keys()

    def scales(self, at: int) -> NDArray[np.float64]:
        """What one unit of the fading columns of each half-life is worth."""
        if self._scales[0] != at:
            self._scales = at, self.scan.scales(self.bases, at)
        return self._scales[1]

    def drift(self, at: int) -> None:
        """Move the units of half-lives that have passed often, so that no value leaves the range of its type."""
        bases = self.scan.bases(at)
        used = self._node.world.profiles.count + 1
        for span in np.flatnonzero(bases - self.bases > _DRIFT).tolist():
            factor = np.float32(np.exp2(float(self.bases[span] - bases[span])))
            for row, of in self._places.values():
                if of == span:
                    self.columns.fading[row, :used] *= factor
            self.bases[span] = bases[span]
        self._scales = -1, self._scales[1]

    def take_rows(self, rows: NDArray[np.void], *, now: int, only: Sequence[Events] | None = None) -> None:
        """Take events into the windows (into `only` some of them)."""
        wanted = self._wanted if only is None else self._wants(only)
        if len(wanted) and len(rows):
            masks = self._node.world.serves(rows, now=now)
            people = self._node.world.people.person_of[rows["profile"].astype(np.int64)]
            take_events(rows, masks, people, wanted, self.columns.still)

    def recount(self, person: int, *, now: int, until: int) -> None:
        """Take a person's events anew from the journal, up to a row."""
        if not self._windows:
            return
        self._clear_windows(person)
        if self._node.world.people.person(person) == person:
            rows = self._node.world.rows_of(person, self._node.journal).astype(ROW)
            self.take_rows(rows[rows["sequence"] <= until], now=now)

    def merge(self, gone: int, kept: int) -> None:
        """One person's events are another's."""
        for key, place in self._windows.items():
            times = self.columns.still[place.row : place.row + self._sizes[key], gone].astype(np.int64)
            times = times[times > 0]
            keep_newest(times, np.full(len(times), kept), self.columns.still, place.row, self._sizes[key])
        self._clear_windows(gone)

    def has_window(self, key: Events) -> bool:
        """Whether a window has columns."""
        return key in self._windows

    def clear_window(self, key: Events) -> None:
        """Forget a window's events."""
        first = self._windows[key].row
        self.columns.still[first : first + self._sizes[key], : self._node.world.profiles.count + 1] = 0

    def _clear_windows(self, person: int) -> None:
        for key, place in self._windows.items():
            self.columns.still[place.row : place.row + self._sizes[key], person] = 0

    def _wants(self, windows: Iterable[Events]) -> NDArray[np.void]:
        found = [self._want(key) for key in windows]
        return np.array(found, WANTED) if found else np.zeros(0, WANTED)

    def _want(self, key: Events) -> tuple[int, ...]:
        purpose, event, where = key
        category, level = self._category(where.category)
        low, high = where.amount_at_least, where.amount_at_most
        return (
            int(EVENTS[event]), self._node.purposes.bit(purpose),
            int(CHANNELS[where.channel]) if where.channel else ANY,
            category, level,
            int(self._node.desk.items.hash64([where.item.encode()])[0]) if where.item else 0,
            -_FAR if low is None else round(low * MICROS), _FAR if high is None else round(high * MICROS),
            int(low is not None or high is not None),
            ANY if where.discounted is None else int(where.discounted),
            ANY if where.coupon is None else int(where.coupon),
            self._windows[key].row, self._sizes[key],
        )  # fmt: skip

    def _category(self, text: str) -> tuple[int, int]:
        if not text:
            return ANY, 2
        narrow, wide = (self._node.world.terms[number].find(text) for number in (2, 1))
        return (narrow, 2) if narrow else (wide or -2, 1)


def _is_predicted(column: Column) -> bool:
    return column.form != "attribute" and is_prediction(column.gene)


def permitted_now(node: Node, who: NDArray[np.int64], *, now: int) -> NDArray[np.uint64]:
    """What people permit now; a person that another goes on as permits nothing."""
    permits, assumptions = node.pipeline.permits, node.world.assumptions
    may = permits.of_all(who, development=False, now=now)[:, 0]
    active = assumptions.arrays[2][who] > now
    if active.any():
        may = may | np.where(active, permits.of_all(who, development=True, now=now)[:, 1], np.uint64(0))
    return np.where(node.world.people.person_of[who] == who, may, np.uint64(0))
