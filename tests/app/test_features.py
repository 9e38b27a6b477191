"""Features of a learned point are read through the gate: forms, cells, what is withheld and what was rejected."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from genom.app.commit import now_ms
from genom.app.decisions.features import FeatureReader
from genom.app.reading import find_person
from genom.decide import Feature, load_points
from genom.genome import View
from tests.app.events import order, track, view
from tests.app.house import House

CATEGORY = "taste.category.histogram.365d"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in ("personalise_onsite", "price"):
            house.consent("u1", purpose, granted=True)
        house.take(*[order("u1", 4, category="TEA") for _ in range(3)], order("u1", 4, category="MILK"), view("u1"))
        yield house


def seen(house: House, user: str = "u1") -> View:
    """A person's genome for `personalise_onsite`, now."""
    node = house.node
    person = find_person(node, {"user_id": user})
    effective = node.effective(person, now_ms())
    return node.gate.view(person, purpose="personalise_onsite", effective=effective, at=node.world.last_ts + 1)


def read(house: House, *features: Feature, disliked: frozenset[int] = frozenset(), user: str = "u1") -> list[float]:
    """The features of a person, one by one."""
    point = replace(load_points()["next_offer"], features=features)
    found: list[float] = FeatureReader(house.node.world, point).read(seen(house, user), disliked=disliked).tolist()
    return found


def test_each_form_says_what_it_should(house: House) -> None:
    log, share, value, known, none = read(
        house,
        Feature(CATEGORY, "TEA"),
        Feature(CATEGORY, "TEA", "share"),
        Feature(CATEGORY, "TEA", "value"),
        Feature(CATEGORY, "TEA", "known"),
        Feature(CATEGORY, "WINE", "known"),
    )

    assert (log, share, value) == pytest.approx((math.log(4), 0.75, 3.0), abs=0.001)
    assert (known, none) == (1.0, 0.0)


def test_counts_sums_registers_and_days_are_numbers(house: House) -> None:
    orders, spent, days, told, never = read(
        house,
        Feature("rhythm.orders.count.lifetime", form="value"),
        Feature("value.order_value.sum.365d", form="value"),
        Feature("rhythm.order.recency", form="known"),
        Feature("taste.last_category.last", form="known"),
        Feature("trust.call.recency", form="known"),
    )

    assert (orders, spent) == pytest.approx((4.0, 16.0), abs=0.001)
    assert (days, told, never) == (1.0, 1.0, 0.0)


def test_what_was_rejected_counts_nothing(house: House) -> None:
    tea = house.node.world.terms[2].find("TEA")

    assert read(house, Feature(CATEGORY, "TEA"), Feature(CATEGORY, "MILK"), disliked=frozenset({tea}))[0] == 0.0


def test_what_a_person_withholds_is_zero(house: House) -> None:
    features = Feature("price.redemptions.count.lifetime"), Feature(CATEGORY, "TEA")
    house.take(track("Coupon Redeemed", "u1", coupon_id="k1"))
    before = read(house, *features)

    house.consent("u1", "price", granted=False)
    without_price = read(house, *features)
    house.consent("u1", "personalise_onsite", granted=False)

    assert before[0] > 0
    assert without_price[0] == 0 < without_price[1]
    assert read(house, *features) == [0.0, 0.0]


def test_of_a_stranger_nothing_is_known(house: House) -> None:
    assert read(house, Feature(CATEGORY, "TEA"), Feature("rhythm.orders.count.365d"), user="nobody") == [0.0, 0.0]


def test_a_term_that_comes_later_is_found_then(house: House) -> None:
    node = house.node
    point = replace(load_points()["next_offer"], features=(Feature(CATEGORY, "WINE"),))
    reader = FeatureReader(node.world, point)
    before = reader.read(seen(house), disliked=frozenset())

    house.take(order("u1", category="WINE"))

    assert before.tolist() == [0.0]
    assert reader.read(seen(house), disliked=frozenset())[0] > 0.5
