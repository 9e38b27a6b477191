"""A rule tried out: how many people it means, each of its conditions alone, whom it reaches, a few examples."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.node import Node
from genom.app.segmenting.keeping import Keeper
from genom.segments import (
    Known,
    Program,
    Rule,
    Segment,
    check_segment,
    compile_rule,
    condition_text,
    conditions,
    in_order,
    sentence,
)

__all__ = ["ConditionCount", "Preview", "preview"]

_ONCE: Final = 65_536  # people judged between two turns of others
_EXAMPLES: Final = 20
_REACH: Final[tuple[str, ...]] = ("email", "sms_push", "ads_retarget", "lookalike", "model_training")
_LANGUAGES: Final = ("en", "de")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionCount:
    """One condition by itself."""

    place: str  # path in the rule
    count: int
    text: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule means now."""

    count: int
    everyone: int  # people who permit the purpose
    people: int  # all people
    sentence: dict[str, str]
    conditions: list[ConditionCount]
    reach: dict[str, int]  # purpose → members who permit it, too
    examples: list[int]  # people, spread over all of them


async def preview(node: Node, segment: Segment, *, now: int) -> Preview:
    """Try a segment that need not be defined.  Raises BadRequest or UnknownName for what does not fit."""
    segments, known = node.segments, node.segments.known(now=now)
    check_segment(segment, known)
    keeper = segments.awake(now=now)
    compiled, places = _programs(segment, known)
    held = keeper.columns
    held.previews += 1
    try:
        await _read(node, keeper, compiled, now=now)
        counts, chosen, reach = await _judged(node, keeper, compiled, places, now=now)
    finally:
        held.previews -= 1
    leaves = list(conditions(segment.rule))
    may = keeper.columns.columns.may[1 : node.world.profiles.count + 1]
    bit = np.uint64(node.purposes.bit(segment.purpose))
    return Preview(
        count=int(counts[-1]),
        everyone=int(np.count_nonzero(may & bit)),
        people=int(np.count_nonzero(may)),
        sentence={language: sentence(segment.rule, known, language) for language in _LANGUAGES},
        conditions=[
            ConditionCount(
                place=place, count=int(counts[number]),
                text={language: condition_text(condition, known, language) for language in _LANGUAGES},
            )
            for number, (place, condition) in zip(range(-1 - len(leaves), -1), leaves, strict=True)
        ],
        reach=reach,
        examples=chosen,
    )  # fmt: skip


def _programs(segment: Segment, known: Known) -> tuple[list[Program], dict[str, int]]:
    """The segments that it rests on, each of its conditions alone, and the rule itself, last."""
    others = {name: other for name, other in known.segments.items() if name != segment.id}
    ordered = [one for one in in_order([*others.values(), segment]) if one is not segment]
    needed = _needed(segment, others)
    below = [one for one in ordered if one.id in needed]
    rules: list[tuple[Rule, str]] = [(one.rule, one.purpose) for one in below]
    rules += [(condition, segment.purpose) for _, condition in conditions(segment.rule)]
    rules.append((segment.rule, segment.purpose))
    compiled = [compile_rule(rule, known, purpose=purpose) for rule, purpose in rules]
    return compiled, {one.id: place for place, one in enumerate(below)}


def _needed(segment: Segment, others: dict[str, Segment]) -> set[str]:
    needed, ahead = set[str](), list(segment.members_of)
    while ahead:
        name = ahead.pop()
        if name not in needed:
            needed.add(name)
            ahead += others[name].members_of
    return needed


async def _read(node: Node, keeper: Keeper, compiled: list[Program], *, now: int) -> None:
    """Have the columns of these programs; what is read may be replaced while others have their turn."""
    while True:
        await node.segments.caught_up(now=now, wait=True)
        if fresh := [*keeper.need(compiled), *keeper.columns.unfollowed(compiled)]:
            await keeper.read_columns(list(dict.fromkeys(fresh)), now=now)
        await keeper.read_past(now=now)
        if not keeper.need(compiled) and not keeper.waiting.past:
            return


async def _judged(
    node: Node, keeper: Keeper, compiled: list[Program], places: dict[str, int], *, now: int
) -> tuple[NDArray[np.int64], list[int], dict[str, int]]:
    """How many each program holds for; of the last one some people, and whom it reaches."""
    wanted, programs, held = len(compiled), keeper.together(compiled, places), keeper.columns
    counts, members = np.zeros(wanted, np.int64), list[NDArray[np.int64]]()
    at, people = max(now, node.world.last_ts + 1), node.world.profiles.count
    for first in range(1, people + 1, _ONCE):
        last = min(first + _ONCE, people + 1)
        passed = programs.judge(held.columns, at=at, scales=held.scales(at), first=first, last=last)
        counts += passed.sum(axis=1, dtype=np.int64)
        members.append(np.flatnonzero(passed[-1]) + first)
        if last <= people:
            await asyncio.sleep(0)
    found = np.concatenate(members) if members else np.zeros(0, np.int64)
    may = held.columns.may[found]
    reach = {
        name: int(np.count_nonzero(may & np.uint64(node.purposes.bit(name))))
        for name in _REACH
        if name in node.purposes.bits
    }
    spread = np.linspace(0, len(found) - 1, min(_EXAMPLES, len(found))).astype(np.int64)
    return counts, found[spread].tolist(), reach
