"""What rows of each type of source say: worked examples, and the laws of message ids."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.collect.typed_sources import (
    TYPES,
    BadCell,
    BadRecord,
    LeftOut,
    Plan,
    Reading,
    Said,
    bad_header,
    matched,
    type_named,
)
from genom.errors import BadRequest, UnknownName

KEY = b"a key of tests"
every_type = pytest.mark.parametrize("name", sorted(TYPES))


def plan(name: str, *header: str, **how: Any) -> Plan:
    kind = TYPES[name]
    return Plan(kind, matched(kind, header or [one.name for one in kind.columns], {}), Reading(key=KEY, **how))


def say(name: str, *rows: dict[str, Any], **how: Any) -> list[Said]:
    """What rows that belong together say."""
    read = plan(name, *dict.fromkeys(column for row in rows for column in row), **how).read
    return TYPES[name].translate([read(row) for row in rows], Reading(key=KEY, **how))


LINE = {"receipt": "R1", "time": "2026-03-01T10:00:00", "card": "7", "product": "p1", "quantity": "2", "amount": "5.00"}


def test_the_lines_of_a_receipt_are_one_order_with_products() -> None:
    (order,) = say("receipts", LINE, LINE | {"product": "p2", "quantity": "1", "amount": "1.25", "discount": "0.50"})

    assert order.to == "batch"
    assert order.body["event"] == "Order Completed"
    assert order.body["timestamp"] == "2026-03-01T10:00:00+00:00"
    assert order.body["context"] == {
        "channel": "pos",
        "externalIds": [{"id": "7", "type": "card", "collection": "users", "encoding": "none"}],
    }
    assert order.body["properties"] == {
        "order_id": "R1", "total": 6.25, "discount": 0.5,
        "products": [
            {"product_id": "p1", "quantity": 2, "total": 5},
            {"product_id": "p2", "quantity": 1, "total": 1.25, "discount": 0.5},
        ],
    }  # fmt: skip


def test_what_came_back_is_a_refund_of_its_own() -> None:
    returned = {"type": "return", "product": "p9", "amount": "3.00", "quantity": "1"}
    sale, refund = say("receipts", LINE | {"type": "sale"}, LINE | returned)

    assert (sale.body["event"], refund.body["event"]) == ("Order Completed", "Order Refunded")
    assert refund.body["properties"]["total"] == 3
    assert refund.body["messageId"] == sale.body["messageId"] + "-refund"


@pytest.mark.parametrize("negative", [{"quantity": "-1"}, {"amount": "-5.00"}])
def test_a_negative_line_is_a_return(negative: dict[str, str]) -> None:
    (refund,) = say("receipts", LINE | negative)

    assert refund.body["event"] == "Order Refunded"
    assert refund.body["properties"]["total"] == 5


def test_tenders_say_how_it_was_paid_and_are_no_products() -> None:
    (order,) = say("receipts", LINE, {k: LINE[k] for k in ("receipt", "time")} | {"tender": "cash", "amount": "5.00"})

    assert order.body["properties"]["tenders"] == [{"type": "cash", "amount": 5}]
    assert len(order.body["properties"]["products"]) == 1


def test_a_price_times_the_quantity_is_what_was_paid() -> None:
    (order,) = say("receipts", {k: v for k, v in LINE.items() if k != "amount"} | {"price": "1.10", "quantity": "0.5"})

    assert order.body["properties"]["total"] == 0.55


def test_a_line_that_is_exported_twice_counts_once_and_one_that_differs_is_refused() -> None:
    (order,) = say("receipts", LINE | {"line": "1"}, LINE | {"line": "1"})

    assert len(order.body["properties"]["products"]) == 1
    with pytest.raises(BadCell, match="stands twice, with different content"):
        say("receipts", LINE | {"line": "1"}, LINE | {"line": "1", "product": "p2"})


def test_two_equal_lines_without_numbers_are_two() -> None:
    (order,) = say("receipts", LINE, LINE)

    assert order.body["properties"]["total"] == 10


def test_a_receipt_without_a_card_is_left_out() -> None:
    with pytest.raises(LeftOut, match="about nobody"):
        say("receipts", {k: v for k, v in LINE.items() if k != "card"})


def test_the_card_may_stand_on_any_line() -> None:
    (order,) = say("receipts", LINE | {"card": ""}, LINE | {"product": "p2"})

    assert order.body["context"]["externalIds"][0]["id"] == "7"


@pytest.mark.parametrize("lacks", ["product", "amount"])
def test_a_line_without_what_it_needs_is_refused_by_its_column(lacks: str) -> None:
    with pytest.raises(BadCell, match="is missing") as refused:
        say("receipts", LINE | {lacks: ""})

    assert refused.value.column == lacks


def test_a_card_is_an_identify_whose_names_go_to_the_vault_by_traits() -> None:
    (said,) = say("loyalty-cards", {"card": "7", "customer": "c1", "email": "A@Example.org", "tier": "gold"})

    assert said.body["type"] == "identify"
    assert said.body["userId"] == "c1"
    assert said.body["context"]["externalIds"][0] == {
        "id": "7", "type": "card", "collection": "users", "encoding": "none",
    }  # fmt: skip
    assert said.body["traits"] == {"email": "a@example.org", "tier": "gold"}
    assert "timestamp" not in said.body


@pytest.mark.parametrize(
    ("kind", "points", "name"),
    [
        ("earn", "12", "Points Earned"),
        ("", "12", "Points Earned"),
        ("", "-12", "Points Redeemed"),
        ("expire", "-12", "Points Expired"),
    ],
)
def test_a_movement_of_points_is_named_by_its_kind_or_its_sign(kind: str, points: str, name: str) -> None:
    (said,) = say("loyalty-points", {"card": "7", "time": "2026-03-01", "type": kind, "points": points})

    assert said.body["event"] == name
    assert said.body["properties"]["points"] == 12


def test_points_that_are_earned_below_zero_are_refused() -> None:
    with pytest.raises(BadCell, match="are lost by 'earn'"):
        say("loyalty-points", {"card": "7", "time": "2026-03-01", "type": "earn", "points": "-1"})


@every_type
def test_a_sample_is_read_by_its_own_type_and_every_column_has_words_in_both_languages(name: str) -> None:
    kind = TYPES[name]
    if kind.form == "csv":
        header, *rows = csv.reader(io.StringIO(kind.sample), delimiter=";")
        read = plan(name, *header, decimal_comma=True).read

        assert all(read(dict(zip(header, row, strict=True))) for row in rows)
        assert set(header) <= {one.name for one in kind.columns} or kind.open
    assert all(one.en and one.de and one.en != one.de for one in kind.columns)


@every_type
def test_no_column_of_a_type_answers_to_another_ones_name(name: str) -> None:
    columns = TYPES[name].columns

    assert len({one.name for one in columns}) == len(columns)
    for one in columns:
        assert matched(TYPES[name], [one.name], {}) == {one.name: (one.name,)}


def test_headers_are_known_by_other_names_and_spellings() -> None:
    header = ["Bon-Nr.", "Datum", "Artikelnummer", "BETRAG"]

    assert matched(TYPES["receipts"], header, {}) == {
        "receipt": ("Bon-Nr.",), "time": ("Datum",), "product": ("Artikelnummer",), "amount": ("BETRAG",),
    }  # fmt: skip


def test_a_missing_column_is_told_with_the_nearest_header() -> None:
    kind, header = TYPES["receipts"], ["recept", "time", "product"]

    told = bad_header(kind, header, matched(kind, header, {}))

    assert told is not None
    assert "lacks the column receipt" in told.what
    assert "--column 'receipt=recept'" in told.fix


@pytest.mark.parametrize("given", [{"recepit": "a"}, {"receipt": "b"}])
def test_a_mapping_that_names_what_there_is_not_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(BadRequest, match=r"(have|has) no column"):
        matched(TYPES["receipts"], ["a", "time"], given)


def test_two_columns_make_one_time() -> None:
    kind = TYPES["loyalty-points"]
    header = ["card", "points", "Datum", "Uhrzeit"]
    read = Plan(kind, matched(kind, header, {"time": "Datum+Uhrzeit"}), Reading(date_formats=("%d.%m.%Y %H:%M",))).read

    record = read({"card": "7", "points": "1", "Datum": "01.03.2026", "Uhrzeit": "10:30"})

    assert record["time"] == "2026-03-01T10:30:00+00:00"


def test_a_row_tells_all_that_is_wrong_with_it() -> None:
    with pytest.raises(BadRecord) as refused:
        plan("loyalty-points").read({"card": "", "time": "soon", "points": "many", "type": "ern"})

    assert [one.column for one in refused.value.problems] == ["time", "card", "type", "points"]
    assert refused.value.problems[2].fix == "did you mean 'earn'?"


def test_an_unknown_type_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownName) as refused:
        type_named("receits")

    assert refused.value.fix == "did you mean 'receipts'?"


@given(
    st.sampled_from(["7", "8"]), st.sampled_from(["1", "2"]), st.sampled_from(["7", "8"]), st.sampled_from(["1", "2"])
)
def test_records_have_the_same_id_if_and_only_if_they_say_the_same(a: str, b: str, c: str, d: str) -> None:
    one, other = (
        say("loyalty-points", {"card": card, "time": "2026-03-01", "points": points})[0].body["messageId"]
        for card, points in ((a, b), (c, d))
    )

    assert (one == other) == ((a, b) == (c, d))


def test_the_same_content_has_the_same_id_in_another_writing_and_another_one_under_another_key() -> None:
    written = {"card": "7", "time": "2026-03-01 10:00:00", "points": "1.250,50"}
    valued = {"points": 1250.5, "time": "2026-03-01T10:00:00", "card": 7}
    (one,), (other,) = say("loyalty-points", written, decimal_comma=True), say("loyalty-points", valued)

    assert one.body == other.body
    read = plan("loyalty-points", *valued).read(valued)
    assert TYPES["loyalty-points"].translate([read], Reading(key=b"x"))[0].body["messageId"] != one.body["messageId"]
