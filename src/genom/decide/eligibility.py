"""Which actions may be chosen for a person at a decision point."""

from __future__ import annotations

from genom.decide.actions import ActionSet
from genom.decide.candidates import NO_CANDIDATES, Candidates
from genom.decide.facts import Facts
from genom.decide.points import Point
from genom.decide.told import without_disliked

__all__ = ["eligible"]


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
