"""Rows for the scores of decisions: the very features that a decision reads, as of past moments."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from genom.app.decisions.actions import compiled_action
from genom.app.facts import facts_of
from genom.app.node import Node
from genom.app.training.coupons import as_coupons
from genom.app.training.data import asked, few, moments_of
from genom.app.training.past import Past, Record
from genom.app.training.teaching import companions_of
from genom.app.training.things import coupon_part
from genom.decide import FEATURES, ActionSet, Candidates, Facts, category_actions, features, load_points
from genom.decide.reading import read
from genom.decide.scoring import own_products_1, own_purchases_1
from genom.genome import known_before, views_at
from genom.genome.rows_at import whole_rows
from genom.learn.dataset import DAY, Dataset, joined
from genom.learn.history import history_of
from genom.learn.pairs.category import category_answers
from genom.learn.pairs.coupon import coupon_answers
from genom.learn.questions import Question
from genom.words import Kind

__all__ = ["DecisionRows", "actions_of", "decision_rows", "facts_at", "late_coupons", "lines_of", "own_score"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_PERSONS: Final = 700  # a moment: a dozen weights need no more
_CODES: Final = 384
_BLOCK: Final = 65_536  # rows that are copied at once
_POINTS: Final = {"category": "next_product", "coupon": "next_offer"}


class DecisionRows(NamedTuple):
    """What decisions of the past would have read, and how own purchases would have scored it."""

    data: Dataset
    own: Floats  # of each row


def decision_rows(record: Record, past: Past, question: Question) -> DecisionRows | None:
    """Features and answers of the candidates of sampled persons at three moments; None if there are no candidates."""
    every = moments_of(past, question, at=record.at)
    distance = (question.within_days + 1) * DAY
    moments: list[int] = []
    for moment in reversed(every):
        if not moments or moment + distance <= moments[-1]:
            moments.append(moment)
    actions = actions_of(record, question)
    if not len(actions) or len(moments) < 3:
        return None
    parts = [part for moment in moments[2::-1] for part in _moment(record, past, question, actions, at=moment)]
    if not parts:
        return None
    own = np.concatenate([part.own for part in parts])
    return DecisionRows(joined([part.data for part in parts]), own)


def late_coupons(record: Record, past: Past, question: Question, data: Dataset) -> Dataset:
    """The rows of the latest moment of decisions with the features of a person and a coupon, in the same order."""
    at = int(data.at.max())
    chosen = data.at == at
    who = np.searchsorted(past.persons, data.person[chosen])
    return coupon_part(record, past, question, (who, data.thing[chosen]), at=at)


def actions_of(record: Record, question: Question) -> ActionSet:
    """What a question's decision point chooses among; coupons in the order of the record's actions."""
    if question.each == "category":
        return category_actions(["" if code < 2 else term for code, term in enumerate(record.world.terms[2].terms)])
    return ActionSet([compiled_action(_as_node(record), a) for a in record.actions if a.get("campaign")])


def _as_node(record: Record) -> Node:
    """What facts and actions look up in a node, of the record."""
    return cast("Node", SimpleNamespace(world=record.world, desk=SimpleNamespace(items=record.items)))


def _moment(record: Record, past: Past, question: Question, actions: ActionSet, *, at: int) -> Iterator[DecisionRows]:
    chosen = few(asked(past, question, at), _PERSONS)
    answer = _answers(record, past, question, at)
    lines = lines_of(past, at)
    for who, facts in facts_at(record, past, question, actions, chosen, at=at):
        candidates = actions.candidates(at, facts.mailed)
        if facts.permitted and candidates.ids:
            data = _part(features(facts, candidates), *answer(who, candidates.ids),
                         person=int(past.persons[who]), at=at)  # fmt: skip
            yield DecisionRows(data, own_score(facts, candidates, lines(who)))


def own_score(facts: Facts, candidates: Candidates, items: NDArray[np.uint64]) -> Floats:
    """The score that decides where no model does."""
    scored = own_purchases_1(read(facts, candidates), candidates)
    if candidates.covers is None or not candidates.covers.each():
        return scored.total
    bought, counts = np.unique(items, return_counts=True)
    lines = candidates.covers.weigh(bought, counts.astype(np.float64))
    return own_products_1(lines, scored.parts["popularity"]).total


def lines_of(past: Past, at: int) -> Callable[[int], NDArray[np.uint64]]:
    """Person → the products of all order lines before a moment."""
    rows = past.rows
    bought = (rows["kind"] == Kind.ORDER_COMPLETED) & (rows["line"] > 0) & known_before(rows, at)
    places = np.flatnonzero(bought)
    places = places[np.argsort(past.who[places], kind="stable")]
    first = np.searchsorted(past.who[places], np.arange(len(past.persons) + 1))
    return lambda who: rows["item"][places[first[who] : first[who + 1]]]


def facts_at(
    record: Record, past: Past, question: Question, actions: ActionSet, chosen: Integers, *, at: int
) -> Iterator[tuple[int, Facts]]:
    """The chosen persons (from 0), each with the facts that a decision about them would have had at a moment."""
    point = load_points()[_POINTS[question.each]]
    companions = companions_of(record.purposes)
    for start in range(0, len(past.rows), _BLOCK):
        rows = past.rows[start : start + _BLOCK]
        companions.take(whole_rows(rows[known_before(rows, at)]))
    popularity = _popularity(past, at)
    views = views_at(
        record.world.layout, past.rows, past.rows["mask"], past.who,
        pairs=(chosen, np.full(len(chosen), at)), effective=past.effective[chosen], purpose=question.purpose,
        purpose_bit=record.purposes.bit,
    )  # fmt: skip
    for place, view in views:
        yield (
            int(chosen[place]),
            facts_of(_as_node(record), view, point, actions=actions, popularity=popularity, companions=companions),
        )


def _part(x: Floats, y: NDArray[np.bool_], thing: Integers, *, person: int, at: int) -> Dataset:
    rows = len(y)
    return Dataset(
        names=tuple(FEATURES), x=x.astype(np.float32), y=y, person=np.full(rows, person), at=np.full(rows, at),
        thing=thing,
    )  # fmt: skip


def _popularity(past: Past, at: int) -> NDArray[np.float64]:
    """Lines of everybody by category, with a half-life of 30 days."""
    found = np.zeros(_CODES)
    for start in range(0, len(past.rows), _BLOCK):
        rows = past.rows[start : start + _BLOCK]
        rows = rows[known_before(rows, at) & (rows["kind"] == Kind.ORDER_COMPLETED) & (rows["line"] > 0)]
        found += np.bincount(rows["category_2"], np.exp2(-(at - rows["ts"]) / (30 * DAY)), _CODES)[:_CODES]
    return found


def _answers(record: Record, past: Past, question: Question, at: int) -> Any:
    """(person, ids) → yes or no for each candidate, and its category or the place of its coupon."""
    days, later = question.within_days, (past.rows["ts"] >= at) & (past.rows["ts"] < at + question.within_days * DAY)
    history = history_of(past.rows[later], past.who[later], people=len(past.persons))
    if question.each == "category":
        find = record.world.terms[2].find
        table = category_answers(history, np.arange(_CODES), at=at, days=days)

        def of_categories(person: int, ids: list[str]) -> tuple[NDArray[np.bool_], Integers]:
            codes = np.array([find(name) for name in ids], np.int64)
            return table[person, codes], codes

        return of_categories
    stored = [action for action in record.actions if action.get("campaign")]
    coupons = as_coupons(
        stored, hashed=lambda names: record.items.hash64([n.encode() for n in names]), code=record.world.terms[2].find
    )
    place = {name: i for i, name in enumerate(coupons.ids)}

    def of_coupons(person: int, ids: list[str]) -> tuple[NDArray[np.bool_], Integers]:
        which = np.array([place[name] for name in ids], np.int64)
        return coupon_answers(history, coupons, (np.full(len(ids), person), which), at=at, days=days), which

    return of_coupons
