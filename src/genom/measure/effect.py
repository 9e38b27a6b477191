"""The effect of a decision point: its arms, the difference to the base, and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genom.measure.arms import Arm, Difference, Tally, difference
from genom.measure.roster import Roster
from genom.measure.shares import SUSPECT, evidence_against
from genom.measure.verdict import Verdict, verdict_of

__all__ = ["Effect", "effect_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What was measured."""

    arms: tuple[Arm, ...]  # the base is the last
    difference: Difference  # of the best other arm to the base
    verdict: Verdict


def effect_of(
    tallies: Mapping[str, Tally],
    shares: Mapping[str, float],
    *,
    base: str,
    roster: Roster | None = None,
    unit: str = "successes",
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> Effect:
    """The effect against the base; `shares` are those that the arms should have.

    With a roster the shares of persons are checked, as arms that stick to persons must be; else those of decisions.
    With more than two arms the interval of the arm that is furthest from the base is shown, at a level that all of
    them hold at together (Bonferroni).
    """
    tallies = {arm: tallies.get(arm) or Tally() for arm in shares}
    others = [arm for arm in shares if arm != base]
    alpha = 0.05 / len(others)
    differences = {arm: difference(tallies[arm], tallies[base], alpha=alpha) for arm in others}
    chosen = max(others, key=lambda arm: abs(differences[arm].value))
    found, pair = differences[chosen], (tallies[chosen], tallies[base])
    verdict = verdict_of(
        arm=chosen,
        base=base,
        smaller=min(tally.n for tally in pair),
        rewarded=sum(tally.reward for tally in pair),
        value=found.value,
        low=found.low,
        high=found.high,
        sound=_sound(tallies, shares, roster),
        controlled=shares[base] > 0,
        unit=unit,
        labels=labels or {},
    )
    arms = tuple(_arm(arm, tallies[arm]) for arm in (*others, base))
    return Effect(arms=arms, difference=found, verdict=verdict)


def _sound(tallies: Mapping[str, Tally], shares: Mapping[str, float], roster: Roster | None) -> bool:
    if roster is None:
        return evidence_against([tally.n for tally in tallies.values()], list(shares.values())) < SUSPECT
    if roster.full:
        return True
    return evidence_against(roster.counts(len(shares)), roster.expected(list(shares.values()))) < SUSPECT


def _arm(name: str, tally: Tally) -> Arm:
    return Arm(arm=name, n=tally.n, reward=tally.reward, mean=tally.mean)
