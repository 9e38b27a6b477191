"""Tables of persons and things: each person who is asked about with each category, or with each coupon mailed to them.

Genes are read for all moments first, so that the journal's rows, which are wide, can be let go before the table grows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.training.coupons import as_coupons
from genom.app.training.data import Progress, Table, asked, few, genes_at
from genom.app.training.past import Past, Record
from genom.errors import BadConfiguration
from genom.genome import Columns
from genom.learn.dataset import DAY, Dataset, Features, few_without_yes, joined
from genom.learn.history import History, history_of
from genom.learn.pairs import category, coupon
from genom.learn.pairs.coupon import Coupons
from genom.learn.questions import Question
from genom.words import Kind

__all__ = ["PERSON", "categories_table", "category_parts", "coupon_part", "coupons_of", "coupons_table"]

Integers = NDArray[np.int64]
Pairs = tuple[Integers, Integers]  # of a person, from 0, and a coupon

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

_WHOLE: Final = 6  # newest moments of coupons, of which two are kept whole: to calibrate and to measure
_PERSONS: Final = 5_000  # most that are asked about at a moment


def categories_table(record: Record, past: Past, question: Question, moments: list[int], progress: Progress) -> Table:
    """One row for each moment, person who is asked about, and category."""
    people = _people(record, past, question, moments)
    history = _history(past)
    past.let_go()
    codes = category.covered_categories(history.before(moments[0]) if moments else history)
    if moments and not len(codes):
        raise BadConfiguration(
            "There is no category to learn from.",
            why=f"no category was bought by enough people: {category.FEWEST}, or everybody of a smaller shop",
            fix="wait until there are more orders, or send broader categories with their lines",
            code="learn.no-category",
        )
    parts = list(_category_rows(past, history, question, codes, people, each(moments, progress)))
    context = category.category_context(history, codes, at=record.at) if len(codes) else {}  # what is served
    return Table(joined(parts) if parts else empty((*category.NAMES, *person_columns(record).names)), context)


def category_parts(  # noqa: PLR0917 -- all of a table's making
    record: Record, past: Past, question: Question, codes: Integers, moments: list[int], progress: Progress
) -> Iterator[Dataset]:
    """The rows of each moment with given categories; the past's own rows are let go meanwhile."""
    people = _people(record, past, question, moments)
    history = _history(past)
    past.let_go()
    yield from _category_rows(past, history, question, codes, people, each(moments, progress))


@dataclass(frozen=True, slots=True)
class _People:
    """Who is asked about at each moment, and their genes: a row for each, one moment after the other."""

    who: list[Integers]
    genes: Features
    names: tuple[str, ...]


def _people(record: Record, past: Past, question: Question, moments: list[int]) -> _People:
    who, columns = [few(asked(past, question, moment), _PERSONS) for moment in moments], person_columns(record)
    genes = genes_at(record, past, question.purpose, columns, persons=who, moments=moments)
    return _People(who, genes, columns.names)


def _category_rows(  # noqa: PLR0917 -- all of a table's making
    past: Past, history: History, question: Question, codes: Integers, people: _People, moments: Iterator[int]
) -> Iterator[Dataset]:
    start, own = 0, len(category.NAMES)
    names = (*category.NAMES, *people.names)
    for moment, who in zip(moments, people.who, strict=True):
        context = category.category_context(history, codes, at=moment)
        x = np.empty((len(who), len(codes), len(names)), np.float32)
        x[:, :, :own] = category.category_features(history, context, at=moment)[who]
        x[:, :, own:] = people.genes[start : start + len(who), None, :]
        start += len(who)
        answers = category.category_answers(history, codes, at=moment, days=question.within_days)[who]
        yield Dataset(
            names=names,
            x=x.reshape(-1, len(names)),
            y=answers.reshape(-1),
            person=np.repeat(past.persons[who], len(codes)),
            at=np.full(answers.size, moment, np.int64),
            thing=np.tile(codes, len(who)),
        )


def each(moments: list[int], progress: Progress) -> Iterator[int]:
    """The moments, told one by one."""
    for moment in moments:
        progress(f"as of {np.datetime64(moment, 'ms').astype('datetime64[D]')}")
        yield moment


