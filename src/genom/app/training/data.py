"""Tables of persons to learn from: moments, persons, genes as of each moment, answers from then on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.training.past import Past, Record
from genom.genome import Columns, numeric_genes, rows_at
from genom.learn.dataset import DAY, Dataset
from genom.learn.questions import Question
from genom.words import KINDS, Kind

__all__ = ["Table", "asked", "few", "genes_at", "moments_of", "persons_table"]

Integers = NDArray[np.int64]
Progress = Callable[[str], None]

_RECEIVED: Final = frozenset({Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_BOUNCED})  # what is done to a person, not by them
_MOMENTS: Final = {"": 10, "category": 9, "coupon": 20}  # most
_STEP: Final = {"": 14, "category": 0, "coupon": 14}  # days between moments; 0: the question's own days and one more
_FIRST: Final = 30 * DAY  # of history before the first moment
CELLS: Final = 25_000_000  # most that a table of persons holds: 100 MB


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


def persons_table(  # noqa: PLR0917 -- tables of all kinds are made alike
    record: Record, past: Past, question: Question, moments: list[int], progress: Progress, cells: int = CELLS
) -> Table:
    """One row a person and moment: all genes that are numbers; of so many persons that `cells` suffice."""
    layout = record.world.layout
    columns = Columns(layout, numeric_genes(layout.genes))
    most = max(1, cells // max(1, len(moments) * len(columns.names)))
    persons = [few(asked(past, question, moment), most) for moment in moments]
    answers = [_answers(past, question, moment)[who] for moment, who in zip(moments, persons, strict=True)]
    progress(f"{question.id}: genes of {sum(map(len, persons)):,} persons and moments")
    x = genes_at(record, past, question.purpose, columns, persons=persons, moments=moments)
    who = np.concatenate([np.zeros(0, np.int64), *persons])
    return Table(
        Dataset(
            names=columns.names,
            x=x,
            y=np.concatenate([np.zeros(0, np.bool_), *answers]),
            person=past.persons[who],
            at=np.repeat(np.array(moments, np.int64), [len(part) for part in persons]),
            thing=np.zeros(len(who), np.int64),
        ),
        {},
    )


def genes_at(
    record: Record, past: Past, purpose: str, columns: Columns, *, persons: list[Integers], moments: list[int]
) -> NDArray[np.float32]:
    """Genes of persons (from 0) as of each moment, from the permitted rows alone, one moment after the other.

    All in one call, because each journal row is then folded once.
    """
    who = np.concatenate([np.zeros(0, np.int64), *persons])
    return rows_at(
        record.world.layout,
        past.rows,
        past.rows["mask"],
        past.who,
        pairs=(who, np.repeat(np.array(moments, np.int64), [len(part) for part in persons])),
        effective=past.effective[who],
        purpose=purpose,
        purpose_bit=record.purposes.bit,
        columns=columns,
    )


def few(who: Integers, most: int) -> Integers:
    """All of them, or always the same few."""
    if len(who) <= most:
        return who
    drawn = (who.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(40)
    return np.sort(who[np.argsort(drawn, kind="stable")[:most]])


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
