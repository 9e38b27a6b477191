"""The world can be learned: a plain ridge regression on what is visible of people reaches most of the oracle's gain.

This is a check of the world, not of Genom: whatever Genom reaches, it was possible.
"""

from __future__ import annotations

import json

import numpy as np
import pytest

from genom_demo.catalogue import DEPARTMENTS, PRODUCTS
from genom_demo.world.evaluation import share_of_gain
from genom_demo.world.history import Past, history_of, local_days
from genom_demo.world.people import draw_people
from genom_demo.world.truth import draw_truth

END = 1_772_452_800_000
PLACE = {product.id: DEPARTMENTS.index(product.department) for product in PRODUCTS}
COUNT, DECISIONS, ROUND = 1_500, 20_000, 50


def visible(people):
    """One row a person: what was bought and looked at by department, and how often at a discount."""
    bought, viewed, prices = np.zeros((COUNT, 8)), np.zeros((COUNT, 8)), np.zeros((COUNT, 2))
    past = Past(seed=3, days=local_days(END), end=END)
    for person in range(COUNT):
        for event in map(json.loads, history_of(people, person, past)):
            if event.get("event") == "Order Completed":
                for line in event["properties"]["products"]:
                    bought[person, PLACE[line["product_id"]]] += 1
                    prices[person] += line["discount"] > 0, 1
            elif event.get("event") == "Product Viewed":
                viewed[person, PLACE[event["properties"]["product_id"]]] += 1
    shares = [table / np.maximum(table.sum(axis=1, keepdims=True), 1) for table in (bought, viewed)]
    return np.column_stack([np.ones(COUNT), *shares, np.log1p(prices)])


def learned(chance, rows, *, seed):
    """Decide and learn in turn; returns the people and actions of the last fifth."""
    dice = np.random.default_rng(seed)
    actions, width = chance.shape[1], rows.shape[1]
    moments, products = np.zeros((actions, width, width)), np.zeros((actions, width))
    made = []
    for begun in range(0, DECISIONS, ROUND):
        shared = np.linalg.solve(moments.sum(axis=0) + np.eye(width), products.sum(axis=0))
        weights = np.linalg.solve(moments + 10 * np.eye(width), (products + 10 * shared)[..., None])[..., 0]
        who = dice.integers(0, len(rows), ROUND)
        scores = rows[who] @ weights.T
        noise = dice.gumbel(size=scores.shape) * max(0.015, 0.1 / np.sqrt(1 + begun / 200))  # a softmax's draw
        chosen = np.where(dice.random(ROUND) < 0.1, dice.integers(0, actions, ROUND), (scores + noise).argmax(axis=1))
        success = dice.random(ROUND) < chance[who, chosen]
        np.add.at(moments, chosen, rows[who, :, None] * rows[who, None, :])
        np.add.at(products, chosen, rows[who] * success[:, None])
        made.append((who, chosen))
    return [np.concatenate(part) for part in zip(*made[-len(made) // 5 :], strict=True)]


@pytest.mark.parametrize("point", ["shop_voucher", "shop_hero"])
def test_twenty_thousand_decisions_teach_three_fifths_of_the_oracles_gain(point):
    people = draw_people(3, COUNT)
    chance = draw_truth(people).chance[point]

    who, chosen = learned(chance, visible(people), seed=1)
    share = share_of_gain(chance, who, chosen)

    assert share.low > 0.60, share
