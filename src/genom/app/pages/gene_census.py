"""What people have of each gene: a sample of people is read through the gate beside the traffic, and kept for a while.

Only people who permit the purpose and do not object to statistics are in it.  It is read person by person, with pauses
in which everything else has its turn; what is counted from it is worked out in a thread.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.gene_uses import Uses
from genom.app.server import App
from genom.app.special.refusing import special_genes
from genom.genome import Gene, Layout, Read, View, numeric_genes
from genom.genome.lint import Finding, Measured, alike, lint, masked
from genom.genome.plan import Plan, plan_of
from genom.genome.ring_rows import passing
from genom.words import ROW

__all__ = ["FEWEST", "PEOPLE", "Census", "Censuses", "censuses_of"]

log = logging.getLogger("genom.pages")

PEOPLE: Final = 2_000  # in the sample: a share is then right to about two percentage points
FEWEST: Final = 50  # people: a number of fewer would tell of single ones
_DRAWN: Final = 4  # profiles for each person of the sample: not all permit it
_STATISTICS: Final = "measure_aggregate"
_PAUSE: Final = 0.002  # seconds after each person
_AWAITED: Final = 200  # profiles whose census takes a moment only
_PATIENCE: Final = 1.0  # seconds that it is waited for
_FRESH: Final = 900_000  # ms that a census is used before it is taken anew
_ROWS: Final = 20_000  # newest journal rows in which the last event of each gene is looked for
_FADED: Final = 0.05  # a count below it is shown as none
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """What was found for one purpose."""

    purpose: str
    at: int  # unix ms
    position: int  # of the journal
    population: int  # people that there are
    people: int  # that were looked at
    everyone: bool  # whether these are all who permit it
    layout: Layout
    known: Mapping[str, int]  # gene → how many of them have it
    columns: Mapping[str, int]  # gene → its column of `values`
    values: Floats  # a row a person; NaN = has nothing
    times: Mapping[str, Sequence[float]]  # gene → unix ms, one for each person who has it
    texts: Mapping[str, Mapping[str, int]]  # gene → text or largest cell → how many have it
    rows: int  # newest journal rows that were looked at
    lasts: Mapping[str, int]  # gene → time of the newest of them that counts for it, unix ms
    findings: tuple[Finding, ...]

    @property
    def enough(self) -> bool:
        """Whether anything may be said without telling of single people."""
        return self.people >= FEWEST

    def coverage(self, gene: str) -> float:
        """The share of people who have it."""
        return self.known.get(gene, 0) / self.people if self.people else 0.0

    def amounts(self, gene: str) -> NDArray[np.float64]:
        """The values of those who have the gene; empty for one whose values are texts or cells."""
        if gene in self.columns:
            column = self.values[:, self.columns[gene]].astype(np.float64)
            return column[~np.isnan(column)]
        return np.array(self.times.get(gene, ()), np.float64)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What was read so far."""

    plan: Plan
    holds: NDArray[np.bool_]  # columns in which zero is nothing
    others: tuple[Gene, ...]
    rows: list[Floats] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=dict)
    texts: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, view: View) -> None:
        """Take in a person."""
        row = view.numbers(self.plan).astype(np.float32)
        row[~np.isfinite(row) | (self.holds & (np.abs(row) < _FADED))] = np.nan
        self.rows.append(row)
        for gene in self.others:
            self._add_other(gene, view.read(gene))

    def _add_other(self, gene: Gene, read: Read) -> None:
        if read.state != "known":
            return
        if gene.unit == "time" and isinstance(read.value, str):
            self.times.setdefault(gene.id, []).append(datetime.fromisoformat(read.value).timestamp() * 1000)
        elif read.cells:
            name, weight = max(read.cells.items(), key=lambda cell: (cell[1], cell[0]))
            if weight >= _FADED:
                self.texts.setdefault(gene.id, Counter())[name] += 1
        elif isinstance(read.value, str) and read.value:
            self.texts.setdefault(gene.id, Counter())[read.value] += 1

    def values(self) -> Floats:
        """A row a person, a column a gene."""
        return np.array(self.rows, np.float32).reshape(len(self.rows), self.plan.shown)

    def known(self, values: Floats) -> dict[str, int]:
        """How many have each gene."""
        counts = np.count_nonzero(~np.isnan(values), axis=0).tolist()
        found = dict(zip((gene.id for gene in self.plan.genes), counts, strict=False))
        found |= {gene: len(times) for gene, times in self.times.items()}
        return found | {gene: texts.total() for gene, texts in self.texts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a census is counted from."""

    purpose: str
    layout: Layout
    tally: _Tally
    rows: NDArray[np.void]  # ROW; `mask` says what each may serve now
    bits: Mapping[str, int]  # purpose → bit
    used: frozenset[str]
    special: Mapping[str, str]  # gene → the tagged category that it names, of which its purposes may not know
    at: int  # unix ms
    position: int
    population: int
    everyone: bool


class Censuses:
    """The newest census of each purpose, taken when a page first asks and again when it is old."""

    def __init__(self, node: Node) -> None:
        self._node, self.uses = node, Uses(node)
        self._kept: dict[str, Census] = {}
        self._taking: dict[str, asyncio.Task[None]] = {}

    def census(self, purpose: str) -> Census | None:
        """The newest census, None while the first one of this genome is being taken."""
        known = self._kept.get(purpose)
        if known is not None and known.layout is not self._node.world.layout:
            known = None
        if (known is None or now_ms() - known.at > _FRESH) and purpose not in self._taking:
            task = asyncio.get_running_loop().create_task(self.take(purpose))
            self._taking[purpose] = task
            task.add_done_callback(lambda done: self._done(purpose, done))
        return known

    async def ready(self, purpose: str) -> Census | None:
        """The newest census; the first one of few people is waited for, that of many only begun."""
        found = self.census(purpose)
        task = self._taking.get(purpose)
        if found is None and task is not None and self._node.world.profiles.count <= _AWAITED:
            await asyncio.wait((task,), timeout=_PATIENCE)
            found = self.census(purpose)
        return found

    def close(self) -> None:
        """Take no more: the node ends."""
        for task in self._taking.values():
            task.cancel()

    async def take(self, purpose: str, *, people: int = PEOPLE, pause: float = _PAUSE) -> None:
        """Take the census of a purpose now; one whose genome is replaced meanwhile is dropped."""
        node = self._node
        layout = node.world.layout
        tally = _tally(layout)
        for person in self._sample(people):
            if node.world.layout is not layout or len(tally.rows) >= people:
                break
            if (view := self._view(person, purpose)) is not None:
                tally.add(view)
            await asyncio.sleep(pause)
        if node.world.layout is not layout:
            return
        seen = _Seen(
            purpose=purpose,
            layout=layout,
            tally=tally,
            rows=self._newest(now_ms()),
            bits={name: node.purposes.bit(name) for name in layout.genes.every_purpose},
            used=frozenset(self.uses.every()),
            special=special_genes(layout.genes, node.desk.tags, node.purposes),
            at=now_ms(),
            position=node.journal.last,
            population=_population(node),
            everyone=len(tally.rows) < people and node.world.profiles.count <= _DRAWN * people,
        )
        self._kept[purpose] = await asyncio.to_thread(_counted, seen)

    def _view(self, person: int, purpose: str) -> View | None:
        node, now = self._node, now_ms()
        effective = node.effective(person, now)
        wanted = node.purposes.bit(purpose) | node.purposes.bit(_STATISTICS)
        if effective & wanted != wanted:
            return None
        at = max(now, node.world.last_ts + 1)
        return node.gate.view(person, purpose=purpose, effective=effective, at=at)

    def _sample(self, people: int) -> Iterator[int]:
        """Persons drawn without order, each at most once; the same ones until people come."""
        world = self._node.world
        count = world.profiles.count
        drawn = random.Random(7).sample(range(1, count + 1), min(count, _DRAWN * people))  # noqa: S311
        return (profile for profile in drawn if world.people.person(profile) == profile)

    def _newest(self, now: int) -> NDArray[np.void]:
        """The newest rows of the journal, with what each may serve now in `mask`."""
        journal = self._node.journal
        blocks = [block.rows for block in journal.blocks(max(1, journal.last - _ROWS))]
        rows = np.concatenate(blocks) if blocks else np.zeros(0, ROW)
        rows["mask"] = self._node.world.serves(rows, now=now)
        return rows

    def _done(self, purpose: str, task: asyncio.Task[None]) -> None:
        self._taking.pop(purpose, None)
        if not task.cancelled() and (error := task.exception()):
            log.error("no census could be taken", exc_info=error)


def censuses_of(app: App) -> Censuses:
    """The node's own; they end with it."""
    found = app.cache.get("censuses")
    if not isinstance(found, Censuses):
        found = app.cache["censuses"] = Censuses(app.node)
        app.closing.append(found.close)
    return found


def _population(node: Node) -> int:
    numbers = np.arange(1, node.world.profiles.count + 1)
    return int(np.count_nonzero(node.world.people.person_of[1 : len(numbers) + 1] == numbers))


def _counted(seen: _Seen) -> Census:
    values, genes = seen.tally.values(), seen.layout.genes
    known, names = seen.tally.known(values), [gene.id for gene in numeric_genes(genes)]
    measured = Measured(
        used=seen.used,
        people=len(values) if len(values) >= FEWEST else 0,
        known=known,
        unseen={gene.id for gene in genes if gene.purposes and seen.purpose not in gene.purposes},
        alike=alike(names, values.astype(np.float64)),
        masked=masked(genes, seen.rows, seen.bits, seen.layout.predicates.code),
        special=seen.special,
    )
    return Census(
        purpose=seen.purpose,
        at=seen.at,
        position=seen.position,
        population=seen.population,
        everyone=seen.everyone,
        people=len(values),
        layout=seen.layout,
        known=known,
        columns={name: column for column, name in enumerate(names)},
        values=values,
        times=seen.tally.times,
        texts=seen.tally.texts,
        rows=len(seen.rows),
        lasts=_lasts(seen.layout, seen.rows, seen.bits[seen.purpose]),
        findings=lint(genes, measured),
    )


def _tally(layout: Layout) -> _Tally:
    numeric = numeric_genes(layout.genes)
    named = {gene.id for gene in numeric}
    return _Tally(
        plan=plan_of(layout, numeric),
        holds=np.array([gene.op in {"count", "sum"} for gene in numeric], np.bool_),
        others=tuple(gene for gene in layout.genes if gene.id not in named),
    )


def _lasts(layout: Layout, rows: NDArray[np.void], bit: int) -> dict[str, int]:
    """Gene → time of the newest row that counts for it; that of a formula is the newest of its genes."""
    serving = rows[(rows["kind"] < 200) & (rows["mask"] & np.uint64(bit) != 0)]
    newest: dict[object, int] = {}
    found: dict[str, int] = {}
    for gene in layout.genes:
        if gene.inputs:
            continue
        if gene.rows not in newest:
            mine = serving[passing(serving, gene.rows, layout.predicates.code)]
            mine = mine[(mine["line"] > 0) == gene.rows.lines]
            newest[gene.rows] = int(mine["ts"].max()) if len(mine) else 0
        found[gene.id] = newest[gene.rows]
    for gene in layout.genes:
        if gene.inputs:
            found[gene.id] = max(_leaves(gene, layout, found), default=0)
    return {gene: at for gene, at in found.items() if at}


def _leaves(gene: Gene, layout: Layout, found: Mapping[str, int]) -> Iterator[int]:
    for name in gene.inputs:
        part = layout.genes[name]
        yield from _leaves(part, layout, found) if part.inputs else (found.get(name, 0),)
