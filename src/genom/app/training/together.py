"""What a model says of many people at once: of each what their own page shows, at a fraction of its cost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.training.predicting import Served, histories
from genom.genome import Gene, Layout
from genom.genome.plan import plan_of
from genom.learn import predict
from genom.learn.models import MODELS

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Answers", "Together"]

Floats = NDArray[np.float64]

_CHEAP: Final = frozenset({"count", "sum", "recency", "mean", "ratio", "share"})


@dataclass(frozen=True, slots=True)
class Answers:
    """Probabilities of people and things; a question about the person alone has the one thing ""."""

    things: tuple[str, ...]
    chances: Floats  # (people, things); NaN = not known, or not to be read


class Together:
    """A served model, ready for many people: of its genes only those are read that its answer depends on."""

    def __init__(self, served: Served, layout: Layout) -> None:
        self.served = served
        names, model = served.stored.model["names"], served.stored.model
        asked = MODELS[model["model"]].reads(model["fitted"], len(names))[len(names) - len(served.columns.names) :]
        genes = tuple(layout.genes[name] for name in served.columns.names)
        self._places = np.flatnonzero(asked)
        self._plan = plan_of(layout, tuple(genes[place] for place in self._places))
        self._cheap = plan_of(layout, tuple(gene for gene in genes if _is_cheap(gene)))

    def answer(self, node: Node, who: NDArray[np.int64], may: NDArray[np.uint64], *, at: int) -> Answers:
        """The answers about people of whom each permits `may` now, at a moment (unix ms)."""
        served, need = self.served, self._need(node)
        things = served.things(node) if served.question.each else ("",)
        chances = np.full((len(who), len(things)), np.nan)
        asked = np.flatnonzero(may & need == need)
        genes = self._genes(node, who[asked], may[asked], at=at)
        known = self._known(node, who[asked], may[asked], genes, at=at)
        asked, genes = asked[known], genes[known]
        if not len(asked) or not things:
            return Answers(things, chances)
        if served.question.each:
            history = histories(node, who[asked].tolist(), need=int(need), at=at)
            chances[asked] = served.chances(history, genes, at=at)
        else:
            chances[asked, 0] = predict(served.stored.model, genes)
        return Answers(things, chances)

    def _need(self, node: Node) -> np.uint64:
        question = self.served.question
        return np.uint64(sum({node.purposes.bit(name) for name in (question.purpose, *question.also)}))

    def _genes(self, node: Node, who: NDArray[np.int64], may: NDArray[np.uint64], *, at: int) -> Floats:
        """Of all genes of the model; those that it does not ask about are left NaN."""
        found = np.full((len(who), len(self.served.columns.names)), np.nan)
        purpose = self.served.question.purpose
        found[:, self._places] = node.gate.numbers(self._plan, who, purpose=purpose, effective=may, at=at)
        return found

    def _known(
        self, node: Node, who: NDArray[np.int64], may: NDArray[np.uint64], genes: Floats, *, at: int
    ) -> NDArray[np.bool_]:
        """Of whom anything at all is known that the model was trained on."""
        purpose = self.served.question.purpose
        cheap = node.gate.numbers(self._cheap, who, purpose=purpose, effective=may, at=at)
        known = np.array(~(np.isnan(genes).all(axis=1) & np.isnan(cheap).all(axis=1)))
        for place in np.flatnonzero(~known).tolist():  # few: it may be a gene that the model does not ask about
            view = node.gate.view(int(who[place]), purpose=purpose, effective=int(may[place]), at=at)
            known[place] = not np.isnan(self.served.columns.read(view)).all()
        return known


def _is_cheap(gene: Gene) -> bool:
    return gene.op in _CHEAP
