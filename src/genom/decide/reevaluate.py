"""A decision computed again from its record alone, to the last bit."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from genom.decide.actions import DO_NOTHING
from genom.decide.candidates import Candidates
from genom.decide.packed import floats, integers, spread
from genom.decide.policy import draw
from genom.decide.reading import Reading, width_of
from genom.decide.record import DecisionRecord, Evidence
from genom.decide.scoring import MODELS
from genom.errors import UnknownFormat, nearest

__all__ = ["Repeated", "agrees", "reevaluate"]


class Repeated(NamedTuple):
    """What a record gives when it is computed again."""

    actions: tuple[str, ...]
    probabilities: tuple[float, ...]
    scores: tuple[float, ...]
    all_scores: tuple[float, ...] = ()  # of every candidate
    first: tuple[float, ...] = ()  # probability of every candidate, then of doing nothing, to take the first place
    control: bool = False


def reevaluate(record: DecisionRecord) -> Repeated:
    """Compute scores, probabilities and choice again, from nothing but the record.

    Raises UnknownFormat if a newer Genom scored it with a model that this one does not have.
    """
    if record.evidence is None:
        return Repeated((DO_NOTHING,), (1.0,), (0.0,))
    if record.model not in MODELS:
        hint = nearest(record.model, MODELS) or "read it with the Genom that wrote it"
        raise UnknownFormat(f"There is no model named {record.model!r}.", why="the record names it", fix=hint)
    candidates, reading = _restored(record.evidence)
    total = MODELS[record.model](reading, candidates).total
    drawn = draw(total, record.policy, n=record.n, seed=record.seed)
    names, scores = (*candidates.ids, DO_NOTHING), (*total.tolist(), record.policy.do_nothing)
    return Repeated(
        actions=tuple(names[pick.index] for pick in drawn.picks),
        probabilities=tuple(pick.probability for pick in drawn.picks),
        scores=tuple(scores[pick.index] for pick in drawn.picks),
        all_scores=scores[:-1],
        first=tuple(drawn.first.tolist()),
        control=drawn.control,
    )


def agrees(record: DecisionRecord) -> bool:
    """Whether the record, computed again, gives the same choices, scores and probabilities to the last bit."""
    evidence = record.evidence
    written = Repeated(
        actions=tuple(choice.action for choice in record.choices),
        probabilities=tuple(choice.probability for choice in record.choices),
        scores=tuple(choice.score for choice in record.choices),
        all_scores=() if evidence is None else tuple(floats(evidence.scores).tolist()),
        first=() if evidence is None else tuple(floats(evidence.first).tolist()),
        control=record.control,
    )
    return written == reevaluate(record)


def _restored(evidence: Evidence) -> tuple[Candidates, Reading]:
    candidates = Candidates(
        ids=list(evidence.candidates),
        rows=integers(evidence.rows),
        codes=integers(evidence.codes),
        weights=floats(evidence.weights),
    )
    width = width_of(candidates)
    parts = [evidence.own, evidence.popularity] + ([] if evidence.recent is None else [evidence.recent])
    values = np.array([spread(part, width) for part in parts])
    return candidates, Reading(values=values, total=evidence.popularity_total, kinds=evidence.popularity_kinds)
