"""What an event is about and for how much."""

import pytest

from genom.collect.currencies import CURRENCIES, UNKNOWN_CURRENCY
from genom.words import Channel, Flag, Kind, Line
from tests.collect.calls import refused, taken, track


@pytest.mark.parametrize(
    ("properties", "amount"),
    [
        ({"total": 12.5, "revenue": 10, "value": 9}, 12_500_000),
        ({"revenue": "10.00", "value": 9}, 10_000_000),
        ({"value": 9}, 9_000_000),
        ({"total": None, "value": 9}, 9_000_000),
        ({"total": 0}, 0),
        ({"products": [{"price": 2, "quantity": 3}, {"total": 1.25, "price": 99}]}, 7_250_000),
    ],
)
def test_an_order_s_amount(properties, amount):
    event = taken(track("Order Completed", **properties))

    assert (event.kind, event.amount, event.currency) == (Kind.ORDER_COMPLETED, amount, 978)


def test_an_order_without_any_amount_has_none():
    event = taken(track("Order Completed", order_id="o", currency="USD"))

    assert (event.amount, event.currency) == (0, 0)


@pytest.mark.parametrize(
    ("properties", "amount", "quantity"),
    [
        ({"price": 2.5, "quantity": 2}, 5_000_000, 2_000),
        ({"price": 2.5}, 2_500_000, 1_000),
        ({"price": "2.50", "quantity": "0.5", "value": 7}, 1_250_000, 500),
        ({"value": 7, "quantity": 2}, 7_000_000, 2_000),
        ({"price": 2.5, "quantity": 0}, 0, 0),
    ],
)
def test_a_product_s_amount(properties, amount, quantity):
    event = taken(track("Product Added", product_id="p", **properties))

    assert (event.amount, event.quantity, event.currency) == (amount, quantity, 978)


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("EUR", 978),
        ("usd", 840),
        (" gbp ", 826),
        (None, 978),
        ("", 978),
        ("XTS", UNKNOWN_CURRENCY),
        (7, UNKNOWN_CURRENCY),
    ],
)
def test_currencies(code, number):
    assert taken(track("Order Completed", total=1, currency=code)).currency == number


def test_the_currency_table_is_unambiguous():
    assert len(set(CURRENCIES.values())) == len(CURRENCIES) >= 40
    assert all(0 < number < 1_000 for number in CURRENCIES.values())


def test_order_lines():
    products = [
        {"product_id": "p1", "category": "Garden/Tools", "price": 3, "quantity": 2},
        {
            "sku": 48151,
            "department": "GROCERY",
            "category": "BEERS/ALES",
            "quantity": 0,
            "total": "1.99",
            "discount": 0.5,
        },
        {"coupon": "SAVE"},
    ]

    event = taken(track("Order Completed", total=7.99, products=products))

    assert event.lines == (
        Line("p1", "Garden", "Tools", 2_000, 6_000_000),
        Line("48151", "GROCERY", "BEERS/ALES", 0, 1_990_000, 500_000),
        Line("", quantity=1_000, coupon=True),
    )
    assert (event.discount, event.quantity) == (500_000, 3_000)
    assert event.flags == Flag.COUPON | Flag.DISCOUNTED


def test_a_thousand_lines_are_allowed_and_one_more_is_not():
    assert len(taken(track("Order Completed", products=[{}] * 1_000)).lines) == 1_000
    assert refused(track("Order Completed", products=[{}] * 1_001)).code == "collect.too-many-lines"


@pytest.mark.parametrize(
    ("name", "properties", "item"),
    [
        ("Product Viewed", {"product_id": "p", "sku": "s"}, "p"),
        ("Product Viewed", {"sku": 5}, "5"),
        ("Coupon Redeemed", {"coupon_id": "c", "coupon": "SAVE"}, "c"),
        ("Coupon Applied", {"coupon_upc": 10000085364}, "10000085364"),
        ("Campaign Received", {"campaign_id": "18"}, "18"),
        ("Promotion Clicked", {"promotion_id": "pr"}, "pr"),
        ("Order Completed", {"product_id": "p"}, ""),
        ("My Own Event", {"product_id": "p"}, ""),
    ],
)
def test_what_it_is_about(name, properties, item):
    assert taken(track(name, **properties)).item == item


