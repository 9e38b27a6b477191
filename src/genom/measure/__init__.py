"""Measure: what decisions caused, as intervals that hold at every look. Values in, values out."""

from genom.measure.arms import BUCKETS, STEPS, Arm, Difference, Tally, difference
from genom.measure.effect import Effect, effect_of, look_at
from genom.measure.looks import Look, Looks
from genom.measure.periods import Periods
from genom.measure.roster import Roster
from genom.measure.sequence import mean_interval, width
from genom.measure.shares import evidence_against
from genom.measure.verdict import VERDICTS, Verdict, verdict_of

__all__ = [
    "BUCKETS",
    "STEPS",
    "VERDICTS",
    "Arm",
    "Difference",
    "Effect",
    "Look",
    "Looks",
    "Periods",
    "Roster",
    "Tally",
    "Verdict",
    "difference",
    "effect_of",
    "evidence_against",
    "look_at",
    "mean_interval",
    "verdict_of",
    "width",
]
