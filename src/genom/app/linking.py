"""Events that carry several identifiers link their profiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from genom.app.batch import Batch
from genom.app.proof import proven
from genom.app.world import World
from genom.identity import Verdict, judge, party
from genom.words import Event

__all__ = ["link_all"]


class _Forgets(Protocol):
    def forget(self, person: int) -> None: ...


def link_all(
    sent: list[tuple[Event, Batch]],
    profiles: list[list[int]],
    *,
    world: World,
    write: Callable[..., None],
    permits: _Forgets,
    waiting: bool = False,
) -> None:
    """Judge every link that the events bring (or only those that are pending), and write down what is new."""
    for (event, batch), numbers in zip(sent, profiles, strict=True):
        for other in numbers[1:]:
            if waiting and not _is_pending(world, numbers[0], other):
                continue
            verdict = _verdict(event, batch, numbers[0], other, world)
            if verdict is Verdict.CONFIRMED:
                world.pending.forget([(numbers[0], other)])
                permits.forget(world.people.person(numbers[0]))
                permits.forget(world.people.person(other))
                world.link(numbers[0], other)
                write(numbers[0], other, source=batch.source.number, pending=False)
            elif verdict is Verdict.PENDING and world.pending.first([(numbers[0], other)])[0]:
                write(numbers[0], other, source=batch.source.number, pending=True)


def _is_pending(world: World, one: int, other: int) -> bool:
    if world.pending.first([(one, other)])[0]:
        world.pending.forget([(one, other)])
        return False
    return True


def _verdict(event: Event, batch: Batch, strongest: int, other: int, world: World) -> Verdict:
    if world.people.person(strongest) == world.people.person(other):
        return Verdict.SAME
    return judge(
        party(strongest, profiles=world.profiles, people=world.people),
        party(other, profiles=world.profiles, people=world.people),
        server=batch.server,
        trusted=batch.source.trusts_links or batch.development,
        proven=proven(event, batch.source),
    )
