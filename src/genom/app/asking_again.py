"""What a person has chosen, purpose by purpose: until when a grant counts, and from when on it may be asked again.

For banners of shops: nobody is asked again for some months after a refusal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from genom.app.node import Node
from genom.consent import NEVER, RESTRICTED, Lifetime, Purpose

__all__ = ["STATES", "Stands", "stands_of"]

STATES: Final = ("granted", "expired", "refused", "open", "not_needed")


class Stands(NamedTuple):
    """How a purpose stands for somebody; moments are unix ms, 0 = none."""

    purpose: str
    state: str  # one of STATES
    since: int = 0  # when it was granted or refused
    until: int = 0  # when the grant runs out, or did
    ask_from: int = 0  # from when on the person may be asked; 0 = there is nothing to ask, or nobody may


def stands_of(node: Node, person: int, *, now: int, purposes: Iterable[str] | None = None) -> Iterator[Stands]:
    """How every purpose stands for a person, in the order of their bits; nobody has chosen anything if it is 0."""
    wanted = None if purposes is None else set(purposes)
    for purpose in node.purposes.every:
        if wanted is None or purpose.name in wanted:
            yield _stands(node, purpose, person, now)


def _stands(node: Node, purpose: Purpose, person: int, now: int) -> Stands:
    choice, _, law = node.pipeline.permits.standing_of(person, now)
    members = node.world.people.members(person) if person else ()
    since, bit = node.choices.when(members, purpose.mask), purpose.mask
    if choice.deny & bit:
        pause = Lifetime(months=max(node.settings.ask_again_months, 0))
        asked_again = pause.end(since) if pause.months else since
        decided = choice.deny != RESTRICTED and since and law.consent_needed & bit
        return Stands(purpose.name, "refused", since, ask_from=asked_again if decided else 0)
    if law.always & bit:
        return Stands(purpose.name, "not_needed")
    until = node.choices.ends(members, bit)
    until = 0 if until == NEVER else until
    if choice.grant & bit:
        return Stands(purpose.name, "granted", since, until, ask_from=until)
    if choice.lapsed & bit:
        return Stands(purpose.name, "expired", since, until, ask_from=until)
    return Stands(purpose.name, "open", ask_from=now)
