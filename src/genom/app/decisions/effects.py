"""Decision points as they work: traffic, what they brought, what may be said of it."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from genom.app.decisions.following import base_arm, planned_shares
from genom.app.decisions.outcomes import FOLLOWED_MAX, Traffic
from genom.app.decisions.point_store import kept_form
from genom.app.node import Node
from genom.app.reading import rfc3339
from genom.decide import Point
from genom.errors import counted
from genom.learn import Problem
from genom.measure import Effect, Look, effect_of

__all__ = ["PointEffect", "effect_shown", "labels_of", "point_shown", "problems_of"]


class ArmShown(msgspec.Struct):
    """One arm."""

    arm: str
    n: int  # closed decisions
    reward: float
    mean: float  # reward a decision


class LookShown(msgspec.Struct):
    """The effect as it stood."""

    at: str  # it counts all decisions made before
    decisions: int
    arm: str
    difference: float
    low: float
    high: float
    early: bool  # too few decisions or rewards to say anything


class PointEffect(msgspec.Struct):
    """The effect of a decision point: its policy against the control, or an experiment's arms."""

    point: str
    label: dict[str, str]
    arms: list[ArmShown]  # the base is the last
    difference: float | None
    low: float | None  # bounds of a confidence sequence: they hold at every look
    high: float | None
    unit: str  # of reward, mean and difference: EUR, or successes
    verdict: str
    sentence: dict[str, str]
    since: str | None
    decisions: int  # closed
    open: int  # whose reward window has not passed
    looks: list[LookShown]  # at most 120, the oldest first


def effect_shown(node: Node, point: Point) -> PointEffect:
    """The effect of a point as it stands."""
    rules = node.outcomes.rules(point.id)
    counter = node.outcomes.counter(rules) if rules is not None and rules.measured else None
    tallies = counter.arms if counter else {}
    unit = "EUR" if (rules is not None and rules.amount) or (counter and counter.euros) else "successes"
    effect = effect_of(
        tallies,
        planned_shares(point),
        base=base_arm(point),
        periods=counter.periods if counter else None,
        unit=unit,
        labels=labels_of(node, point.id),
    )
    found = effect.difference
    return PointEffect(
        point=point.id,
        label={"en": point.label.en, "de": point.label.de},
        arms=_arms(effect),
        difference=found.value if math.isfinite(found.low) else None,
        low=found.low if math.isfinite(found.low) else None,
        high=found.high if math.isfinite(found.high) else None,
        unit=unit,
        verdict=effect.verdict.word,
        sentence=effect.verdict.sentence,
        since=rfc3339(counter.since) if counter and counter.since else None,
        decisions=sum(tally.n for tally in tallies.values()),
        open=node.outcomes.waiting(point.id),
        looks=[_look(look) for look in counter.looks.kept] if counter else [],
    )


def labels_of(node: Node, point: str) -> dict[str, dict[str, str]]:
    """Action → its label by language."""
    labels = node.outcomes.labels
    if not labels:
        for stored in node.catalogue.actions():
            labels.setdefault(stored["point"], {})[stored["id"]] = stored["label"]
    return labels.get(point, {})


def _look(look: Look) -> LookShown:
    return LookShown(rfc3339(look.at), look.decisions, look.arm, look.value, look.low, look.high, look.early)


def _arms(effect: Effect) -> list[ArmShown]:
    return [ArmShown(arm.arm, arm.n, arm.reward, arm.mean) for arm in effect.arms]


def point_shown(node: Node, point: Point) -> dict[str, Any]:
    """A point's definition and how it is used; traffic since the node's start."""
    traffic = node.outcomes.traffic.get(point.id) or Traffic()
    times = sorted(traffic.ms)
    rules = node.outcomes.rules(point.id)
    counter = node.outcomes.counter(rules) if rules is not None and rules.measured else None
    return kept_form(point) | {
        "version": point.version,
        "stage": "live" if point.id in node.points else "shadow",
        "also": point.also,
        "shares": point.shares,
        "traffic": {
            "decisions": traffic.decisions,
            "neutral": traffic.neutral,  # without permission or candidate
            "fallback_share": traffic.fallbacks / traffic.decisions if traffic.decisions else 0.0,
            "p95_ms": times[int(0.95 * (len(times) - 1))] if times else None,
        },
        "best_action": node.outcomes.best(point.id) or None,
        "actions": {
            action: {"n": n, "mean": total / 1024 / n if n else 0.0}
            for action, (n, total) in sorted(counter.actions.items())
        }
        if counter
        else {},
        "learned_decisions": int(node.outcomes.lessons_of(rules).sums.counts.sum()) if rules and rules.learned else 0,
    }


def problems_of(node: Node) -> list[Problem]:
    """What is wrong with decisions now: points that answer without their model, decisions that are not followed."""
    found = [
        Problem(
            name,
            f"The decision point {name!r} answers by own purchases alone.",
            why="no model that it needs is served",
            fix="wait for the first training, or see `genom learn`",
        )
        for name, traffic in sorted(node.outcomes.traffic.items())
        if traffic.falls_back
    ]
    if node.outcomes.lost:
        why = f"more than {FOLLOWED_MAX:,} reward windows were open at once"
        what = f"What came of {counted(node.outcomes.lost, 'decision', 'decisions')} is not followed."
        found.append(Problem("outcomes", what, why=why, fix="shorten the reward windows of the busiest points"))
    return found
