"""Products and coupons of the sample as the node's catalogue."""

from __future__ import annotations

import json

import pytest

from genom.app.sample.catalogue import actions_as_json, products_as_json
from genom.app.sample.text import bodies
from genom.app.sample.times import WEEK_MS
from tests.app.mini_shop import write_mini_shop


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_mini_shop(tmp_path_factory.mktemp("mini"))


def test_products_have_a_name_two_categories_and_a_brand(folder):
    products = {one["product_id"]: one for one in map(json.loads, products_as_json(folder).to_pylist())}

    assert products["501"] == {
        "product_id": "501",
        "name": "Ice - Crushed 22 LB",
        "category_1": "GROCERY",
        "category_2": "FRZN ICE",
        "brand": "National",
    }
    assert products["502"]["name"] == '6" Ice'


def test_a_product_without_category_has_its_departments(folder):
    products = {one["product_id"]: one for one in map(json.loads, products_as_json(folder).to_pylist())}

    assert (products["500"]["name"], products["500"]["category_2"]) == ("Miscellaneous", "MISCELLANEOUS")


def test_a_coupon_of_a_campaign_is_an_action_named_by_its_main_category(folder):
    first, second = map(json.loads, actions_as_json(folder, shift=WEEK_MS).to_pylist())

    assert first == {
        "id": "4-9001",
        "point": "next_offer",
        "label": {"en": "Coupon: Frzn Ice", "de": "Gutschein: Frzn Ice"},
        "campaign": "4",
        "starts": "2016-12-27T00:00:00Z",
        "ends": "2017-02-07T23:59:59Z",
        "products": ["500", "501", "502"],
    }
    assert (second["id"], second["label"]["en"], second["products"]) == ("5-9002", "Coupon: Other", ["12345"])


def test_going_on_in_the_middle_sends_the_rest(folder):
    products = products_as_json(folder)

    (sent,) = bodies(products.slice(1), name="products")

    assert json.loads(sent[1])["products"] == [json.loads(one) for one in products.to_pylist()[1:]]
