"""Which actions may be chosen for a person at a decision point."""

from __future__ import annotations

import numpy as np

from genom.decide.actions import ActionSet
from genom.decide.candidates import NO_CANDIDATES, Candidates
from genom.decide.facts import Facts
from genom.decide.points import Point
from genom.decide.told import without_disliked

__all__ = ["eligible", "narrowed_by"]


def eligible(point: Point, facts: Facts, *, actions: ActionSet, categories: ActionSet) -> Candidates:
    """The candidates of a decision.

    Categories: all that are known. Actions: the running ones of the campaigns mailed to the person, else all running.
    What the person said no to, and what is for another answer than theirs, is no candidate.
    Without permission nothing is looked at and there is no candidate.
    """
    if not facts.permitted:
        return NO_CANDIDATES
    if point.candidates == "categories":
        return without_disliked(categories.candidates(facts.now), facts)
    return without_disliked(_suited(actions.candidates(facts.now, facts.mailed), actions, facts), facts)


def narrowed_by(
    point: Point, facts: Facts, candidates: Candidates, *, actions: ActionSet, categories: ActionSet
) -> tuple[str, ...]:
    """What of the person narrowed these candidates: `mailed` campaigns, what they `answered` or `disliked`."""
    if not facts.permitted:
        return ()
    offered = actions if point.candidates == "actions" else categories
    everybody = offered.candidates(facts.now)
    own = offered.candidates(facts.now, facts.mailed) if offered is actions and facts.mailed else everybody
    suited = _suited(own, offered, facts)
    steps = {"mailed": (everybody, own), "answered": (own, suited), "disliked": (suited, candidates)}
    return tuple(name for name, (before, after) in steps.items() if len(after.ids) < len(before.ids))


def _suited(candidates: Candidates, actions: ActionSet, facts: Facts) -> Candidates:
    """Without those that are for another answer than the person's."""
    if not (unsuited := actions.unsuited(facts.attributes)):
        return candidates
    suits = np.array([name not in unsuited for name in candidates.ids], np.bool_)
    return candidates if suits.all() else candidates.keep(suits)
