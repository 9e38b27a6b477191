"""Events that carry several identifiers link their profiles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from genom.app.batch import Batch
from genom.app.proof import proven
from genom.app.world import World
from genom.identity import Verdict, judge, party
from genom.words import Event

__all__ = ["link_all", "link_pairs"]


class _Permits(Protocol):
    changing: Callable[[int], None]

    def forget(self, person: int) -> None: ...


def link_all(
    sent: list[tuple[Event, Batch]],
    profiles: list[list[int]],
    *,
    world: World,
    write: Callable[..., None],
    permits: _Permits,
    waiting: bool = False,
) -> None:
    """Judge every link that the events bring (or only those that are pending), and write down what is new."""
    for (event, batch), numbers in zip(sent, profiles, strict=True):
        for other in numbers[1:]:
            pair = (numbers[0], other, batch)
            proof = proven(event, batch.source) if event.user_hash else False
            link_pairs([pair], world=world, write=write, permits=permits, waiting=waiting, proof=proof)


def link_pairs(
    pairs: Iterable[tuple[int, int, Batch]],
    *,
    world: World,
    write: Callable[..., None],
    permits: _Permits,
    waiting: bool = False,
    proof: bool = False,
) -> None:
    """Judge links between an event's strongest profile and another; `proof`: their events prove their user id."""
    for strongest, other, batch in pairs:
        if waiting and not _is_pending(world, strongest, other):
            continue
        verdict = _verdict(batch, strongest, other, world, proof=proof)
        if verdict is Verdict.CONFIRMED:
            world.pending.forget([(strongest, other)])
            for profile in (strongest, other):
                permits.changing(person := world.people.person(profile))
                permits.forget(person)
            world.link(strongest, other)
            write(strongest, other, source=batch.source.number, pending=False)
        elif verdict is Verdict.PENDING and world.pending.first([(strongest, other)])[0]:
            write(strongest, other, source=batch.source.number, pending=True)


def _is_pending(world: World, one: int, other: int) -> bool:
    if world.pending.first([(one, other)])[0]:
        world.pending.forget([(one, other)])
        return False
    return True


def _verdict(batch: Batch, strongest: int, other: int, world: World, *, proof: bool) -> Verdict:
    if world.people.person(strongest) == world.people.person(other):
        return Verdict.SAME
    return judge(
        party(strongest, profiles=world.profiles, people=world.people),
        party(other, profiles=world.profiles, people=world.people),
        server=batch.server,
        trusted=batch.source.trusts_links or batch.development,
        proven=proof,
    )
