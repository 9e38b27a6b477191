"""A stored model as the node asks it: from a person's view and permitted rows to probabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.app.commit import now_ms
from genom.app.training.coupon_reasons import Reasons
from genom.app.training.coupons import as_coupons
from genom.decide import Boosted
from genom.errors import BadConfiguration
from genom.genome import Columns, Layout, View, known_before
from genom.learn import Question, Stored, predict
from genom.learn.history import History, history_of
from genom.learn.pairs import category, coupon
from genom.learn.trees import path_parts, tree_margins
from genom.typed import converted
from genom.words import ROW

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Asking", "Served", "histories", "moved_model", "served_model", "with_coupons"]

Floats = NDArray[np.float64]

_COUPONS: Final = 12  # most that one gene shows


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked about, and what may be read."""

    node: Node
    person: int
    view: View
    need: int  # bits of the question's purpose and of what it needs also

    def history(self) -> History:
        """The person's past before the view's moment, from rows that serve all purposes of the question."""
        return histories(self.node, [self.person], need=self.need, at=self.view.at)


def histories(node: Node, persons: Sequence[int], *, need: int, at: int) -> History:
    """What these people did and was known before a moment, from rows that serve all of the bits `need`."""
    parts, bits = list[NDArray[np.void]](), np.uint64(need)
    for person in persons:
        rows = node.world.rows_of(person, node.journal)
        rows = rows[known_before(rows, at)]
        parts.append(rows[node.world.serves(rows, now=now_ms()) & bits == bits])
    whose = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    rows = np.concatenate(parts) if parts else np.zeros(0, ROW)
    return history_of(rows, whose, people=len(persons))


@dataclass(frozen=True)  # without slots, so that what is computed once has a place
class Served:
    """A model that fits the genome."""

    question: Question
    stored: Stored
    columns: Columns
    coupons: coupon.Coupons | None = None
    places: tuple[int, ...] = ()  # of each coupon in the model's context, -1 for one that it does not know
    reasons: Reasons | None = None  # None: it decides nothing

    def answer(self, asking: Asking) -> float | dict[str, float] | None:
        """The probability, or one for each thing; None if nothing is known of the person."""
        genes = self.columns.read(asking.view)
        if np.isnan(genes).all():
            return None
        if not self.question.each:
            return float(predict(self.stored.model, genes[None, :])[0])
        p = self.chances(asking.history(), genes[None, :], at=asking.view.at)[0]
        named = {name: float(value) for name, value in zip(self.things(asking.node), p, strict=True)}
        known = {name: value for name, value in named.items() if name and not np.isnan(value)}
        if self.question.each == "category":
            return known
        return dict(sorted(known.items(), key=lambda pair: -pair[1])[:_COUPONS])

    def things(self, node: Node) -> tuple[str, ...]:
        """What a question about pairs has an answer for each of: categories ("" = one without a name) or coupons."""
        if self.question.each == "category":
            return tuple(node.world.term("category_2", code) for code in self.stored.model["context"]["codes"])
        return self.coupons.ids if self.coupons is not None else ()

    def chances(self, history: History, genes: Floats, *, at: int) -> Floats:
        """The probabilities of people and things, shape (people, things); NaN where a person has no such coupon.

        `genes` are those of the people of the history, shape (people, genes).
        """
        if self.question.each == "category":
            x = category.category_features(history, self.stored.model["context"], at=at)
            beside = np.repeat(genes[:, None, :], x.shape[1], axis=1)
            rows = np.concatenate([x, beside], axis=2).reshape(-1, x.shape[2] + genes.shape[1])
            return predict(self.stored.model, rows).reshape(x.shape[:2])
        ids = () if self.coupons is None else self.coupons.ids
        found = np.full((history.people, len(ids)), np.nan)
        if self.coupons is None or not ids:
            return found
        pairs = coupon.coupon_pairs(history, self.coupons, at=at)
        if len(pairs[0]):
            x = coupon.coupon_features(history, self.coupons, pairs, context=self.by_coupon, at=at)
            found[pairs] = predict(self.stored.model, np.concatenate([x, genes[pairs[0]]], axis=1))
        return found

    def weigh(self, asking: Asking, names: Sequence[str]) -> Boosted | None:
        """The log-odds of these coupons for a person, as a decision weighs them.

        None if the model does not decide, knows nothing of the person, or not all of the coupons.
        """
        reasons, places = self.reasons, [self.known.get(name, -1) for name in names]
        if self.coupons is None or reasons is None or min(places, default=-1) < 0:
            return None
        genes, at = self.columns.read(asking.view), asking.view.at
        if np.isnan(genes).all():
            return None
        pairs = np.zeros(len(places), np.int64), np.array(places, np.int64)
        x = coupon.coupon_features(asking.history(), self.coupons, pairs, context=self.by_coupon, at=at)
        rows = np.concatenate([x, np.tile(genes.astype(np.float32), (len(x), 1))], axis=1).astype(np.float64)
        unknown = np.append(np.zeros(x.shape[1], np.bool_), np.isnan(genes))
        trees, line = self.stored.model["fitted"]["trees"], self.stored.model["decides"]
        slope, offset = line["slope"], line["offset"]

        def parts(shown: NDArray[np.intp]) -> tuple[float, Floats]:
            start, found = path_parts(trees, rows[shown])
            return slope * start + offset, reasons.parts(found, unknown) * slope

        return Boosted(
            margins=slope * tree_margins(trees, rows) + offset, parts=parts, names=reasons.names,
            version=self.stored.version,
        )  # fmt: skip

    @cached_property
    def known(self) -> Mapping[str, int]:
        """Coupon → its place."""
        return {} if self.coupons is None else {name: place for place, name in enumerate(self.coupons.ids)}

    @cached_property
    def by_coupon(self) -> Mapping[str, Floats]:
        """What is known of each coupon."""
        return self._context()

    def _context(self) -> dict[str, Floats]:
        kept, places = self.stored.model["context"], np.array(self.places)
        known = {name: np.append(np.asarray(values, float), np.nan) for name, values in kept.items() if name != "ids"}
        return {name: values[places] for name, values in known.items()}


