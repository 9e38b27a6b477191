"""Deciding: facts through the gate, a choice, its record in the journal, its outcomes later."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import numpy as np

from genom.app.actions import compiled_action
from genom.app.commit import Committer, now_ms
from genom.app.node import Node
from genom.app.reading import find_person, rfc3339
from genom.app.rows import PACK
from genom.decide import (
    ActionSet,
    Decision,
    DecisionRecord,
    Facts,
    Point,
    category_actions,
    decide,
    eligible,
    encode_record,
    find_point,
    record_of,
)
from genom.errors import BadConfiguration, NotFound
from genom.genome import Genes
from genom.words import ROW, Kind

__all__ = ["OWN", "RECENT", "Shelf", "check_genes", "decision_of", "decisions_of", "make_decision"]

OWN: Final = "taste.category.histogram.365d"
RECENT: Final = "taste.lines.last_categories"
_NO_ACTIONS: Final = ActionSet([])


def check_genes(genes: Genes) -> None:
    """Decisions read these; raises BadConfiguration if an own gene file lacks them."""
    genes[OWN], genes[RECENT]
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
        by_point: dict[str, list[Any]] = {name: [] for name in self._node.points}
        for stored in self._node.catalogue.actions():
            by_point.setdefault(stored["point"], []).append(compiled_action(self._node, stored))
        self.actions = {name: ActionSet(actions) for name, actions in by_point.items()}

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
) -> Decision:
    """Decide for a person and write the record; it is durable with the next commit.

    Raises UnknownName for an unknown point, Busy if the record cannot be written.
    """
    began = time.perf_counter()
    chosen_point = find_point(node.points, point)
    number, now = find_person(node, person), now_ms()
    mask = node.effective(number, now)
    actions = shelf.actions.get(point) or _NO_ACTIONS
    facts = _facts(node, number, chosen_point, actions, mask=mask, now=now)
    shelf.refresh_categories()
    candidates = eligible(chosen_point, facts, actions=actions, categories=shelf.categories)
    outcome = decide(chosen_point, facts, candidates, n=n, seed=node.seed(), decision=node.seed(), language=language)
    assumed = bool(number) and node.world.assumptions.active(number, now)
    record = record_of(
        outcome,
        point=chosen_point,
        facts=facts,
        person=node.public.name(number) if number else "",
        mask=mask,
        basis=_basis(node, number, chosen_point, assumed=assumed),
    )
    _write(committer, record, person=number, now=now)
    return msgspec.structs.replace(outcome.decision, ms=round((time.perf_counter() - began) * 1000, 3))


def _facts(node: Node, person: int, point: Point, actions: ActionSet, *, mask: int, now: int) -> Facts:
    at = max(now, node.world.last_ts + 1)  # later than every event that was folded
    view = node.gate.view(person, purpose=point.purpose, effective=mask, at=at)
    if not view.permitted:
        return Facts(permitted=False, now=at, position=node.world.position)
    genes = node.world.layout.genes
    mailed = view.items("messages", Kind.CAMPAIGN_RECEIVED) if actions.has_campaigns else ()
    return Facts(
        permitted=True,
        now=at,
        position=node.world.position,
        own=view.cells(OWN),
        own_gene=OWN,
        own_label=genes[OWN].label,
        recent=view.recent("items", "category_2", "30d"),
        recent_gene=RECENT,
        recent_label=genes[RECENT].label,
        popularity=node.world.matrix.popularity(at),
        mailed=frozenset(mailed),
    )


def _write(committer: Committer, record: DecisionRecord, *, person: int, now: int) -> None:
    body, number = encode_record(record), int(record.decision_id[1:], 16)
    ahead = (0, person, record.at, now, record.mask, 0, number, 0, 0, 0, number, *[0] * 6, len(body), 0)
    row = PACK(*ahead, Kind.DECISION, *[0] * 8)
    committer.write_now(np.frombuffer(bytearray(row), ROW), body)


def _basis(node: Node, person: int, point: Point, *, assumed: bool) -> str:
    bit = node.purposes.bit(point.purpose)
    choice = node.pipeline.permits.choice_of(person)
    if choice.deny & bit:
        return "denied"
    if choice.grant & bit:
        return "recorded consent"
    if node.purposes.always & bit:
        return "no consent needed"
    return "assumed in development mode" if assumed and node.purposes.assumable & bit else "none"


def decision_of(node: Node, decision_id: str) -> dict[str, Any]:
    """The record of a decision, its journal position and its outcomes so far.  Raises NotFound."""
    number = (
        int(decision_id[1:], 16) if len(decision_id) == 17 and decision_id[0] == "d" and _is_hex(decision_id[1:]) else 0
    )
    found = node.journal.rows_of_decision(number) if number else None
    if found is None or not (found.rows["kind"] == Kind.DECISION).any():
        raise NotFound("There is no such decision.", why="no record has this id", fix="use the decision_id of a reply")
    index = int(np.flatnonzero(found.rows["kind"] == Kind.DECISION)[0])
    record: dict[str, Any] = msgspec.json.decode(node.journal.body(found.places[index]))
    outcomes = [_outcome(row) for row in found.rows if row["kind"] < 200 and row["line"] == 0]
    return record | {"sequence": int(found.rows["sequence"][index]), "at": rfc3339(record["at"]), "outcomes": outcomes}


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


def decisions_of(node: Node, person: int, *, limit: int) -> list[dict[str, Any]]:
    """The newest decisions about a person."""
    found = node.journal.rows_of(node.world.people.members(person))
    newest = np.flatnonzero(found.rows["kind"] == Kind.DECISION)[::-1][:limit]
    return [decision_of(node, f"d{int(found.rows['decision'][index]):016x}") for index in newest]
