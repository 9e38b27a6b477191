"""Which actions may be chosen for a person at a decision point."""

from __future__ import annotations

import numpy as np

from genom.decide.actions import ActionSet, Candidates
from genom.decide.facts import Facts
from genom.decide.points import Point

__all__ = ["eligible"]


def eligible(point: Point, facts: Facts, *, actions: ActionSet, categories: ActionSet) -> Candidates:
    """The candidates of a decision.

    Categories: all that are known. Actions: the running ones of the campaigns mailed to the person, else all running.
    Without permission nothing is looked at and there is no candidate.
    """
    if not facts.permitted:
        return actions.take(np.zeros(0, dtype=np.intp))
    if point.candidates == "categories":
        return categories.take(categories.running(facts.now))
    mailed = actions.of_campaigns(facts.mailed, facts.now)
    return actions.take(mailed if len(mailed) else actions.running(facts.now))
