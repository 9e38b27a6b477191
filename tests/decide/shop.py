"""A small shop for the tests of deciding: four categories, a handful of coupons, one person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from genom.decide import Action, ActionSet, Facts, Point, Policy, category_actions, load_points

NAMES = ["", "TEA", "MILK", "BREAD", "WINE"]
CATEGORIES = category_actions(NAMES)
NOW = 1_000

COUPONS = ActionSet(
    [
        Action(id="tea-coupon", label="Tea -20 %", categories=((1, 1.0),), campaign=7, starts=0, ends=2_000),
        Action(id="milk-coupon", label="Milk -20 %", categories=((2, 1.0),), campaign=8, starts=0, ends=2_000),
        Action(
            id="mixed-coupon", label="Tea or bread", categories=((1, 0.5), (3, 0.5)), campaign=8, starts=0, ends=2_000
        ),
        Action(id="old-coupon", label="Wine -20 %", categories=((4, 1.0),), campaign=7, starts=0, ends=500),
    ]
)


def facts(own: Sequence[float] = (), **changes: Any) -> Facts:
    """What is known of a person who permits everything and bought this much in each category."""
    given: dict[str, Any] = {
        "permitted": True,
        "now": NOW,
        "position": 42,
        "own": np.array(own, dtype=np.float64),
        "own_gene": "taste.category_2.30d",
        "own_label": {"en": "purchases by category, 30 days", "de": "Käufe je Kategorie, 30 Tage"},
        "recent_gene": "taste.category_2.7d",
        "recent_label": {"en": "purchases by category, 7 days", "de": "Käufe je Kategorie, 7 Tage"},
        "popularity": np.array([0.0, 40.0, 30.0, 20.0, 10.0]),
    }
    return Facts(**(given | changes))


def point(name: str = "next_product", **policy: float) -> Point:
    """A built-in decision point with another policy."""
    built_in = load_points()[name]
    given: Policy = msgspec.structs.replace(built_in.policy, **policy)
    return msgspec.structs.replace(built_in, policy=given)


def all_categories() -> Any:
    """Every category as a candidate."""
    return CATEGORIES.take(CATEGORIES.running(NOW))
