"""The effect of a decision point: its arms, the difference to the base, and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from genom.measure.arms import Arm, Difference, Tally, difference
from genom.measure.looks import Look
from genom.measure.periods import Periods
from genom.measure.sequence import ALPHA
from genom.measure.shares import SUSPECT, evidence_against
from genom.measure.verdict import Verdict, too_early, verdict_of

__all__ = ["Effect", "effect_of", "look_at"]


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
    periods: Periods | None = None,
    unit: str = "successes",
    labels: Mapping[str, Mapping[str, str]] | None = None,
) -> Effect:
    """The effect against the base; `shares` are those that the arms should have.

    With periods the shares of persons are checked, as arms that stick to persons must be; else those of decisions.
    With more than two arms the interval of the arm that is furthest from the base is shown, at a level that all of
    them hold at together (Bonferroni).
    """
    tallies = {arm: tallies.get(arm) or Tally() for arm in shares}
    chosen, found = _furthest(tallies, base)
    pair = (tallies[chosen], tallies[base])
    verdict = verdict_of(
        arm=chosen,
        base=base,
        smaller=min(tally.n for tally in pair),
        rewarded=sum(tally.reward for tally in pair),
        value=found.value,
        low=found.low,
        high=found.high,
        sound=_sound(tallies, shares, periods),
        controlled=shares[base] > 0,
        unit=unit,
        labels=labels or {},
    )
    arms = tuple(_arm(arm, tallies[arm]) for arm in (*(arm for arm in shares if arm != base), base))
    return Effect(arms=arms, difference=found, verdict=verdict)


def look_at(tallies: Mapping[str, Tally], shares: Mapping[str, float], *, base: str, at: int) -> Look | None:
    """How the effect stands, as `effect_of` has it; None while an arm that is compared is empty."""
    tallies = {arm: tallies.get(arm) or Tally() for arm in shares}
    chosen, found = _furthest(tallies, base)
    pair = (tallies[chosen], tallies[base])
    if not all(tally.n for tally in pair):
        return None
    return Look(
        at=at,
        decisions=sum(tally.n for tally in tallies.values()),
        arm=chosen,
        value=found.value,
        low=found.low,
        high=found.high,
        early=too_early(min(tally.n for tally in pair), sum(tally.reward for tally in pair)),
    )


def _furthest(tallies: Mapping[str, Tally], base: str) -> tuple[str, Difference]:
    """The arm that is furthest from the base, and its interval."""
    others = [arm for arm in tallies if arm != base]
    differences = {arm: difference(tallies[arm], tallies[base], alpha=ALPHA / len(others)) for arm in others}
    chosen = max(others, key=lambda arm: abs(differences[arm].value))
    return chosen, differences[chosen]


def _sound(tallies: Mapping[str, Tally], shares: Mapping[str, float], periods: Periods | None) -> bool:
    if periods is not None:
        return periods.evidence(shares) < SUSPECT
    return evidence_against([tally.n for tally in tallies.values()], list(shares.values())) < SUSPECT


def _arm(name: str, tally: Tally) -> Arm:
    return Arm(arm=name, n=tally.n, reward=tally.reward, mean=tally.mean)
