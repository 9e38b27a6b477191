"""Which actions may be chosen for a person at a decision point."""

from __future__ import annotations

from genom.decide.actions import ActionSet
from genom.decide.candidates import NO_CANDIDATES, Candidates
from genom.decide.facts import Facts
from genom.decide.points import Point
from genom.decide.told import without_disliked

__all__ = ["eligible", "narrowed_by"]


def eligible(point: Point, facts: Facts, *, actions: ActionSet, categories: ActionSet) -> Candidates:
    """The candidates of a decision.

    Categories: all that are known. Actions: the running ones of the campaigns mailed to the person, else all running.
    What the person said no to is no candidate. Without permission nothing is looked at and there is no candidate.
    """
    if not facts.permitted:
        return NO_CANDIDATES
    if point.candidates == "categories":
        return without_disliked(categories.candidates(facts.now), facts)
    return without_disliked(actions.candidates(facts.now, facts.mailed), facts)


def narrowed_by(
    point: Point, facts: Facts, candidates: Candidates, *, actions: ActionSet, categories: ActionSet
) -> tuple[str, ...]:
    """What of the person narrowed these candidates: `mailed` campaigns, categories that they `disliked`."""
    if not facts.permitted:
        return ()
    offered = actions if point.candidates == "actions" else categories
    everybody = offered.candidates(facts.now)
    own = offered.candidates(facts.now, facts.mailed) if offered is actions and facts.mailed else everybody
    found = {"mailed": len(own.ids) < len(everybody.ids), "disliked": len(candidates.ids) < len(own.ids)}
    return tuple(name for name, applied in found.items() if applied)