def test_a_campaign_may_stand_in_the_context():
    event = {**track("Campaign Clicked"), "context": {"campaign": {"name": "spring"}}}

    assert taken(event).item == "spring"


def test_a_product_id_is_never_shortened():
    assert refused(track("Product Viewed", product_id="x" * 257)).code == "collect.id-too-long"


@pytest.mark.parametrize(
    ("properties", "categories"),
    [
        ({"category": "Tools"}, ("", "Tools")),
        ({"category": "Garden / Tools / Spades"}, ("Garden", "Tools")),
        ({"category": "Garden > Tools"}, ("Garden", "Tools")),
        ({"category": "BEERS/ALES", "department": "GROCERY"}, ("GROCERY", "BEERS/ALES")),
        ({"category_1": "Garden", "category_2": "Tools"}, ("Garden", "Tools")),
        ({"category": 5}, ("", "")),
        ({"category": " / "}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_categories(properties, categories):
    event = taken(track("Product Viewed", **properties))

    assert (event.category_1, event.category_2) == categories


def test_a_coupon_and_a_discount_are_flagged():
    event = taken(track("Coupon Applied", coupon_id="c", discount="2.00"))

    assert (event.discount, event.amount, event.currency) == (2_000_000, 0, 0)
    assert event.flags == Flag.COUPON | Flag.DISCOUNTED


def test_a_discount_without_amount_in_another_currency_does_not_count():
    assert taken(track("Coupon Applied", discount=2, currency="USD")).discount == 0


def test_a_customer_s_own_event_may_use_the_words_otherwise():
    event = taken(track("Article Read", value="high", products="a,b", quantity=[1], discount={}, currency="x"))

    assert (event.kind, event.name, event.amount, event.lines) == (Kind.OTHER, "Article Read", 0, ())


def test_a_customer_s_own_event_may_carry_money():
    event = taken(track("Subscription Renewed", revenue=9.99, currency="CHF", quantity=2))

    assert (event.amount, event.currency, event.quantity) == (9_990_000, 756, 2_000)


@pytest.mark.parametrize(
    ("event", "channel"),
    [
        ({"context": {"channel": "POS"}, "channel": "web"}, Channel.POS),
        ({"channel": "mobile"}, Channel.APP),
        ({"properties": {"channel": "call_centre"}}, Channel.CALL_CENTRE),
        ({"context": {"library": {"name": "analytics.js"}}}, Channel.WEB),
        ({"context": {"library": {"name": "analytics-ios"}}}, Channel.APP),
        ({"context": {"library": {"name": "analytics-python"}}}, Channel.SERVER),
        ({"context": {"library": "analytics.js"}}, Channel.UNKNOWN),
        ({"channel": "carrier pigeon", "context": {"library": {"name": "analytics.js"}}}, Channel.WEB),
        ({"type": "page"}, Channel.WEB),
        ({"type": "screen"}, Channel.APP),
        ({"type": "screen", "channel": "pos"}, Channel.POS),
        ({}, Channel.UNKNOWN),
    ],
)
def test_channels(event, channel):
    assert taken({**track("A"), **event}).channel == channel


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        ("page", Kind.PAGE_VIEWED),
        ("screen", Kind.SCREEN_VIEWED),
        ("identify", Kind.IDENTIFIED),
        ("group", Kind.GROUPED),
        ("alias", Kind.ALIASED),
    ],
)
def test_calls_other_than_track_have_no_name(call, kind):
    event = taken({**track("A", value=5), "type": call})

    assert (event.kind, event.name, event.amount) == (kind, "", 0)


@pytest.mark.parametrize("place", ["properties", "context"])
def test_an_outcome_names_its_decision(place):
    event = taken({**track("Recommendation Clicked"), place: {"decision_id": "d00000000000000ff"}})

    assert event.decision == 255


@pytest.mark.parametrize("odd", ["d00000000000000FF", "ff", "d" + "0" * 17, 5, None, {}])
def test_an_odd_decision_id_names_none(odd):
    assert taken(track("A", decision_id=odd)).decision == 0
