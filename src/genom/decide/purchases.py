"""Weighing by own purchases, where no model answers.

`own-purchases-1` reads categories: reading, scoring and drawing in one compiled call.  `own-products-1` is for
candidates that name products: that somebody bought a coupon's categories says little about the coupon.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.decide.candidates import Candidates
from genom.decide.facts import Facts
from genom.decide.features import FEATURE_LABELS
from genom.decide.kernel import Draw, Result, weigh
from genom.decide.points import Point
from genom.decide.reading import PARTS, read
from genom.decide.reasons import YOU_TOLD_US, names_of
from genom.decide.scoring import own_products_1, own_purchases_1
from genom.decide.told import told
from genom.decide.weighed import Purchases, Scores, Weighed, draw_from

__all__ = ["Bought", "weigh_products", "weigh_purchases"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What a person bought of the products of each candidate."""

    lines: NDArray[np.float64]  # (candidates,) order lines, ever


def weigh_products(
    point: Point, facts: Facts, candidates: Candidates, *, model: Bought, n: int, seed: int, language: str
) -> Weighed:
    """Score the candidates by the person's purchases of their products and draw among them."""
    reading = read(facts, candidates)
    popularity = own_purchases_1(reading, candidates).parts["popularity"]
    scored = own_products_1(model.lines, popularity)
    total, parts = scored.total, list(scored.parts.values())
    names = [(facts.own_gene, FEATURE_LABELS["own"][language]), names_of(facts, language)[1]]
    lift = told(total, candidates, facts, temperature=point.policy.temperature)
    if lift is not None:
        total, parts, names = total + lift, [*parts, lift], [*names, YOU_TOLD_US[language]]
    basis = Purchases(
        values=reading.values[:, candidates.read[0]], total=reading.total, kinds=reading.kinds, bought=model.lines
    )
    scores = Scores(total=total, start=np.zeros(len(total)), parts=np.array(parts), names=names, told=lift, basis=basis)
    return draw_from(scores, candidates, point.policy, n=n, seed=seed)


def weigh_purchases(point: Point, facts: Facts, candidates: Candidates, *, n: int, seed: int, language: str) -> Weighed:
    """Score the candidates by the person's purchases and draw among them."""
    result = _weigh(point, facts, candidates, n=n, seed=seed)
    basis = Purchases(values=result.values, total=result.total, kinds=result.kinds)
    names = names_of(facts, language)
    lift = told(result.scores, candidates, facts, temperature=point.policy.temperature)
    if lift is not None:
        scored = own_purchases_1(read(facts, candidates), candidates)
        parts = np.array([*scored.parts.values(), lift])
        scores = Scores(
            total=scored.total + lift,
            start=np.zeros(len(lift)),
            parts=parts,
            names=(*names[: len(parts) - 1], YOU_TOLD_US[language]),
            told=lift,
            basis=basis,
        )
        return draw_from(scores, candidates, point.policy, n=n, seed=seed)
    return Weighed(
        candidates=candidates,
        policy=point.policy,
        scores=result.scores,
        draw=Draw(result.first, result.control, result.picks, result.probabilities, result.greedy),
        starts=[0.0] * len(result.picks),
        contributions=result.contributions.tolist(),
        names=names,
        told=None,
        basis=basis,
    )


def _weigh(point: Point, facts: Facts, candidates: Candidates, *, n: int, seed: int) -> Result:
    policy, (codes, places) = point.policy, candidates.read
    return weigh(
        np.ascontiguousarray(facts.own, np.float64),
        np.ascontiguousarray(facts.popularity, np.float64),
        _NOTHING if facts.recent is None else np.ascontiguousarray(facts.recent, np.float64),
        len(PARTS) - (facts.recent is None),
        codes,
        candidates.rows,
        places,
        candidates.weights,
        len(candidates.ids),
        np.uint64(seed),
        n,
        (policy.control, policy.epsilon, policy.temperature, policy.do_nothing),
    )


_NOTHING: Final = np.zeros(0)
