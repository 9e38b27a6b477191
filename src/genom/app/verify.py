"""`genom verify`: what the node holds is compared with a refold of the whole journal, through the gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.directory import Secrets
from genom.app.forgetting import sweep
from genom.app.journals import read_journal
from genom.app.snapshot import empty_world
from genom.app.world import World
from genom.genome import Gate, read_state
from genom.settings import Settings
from genom.words import Source

__all__ = ["Report", "compare", "refold_all", "verify_file"]

_RTOL: Final = 2e-5  # float32 sums in another order; see the laws of the ops
_FLOOR: Final = 1e-6


@dataclass(slots=True)
class Report:
    """What was compared, and the first differences."""

    position: int = 0
    people: int = 0
    values: int = 0
    genes: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def equal(self) -> bool:
        """Whether everything agreed."""
        return not self.differences


def refold_all(
    directory: Path, secrets: Secrets, settings: Settings, sources: list[Source], *, now: int, until: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> World:  # fmt: skip
    """A world folded from the journal alone, up to a position."""
    journal = read_journal(directory)
    world = empty_world(directory, secrets, settings, sources)
    world.replay(journal, now=now, until=until, progress=progress)
    journal.close()
    return world


def verify_file(
    path: Path, directory: Path, secrets: Secrets, settings: Settings, sources: list[Source], *, now: int,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:  # fmt: skip
    """Compare a state file, or a snapshot of a live node, with a refold up to its position.

    Raises Corrupt if the file is damaged.
    """
    held = empty_world(directory, secrets, settings, sources)
    position, version, parts = read_state(path, into=held.places)
    if version != held.layout.version:
        return Report(position=position, differences=[f"{path.name} was written for another version of the genes"])
    held.load(parts, position=position)
    journal = read_journal(directory)
    for person in np.flatnonzero(held.assumptions.stale_all(held.profiles.count, now)).tolist():
        held.refold(person, journal, now=now, until=position)
    sweep(held, journal, now=now)
    journal.close()
    fresh = refold_all(directory, secrets, settings, sources, now=now, until=position, progress=progress)
    return compare(held, fresh, at=max(now, fresh.last_ts + 1))


def compare(held: World, fresh: World, *, at: int) -> Report:
    """Compare two worlds person by person at one moment, by law L1."""
    report = Report(position=fresh.position, genes=len(fresh.layout.genes))
    if held.profiles.count != fresh.profiles.count:
        report.differences.append(f"profiles: {held.profiles.count} held, {fresh.profiles.count} in the journal")
        return report
    gates = [Gate(w.matrix, purpose_bit=lambda _: 1, term=w.term) for w in (held, fresh)]
    for person in range(1, fresh.profiles.count + 1):
        if held.people.person(person) != fresh.people.person(person):
            report.differences.append(f"profile {person}: belongs to another person")
        if fresh.people.person(person) == person:
            _compare_person(report, gates, person, at)
    _compare_popularity(report, held, fresh, at)
    _compare_beside(report, held, fresh)
    return report


def _compare_person(report: Report, gates: list[Gate], person: int, at: int) -> None:
    report.people += 1
    for purpose in gates[0].purposes:
        mine, theirs = (gate.view(person, purpose=purpose, effective=1, at=at).state() for gate in gates)
        report.values += len(theirs.decayed) + len(theirs.integers)
        if len(mine.decayed) != len(theirs.decayed):
            report.differences.append(
                f"person {person}, {purpose}: {'held' if len(mine.decayed) else 'missing'}, unlike the journal"
            )
            continue
        close = (
            np.abs(mine.decayed - theirs.decayed)
            <= _RTOL * np.maximum(np.abs(mine.decayed), np.abs(theirs.decayed)) + _FLOOR
        )
        if len(wrong := np.flatnonzero(~(close & np.isfinite(mine.decayed)))):
            _note(report, gates[1], person, purpose, int(wrong[0]), decayed=True)
        if len(wrong := np.flatnonzero(mine.integers != theirs.integers)):
            _note(report, gates[1], person, purpose, int(wrong[0]), decayed=False)
        if mine.rings != theirs.rings:
            report.differences.append(f"person {person}, {purpose}: the last events differ")


def _note(report: Report, gate: Gate, person: int, purpose: str, cell: int, *, decayed: bool) -> None:
    report.differences.append(f"person {person}, {purpose}: {gate.gene_at(cell, decayed=decayed)} differs")


def _compare_popularity(report: Report, held: World, fresh: World, at: int) -> None:
    """Orders that were counted fade in the popularity; those past storage or read window are counted no more anew."""
    mine, theirs = held.matrix.popularity(at), fresh.matrix.popularity(at)
    most = np.inf if fresh.expired > 0 else fresh.counts["rows"] * fresh.matrix.faded
    more = most > 0 and bool(((mine >= theirs - 1e-9) & (mine <= theirs + most + 1e-9)).all())
    if not more and not np.allclose(mine, theirs, rtol=1e-9, atol=1e-9):
        report.differences.append("the popularity of categories differs")


def _compare_beside(report: Report, held: World, fresh: World) -> None:
    """What is no gene, but would make the next event count wrongly."""
    mine, theirs = held.profiles.dump(), fresh.profiles.dump()
    if not np.array_equal(mine["keys"], theirs["keys"]) or not np.array_equal(_types(mine), _types(theirs)):
        report.differences.append("the identifiers of profiles differ")
    if any(held.terms[number].terms != vocabulary.terms for number, vocabulary in fresh.terms.items()):
        report.differences.append("the names of categories differ")
    if held.counts != fresh.counts:
        report.differences.append(f"counts: {held.counts} held, {fresh.counts} in the journal")
    if not fresh.dedupe.forgotten and held.dedupe.lacks(fresh.dedupe):
        report.differences.append("message ids of the journal are not remembered: their events would count twice")
    if not fresh.dedupe.forgotten and fresh.dedupe.lacks(held.dedupe):
        report.differences.append("message ids are remembered that the journal has not: events would be passed over")


def _types(profiles: dict[str, NDArray[Any]]) -> NDArray[np.str_]:
    """By name: a type that only erased profiles had still has its code in a node that knew them."""
    names = np.array(json.loads(profiles["types"].tobytes()), np.str_)
    return np.asarray(names[profiles["type"]])
