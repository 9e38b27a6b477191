"""The sample shop goes the way of every erasure; whoever the shop's own sources know stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.scanning import opened_contents
from genom.privacy import scan
from tests.app.events import order
from tests.app.house import House

FROM_SAMPLE = {"X-Genom-Source": "sample"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.source("sample", history=True)
        products = [{"product_id": "p-canary", "name": "x", "category_1": "FOOD", "category_2": "TEA"}]
        house.post("/v1/products", {"products": products}, headers=FROM_SAMPLE).told  # noqa: B018
        offers = [{"id": "canary-offer", "point": "next_offer"}]
        house.post("/v1/actions", {"actions": offers}, headers=FROM_SAMPLE).told  # noqa: B018
        for user in ("c-canary1", "c-canary2", "c-canary3"):
            house.serve(order(user), headers=FROM_SAMPLE)
        yield house


def removed(house: House) -> int:
    told = house.run(house.ask("DELETE", "/v1/sample")).told
    house.run(house.app.erasing.finish())
    return int(told["people"])


def test_nothing_of_it_is_left(house: House) -> None:
    assert removed(house) == 3

    assert list(scan(house.path, ["c-canary", "p-canary", "canary-offer"], opened=opened_contents(house.path))) == []
    assert house.get("/v1/stats").told["people"] == 0
    assert house.get("/v1/stats").told["sample"]["state"] == "removed"
    house.restart()
    assert house.get("/v1/stats").told["events"] == 0
    assert house.verify().equal


def test_whoever_the_shop_knows_stays(house: House) -> None:
    house.serve(order("c-canary2"), order("u1"))

    assert removed(house) == 2

    assert house.orders("c-canary2", kind="card") == 1  # the sample's source assumes no consent
    assert len(house.get(f"/v1/people/{house.person('c-canary2', 'card')}/events").told["events"]) == 2
    assert house.orders("u1") == 1
    assert removed(house) == 0
    assert house.verify().equal


def test_what_the_shop_itself_has_put_into_the_catalogue_stays_with_its_tags(house: House) -> None:
    own = {"product_id": "p-own", "name": "y", "category_1": "DRUGS", "category_2": "TESTS", "art9": True}
    mine = {"product_id": "p-canary", "name": "mine", "category_1": "FOOD", "category_2": "COFFEE"}
    house.post("/v1/products", {"products": [own]}).told  # noqa: B018
    house.post("/v1/actions", {"actions": [{"id": "own-offer", "point": "next_offer"}]}).told  # noqa: B018
    sent = {"product_id": "p-2", "name": "z", "category_1": "FOOD", "category_2": "TEA", "art9": True}
    house.post("/v1/products", {"products": [sent]}, headers=FROM_SAMPLE).told  # noqa: B018
    house.post("/v1/products", {"products": [mine]}).told  # noqa: B018

    assert removed(house) == 3

    assert house.node.desk.products == {"p-own": ("DRUGS", "TESTS"), "p-canary": ("FOOD", "COFFEE")}
    assert house.get("/v1/art9").told["products"] == 1
    assert [action["id"] for action in house.node.catalogue.actions()] == ["own-offer"]
    house.restart()
    assert house.node.desk.products == {"p-own": ("DRUGS", "TESTS"), "p-canary": ("FOOD", "COFFEE")}


def test_without_a_sample_there_is_nothing_to_remove(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        assert house.run(house.ask("DELETE", "/v1/sample")).status == 400
