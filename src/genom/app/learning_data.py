"""Tables to learn from, made of a record: moments, persons, features as of each moment, answers from then on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.learning_coupons import as_coupons
from genom.app.learning_past import Past, Record
from genom.genome import Columns, numeric_genes, rows_at
from genom.learn.dataset import DAY, Dataset, few_without_yes, joined
from genom.learn.history import History, history_of
from genom.learn.pairs import category, coupon
from genom.learn.pairs.coupon import Coupons
from genom.learn.questions import Question
from genom.words import KINDS, Kind

__all__ = ["PERSON", "Table", "asked", "coupons_of", "moments_of", "table_of"]

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Progress = Callable[[str], None]

PERSON: Final = (
    "rhythm.orders.count.7d",
    "rhythm.orders.count.30d",
    "rhythm.orders.count.365d",
    "rhythm.order.recency",
    "rhythm.orders.gap_mean",
    "rhythm.orders.overdue",
    "value.order_value.sum.30d",
    "value.order_value.sum.365d",
    "value.lines.count.7d",
    "value.lines.count.30d",
    "value.lines.count.365d",
    "taste.lines.distinct_categories",
)
"""Genes of the person that go beside the features of a pair."""

_RECEIVED: Final = frozenset({Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_BOUNCED})  # what is done to a person, not by them
_MOMENTS: Final = {"": 10, "category": 9, "coupon": 20}  # most
_STEP: Final = {"": 14, "category": 0, "coupon": 14}  # days between moments; 0: the question's own days and one more
_WHOLE: Final = 6  # newest moments of coupons, of which two are kept whole: to calibrate and to measure
_FIRST: Final = 30 * DAY  # of history before the first moment


class Table:
    """A dataset, and what must be kept with a model that is trained on it."""

    def __init__(self, data: Dataset, context: dict[str, Any]) -> None:
        self.data, self.context = data, context


def moments_of(past: Past, question: Question, *, at: int) -> list[int]:
    """The moments asked about, ascending: the answers of all are known as of `at`."""
    if not len(past.rows):
        return []
    step = (_STEP[question.each] or question.within_days + 1) * DAY
    first, last = int(past.rows["ts"].min()) + _FIRST, at - question.within_days * DAY
    found = [last - k * step for k in range(_MOMENTS[question.each]) if last - k * step >= first]
    return found[::-1]


def table_of(record: Record, past: Past, question: Question, *, at: int, progress: Progress = lambda _: None) -> Table:
    """The table of a question as of a moment."""
    made = {"": _persons, "category": _categories, "coupon": _coupons}[question.each]
    return made(record, past, question, moments_of(past, question, at=at), progress)


def _persons(record: Record, past: Past, question: Question, moments: list[int], progress: Progress) -> Table:
    layout = record.world.layout
    columns = Columns(layout, numeric_genes(layout.genes))
    persons = [asked(past, question, moment) for moment in moments] or [np.zeros(0, np.int64)]
    answers = [_answers(past, question, moment)[who] for moment, who in zip(moments, persons, strict=False)]
    who, y = np.concatenate(persons), np.concatenate(answers or [np.zeros(0, np.bool_)])
    at = np.repeat(np.array(moments, np.int64), [len(part) for part in persons[: len(moments)]])
    progress(f"{question.id}: genes of {len(who):,} persons and moments")
    x = genes_at(record, past, question.purpose, columns, who=who, at=at)
    data = Dataset(names=columns.names, x=x, y=y, person=past.persons[who], at=at, thing=np.zeros(len(who), np.int64))
    return Table(data, {})


def genes_at(record: Record, past: Past, purpose: str, columns: Columns, *, who: Integers, at: Integers) -> Floats:
    """Genes of persons (from 0) as of moments, from the permitted rows alone."""
    return rows_at(
        record.world.layout,
        past.rows,
        past.rows["mask"].copy(),
        past.who,
        pairs=(who, at),
        effective=past.effective[who],
        purpose=purpose,
        purpose_bit=record.purposes.bit,
        columns=columns,
    )


def _categories(record: Record, past: Past, question: Question, moments: list[int], progress: Progress) -> Table:
    history = history_of(past.rows, past.who, people=len(past.persons))
    codes = category.covered_categories(history.before(moments[0]) if moments else history)
    parts = [category_part(record, past, history, question, codes, at=moment) for moment in each(moments, progress)]
    context = category.category_context(history, codes, at=record.at) if len(codes) else {}  # what is served
    return Table(joined(parts) if parts else empty((*category.NAMES, *person_columns(record).names)), context)


def each(moments: list[int], progress: Progress) -> Iterator[int]:
    """The moments, told one by one."""
    for moment in moments:
        progress(f"as of {np.datetime64(moment, 'ms').astype('datetime64[D]')}")
        yield moment


def category_part(
    record: Record, past: Past, history: History, question: Question, codes: Integers, *, at: int
) -> Dataset:
    """The rows of one moment: each person who is asked about, and each category."""
    context = category.category_context(history, codes, at=at)
    who, columns = asked(past, question, at), person_columns(record)
    genes = genes_at(record, past, question.purpose, columns, who=who, at=np.full(len(who), at))
    x = category.category_features(history, context, at=at)[who]
    y = category.category_answers(history, codes, at=at, days=question.within_days)[who]
    return Dataset(
        names=(*category.NAMES, *columns.names),
        x=np.concatenate([x.reshape(-1, x.shape[2]), np.repeat(genes, len(codes), axis=0)], axis=1),
        y=y.reshape(-1),
        person=np.repeat(past.persons[who], len(codes)),
        at=np.full(y.size, at, np.int64),
        thing=np.tile(codes, len(who)),
    )


def _coupons(record: Record, past: Past, question: Question, moments: list[int], progress: Progress) -> Table:
    history, coupons = history_of(past.rows, past.who, people=len(past.persons)), coupons_of(record)
    parts: list[Dataset] = []
    for moment in each(moments, progress):
        pairs = coupon.coupon_pairs(history, coupons, at=moment, ahead_days=question.within_days)
        part = coupon_part(record, past, history, coupons, question, pairs, at=moment)
        whole = moment == moments[-1] or moment + (question.within_days + 1) * DAY <= moments[-1]
        parts.append(part if whole and len(parts) >= len(moments) - _WHOLE else few_without_yes(part))
    known = coupon.coupon_context(history, coupons, at=record.at)
    context = {"ids": list(coupons.ids), **{name: values.tolist() for name, values in known.items()}}
    return Table(joined(parts) if parts else empty((*coupon.NAMES, *person_columns(record).names)), context)


def coupon_part(  # noqa: PLR0917 -- all of a table's making
    record: Record, past: Past, history: History, coupons: Coupons, question: Question,
    pairs: tuple[Integers, Integers], *, at: int,
) -> Dataset:  # fmt: skip
    """The rows of one moment: pairs of a person and a coupon."""
    who, place = np.unique(pairs[0], return_inverse=True)
    columns = person_columns(record)
    genes = genes_at(record, past, question.purpose, columns, who=who, at=np.full(len(who), at))
    context = coupon.coupon_context(history, coupons, at=at)
    x = coupon.coupon_features(history, coupons, pairs, context=context, at=at)
    return Dataset(
        names=(*coupon.NAMES, *columns.names),
        x=np.concatenate([x, genes[place]], axis=1),
        y=coupon.coupon_answers(history, coupons, pairs, at=at, days=question.within_days),
        person=past.persons[pairs[0]],
        at=np.full(len(pairs[0]), at, np.int64),
        thing=pairs[1],
    )


def person_columns(record: Record) -> Columns:
    """The genes beside a pair, as far as the gene file has them."""
    layout = record.world.layout
    return Columns(layout, tuple(gene for gene in layout.genes if gene.id in PERSON))


def empty(names: tuple[str, ...]) -> Dataset:
    """A table without rows."""
    none = np.zeros(0, np.int64)
    return Dataset(names=names, x=np.zeros((0, len(names))), y=none.astype(np.bool_), person=none, at=none, thing=none)


def coupons_of(record: Record) -> Coupons:
    """The actions that belong to a campaign, as coupons."""
    return as_coupons(
        [action for action in record.actions if action.get("campaign")],
        hashed=lambda names: record.items.hash64([name.encode() for name in names]),
        code=record.world.terms[2].find,
    )


def asked(past: Past, question: Question, moment: int) -> Integers:
    """The persons who did the event before."""
    rows = past.rows
    since = moment - question.who.within_days * DAY
    done = (rows["kind"] == KINDS[question.who.event]) & (rows["line"] == 0)
    known = np.maximum(rows["ts"], rows["known_at"])
    return np.unique(past.who[done & (rows["ts"] >= since) & (known < moment)])


def _answers(past: Past, question: Question, moment: int) -> NDArray[np.bool_]:
    rows = past.rows
    inside = (rows["ts"] >= moment) & (rows["ts"] < moment + question.within_days * DAY) & (rows["line"] == 0)
    if question.what.inactive:
        inside &= ~np.isin(rows["kind"], list(_RECEIVED))
    else:
        inside &= rows["kind"] == KINDS[question.what.event]
    found = np.bincount(past.who[inside], minlength=len(past.persons)) > 0
    return np.asarray(~found if question.what.inactive else found)
