"""What is learned from people where the training needs no consent goes out when they move, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.app.events import order, view
from tests.app.house import House
from tests.app.test_learned_points import HERO, click, decided, learned_sums, settle
from tests.app.test_regions import move, purposes_with, required
from tests.app.test_unlearning import equal

USERS = ("u1", "u2", "u3")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Three persons in the US who have chosen nothing, and teach: orders after orders, decisions with success."""
    purposes_with(tmp_path / "d")
    with House(tmp_path / "d") as house:
        required(house).post("/v1/points", {"points": [HERO]}).told  # noqa: B018
        house.post("/v1/actions", {"actions": [{"id": name, "point": "hero"} for name in ("tea", "milk")]}).told  # noqa: B018
        chance = Random(4)
        for user in USERS:
            move(house, "US", user)
            house.take(view(user), *[order(user, category=chance.choice(["TEA", "MILK", "WINE"])) for _ in range(4)])
        for _ in range(20):
            user = chance.choice(USERS)
            click(house, decided(house, user, "hero")["decision_id"], user)
        settle(house)
        yield house


def test_a_move_to_where_consent_is_needed_takes_exactly_the_person_out_and_back(house: House) -> None:
    before, following = learned_sums(house.node.outcomes).by_action(), house.node.outcomes.companions.following.copy()
    taught = int(learned_sums(house.node.outcomes).counts.sum())

    move(house, "DE", "u2")

    assert 0 < learned_sums(house.node.outcomes).counts.sum() < taught
    assert 0 < house.node.outcomes.companions.following.sum() < following.sum()
    assert equal(house)
    move(house, "US", "u2")
    assert learned_sums(house.node.outcomes).by_action() == before
    np.testing.assert_allclose(house.node.outcomes.companions.following, following, atol=1e-9)
    assert equal(house)


def test_an_objection_where_no_consent_is_needed_takes_the_person_out(house: House) -> None:
    taught = int(learned_sums(house.node.outcomes).counts.sum())

    house.consent("u2", "model_training", granted=False)

    assert 0 < learned_sums(house.node.outcomes).counts.sum() < taught
    assert equal(house)


def test_a_table_that_became_stricter_is_obeyed_at_the_next_start(house: House) -> None:
    assert learned_sums(house.node.outcomes).counts.sum()
    house.close()
    purposes_with(house.path, table=False)
    house.open()
    house.node.outcomes.close(house.clock.now)

    assert not learned_sums(house.node.outcomes).by_action()
    assert not house.node.outcomes.companions.following.any()