def served_model(node: Node, stored: Stored) -> Served:
    """Check that a model fits the genome and its purposes; raises BadConfiguration if not (P17)."""
    question = converted(stored.model["question"], Question)
    for purpose in question.purposes:
        node.purposes.bit(purpose)
    if question.purpose not in node.gate.purposes:
        raise BadConfiguration(
            f"The question {question.id!r} serves {question.purpose!r}.",
            why="the genome is not kept for this purpose",
            fix="add the purpose to genes.yaml, or change the question",
        )
    own = {"": (), "category": category.NAMES, "coupon": coupon.NAMES}[question.each]
    layout = node.world.layout
    genes = tuple(layout.genes[name] for name in stored.model["names"][len(own) :])
    if tuple(stored.model["names"][: len(own)]) != own:
        raise ValueError("its features are not those of this version")
    columns = Columns(layout, genes)
    if question.each != "coupon":
        return Served(question, stored, columns)
    return with_coupons(node, Served(question, stored, columns, reasons=_reasons(layout, stored.model)))


def with_coupons(node: Node, served: Served) -> Served:
    """The same model with the coupons that run now."""
    coupons = as_coupons(_running(node), hashed=_hashed(node), code=node.world.terms[2].find)
    places = {name: i for i, name in enumerate(served.stored.model["context"]["ids"])}
    return replace(served, coupons=coupons, places=tuple(places.get(name, -1) for name in coupons.ids))


def _reasons(layout: Layout, model: Mapping[str, Any]) -> Reasons | None:
    """How trees that decide explain themselves; None where the file lacks what that needs."""
    if not model.get("decides") or model["model"] != "boosted" or not len(model["fitted"]["trees"].mean):
        return None
    return Reasons(layout, model["names"])


def moved_model(served: Served, layout: Layout) -> Served:
    """The same model, reading its genes where another gene set has them."""
    columns = Columns(layout, tuple(layout.genes[name] for name in served.columns.names))
    return replace(served, columns=columns, reasons=_reasons(layout, served.stored.model))


def _running(node: Node) -> list[dict[str, Any]]:
    """The actions of campaigns that have not ended long ago."""
    return [a for a in node.catalogue.actions() if a["campaign"] and a["ends"] >= node.started]


def _hashed(node: Node) -> Any:
    return lambda names: node.desk.items.hash64([name.encode() for name in names])
