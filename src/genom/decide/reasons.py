"""Why an action was chosen: the parts of its score, or what else decided."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from genom.decide.facts import Facts

__all__ = ["CONTROL", "DO_NOTHING_SCORE", "EXPLORATION", "NO_CANDIDATE", "POPULARITY", "Reason", "reasons_of", "said"]

CONTROL = "random control"
DO_NOTHING_SCORE = "do nothing"
EXPLORATION = "exploration"
NO_CANDIDATE = "no candidate"
POPULARITY = "popularity"


class Reason(msgspec.Struct, frozen=True, gc=False):
    """A part of a score, or with contribution 0 another cause of the choice."""

    gene: str | None  # id of the gene that was read, if it is one of the person
    label: str
    contribution: float  # in units of the score


def said(label: str) -> Reason:
    """A cause that adds nothing to the score.

    >>> said("exploration")
    Reason(gene=None, label='exploration', contribution=0.0)
    """
    return Reason(None, label, 0.0)


def reasons_of(parts: Mapping[str, float], facts: Facts, language: str) -> tuple[Reason, ...]:
    """The parts of one score as reasons, the largest first; they sum to the score."""
    names = {
        "own": (facts.own_gene, _label(facts.own_label, facts.own_gene, language)),
        "recent": (facts.recent_gene, _label(facts.recent_label, facts.recent_gene, language)),
        "popularity": (None, POPULARITY),
        "do_nothing": (None, DO_NOTHING_SCORE),
    }
    reasons = (Reason(*names[part], contribution) for part, contribution in parts.items())
    return tuple(sorted(reasons, key=lambda reason: -abs(reason.contribution)))


def _label(labels: Mapping[str, str], gene: str, language: str) -> str:
    return labels.get(language) or labels.get("en") or gene
