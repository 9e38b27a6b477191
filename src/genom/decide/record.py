"""The record of a decision: evidence from which anybody can repeat it bit for bit."""

from __future__ import annotations

import msgspec
import numpy as np
from msgspec.structs import replace

from genom.decide.candidates import Candidates
from genom.decide.decision import Choice, Outcome
from genom.decide.facts import Facts
from genom.decide.packed import Floats, Integers, Sparse, packed, sparse
from genom.decide.points import Point
from genom.decide.policy import Policy
from genom.decide.shape import Feature
from genom.decide.weighed import Arms, Linear, Logistic, Margins, Purchases, Weighed
from genom.errors import Corrupt
from genom.typed import json_decoder

__all__ = [
    "Beside",
    "BoostedEvidence",
    "DecisionRecord",
    "Evidence",
    "Ground",
    "LinearEvidence",
    "LogisticEvidence",
    "decode_record",
    "encode_record",
    "record_of",
]


class LinearEvidence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What `learned` read: a feature that is 0 adds nothing and is left out."""

    features: tuple[Feature, ...]
    values: Floats
    coefficients: bytes  # little-endian float32, candidate after candidate, each with its constant first
    ceiling: float
    signature: str


class LogisticEvidence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What `propensity` read: for each feature its weight and its values that are not 0, by candidate."""

    names: tuple[str, ...]
    weights: Floats
    intercept: float
    columns: tuple[Sparse, ...]
    version: str


class BoostedEvidence(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What `propensity` scored by trees: the log-odds of each candidate; the model says how they came about."""

    margins: Floats
    version: str


class Evidence(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What was weighed: candidates, what the model read of them and of the person, scores and probabilities."""

    candidates: tuple[str, ...]
    scores: Floats
    first: Floats  # probability to take the first place; the last value is doing nothing
    worth: Floats | None = None  # EUR of a success of each candidate; None: 1
    told: Floats | None = None  # what the person's own words added to each score
    # own-purchases-1
    rows: Integers = ()  # type: ignore[assignment]  # the candidate that a category belongs to, by its place from 0
    codes: Integers = ()  # type: ignore[assignment]  # code of `category_2` of that category
    weights: Floats = ()  # type: ignore[assignment]
    own: Sparse | None = None  # values read, by code
    recent: Sparse | None = None
    popularity: Sparse | None = None
    popularity_total: float = 0.0
    popularity_kinds: int = 0
    bought: Floats | None = None  # by own-products-1: own purchases of the products of each candidate
    # the other models
    linear: LinearEvidence | None = None
    logistic: LogisticEvidence | None = None
    boosted: BoostedEvidence | None = None
    shares: Floats | None = None  # of an experiment's arms
    off: tuple[str, ...] = ()  # arms that did not run


class Beside(msgspec.Struct, frozen=True, gc=False):
    """What was decided where a version in shadow decided too."""

    decision: str  # id of the live decision; empty: no version was live, nothing was shown
    action: str  # the first that it chose
    control: bool  # it was drawn evenly


class Ground(msgspec.Struct, frozen=True, gc=False):
    """The legal basis of the purpose that was asked about."""

    basis: str  # of purposes.yaml, such as consent or opt_out
    regions: tuple[str, ...]  # of the person; empty: none was known, so the strictest counted


class DecisionRecord(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One decision as the journal keeps it."""

    decision_id: str
    point: str
    point_version: int
    person: str  # public id
    at: int  # unix ms, UTC
    position: int  # journal position of the facts
    purpose: str
    permitted: bool  # the mask holds the purpose and all of `also`
    mask: int  # the person's effective mask
    basis: str  # what the permission rests on
    seed: int
    control: bool
    n: int  # choices asked for
    model: str
    policy: Policy
    choices: tuple[Choice, ...]
    evidence: Evidence | None  # None: the neutral choice, nothing was read
    also: tuple[str, ...] = ()  # purposes that the point needs beside its own
    measured: str = ""  # signature of the rules that its outcomes are counted by; empty: they are not
    narrowed: tuple[str, ...] | None = None  # what of the person narrowed the candidates; None: written before it was
    shadow: Beside | None = None  # made in shadow, beside this; None: it was the answer
    genes: str = ""  # version of the gene set that was read; empty: written before it was recorded
    ground: Ground | msgspec.UnsetType = msgspec.UNSET  # not there where nobody has a region


def record_of(
    outcome: Outcome,
    *,
    point: Point,
    facts: Facts,
    person: str,
    mask: int,
    basis: str,
    measured: str = "",
    narrowed: tuple[str, ...] | None = None,
    genes: str = "",
    ground: Ground | msgspec.UnsetType = msgspec.UNSET,
) -> DecisionRecord:
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
        also=point.also,
        seed=outcome.seed,
        control=decision.control,
        n=outcome.n,
        model=decision.model,
        policy=point.policy if outcome.weighed is None else outcome.weighed.policy,
        choices=decision.choices,
        evidence=None if outcome.weighed is None else _evidence(outcome.weighed),
        measured=measured,
        narrowed=narrowed,
        genes=genes,
        ground=ground,
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
    candidates, kept = weighed.candidates, weighed.candidates.kept
    evidence = Evidence(
        candidates=kept.ids,
        scores=packed(weighed.scores),
        first=packed(weighed.draw.first),
        worth=candidates.kept_worth,
        told=None if weighed.told is None else packed(weighed.told),
    )
    match weighed.basis:
        case Purchases() as basis:
            return _of_purchases(evidence, basis, candidates)
        case Linear() as basis:
            return replace(evidence, linear=_of_linear(basis))
        case Logistic() as basis:
            return replace(evidence, logistic=_of_logistic(basis))
        case Margins() as basis:
            return replace(evidence, boosted=BoostedEvidence(margins=packed(basis.margins), version=basis.version))
        case Arms() as basis:
            return replace(evidence, shares=packed(basis.shares), off=basis.off)


def _of_purchases(evidence: Evidence, basis: Purchases, candidates: Candidates) -> Evidence:
    kept, (codes, _) = candidates.kept, candidates.read
    own, popularity, *recent = (sparse(values, codes) for values in basis.values)
    return replace(
        evidence,
        rows=kept.rows,
        codes=kept.codes,
        weights=kept.weights,
        own=own,
        recent=recent[0] if recent else None,
        popularity=popularity,
        popularity_total=basis.total,
        popularity_kinds=basis.kinds,
        bought=None if basis.bought is None else packed(basis.bought),
    )


def _of_linear(basis: Linear) -> LinearEvidence:
    return LinearEvidence(
        features=basis.features,
        values=packed(basis.values),
        coefficients=basis.coefficients.astype("<f4").tobytes(),
        ceiling=basis.ceiling,
        signature=basis.signature,
    )


def _of_logistic(basis: Logistic) -> LogisticEvidence:
    candidates = np.arange(len(basis.matrix), dtype=np.intp)
    return LogisticEvidence(
        names=basis.names,
        weights=packed(basis.weights),
        intercept=basis.intercept,
        columns=tuple(sparse(column, candidates) for column in basis.matrix.T),
        version=basis.version,
    )


_ENCODER = msgspec.json.Encoder()
_DECODER = json_decoder(DecisionRecord)
