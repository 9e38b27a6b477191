"""What one profile has chosen, and when: kept small, because millions of profiles have it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

__all__ = ["NOTHING", "Held", "Moments", "chosen", "joined", "moments", "without"]

Moments = tuple[tuple[int, int], ...]  # unix ms, mask of what was chosen then
Held = tuple[int, int, int, Moments]
"""Purposes granted and denied (masks); when the newest choice was made; the choices that are older than it."""

NOTHING: Final[Held] = (0, 0, 0, ())


def moments(held: Held) -> Iterator[tuple[int, int]]:
    """When which of the purposes were chosen: unix ms and mask; no purpose stands in two.

    >>> list(moments(chosen(chosen(NOTHING, 4, True, 10), 8, False, 20)))
    [(20, 8), (10, 4)]
    """
    grant, deny, at, older = held
    rest = grant | deny
    for _, mask in older:
        rest &= ~mask
    if rest:
        yield at, rest
    yield from older


@lru_cache(maxsize=4096)  # choices of one request, and imported ones, share their objects
def chosen(held: Held, bit: int, granted: bool, at: int) -> Held:
    """What is held after a choice at a moment (unix ms); it replaces the earlier one for the purpose."""
    grant, deny, last, older = without(held, bit)
    if at != last:
        rest = grant | deny
        for _, mask in older:
            rest &= ~mask
        older = ((last, rest), *older) if rest else older
        last = at
    elif again := [pair for pair in older if pair[0] == at]:  # a clock that went back
        older = tuple(pair for pair in older if pair not in again)
    return (_same(grant | bit), _same(deny), last, older) if granted else (_same(grant), _same(deny | bit), last, older)


def without(held: Held, bit: int) -> Held:
    """As if nothing had been chosen for these purposes."""
    grant, deny, at, older = held
    if not (grant | deny) & bit:
        return held
    grant, deny = grant & ~bit, deny & ~bit
    older = tuple((moment, mask & ~bit) for moment, mask in older if mask & ~bit)
    return (grant, deny, at, older) if grant | deny else NOTHING


def joined(one: Held, two: Held) -> Held:
    """The choices of two holders as those of one: denials unite, and of two grants the later counts.

    >>> joined((4, 0, 10, ()), (4, 8, 20, ()))
    (4, 8, 20, ())
    >>> joined((4, 0, 10, ()), (0, 4, 5, ()))
    (0, 4, 5, ())
    """
    deny = one[1] | two[1]
    newest = dict[int, int]()  # bit → when it was chosen
    for held in (one, two):
        counts = held[1] | held[0] & ~deny
        for at, mask in moments(held):
            for bit in _bits(mask & counts):
                newest[bit] = max(at, newest.get(bit, at))
    found = NOTHING
    for bit, at in sorted(newest.items(), key=lambda pair: (pair[1], pair[0])):
        found = chosen(found, bit, not deny & bit, at)
    return found


@lru_cache(maxsize=65_536)
def _same(mask: int) -> int:
    """One object for each of the few masks that millions of profiles have."""
    return mask


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low
        mask ^= low
