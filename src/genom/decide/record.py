"""The record of a decision: evidence from which anybody can repeat it bit for bit."""

from __future__ import annotations

import msgspec

from genom.decide.decision import Choice, Outcome, Weighed
from genom.decide.facts import Facts
from genom.decide.packed import Floats, Integers, Sparse, packed, sparse
from genom.decide.points import Point
from genom.decide.policy import Policy
from genom.errors import Corrupt

__all__ = ["DecisionRecord", "Evidence", "decode_record", "encode_record", "record_of"]


class Evidence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What was weighed: candidates, the gene values read, scores and probabilities."""

    candidates: tuple[str, ...]
    rows: Integers  # the candidate that a category belongs to, by its place from 0
    codes: Integers  # code of `category_2` of that category
    weights: Floats
    own: Sparse  # values read, by code
    recent: Sparse | None
    popularity: Sparse
    popularity_total: float
    popularity_kinds: int
    scores: Floats
    first: Floats  # probability to take the first place; the last value is doing nothing


class DecisionRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One decision as the journal keeps it."""

    decision_id: str
    point: str
    point_version: int
    person: str  # public id
    at: int  # unix ms, UTC
    position: int  # journal position of the facts
    purpose: str
    permitted: bool
    mask: int  # the person's effective mask
    basis: str  # what the permission rests on
    seed: int
    control: bool
    n: int  # choices asked for
    model: str
    policy: Policy
    choices: tuple[Choice, ...]
    evidence: Evidence | None  # None: the neutral choice, nothing was read


def record_of(outcome: Outcome, *, point: Point, facts: Facts, person: str, mask: int, basis: str) -> DecisionRecord:
    """The record of an outcome; `mask` and `basis` say what permitted or forbade it."""
    decision = outcome.decision
    return DecisionRecord(
        decision_id=decision.decision_id,
        point=point.id,
        point_version=point.version,
        person=person,
        at=facts.now,
        position=facts.position,
        purpose=point.purpose,
        permitted=facts.permitted,
        mask=mask,
        basis=basis,
        seed=outcome.seed,
        control=decision.control,
        n=outcome.n,
        model=decision.model,
        policy=point.policy,
        choices=decision.choices,
        evidence=None if outcome.weighed is None else _evidence(outcome.weighed),
    )


def encode_record(record: DecisionRecord) -> bytes:
    """The record as JSON."""
    return _ENCODER.encode(record)


def decode_record(data: bytes) -> DecisionRecord:
    """The record that these bytes hold. Raises Corrupt if they hold none."""
    try:
        return _DECODER.decode(data)
    except msgspec.DecodeError as error:
        raise Corrupt("A decision record cannot be read.", why=str(error), fix="check the journal's blocks") from error


def _evidence(weighed: Weighed) -> Evidence:
    result, kept = weighed.result, weighed.candidates.kept
    codes, _ = weighed.candidates.read
    own, popularity, *recent = (sparse(values, codes) for values in result.values)
    return Evidence(
        candidates=kept.ids,
        rows=kept.rows,
        codes=kept.codes,
        weights=kept.weights,
        own=own,
        recent=recent[0] if recent else None,
        popularity=popularity,
        popularity_total=result.total,
        popularity_kinds=result.kinds,
        scores=packed(result.scores),
        first=packed(result.first),
    )


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(DecisionRecord)
