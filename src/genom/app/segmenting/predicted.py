"""Columns of what models predict: computed in batches through the gate, kept as copies like those of genes.

Where no model answers, or the person does not permit all that the question needs, a column is NaN.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.predictions import PREDICTION
from genom.learn import Question
from genom.segments import Column, GeneField

if TYPE_CHECKING:
    from genom.app.node import Node
    from genom.app.training.together import Answers

__all__ = ["Predicted", "is_prediction", "predicted_fields", "things_of"]

Floats = NDArray[np.float64]

_BATCH: Final = 64  # people whose answers are computed at once: their genes and histories stay small
_SLOW: Final = 0.001  # seconds a person that are assumed until some were computed
_WEIGHT: Final = 0.2  # of a new measurement
_HOPELESS: Final = 8  # people one after the other of whom not one can be answered: the model itself is at fault


def is_prediction(gene: str) -> bool:
    """Whether a gene is a model's answer: no declared one has such an id.

    >>> is_prediction("lifecycle.inactive_30d.prediction"), is_prediction("rhythm.orders.count.30d")
    (True, False)
    """
    return gene.endswith(f".{PREDICTION}")


class Predicted:
    """Fills such columns, and knows what it costs."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._seconds: dict[str, float] = {}  # gene → a person's share of a batch
        self._failed: dict[str, int] = {}  # question → people of whom its model failed since it last answered

    def afford(self, columns: Mapping[Column, int], seconds: float) -> int:
        """Of how many people there is time for, as last measured."""
        return int(seconds / sum(self._seconds.get(gene, _SLOW) for gene in {column.gene for column in columns}))

    def fill(
        self, columns: Mapping[Column, int], who: NDArray[np.int64], *, may: NDArray[np.uint64], still: Floats, at: int
    ) -> None:
        """Compute columns (each with its row of `still`) of some people; it takes time, so they should be few.

        `may` is what each person permits now, by the person's number.
        """
        by_gene = defaultdict[str, list[tuple[Column, int]]](list)
        for column, row in columns.items():
            by_gene[column.gene].append((column, row))
        questions = self._node.models.questions()
        for start in range(0, len(who), _BATCH):
            some = who[start : start + _BATCH]
            for gene, mine in by_gene.items():
                answers = self._answers(gene, questions.get(gene), some, may[some], at)
                for column, row in mine:
                    still[row, some] = np.nan if answers is None else self._numbers(answers, column)

    def _answers(
        self, gene: str, question: Question | None, who: NDArray[np.int64], may: NDArray[np.uint64], at: int
    ) -> Answers | None:
        model = self._node.models.together(question.id) if question else None
        if question is None or model is None:
            return None
        began = time.perf_counter()
        try:
            found = model.answer(self._node, who, may, at=at)
        except Exception as error:  # noqa: BLE001 -- a model must never stop those who keep segments up
            self._node.models.failed(question.id, error)
            if len(who) > 1:
                return self._one_by_one(question.id, who, may, at)
            self._note_failed(question.id, 1)
            return None
        self._failed.pop(question.id, None)
        each = (time.perf_counter() - began) / len(who)
        self._seconds[gene] = (1 - _WEIGHT) * self._seconds.get(gene, each) + _WEIGHT * each
        return found

    def _one_by_one(self, name: str, who: NDArray[np.int64], may: NDArray[np.uint64], at: int) -> Answers | None:
        """One person of whom a model fails must not cost the others their answers."""
        model, found = self._node.models.together(name), None
        rows = list[Floats | None]()
        for place in range(len(who)):
            one = slice(place, place + 1)
            try:
                found = model.answer(self._node, who[one], may[one], at=at) if model else None
            except Exception:  # noqa: BLE001 -- it has been told
                rows.append(None)
                continue
            rows.append(found.chances[0] if found else None)
        if found is None:
            self._note_failed(name, len(who))
            return None
        self._failed.pop(name, None)
        empty = np.full(len(found.things), np.nan)
        return type(found)(found.things, np.array([empty if row is None else row for row in rows]))

    def _note_failed(self, name: str, people: int) -> None:
        self._failed[name] = self._failed.get(name, 0) + people
        if self._failed[name] >= _HOPELESS:
            del self._failed[name]
            self._node.models.give_up(name)

    def _numbers(self, answers: Answers, column: Column) -> Floats:
        """A column's numbers: the probability, that of one thing, or the code of the likeliest thing."""
        chances = answers.chances
        if column.form == "top":
            codes = np.array([self.code(column.gene, thing) for thing in answers.things] or [0], np.float64)
            known = ~np.isnan(chances).all(axis=1) if chances.shape[1] else np.zeros(len(chances), np.bool_)
            best = np.argmax(np.where(np.isnan(chances), -1.0, chances), axis=1) if chances.shape[1] else known * 0
            return np.where(known, codes[best], np.nan)
        thing = column.about[0] if column.form == "cell" else ""
        if thing not in answers.things:
            return np.full(len(chances), np.nan)
        return np.asarray(chances[:, answers.things.index(thing)])

    def code(self, gene: str, thing: str) -> int:
        """The number that stands for a thing in a column of the likeliest ones; -1 for one that nobody knows."""
        question = self._node.models.questions().get(gene)
        if question is None:
            return -1
        if question.each == "category":
            return self._node.world.terms[2].find(thing) or -1
        names = things_of(self._node, question.id)
        return names.index(thing) if thing in names else -1


def predicted_fields(node: Node) -> dict[str, GeneField]:
    """The predictions as rules see them, whether a model answers now or not."""
    return {
        gene: GeneField(
            id=gene,
            label={"en": question.label.en, "de": question.label.de},
            family=question.family,
            unit="probability",
            form="cells" if question.each else "number",
            fades=True,
            coded=bool(question.each),
            needs=tuple(question.also),
            purposes=(question.purpose,),
            guessed=True,
            absent=node.models.why_none(question.id),
        )
        for gene, question in node.models.questions().items()
    }


def things_of(node: Node, name: str) -> Sequence[str]:
    """What a question about pairs can be asked about now: categories or coupons; nothing if no model answers it."""
    model = node.models.together(name)
    return model.served.things(node) if model and model.served.question.each else ()
