"""What happened is said as events of the e-commerce specification."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.app.sample import events
from genom.app.sample.events import event_slices, lines_before, timeline
from genom.app.sample.source import read_shop
from genom.app.sample.times import WEEK_MS
from tests.app.mini_shop import write_mini_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return read_shop(write_mini_shop(tmp_path_factory.mktemp("mini")))


def said(shop, done=0):
    slices = event_slices(shop, timeline(shop), done, shift=WEEK_MS)
    return [json.loads(one, parse_float=Decimal) for items in slices for one in items.to_pylist()]


def test_events_come_in_the_order_of_time(shop):
    assert [(event["event"], event["timestamp"]) for event in said(shop)] == [
        ("Campaign Received", "2016-12-27T00:00:00Z"),
        ("Order Completed", "2017-01-09T10:00:00Z"),
        ("Campaign Received", "2017-01-10T00:00:00Z"),
        ("Coupon Redeemed", "2017-01-10T00:00:00Z"),
        ("Coupon Redeemed", "2017-01-10T00:00:00Z"),
        ("Order Completed", "2017-01-10T11:30:05Z"),
    ]


def test_a_basket_is_an_order_with_its_lines(shop):
    card = {"id": "1", "type": "card", "collection": "users", "encoding": "none"}

    assert said(shop)[-1] == {
        "type": "track",
        "event": "Order Completed",
        "messageId": "cj-order-60",
        "timestamp": "2017-01-10T11:30:05Z",
        "context": {"channel": "pos", "externalIds": [card]},
        "properties": {
            "order_id": "60",
            "store_id": "8",
            "total": Decimal("12.34"),
            "discount": Decimal("0.85"),
            "currency": "EUR",
            "products": [
                {
                    "product_id": "501",
                    "quantity": 2,
                    "total": Decimal("0.29"),
                    "discount": Decimal("0.85"),
                    "coupon": "manufacturer",
                },
                {"product_id": "500", "quantity": 0, "total": Decimal("0.00"), "discount": Decimal("0.00")},
                {"product_id": "777", "quantity": 1, "total": Decimal("12.05"), "discount": Decimal("0.00")},
            ],
        },
    }


def test_a_mailing_is_a_campaign_received_by_mail(shop):
    mailing = said(shop)[0]

    assert mailing["messageId"] == "cj-mailing-4-1"
    assert mailing["context"]["channel"] == "mail"
    assert mailing["properties"] == {"campaign_id": "4", "campaign_type": "Type A", "channel": "mail"}


def test_a_redemption_that_occurs_twice_counts_twice(shop):
    first, again = (event for event in said(shop) if event["event"] == "Coupon Redeemed")

    assert [first["messageId"], again["messageId"]] == [
        "cj-redemption-4-9001-1-2017-01-03-0",
        "cj-redemption-4-9001-1-2017-01-03-1",
    ]
    assert first["properties"] == {"coupon_id": "9001", "campaign_id": "4", "channel": "pos"}


@given(done=st.integers(0, 6), size=st.integers(1, 7))
def test_going_on_anywhere_says_the_same_events(shop, done, size):
    whole = said(shop)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events, "SLICE", size)
        rest = said(shop, done)

    assert rest == whole[done:]


def test_lines_are_counted_along_the_time(shop):
    assert [lines_before(shop, timeline(shop), done) for done in range(7)] == [0, 0, 1, 1, 1, 1, 4]
