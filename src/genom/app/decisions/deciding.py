"""Deciding: facts through the gate, a choice, its record in the journal, its outcomes later."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from itertools import islice
from typing import Any, Final

import msgspec
import numpy as np

from genom.app.commit import Committer, now_ms
from genom.app.decisions.actions import compiled_action
from genom.app.decisions.asking import asked_point
from genom.app.facts import COUPONS, OWN, RECENT, VIEWED, facts_of
from genom.app.legal import ground_of, halted
from genom.app.node import Node
from genom.app.reading import find_person, rfc3339
from genom.app.rows import PACK
from genom.decide import (
    DO_NOTHING,
    ActionSet,
    Beside,
    Choice,
    Decision,
    DecisionRecord,
    Facts,
    Ground,
    Model,
    Outcome,
    Point,
    Propensity,
    Reason,
    category_actions,
    decide,
    eligible,
    encode_record,
    narrowed_by,
    record_of,
)
from genom.errors import BadConfiguration, NotFound
from genom.genome import Genes
from genom.words import ROW, Kind

__all__ = [
    "Shelf",
    "barred_at",
    "check_genes",
    "decision_of",
    "decisions_of",
    "make_decision",
    "model_of",
    "question_of",
    "shadow_number",
    "simulate_decision",
]

IN_SHADOW: Final = "in shadow: nothing is shown"
_NOTHING: Final[frozenset[str]] = frozenset()
_NO_ACTIONS: Final = ActionSet([])
_SHADOW: Final = 0x5EED_0F_5AAD0E_5EED  # tells the number of a decision in shadow from that of the live one
_DECIDED: Final = (Kind.DECISION, Kind.SHADOW)


def check_genes(genes: Genes) -> None:
    """Decisions read these; raises BadConfiguration if an own gene file lacks them."""
    for gene in (OWN, RECENT, VIEWED, COUPONS):
        genes[gene]
    for ring in ("items", "messages"):
        if ring not in genes.rings:
            raise BadConfiguration(
                f"The genes have no ring {ring!r}.", why="decisions read it", fix="add it to genes.yaml"
            )


class Shelf:
    """The actions and categories to choose from, compiled; rebuilt when the catalogue or the vocabulary has changed."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._terms = -1
        self.categories = category_actions([])
        self.actions: dict[str, ActionSet] = {}
        self.refresh_actions()

    def refresh_actions(self) -> None:
        """Take in the actions of the catalogue."""
        by_point: dict[str, list[Any]] = {name: [] for name in self._node.shadows | self._node.points}
        for stored in self._node.catalogue.actions():
            by_point.setdefault(stored["point"], []).append(compiled_action(self._node, stored))
        self.actions = {name: ActionSet(actions) for name, actions in by_point.items()}

    def of(self, point: Point) -> ActionSet:
        """The actions of a point; none where categories are its candidates."""
        return self.actions.get(point.id) or _NO_ACTIONS

    def refresh_categories(self) -> None:
        """Take in categories that events or products brought since the last call."""
        terms = self._node.world.terms[2].terms
        if len(terms) != self._terms:
            self._terms = len(terms)
            self.categories = category_actions(["" if code < 2 else term for code, term in enumerate(terms)])


def make_decision(
    node: Node,
    committer: Committer,
    shelf: Shelf,
    *,
    point: str,
    person: Mapping[str, str],
    n: int,
    language: str = "en",
    denied: int = 0,
) -> Decision:
    """Decide for a person and write the record; it is durable with the next commit.

    `denied` are purposes that this decision must not use, whatever is on record.

    Raises UnknownName for an unknown point, Busy if the record cannot be written.
    """
    began = time.perf_counter()
    chosen_point, now = asked_point(node, point), now_ms()
    if point not in node.points:
        return _decide_unshown(
            node, committer, shelf, chosen_point, find_person(node, person), n=n, now=now, denied=denied
        )
    made = _decide(node, shelf, chosen_point, find_person(node, person), now=now, n=n, language=language, denied=denied)
    record = _record(node, made)
    _write(committer, record, person=made.person, now=now)
    ms = round((time.perf_counter() - began) * 1000, 3)
    node.outcomes.decided(
        int(record.decision_id[1:], 16), record, profile=made.person, known_at=now, ms=ms, served=made.served
    )
    if (tried := node.shadows.get(point)) is not None:
        _decide_beside(node, committer, shelf, tried, made, n=n, now=now, language=language)
    return msgspec.structs.replace(made.outcome.decision, ms=ms)


def shadow_number(number: int) -> int:
    """The number of what a version in shadow decided beside a decision, and the other way round.

    >>> shadow_number(shadow_number(77))
    77
    """
    return number ^ _SHADOW


