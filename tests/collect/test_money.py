"""Amounts are exact decimals in micros, quantities in thousandths."""

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.collect.money import LARGEST, micros, priced, thousandths
from genom.collect.rejected import Rejected
from tests.collect.calls import batch, received, refused, taken, track

DECIMALS = st.decimals(-(10**12), 10**12, places=6)


def _exact(number, scale):
    return int((Decimal(number) * scale).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


@given(DECIMALS)
def test_text_is_the_decimal_it_shows(number):
    assert micros(str(number), "") == _exact(number, 10**6)


@given(st.decimals(-(10**9), 10**9, places=6))
def test_a_float_is_the_decimal_it_came_from(number):
    assert micros(float(number), "") == _exact(number, 10**6)


@given(st.integers(-(10**12), 10**12))
def test_an_integer_is_itself(number):
    assert micros(number, "") == number * 10**6


@given(st.decimals(0, 10**6, places=3))
def test_a_quantity_is_exact_to_the_thousandth(number):
    assert thousandths(float(number), "") == thousandths(str(number), "") == _exact(number, 1_000)


@given(st.integers(-LARGEST, LARGEST), st.integers(0, 10**12))
def test_price_times_quantity_is_exact(price, quantity):
    assert priced(price, quantity) == _exact(Decimal(price * quantity) / 1_000, 1)


@pytest.mark.parametrize(
    "odd", [True, None, [], {}, "", "1,50", "12 EUR", "nan", "inf", "Infinity", "0x10", "1_000", "\u0661"]
)
def test_anything_but_a_number_is_refused(odd):
    with pytest.raises(Rejected) as why:
        micros(odd, ".total")

    assert (why.value.code, why.value.path) == ("collect.wrong-type", ".total")


@pytest.mark.parametrize("huge", [1e13, -1e13, 10**400, "1e400", "-1e999", "9" * 40, 1e300])
def test_beyond_a_million_million_is_refused(huge):
    with pytest.raises(Rejected) as why:
        micros(huge, ".total")

    assert why.value.code == "collect.out-of-range"


@pytest.mark.parametrize(
    ("tiny", "amount"), [("1e-999", 0), (1e-300, 0), ("0.0000005", 0), ("0.0000015", 2), (" 2 ", 2_000_000)]
)
def test_half_a_micro_goes_to_the_even_one(tiny, amount):
    assert micros(tiny, "") == amount


@pytest.mark.parametrize("value", [-1, -0.5, "-2"])
def test_a_negative_quantity_is_refused_where_it_stands(value):
    why = refused(track("Order Completed", products=[{"quantity": 1}, {"quantity": value}]))

    assert why.code == "collect.negative-quantity"
    assert "`$.properties.products[1].quantity`" in why.message


def test_zero_is_a_quantity():
    assert taken(track("Product Added", product_id="p", price=3, quantity=0)).quantity == 0


@pytest.mark.parametrize(
    ("event", "path"),
    [
        (track("Order Completed", total="a lot"), "$.properties.total"),
        (track("Product Added", price=[1]), "$.properties.price"),
        (track("Order Completed", products=[{"total": {}}]), "$.properties.products[0].total"),
        (track("Order Completed", discount="x"), "$.properties.discount"),
        (track("Order Completed", products={"a": 1}), "$.properties.products"),
        (track("Order Completed", products=["p1"]), "$.properties.products[0]"),
    ],
)
def test_an_amount_of_another_type_is_refused_where_it_stands(event, path):
    why = refused(event)

    assert why.code == "collect.wrong-type"
    assert f"`{path}`" in why.message


def test_a_price_times_a_quantity_must_stay_in_range():
    assert refused(track("Product Added", price=10**11, quantity=10**6)).code == "collect.out-of-range"


def test_lines_must_add_up_within_range():
    products = [{"total": 9e11}, {"total": 9e11}]

    assert refused(track("Order Completed", products=products)).code == "collect.out-of-range"


@pytest.mark.parametrize("literal", [b"1e400", b"-1e400", b"1" * 400])
def test_a_number_no_float_can_hold_is_refused(literal):
    item = b'{"type":"track","userId":"u","event":"Order Completed","properties":{"total":' + literal + b"}}"

    assert received(batch(item)).rejected[0].code in ("collect.nan", "collect.out-of-range")
