"""Drift on a whole node: measured after a training, told on the card, and noticed when people change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from genom.app.training.drifting import measure_all
from genom.learn.drift import level
from tests.app.events import order
from tests.app.house import DAY, House
from tests.app.learned import PERSONS, QUESTION, filled, learned, record_of


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("drift") / "d") as house:
        filled(house)
        learned(house)
        yield house


def page(house: House, language: str = "en") -> str:
    answer = house.browse(f"/models/{QUESTION}", cookie=house.sign_in(), language=language)
    assert answer.status == 200
    return answer.body.decode()


def measured(house: House) -> list[str]:
    return measure_all(record_of(house), now=house.clock.now, most_days=house.settings.model_days)


def test_before_the_first_measurement_the_card_says_so(house: House) -> None:
    assert "Not measured yet." in page(house)
    assert house.get(f"/v1/models/{QUESTION}/drift").status == 404


def test_people_who_stay_away_are_noticed(house: House) -> None:
    """Twenty-five days in which nobody comes, then a single one: the last order is long ago for everybody else."""
    assert measured(house) == [QUESTION]
    before = house.get(f"/v1/models/{QUESTION}/drift").told
    house.clock.now += 25 * DAY
    house.take(order("p1", 5.0))

    assert measured(house) == [QUESTION]

    after = house.get(f"/v1/models/{QUESTION}/drift").told
    assert before["people"] == PERSONS - 1
    moved = {one["name"]: one["psi"] for one in after["inputs"]}
    assert level(moved["rhythm.order.recency"]) == "changed"
    assert moved["rhythm.order.recency"] > {one["name"]: one["psi"] for one in before["inputs"]}["rhythm.order.recency"]
    shown = page(house, "de")
    assert "unterscheiden sich stark" in shown
    assert "stark verändert" in shown


def test_the_card_lists_the_versions_and_refuses_in_words(house: House) -> None:
    assert "the first one" in page(house)

    refused = house.browse(f"/models/{QUESTION}/back", {"reason": ""}, cookie=house.sign_in())

    assert refused.status == 400
    assert "no version to go back to" in refused.body.decode()