def _decide_beside(
    node: Node, committer: Committer, shelf: Shelf, tried: Point, live: _Made, *, n: int, now: int, language: str
) -> None:
    """Record what a version in shadow would have chosen by the same lot; it never costs an answer."""
    shown = live.outcome.decision
    try:
        made = _decide(
            node, shelf, tried, live.person, now=now, n=n, language=language, seed=live.outcome.seed,
            number=shadow_number(int(shown.decision_id[1:], 16)), denied=live.denied,
        )  # fmt: skip
        beside = Beside(shown.decision_id, shown.choices[0].action, shown.control)
        record = msgspec.structs.replace(_record(node, made), shadow=beside, measured="")
        _write(committer, record, person=made.person, now=now, kind=Kind.SHADOW)
    except Exception as error:  # noqa: BLE001 -- whoever asked has an answer
        node.compared.failed(tried, error)
    else:
        node.compared.take(record)


def _decide_unshown(
    node: Node, committer: Committer, shelf: Shelf, tried: Point, person: int, *, n: int, now: int, denied: int
) -> Decision:
    """No version is live: what the one in shadow would have chosen is recorded, and the answer is to do nothing."""
    made = _decide(node, shelf, tried, person, now=now, n=n, language="en", denied=denied)
    record = msgspec.structs.replace(_record(node, made), shadow=Beside("", DO_NOTHING, control=False), measured="")
    _write(committer, record, person=person, now=now, kind=Kind.SHADOW)
    node.compared.take(record)
    unshown = Choice(DO_NOTHING, 0.0, 1.0, (Reason(None, IN_SHADOW, 0.0),))
    return msgspec.structs.replace(made.outcome.decision, choices=(unshown,), control=False)


def simulate_decision(
    node: Node,
    shelf: Shelf,
    *,
    point: str,
    person: int,
    n: int,
    language: str = "en",
    without: frozenset[str] = frozenset(),
) -> DecisionRecord:
    """What would be decided now, as a record that is written nowhere and counted nowhere; `without` are actions off.

    Raises UnknownName for an unknown point.
    """
    made = _decide(node, shelf, asked_point(node, point), person, now=now_ms(), n=n, language=language, without=without)
    return _record(node, made)


