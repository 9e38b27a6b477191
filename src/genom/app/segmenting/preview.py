"""A rule tried out: how many people it means, each of its conditions alone, whom it reaches, a few examples."""

from __future__ import annotations

import asyncio
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.node import Node
from genom.app.segmenting.columns import permitted_now
from genom.app.segmenting.keeping import Keeper
from genom.app.segmenting.live import rule_name
from genom.app.segmenting.reach import CHANNELS, Reached
from genom.segments import (
    Crowd,
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
from genom.segments.rule import GeneIs

__all__ = ["ConditionCount", "Preview", "absent_of", "preview", "reached"]

_ONCE: Final = 65_536  # people judged between two turns of others
_EXAMPLES: Final = 20
_REACH: Final[tuple[str, ...]] = ("email", "sms_push", "ads_retarget", "lookalike", "model_training")
_LANGUAGES: Final = ("en", "de")

Name = tuple[str, str]
"""Of a rule: its purpose and text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionCount:
    """One condition by itself."""

    place: str  # path in the rule
    crowd: Crowd
    text: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule means now."""

    crowd: Crowd  # as they are counted to whoever asks
    everyone: Crowd  # people who permit the purpose
    sentence: dict[str, str]
    conditions: list[ConditionCount]
    reach: dict[str, Crowd]  # purpose → members who permit it, too
    channels: dict[str, Reached]  # channel → members who permit it, and of whom there is what it takes
    examples: list[int]  # people, spread over all of them
    absent: dict[str, str]  # genes that nobody's can be read of now, such as predictions without a model → why


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
        crowds, found = await _judged(node, keeper, compiled, places, now=now)
    finally:
        held.previews -= 1
    leaves, name = list(conditions(segment.rule)), rule_name(segment.purpose, segment.rule)
    everybody = np.arange(1, node.world.profiles.count + 1)
    return Preview(
        crowd=_held(node, name, crowds[-1]),
        everyone=_crowd(node, segment.purpose, everybody[_permit(node, keeper, everybody, segment.purpose)]),
        sentence={language: sentence(segment.rule, known, language) for language in _LANGUAGES},
        conditions=[
            ConditionCount(
                place=place, crowd=_held(node, rule_name(segment.purpose, condition), crowds[number]),
                text={language: condition_text(condition, known, language) for language in _LANGUAGES},
            )
            for number, (place, condition) in zip(range(-1 - len(leaves), -1), leaves, strict=True)
        ],
        reach=_permitting(node, keeper, found, name),
        channels=await reached(node, found, name, now=now),
        examples=_some(found),
        absent=absent_of(segment, known),
    )  # fmt: skip


def absent_of(segment: Segment, known: Known) -> dict[str, str]:
    """The genes that a rule asks about and that nobody's can be read of now → why."""
    asked = dict.fromkeys(one.gene for _, one in conditions(segment.rule) if isinstance(one, GeneIs))
    return {gene: known.genes[gene].absent for gene in asked if gene in known.genes and known.genes[gene].absent}


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
        if fresh := [*keeper.need(compiled), *keeper.columns.unfollowed(compiled, now=now)]:
            await keeper.read_columns(list(dict.fromkeys(fresh)), now=now)
        await keeper.read_past(now=now)
        if not keeper.need(compiled) and not keeper.waiting.past:
            return


async def _judged(
    node: Node, keeper: Keeper, compiled: list[Program], places: dict[str, int], *, now: int
) -> tuple[list[Crowd], NDArray[np.int64]]:
    """Whom each program holds for, as a number and a key; of the last one the people."""
    wanted, programs, held = len(compiled), keeper.together(compiled, places), keeper.columns
    counts, keys, members = np.zeros(wanted, np.int64), np.zeros(wanted, np.uint64), list[NDArray[np.int64]]()
    teller = node.segments.held.teller
    at, people = max(now, node.world.last_ts + 1), node.world.profiles.count
    for first in range(1, people + 1, _ONCE):
        last = min(first + _ONCE, people + 1)
        passed = programs.judge(held.columns, at=at, scales=held.scales(at), first=first, last=last)
        counts += passed.sum(axis=1, dtype=np.int64)
        if not teller.exact:
            mine = teller.keys(np.arange(first, last))
            keys += np.array([mine[one != 0].sum(dtype=np.uint64) for one in passed], np.uint64)
        members.append(np.flatnonzero(passed[-1]) + first)
        if last <= people:
            await asyncio.sleep(0)
    found = np.concatenate(members) if members else np.zeros(0, np.int64)
    return [Crowd(count, key) for count, key in zip(counts.tolist(), keys.tolist(), strict=True)], found


def _permit(node: Node, keeper: Keeper, found: NDArray[np.int64], purpose: str) -> NDArray[np.bool_]:
    bit = np.uint64(node.purposes.bit(purpose))
    return np.asarray(keeper.columns.columns.may[found] & bit != 0)


def _permitting(node: Node, keeper: Keeper, found: NDArray[np.int64], name: Name) -> dict[str, Crowd]:
    """Purpose → those of these people who permit it, too."""
    known = [purpose for purpose in _REACH if purpose in node.purposes.bits]
    return {purpose: _crowd(node, (name, purpose), found[_permit(node, keeper, found, purpose)]) for purpose in known}


async def reached(node: Node, found: NDArray[np.int64], name: Name, *, now: int) -> dict[str, Reached]:
    """Channel → those of a rule's people who can be reached by it now."""
    contacts, told = node.segments.contacts, dict[str, Reached]()
    await contacts.refresh()
    may = permitted_now(node, found, now=now)
    for channel in CHANNELS:
        if channel.purpose in node.purposes.bits:
            permit = may & np.uint64(node.purposes.bit(channel.purpose)) != 0
            held = contacts.have(channel, found)
            told[channel.id] = Reached(
                people=_crowd(node, (name, channel.id, "reached"), found[permit & held]),
                permit=_crowd(node, (name, channel.purpose), found[permit]),
                without=_crowd(node, (name, channel.id, "without"), found[permit & ~held]),
            )
    return told


def _crowd(node: Node, name: Hashable, who: NDArray[np.int64]) -> Crowd:
    """These people as they are counted to whoever asks."""
    held = node.segments.held
    return held.hold(name, len(who), lambda: held.teller.crowd(who).key)


def _held(node: Node, name: Name, crowd: Crowd) -> Crowd:
    return node.segments.held.hold(name, crowd.size, lambda: crowd.key)


def _some(found: NDArray[np.int64]) -> list[int]:
    """A few of them, spread evenly over all."""
    spread = np.linspace(0, len(found) - 1, min(_EXAMPLES, len(found))).astype(np.int64)
    some: list[int] = found[spread].tolist()
    return some
