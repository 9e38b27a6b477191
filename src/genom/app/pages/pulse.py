"""What the node does a minute and an hour: its counters, noted every few seconds; and the figures of the start page."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.server import App

__all__ = [
    "Figures",
    "Permitting",
    "PulseClock",
    "figures_of",
    "people_of",
    "permitted_by",
    "personal_purposes",
    "pulse_of",
]

_EVERY: Final = 10.0  # seconds between two notes
_MINUTE: Final = 60_000  # ms
_HOUR: Final = 60 * _MINUTE
_SAMPLE: Final = 2_000  # people whose consents are counted; beyond it the share is an estimate
_PERSONAL: Final = ("personalise_onsite", "recommend", "price")


class Note(NamedTuple):
    """The counters at a moment."""

    at: int  # unix ms
    events: int
    decisions: int
    position: int  # of the journal


class PulseClock:
    """Notes the counters; a note costs a few look-ups."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._notes: deque[Note] = deque(maxlen=int(_HOUR / 1000 / _EVERY) + 2)  # one lies before the hour
        self._note()

    def _note(self) -> None:
        self._notes.append(self._now())
        asyncio.get_running_loop().call_later(_EVERY, self._note)

    def _now(self) -> Note:
        node = self._app.node
        return Note(
            now_ms(), int(node.world.counts["events"]), int(self._app.counts["decisions"]), int(node.journal.last)
        )

    def events_minute(self) -> int:
        """Events of the last minute."""
        return self._now().events - self.minute.events

    def decisions_hour(self) -> int:
        """Decisions of the last hour."""
        return self._now().decisions - self.hour.decisions

    @property
    def minute(self) -> Note:
        """Where the last minute began, or the node if it is younger."""
        return self._before(_MINUTE)

    @property
    def hour(self) -> Note:
        """Where the last hour began, or the node if it is younger."""
        return self._before(_HOUR)

    def minutes(self) -> tuple[tuple[int, int], ...]:
        """Begin and events of each minute of the last hour that was watched from begin to end, oldest first."""
        later = self._now()
        found: list[tuple[int, int]] = []
        end = later.at
        for note in reversed(self._notes):
            if end - note.at >= _MINUTE:
                found.append((note.at, later.events - note.events))
                end, later = note.at, note
        return tuple(reversed(found))

    def _before(self, span: int) -> Note:
        """The counters as they were then; between two notes they are taken to have grown evenly."""
        later = self._now()
        then = later.at - span
        for note in reversed(self._notes):
            if note.at <= then:
                return _between(note, later, then)
            later = note
        return later


def _between(one: Note, other: Note, at: int) -> Note:
    share = (at - one.at) / (other.at - one.at)
    events, decisions, position = (
        round(was + share * (is_ - was)) for was, is_ in zip(one[1:], other[1:], strict=True)
    )
    return Note(at, events, decisions, position)


class Permitting(msgspec.Struct, frozen=True):
    """Who permits personalisation, of the people that were counted."""

    people: int  # counted; fewer than there are = an estimate
    any: int  # of them permit at least one of the purposes
    purposes: dict[str, int]  # purpose → how many permit it

    def share(self, purpose: str = "") -> float | None:
        """The share of a purpose, or of any; None without people."""
        number = self.purposes[purpose] if purpose else self.any
        return number / self.people if self.people else None


class Figures(msgspec.Struct, frozen=True):
    """The figures of the start page."""

    events_minute: int
    people: int
    decisions_hour: int
    personalised: float | None  # share of people who permit at least one purpose of personalisation
    permitting: Permitting
    refused: int  # events that are kept to be mended


def pulse_of(app: App) -> PulseClock:
    """The node's clock, which runs from the first question on."""
    clock = app.cache.get("pulse")
    if not isinstance(clock, PulseClock):
        clock = app.cache["pulse"] = PulseClock(app)
    return clock


def figures_of(app: App) -> Figures:
    """The figures now."""
    clock, people = pulse_of(app), people_of(app)
    sample = people[np.linspace(0, len(people) - 1, min(len(people), _SAMPLE)).astype(np.int64)]
    permitting = _permitting(app.node, sample.tolist())
    return Figures(
        events_minute=clock.events_minute(),
        people=len(people),
        decisions_hour=clock.decisions_hour(),
        personalised=permitting.share(),
        permitting=permitting,
        refused=app.node.bad_rows.count(),
    )


def people_of(app: App) -> NDArray[np.int64]:
    """Numbers of all people, ascending."""
    world = app.node.world
    numbers = np.arange(1, world.profiles.count + 1)
    found: NDArray[np.int64] = numbers[world.people.person_of[1 : len(numbers) + 1] == numbers]
    return found


def personal_purposes(node: Node) -> tuple[str, ...]:
    """The purposes of personalisation that this node has."""
    return tuple(name for name in _PERSONAL if name in node.purposes.bits)


def permitted_by(node: Node, person: int, now: int) -> int:
    """Mask of the purposes of personalisation that a person permits: by choice, by not refusing it, or assumed."""
    choice, _, law = node.pipeline.permits.standing_of(person, now)
    assumed = (
        node.purposes.assumable & ~choice.deny & ~choice.lapsed if node.world.assumptions.active(person, now) else 0
    )
    mask = 0
    for name in personal_purposes(node):
        mask |= node.purposes.bit(name)
    return (choice.grant | assumed | (law.always & ~choice.deny)) & mask


def _permitting(node: Node, persons: Sequence[int]) -> Permitting:
    now = now_ms()
    masks = np.array([permitted_by(node, person, now) for person in persons], np.uint64)
    bits = {name: np.uint64(node.purposes.bit(name)) for name in personal_purposes(node)}
    counted = {name: int(np.count_nonzero(masks & bit)) for name, bit in bits.items()}
    return Permitting(len(masks), int(np.count_nonzero(masks)), counted)