class _Made(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A decision and what it was made of."""

    point: Point
    person: int
    now: int  # unix ms
    mask: int
    denied: int  # purposes that it was asked not to use
    facts: Facts
    outcome: Outcome
    narrowed: tuple[str, ...]
    served: bool  # the point's model answers, if not for everybody


def _decide(
    node: Node, shelf: Shelf, point: Point, person: int, *, now: int, n: int, language: str,
    without: frozenset[str] = frozenset(), seed: int | None = None, number: int | None = None,
    denied: int = 0,
) -> _Made:  # fmt: skip
    mask = node.effective(person, now) & ~denied
    actions = shelf.of(point)
    at = max(now, node.world.last_ts + 1)  # later than every event that was folded
    model, view, served = model_of(node, point, actions), None, _is_served(node, point, actions)
    if missing := _missing(node, point, mask):
        facts = Facts(permitted=False, now=at, position=node.world.position, missing=missing)
    else:
        view = node.gate.view(person, purpose=point.purpose, effective=mask, at=at)
        facts = facts_of(node, view, point, actions=actions, rhythm=isinstance(model, Propensity))
    if isinstance(model, Propensity) and not model.knows(facts):
        model = None
    shelf.refresh_categories()
    candidates = eligible(point, facts, actions=actions, categories=shelf.categories)
    narrowed = narrowed_by(point, facts, candidates, actions=actions, categories=shelf.categories)
    if without := without | barred_at(node, point):
        candidates = candidates.keep(np.array([name not in without for name in candidates.ids], np.bool_))
    if view is not None and point.model == "propensity" and candidates.ids:
        asked = question_of(point, actions)
        trees = node.models.weigh(asked, view, person=person, purpose=point.purpose, candidates=candidates.ids)
        model = trees or model or node.models.bought(point, view, person=person, candidates=candidates)
    outcome = decide(
        point,
        facts,
        candidates,
        n=n,
        seed=_seed(node, point, person) if seed is None else seed,
        decision=node.seed() if number is None else number,
        language=language,
        model=model,
    )
    return _Made(
        point=point, person=person, now=now, mask=mask, denied=denied, facts=facts, outcome=outcome,
        narrowed=narrowed, served=served,
    )  # fmt: skip


def barred_at(node: Node, point: Point) -> frozenset[str]:
    """Categories and actions about special categories of data, unless the point may use these: never a candidate."""
    tags, need = node.desk.tags, node.purposes.mask((point.purpose, *point.also))
    if not tags or need & ~node.purposes.of_special == 0:
        return _NOTHING
    return tags.barred if point.candidates == "categories" else tags.items


def _missing(node: Node, point: Point, mask: int) -> str:
    """The first purpose of the point that is not permitted now; empty if all are."""
    return next((name for name in (point.purpose, *point.also) if not mask & node.purposes.bit(name)), "")


def _seed(node: Node, point: Point, person: int) -> int:
    """Random bits; in an experiment those of the person, so that it always gets the same arm."""
    if point.model != "experiment" or not person:
        return node.seed()
    low, high = node.world.profiles.hash_of(person)
    return int(node.desk.items.hash64([b"arm\0%s\0%x.%x" % (point.id.encode(), low, high)])[0])


def _record(node: Node, made: _Made) -> DecisionRecord:
    assumed = bool(made.person) and node.world.assumptions.active(made.person, made.facts.now)
    return record_of(
        made.outcome,
        point=made.point,
        facts=made.facts,
        person=node.public.name(made.person) if made.person else "",
        mask=made.mask,
        basis=_basis(node, made, assumed=assumed),
        narrowed=made.narrowed,
        genes=node.world.layout.version,
        measured=rules.measured if (rules := node.outcomes.rules(made.point.id)) else "",
        ground=_ground(node, made),
    )


def model_of(node: Node, point: Point, actions: ActionSet) -> Model:
    """What was learned for a point; None if it has no model, or none can be used now."""
    if point.model == "learned":
        return node.outcomes.learned(point) if node.points.get(point.id) is point else node.compared.learned(point)
    if point.model != "propensity":
        return None
    pair = node.models.pair(question_of(point, actions))
    return None if pair is None else Propensity(weights=pair.weights, intercept=pair.intercept, version=pair.version)


def _is_served(node: Node, point: Point, actions: ActionSet) -> bool:
    return point.model == "propensity" and node.models.decides(question_of(point, actions))


def question_of(point: Point, actions: ActionSet) -> str:
    """The model that answers for a point: redeeming if its actions were mailed, else buying in a category."""
    return "redeems_coupon" if point.candidates == "actions" and actions.has_campaigns else "buys_category"


def _write(committer: Committer, record: DecisionRecord, *, person: int, now: int, kind: Kind = Kind.DECISION) -> None:
    body, number = encode_record(record), int(record.decision_id[1:], 16)
    ahead = (0, person, record.at, now, record.mask, 0, number, 0, 0, 0, number, *[0] * 6, len(body), 0)
    row = PACK(*ahead, kind, *[0] * 9)
    committer.write_now(np.frombuffer(bytearray(row), ROW), body)


def _ground(node: Node, made: _Made) -> Ground | msgspec.UnsetType:
    """The legal basis of the purpose that `_basis` tells of."""
    if node.purposes.regions is None:
        return msgspec.UNSET
    return Ground(*ground_of(node, made.person, made.facts.missing or made.point.purpose))


def _basis(node: Node, made: _Made, *, assumed: bool) -> str:
    bit = node.purposes.bit(made.facts.missing or made.point.purpose)
    choice, _, law = node.pipeline.permits.standing_of(made.person, made.now)
    if (choice.deny | made.denied) & bit:
        return "denied"
    if choice.grant & bit:
        return "recorded consent"
    if law.always & bit:
        return "no consent needed"
    if halted(node, made.person, bit):
        return "denied"
    if choice.lapsed & bit:
        return "recorded consent that ran out"
    return "assumed in development mode" if assumed and node.purposes.assumable & bit else "none"


def decision_of(node: Node, decision_id: str) -> dict[str, Any]:
    """The record of a decision, its journal position and its outcomes so far.  Raises NotFound."""
    number = (
        int(decision_id[1:], 16) if len(decision_id) == 17 and decision_id[0] == "d" and _is_hex(decision_id[1:]) else 0
    )
    found = node.journal.rows_of_decision(number) if number else None
    decided = np.zeros(0, np.intp) if found is None else np.flatnonzero(np.isin(found.rows["kind"], _DECIDED))
    index = int(decided[0]) if len(decided) else -1
    if found is None or index < 0 or _of_nobody(node, int(found.rows["profile"][index])):
        raise NotFound("There is no such decision.", why="no record has this id", fix="use the decision_id of a reply")
    record: dict[str, Any] = msgspec.json.decode(node.journal.body(found.places[index]))
    outcomes = [_outcome(row) for row in found.rows if row["kind"] < 200 and row["line"] == 0]
    if record.get("shadow"):  # nothing was shown, so nothing came of it
        outcomes = []
    return record | {"sequence": int(found.rows["sequence"][index]), "at": rfc3339(record["at"]), "outcomes": outcomes}


def _of_nobody(node: Node, profile: int) -> bool:
    """Whether the person was erased; a decision about somebody unknown has no profile."""
    return profile > 0 and not node.world.profiles.exists(profile)


def _is_hex(text: str) -> bool:
    return all(c in "0123456789abcdef" for c in text)


def _outcome(row: np.void) -> dict[str, Any]:
    return {
        "event": Kind(int(row["kind"])).name.replace("_", " ").title()
        if row["kind"] in Kind._value2member_map_
        else "other",
        "timestamp": rfc3339(int(row["ts"])),
        "amount": int(row["amount"]) / 1e6,
        "sequence": int(row["sequence"]),
    }


def decisions_of(node: Node, person: int, *, limit: int, purposes: Collection[str] = ()) -> list[dict[str, Any]]:
    """The newest decisions about a person; only those for one of the purposes, if there are any."""
    found = node.journal.rows_of(node.world.people.members(person))
    newest = np.flatnonzero(found.rows["kind"] == Kind.DECISION)[::-1]
    told = (decision_of(node, f"d{int(found.rows['decision'][index]):016x}") for index in newest)
    return list(islice((one for one in told if not purposes or one["purpose"] in purposes), limit))
