"""Defining and removing segments: checked, kept as versions, put on record, built in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from genom.app import audit
from genom.app.activating.destinations import Kept, stored_destinations
from genom.app.node import Node
from genom.app.segmenting.store import define_segment, remove_segment
from genom.app.special.refusing import check_special_rule
from genom.errors import BadRequest
from genom.segments import Segment, check_segment, in_order, purposes_read, read_segment

__all__ = ["define_segments", "destinations_of", "remove_defined", "rests_on"]

_MOST = 500  # segments of a node


def _anybody(*_: str) -> None:
    """Whoever asks may read for all purposes."""


def rests_on(node: Node, name: str, *, now: int) -> list[str]:
    """The purposes whose data decide who is in a segment; none if there is no segment of this name."""
    known = node.segments.known(now=now)
    lost = {other: one.segment for other, one in node.segments.lost.items()}
    known = replace(known, segments={**lost, **known.segments})
    return purposes_read(known.segments[name], known) if name in known.segments else []


async def define_segments(
    node: Node, bodies: Sequence[object], *, author: str, now: int, who: str = "",
    may: Callable[..., None] = _anybody,
) -> list[Segment]:  # fmt: skip
    """Check all, then keep those that changed as new versions; they may ask about each other.

    `may` raises for purposes that whoever asks must not read for: those of the rules, and of what they replace.
    Raises BadRequest or UnknownName that tells the path.  `who` is named in the audit log instead of the key.
    """
    several = len(bodies) > 1
    given = [read_segment(body, f"$.segments[{i}]" if several else "$") for i, body in enumerate(bodies)]
    known = node.segments.known(now=now)
    known = replace(known, segments={**known.segments, **{segment.id: segment for segment in given}})
    for i, segment in enumerate(given):
        check_segment(segment, known, f"$.segments[{i}]" if several else "$")
        check_special_rule(node, segment, f"$.segments[{i}]" if several else "$")
        may(*rests_on(node, segment.id, now=now), *purposes_read(segment, known))
    for other in known.segments.values():  # a changed purpose must fit those that ask about it
        check_segment(other, known, f"$.segments.{other.id}")
    if len(known.segments) > _MOST:
        raise BadRequest(
            f"There would be {len(known.segments)} segments.", why=f"a node keeps {_MOST}", fix="remove some"
        )
    before = {segment.id: segment.version for segment in node.segments.newest()}
    defined = []
    for segment in in_order(given):
        kept = await asyncio.to_thread(define_segment, node.catalogue, segment, author=author, at=now)
        defined.append(kept)
        if before.get(kept.id) != kept.version:
            await asyncio.to_thread(
                audit.record, node.catalogue, "segment.defined", who=who or f"key:{author}", kind="segment",
                name=kept.id, at=now, details={"version": kept.version, "purpose": kept.purpose},
            )  # fmt: skip
    node.segments.refresh(now=now)
    return defined


def destinations_of(node: Node, name: str) -> list[Kept]:
    """The destinations that the people of a segment are sent to, by id; reads the catalogue."""
    stored = stored_destinations(node)
    return [
        stored[key] for key in sorted(stored) if stored[key].destination.segment == name and not stored[key].removed
    ]


async def remove_defined(node: Node, name: str, *, author: str, now: int, who: str = "") -> None:
    """Remove a segment that no other asks about and no destination takes.  Raises NotFound, BadRequest."""
    if name not in node.segments.unreadable:
        node.segments.shown(name)
    others = [*node.segments.newest(), *(one.segment for one in node.segments.lost.values())]
    users = [other.id for other in others if name in other.members_of]
    users += [f"the destination {kept.destination.id}" for kept in await asyncio.to_thread(destinations_of, node, name)]
    if users:
        raise BadRequest(
            f"The segment {name!r} cannot be removed.",
            why=f"{' and '.join(users)} {'needs' if len(users) == 1 else 'need'} it",
            fix="change or remove these first",
            code="segments.used",
        )
    await asyncio.to_thread(remove_segment, node.catalogue, name, author=author, at=now)
    await asyncio.to_thread(
        audit.record, node.catalogue, "segment.removed", who=who or f"key:{author}", kind="segment", name=name, at=now
    )
    node.segments.refresh(now=now)