def coupons_table(record: Record, past: Past, question: Question, moments: list[int], progress: Progress) -> Table:
    """One row for each moment, person, and coupon that was mailed to them and still runs."""
    coupons, mails = coupons_of(record), past.rows["kind"] == Kind.CAMPAIGN_RECEIVED
    mailed = history_of(past.rows[mails], past.who[mails], people=len(past.persons))
    persons = [
        few(np.unique(coupon.coupon_pairs(mailed, coupons, at=m, ahead_days=question.within_days)[0]), _PERSONS)
        for m in moments
    ]
    columns = person_columns(record)
    genes = genes_at(record, past, question.purpose, columns, persons=persons, moments=moments)
    history, parts, start = _history(past), list[Dataset](), 0
    past.let_go()
    for moment, who in zip(each(moments, progress), persons, strict=True):
        pairs = _of(coupon.coupon_pairs(history, coupons, at=moment, ahead_days=question.within_days), who)
        part = _coupon_rows(
            past, history, coupons, question, pairs, (columns.names, genes[start : start + len(who)]), at=moment
        )
        start += len(who)
        whole = moment == moments[-1] or moment + (question.within_days + 1) * DAY <= moments[-1]
        parts.append(part if whole and len(parts) >= len(moments) - _WHOLE else few_without_yes(part))
    known = coupon.coupon_context(history, coupons, at=record.at)
    context = {"ids": list(coupons.ids), **{name: values.tolist() for name, values in known.items()}}
    return Table(joined(parts) if parts else empty((*coupon.NAMES, *columns.names)), context)


def coupon_part(record: Record, past: Past, question: Question, pairs: Pairs, *, at: int) -> Dataset:
    """The rows of given pairs as of one moment."""
    who, columns = np.unique(pairs[0]), person_columns(record)
    genes = genes_at(record, past, question.purpose, columns, persons=[who], moments=[at])
    return _coupon_rows(past, _history(past), coupons_of(record), question, pairs, (columns.names, genes), at=at)


def _coupon_rows(  # noqa: PLR0917 -- all of a table's making
    past: Past, history: History, coupons: Coupons, question: Question, pairs: Pairs,
    genes: tuple[tuple[str, ...], Features], *, at: int,
) -> Dataset:  # fmt: skip
    """`genes` are their names, and a row for each person of the pairs, in their order."""
    place = np.unique(pairs[0], return_inverse=True)[1]
    context = coupon.coupon_context(history, coupons, at=at)
    known = coupon.coupon_features(history, coupons, pairs, context=context, at=at)
    return Dataset(
        names=(*coupon.NAMES, *genes[0]),
        x=np.concatenate([known, genes[1][place]], axis=1),
        y=coupon.coupon_answers(history, coupons, pairs, at=at, days=question.within_days),
        person=past.persons[pairs[0]],
        at=np.full(len(pairs[0]), at, np.int64),
        thing=pairs[1],
    )


def _of(pairs: Pairs, who: Integers) -> Pairs:
    chosen = np.isin(pairs[0], who)
    return pairs[0][chosen], pairs[1][chosen]


def _history(past: Past) -> History:
    return history_of(past.rows, past.who, people=len(past.persons))


def person_columns(record: Record) -> Columns:
    """The genes beside a pair, as far as the gene file has them."""
    layout = record.world.layout
    return Columns(layout, tuple(gene for gene in layout.genes if gene.id in PERSON))


def empty(names: tuple[str, ...]) -> Dataset:
    """A table without rows."""
    none = np.zeros(0, np.int64)
    return Dataset(
        names=names, x=np.zeros((0, len(names)), np.float32), y=none.astype(np.bool_), person=none, at=none, thing=none
    )


def coupons_of(record: Record) -> Coupons:
    """The actions that belong to a campaign, as coupons."""
    return as_coupons(
        [action for action in record.actions if action.get("campaign")],
        hashed=lambda names: record.items.hash64([name.encode() for name in names]),
        code=record.world.terms[2].find,
    )
