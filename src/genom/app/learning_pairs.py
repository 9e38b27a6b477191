"""Rows for the scores of decisions: the very features that a decision reads, as of past moments."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from genom.app.actions import compiled_action
from genom.app.facts import facts_of
from genom.app.learning_coupons import as_coupons
from genom.app.learning_data import asked, moments_of
from genom.app.learning_past import Past, Record
from genom.app.node import Node
from genom.app.teaching import companions_of
from genom.decide import FEATURES, ActionSet, Facts, category_actions, features, load_points
from genom.genome import known_before, views_at
from genom.learn.dataset import DAY, Dataset, joined
from genom.learn.history import History, history_of
from genom.learn.pairs.category import category_answers
from genom.learn.pairs.coupon import coupon_answers
from genom.learn.questions import Question

__all__ = ["actions_of", "decision_rows", "facts_at"]

Integers = NDArray[np.int64]

_PERSONS: Final = 700  # a moment: a dozen weights need no more
_CODES: Final = 384
_POINTS: Final = {"category": "next_product", "coupon": "next_offer"}


def decision_rows(record: Record, past: Past, question: Question) -> Dataset | None:
    """Features and answers of the candidates of sampled persons at three moments; None if there are no candidates."""
    every = moments_of(past, question, at=record.at)
    distance = (question.within_days + 1) * DAY
    moments: list[int] = []
    for moment in reversed(every):
        if not moments or moment + distance <= moments[-1]:
            moments.append(moment)
    history = history_of(past.rows, past.who, people=len(past.persons))
    actions = actions_of(record, question)
    if not len(actions) or len(moments) < 3:
        return None
    parts = [part for moment in moments[2::-1] for part in _moment(record, past, question, history, actions, at=moment)]
    return joined(parts) if parts else None


def actions_of(record: Record, question: Question) -> ActionSet:
    """What a question's decision point chooses among; coupons in the order of the record's actions."""
    if question.each == "category":
        return category_actions(["" if code < 2 else term for code, term in enumerate(record.world.terms[2].terms)])
    return ActionSet([compiled_action(_as_node(record), a) for a in record.actions if a.get("campaign")])


def _as_node(record: Record) -> Node:
    """What facts and actions look up in a node, of the record."""
    return cast("Node", SimpleNamespace(world=record.world, desk=SimpleNamespace(items=record.items)))


def _moment(
    record: Record, past: Past, question: Question, history: History, actions: ActionSet, *, at: int
) -> Iterator[Dataset]:
    chosen = _sampled(asked(past, question, at))
    answer = _answers(record, question, history, at)
    for who, facts in facts_at(record, past, question, history, actions, chosen, at=at):
        candidates = actions.candidates(at, facts.mailed)
        if facts.permitted and candidates.ids:
            yield _part(features(facts, candidates), answer(who, candidates.ids),
                        person=int(past.persons[who]), at=at)  # fmt: skip


def facts_at(  # noqa: PLR0917 -- all that a decision reads
    record: Record, past: Past, question: Question, history: History, actions: ActionSet, chosen: Integers, *, at: int
) -> Iterator[tuple[int, Facts]]:
    """The chosen persons (from 0), each with the facts that a decision about them would have had at a moment."""
    point = load_points()[_POINTS[question.each]]
    companions = companions_of(record.purposes)
    companions.take(past.rows[known_before(past.rows, at)])
    popularity = _popularity(history.before(at), at)
    views = views_at(
        record.world.layout, past.rows, past.rows["mask"].copy(), past.who,
        pairs=(chosen, np.full(len(chosen), at)), effective=past.effective[chosen], purpose=question.purpose,
        purpose_bit=record.purposes.bit,
    )  # fmt: skip
    for place, view in views:
        yield (
            int(chosen[place]),
            facts_of(_as_node(record), view, point, actions=actions, popularity=popularity, companions=companions),
        )


def _part(x: NDArray[np.float64], y: NDArray[np.bool_], *, person: int, at: int) -> Dataset:
    rows = len(y)
    return Dataset(
        names=tuple(FEATURES), x=x, y=y, person=np.full(rows, person), at=np.full(rows, at),
        thing=np.zeros(rows, np.int64),
    )  # fmt: skip


def _sampled(who: Integers) -> Integers:
    """Always the same few."""
    if len(who) <= _PERSONS:
        return who
    drawn = (who.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return np.sort(who[np.argsort(drawn, kind="stable")[:_PERSONS]])


def _popularity(past: History, at: int) -> NDArray[np.float64]:
    """Lines of everybody by category, with a half-life of 30 days."""
    weight = np.exp2(-(at - past.ts) / (30 * DAY))
    return np.asarray(np.bincount(past.category, weight, _CODES)[:_CODES])


def _answers(record: Record, question: Question, history: History, at: int) -> Any:
    """(person, ids) → yes or no for each candidate."""
    days = question.within_days
    if question.each == "category":
        find = record.world.terms[2].find
        table = category_answers(history, np.arange(_CODES), at=at, days=days)
        return lambda person, ids: table[person, [find(name) for name in ids]]
    stored = [action for action in record.actions if action.get("campaign")]
    coupons = as_coupons(
        stored, hashed=lambda names: record.items.hash64([n.encode() for n in names]), code=record.world.terms[2].find
    )
    place = {name: i for i, name in enumerate(coupons.ids)}

    def of_coupons(person: int, ids: list[str]) -> NDArray[np.bool_]:
        which = np.array([place[name] for name in ids], np.int64)
        return coupon_answers(history, coupons, (np.full(len(ids), person), which), at=at, days=days)

    return of_coupons
