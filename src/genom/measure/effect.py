"""The effect of a decision point: its arms, the difference to the base, and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genom.measure.arms import Arm, Difference, Tally, difference
from genom.measure.shares import SUSPECT, evidence_against
from genom.measure.verdict import Verdict, verdict_of

__all__ = ["Effect", "effect_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What was measured."""

    arms: tuple[Arm, ...]  # the base is the last
    difference: Difference  # of the best other arm to the base
    verdict: Verdict


def effect_of(tallies: Mapping[str, Tally], shares: Mapping[str, float], *, base: str) -> Effect:
    """The effect against the base; `shares` are those that the arms should have.

    With more than two arms the interval of the arm that is furthest from the base is shown, at a level that all of
    them hold at together (Bonferroni).
    """
    tallies = {arm: tallies.get(arm) or Tally() for arm in shares}
    others = [arm for arm in shares if arm != base]
    alpha = 0.05 / len(others)
    differences = {arm: difference(tallies[arm], tallies[base], alpha=alpha) for arm in others}
    chosen = max(others, key=lambda arm: abs(differences[arm].value))
    found, pair = differences[chosen], (tallies[chosen], tallies[base])
    counts = [tally.n for tally in tallies.values()]
    verdict = verdict_of(
        arm=chosen,
        base=base,
        smaller=min(tally.n for tally in pair),
        rewarded=sum(tally.reward for tally in pair),
        value=found.value,
        low=found.low,
        high=found.high,
        sound=evidence_against(counts, list(shares.values())) < SUSPECT,
    )
    arms = tuple(_arm(arm, tallies[arm]) for arm in (*others, base))
    return Effect(arms=arms, difference=found, verdict=verdict)


def _arm(name: str, tally: Tally) -> Arm:
    return Arm(arm=name, n=tally.n, reward=tally.reward, mean=tally.mean)
