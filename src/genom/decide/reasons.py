"""Why an action was chosen: the parts of its score, or what else decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from genom.decide.facts import Facts

__all__ = [
    "CONTROL",
    "DO_NOTHING_SCORE",
    "EXPERIMENT",
    "EXPLORATION",
    "NO_CANDIDATE",
    "POPULARITY",
    "TOLD",
    "YOU_TOLD_US",
    "Named",
    "Reason",
    "names_of",
    "reasons_of",
    "said",
]

Named = tuple[str | None, str]  # gene, label

CONTROL = "random control"
DO_NOTHING_SCORE = "do nothing"
EXPERIMENT = "experiment"
EXPLORATION = "exploration"
NO_CANDIDATE = "no candidate"
POPULARITY = "popularity"
YOU_TOLD_US: dict[str, Named] = {"en": (None, "you told us"), "de": (None, "Sie haben es uns gesagt")}
TOLD = frozenset(label for _, label in YOU_TOLD_US.values())  # personal, although no gene was read


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


def names_of(facts: Facts, language: str) -> tuple[Named, ...]:
    """For each of `reading.PARTS` the gene that was read, if it is one of the person, and the label."""
    own = facts.own_gene, _label(facts.own_label, facts.own_gene, language)
    recent = facts.recent_gene, _label(facts.recent_label, facts.recent_gene, language)
    return own, (None, POPULARITY), recent


def reasons_of(contributions: Sequence[float], names: Sequence[Named]) -> tuple[Reason, ...]:
    """The parts of one score as reasons, the largest first; they sum to the score."""
    sizes = [-abs(part) for part in contributions]
    largest = sorted(range(len(sizes)), key=sizes.__getitem__)
    return tuple([Reason(*names[place], contributions[place]) for place in largest])


def _label(labels: Mapping[str, str], gene: str, language: str) -> str:
    return labels.get(language) or labels.get("en") or gene
