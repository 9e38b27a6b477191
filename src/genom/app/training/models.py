"""The models that a node serves: loaded from the registry, read as genes through the gate, never a reason to fail."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.special.settling import AGE
from genom.app.training.predicting import Asking, Served, moved_model, served_model, with_coupons
from genom.app.training.questions import MODELS, questions_of
from genom.app.training.together import Together
from genom.decide import FEATURES, Boosted, Bought, Candidates, Point
from genom.errors import GenomError, NotFound, nearest
from genom.genome import Gene, Layout, Read, View
from genom.genome.predictions import prediction_gene
from genom.learn import Card, Problem, Question, Stored, load_current, model_names

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Models", "Pair"]

log = logging.getLogger("genom.models")

Cells = dict[str, float]
_NONE: Final[dict[str, Question]] = {}
_FAULTS: Final = (
    GenomError, ValueError, TypeError, AttributeError, LookupError, ArithmeticError, msgspec.MsgspecError,
)  # fmt: skip
"""What a model can fail with whose parts do not fit together."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A logistic over the features of candidates: log-odds = intercept + weights · features."""

    version: str
    names: tuple[str, ...]
    weights: NDArray[np.float64]
    intercept: float


class Models:
    """What the registry holds, as far as it can be used; `problems` says why something cannot."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._served: dict[str, Served] = {}
        self._pairs: dict[str, Pair | None] = {}
        self._questions = self._answers = _NONE
        self._together: dict[str, tuple[Served, Together]] = {}
        self.problems: list[Problem] = []
        self.turn = 0  # grows whenever other models, coupons or questions are in force
        self.refresh(now=node.started)

    def refresh(self, *, now: int) -> None:
        """Take in what the registry holds now; reads go on with the old models meanwhile."""
        served: dict[str, Served] = {}
        pairs: dict[str, Pair | None] = {}
        problems: list[Problem] = []
        questions = self._declared(problems)
        directory = self._node.data.path / MODELS
        narrowed = int(self._node.catalogue.get(AGE) or 0)
        for name in model_names(directory):
            stored, found = load_current(directory, name, now=now, most_days=self._node.settings.model_days)
            problems += found
            if stored is None:
                continue
            if stored.card.manifest.narrowed != narrowed:
                problems.append(_of_before(name))
                continue
            try:
                pairs[name], served[name] = _pair_of(stored), served_model(self._node, stored)
            except _FAULTS as error:
                problems.append(_foreign(name, error))
        for problem in problems:
            log.warning("a model is not served", extra={"model": problem.name, "why": problem.why, "fix": problem.fix})
        self._questions = {**{n: s.question for n, s in served.items()}, **questions}
        self._answers = {_gene_of(question).id: question for question in self._questions.values()}
        self._served, self._pairs, self.problems = served, pairs, problems
        self.turn += 1

    def _declared(self, problems: list[Problem]) -> dict[str, Question]:
        try:
            return questions_of(self._node.data.path)
        except GenomError as error:
            problems.append(Problem("questions.yaml", error.what, error.why, error.fix))
            return _NONE

    def renew_coupons(self) -> None:
        """Take in the coupons that the catalogue holds now."""
        renewed = {name: with_coupons(self._node, one) for name, one in self._served.items() if one.coupons is not None}
        self._served = {**self._served, **renewed}
        self.turn += 1

    def purposes(self) -> dict[str, str]:
        """Question → the purpose that its answer serves."""
        return {name: question.purpose for name, question in self._questions.items()}

    def names(self) -> list[str]:
        """The models that are served."""
        return sorted(self._served)

    def questions(self) -> dict[str, Question]:
        """The gene of each answer → its question, whether a model is served or not."""
        return self._answers

    def together(self, name: str) -> Together | None:
        """A served model for many people at once; None if there is none."""
        served = self._served.get(name)
        if served is None:
            return None
        kept = self._together.get(name)
        if kept is None or kept[0] is not served:
            kept = self._together[name] = served, Together(served, self._node.world.layout)
        return kept[1]

    def why_none(self, name: str) -> str:
        """Why no model answers a question now; empty if one does."""
        if name in self._served:
            return ""
        found = [problem for problem in self.problems if problem.name == name]
        if found:
            return f"{found[0].what} {found[0].why}; {found[0].fix}"
        return f"No model has been trained for it yet: genom learn --only {name}"

    def genes(self, name: str) -> frozenset[str]:
        """The genes that a served model reads."""
        return frozenset(self._served[name].columns.names)

    def moved(self, layout: Layout) -> Callable[[], bool]:
        """Prepare the served models for another gene set; the result puts them in their place, in a moment.

        It returns False, and does nothing, if other models serve by then.
        """
        before = self._served
        after = {name: moved_model(one, layout) for name, one in before.items()}

        def put() -> bool:
            if self._served is not before:
                return False
            self._served = after
            self.turn += 1
            return True

        return put

    def card(self, name: str) -> Card:
        """The card of a served model; raises NotFound."""
        if name not in self._served:
            raise NotFound(
                f"There is no model named {name[:80]!r}.",
                why="the registry serves " + (", ".join(self._served) or "none"),
                fix=nearest(name, self._served) or "train it with `genom learn`",
            )
        return self._served[name].stored.card

    def predict(self, name: str, view: View, *, person: int, purpose: str) -> float | Cells | None:
        """The probability, or one for each thing; None where nothing may be read or no model is served."""
        model = self._served.get(name)
        if model is None or model.question.purpose != purpose or not view.permitted:
            return None
        question = model.question
        if not self._also(question, person):
            return None
        return model.answer(Asking(self._node, person, view, self._need(question)))

    def _need(self, question: Question) -> int:
        return sum({self._node.purposes.bit(name) for name in (question.purpose, *question.also)})

    def weigh(self, name: str, view: View, *, person: int, purpose: str, candidates: Sequence[str]) -> Boosted | None:
        """Candidates as trees weigh them for a decision; None where none decide, or they cannot."""
        model = self._served.get(name)
        if model is None or model.question.purpose != purpose or not view.permitted or model.reasons is None:
            return None
        if not self._also(model.question, person):
            return None
        try:
            return model.weigh(Asking(self._node, person, view, self._need(model.question)), candidates)
        except _FAULTS as error:  # a model must never cost a decision
            self.failed(name, error)
            return None

    def bought(self, point: Point, view: View, *, person: int, candidates: Candidates) -> Bought | None:
        """What a person bought of the candidates' products, from rows that serve all purposes of the point.

        None where not all candidates name products.
        """
        if candidates.covers is None or not candidates.covers.each():
            return None
        need = sum({self._node.purposes.bit(name) for name in (point.purpose, *point.also)})
        items, lines = np.unique(Asking(self._node, person, view, need).history().item, return_counts=True)
        return Bought(lines=candidates.covers.weigh(items, lines.astype(np.float64)))

    def reads(self, person: int, view: View, *, purpose: str) -> list[Read]:
        """The prediction genes of a purpose, as a view reads its own: known, unknown or withheld."""
        return [self._read(q, person, view) for q in self._questions.values() if q.purpose == purpose]

    def _read(self, question: Question, person: int, view: View) -> Read:
        gene = _gene_of(question)
        if not view.permitted or not self._also(question, person):
            return Read(gene, "withheld")
        try:
            found = self.predict(question.id, view, person=person, purpose=question.purpose)
        except _FAULTS as error:  # a model must never take a page down
            self.failed(question.id, error)
            found = None
        if isinstance(found, dict):
            return Read(gene, "known" if found else "unknown", None, found or None)
        return Read(gene, "unknown" if found is None else "known", found)

    def failed(self, name: str, error: Exception) -> None:
        """A prediction could not be computed: it is told in the log, and once among the problems."""
        log.error("a prediction failed", extra={"model": name}, exc_info=error)
        if all(problem.name != name for problem in self.problems):
            self.problems.append(_foreign(name, error))

    def give_up(self, name: str) -> None:
        """Serve a model no more that answers nothing, until the registry is read again."""
        self._served = {served: one for served, one in self._served.items() if served != name}
        self.turn += 1

    def _also(self, question: Question, person: int) -> bool:
        """Whether the person permits now all that the question needs beside its purpose."""
        if not question.also:
            return True
        effective = self._node.effective(person, now_ms())
        return all(effective & self._node.purposes.bit(name) for name in question.also)

    def pair(self, name: str) -> Pair | None:
        """The logistic over `decide.FEATURES` of a question about pairs; None where there is none that fits."""
        return self._pairs.get(name)

    def decides(self, name: str) -> bool:
        """Whether what is served for a question scores decisions, for whoever it knows something of."""
        model = self._served.get(name)
        return self.pair(name) is not None or (model is not None and model.reasons is not None)


def _gene_of(question: Question) -> Gene:
    label = {"en": question.label.en, "de": question.label.de}
    return prediction_gene(question.id, family=question.family, label=label)


def _of_before(name: str) -> Problem:
    return Problem(
        name, f"The model {name!r} is not served.",
        "it was trained before some events were tagged as special categories of data, and may have learned from them",
        f"train it again: genom learn --only {name}",
    )  # fmt: skip


def _pair_of(stored: Stored) -> Pair | None:
    kept = stored.model.get("pair")
    if not kept or tuple(kept["names"]) != tuple(FEATURES):
        return None
    weights = np.asarray(kept["weights"], np.float64)
    if weights.shape != (len(FEATURES),):
        raise ValueError(f"its pair has {weights.size} weights for {len(FEATURES)} features")
    return Pair(stored.version, tuple(kept["names"]), weights, float(kept["intercept"]))


def _foreign(name: str, error: Exception) -> Problem:
    why = f"{error.what} {error.why}" if isinstance(error, GenomError) else str(error)
    what = f"The model {name!r} does not fit this genome."
    return Problem(name, what, why[:300], f"train it again: genom learn --only {name}")
