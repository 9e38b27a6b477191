"""Cells of files: what is read from them, and what is said of those that cannot be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.collect.typed_sources import BadCell, Reading, date_format_of
from genom.collect.typed_sources.cells import KINDS, cell_reader


def read(kind: str, value: Any, **how: Any) -> Any:
    return cell_reader(kind, Reading(**how))(value)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nothing", [None, "", "   "])
def test_an_empty_cell_says_nothing(kind: str, nothing: str | None) -> None:
    assert read(kind, nothing) is None


@pytest.mark.parametrize(
    ("text", "comma", "number"),
    [
        ("12.50", False, 12.5), ("1,234.50", False, 1234.5), ("-3", False, -3), ("3-", False, -3), ("€ 7.00", False, 7),
        ("12,50", True, 12.5), ("1.234,50", True, 1234.5), ("1.234", True, 1234), ("7,00 €", True, 7),
        (".5", False, 0.5), ("1 234,5", True, 1234.5),
    ],
)  # fmt: skip
def test_numbers_are_read_with_point_or_comma(text: str, comma: bool, number: float) -> None:
    assert read("number", text, decimal_comma=comma) == number


@pytest.mark.parametrize(
    ("text", "comma"),
    [("12,50", False), ("12.50", True), ("1e5", False), ("nan", False), ("-", False), ("1.2.3", False), ("٣", False)],
)
def test_what_is_no_number_is_refused(text: str, comma: bool) -> None:
    with pytest.raises(BadCell, match="is not a number"):
        read("number", text, decimal_comma=comma)


@given(st.decimals(-(10**9), 10**9, places=2), st.booleans())
def test_a_number_is_the_same_in_either_writing(number: Decimal, comma: bool) -> None:
    text = f"{number:,.2f}"
    text = text.translate(str.maketrans(",.", ".,")) if comma else text

    assert read("number", text, decimal_comma=comma) == read("number", number) == float(number)


@pytest.mark.parametrize("value", [True, float("inf"), float("nan"), [1], {}])
def test_values_that_are_no_numbers_are_refused(value: Any) -> None:
    with pytest.raises(BadCell):
        read("number", value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-07-01T10:00:00Z", "2026-07-01T10:00:00+00:00"),
        ("2026-07-01 10:00", "2026-07-01T10:00:00+02:00"),
        ("2026-01-01", "2026-01-01T00:00:00+01:00"),
        ("1767225600", "2026-01-01T00:00:00+00:00"),
        (1767225600000, "2026-01-01T00:00:00+00:00"),
        (date(2026, 1, 1), "2026-01-01T00:00:00+01:00"),
        (datetime(2026, 1, 1, 9, tzinfo=UTC), "2026-01-01T09:00:00+00:00"),
        (datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=5))), "2026-01-01T09:00:00+05:00"),
        ("31.12.2025 23:59", "2025-12-31T23:59:00+01:00"),
    ],
)
def test_times_are_told_with_their_offset(value: Any, told: str) -> None:
    zone = ZoneInfo("Europe/Berlin")

    assert read("time", value, zone=zone, date_formats=("%d.%m.%Y %H:%M",)) == told


@pytest.mark.parametrize("value", ["soon", "31.12.2025", "1960-01-01", "9999-12-31", "2026-02-30", -1, [1], True])
def test_what_is_no_time_is_refused(value: Any) -> None:
    with pytest.raises(BadCell):
        read("time", value)


def test_a_date_in_a_usual_writing_is_refused_with_its_format() -> None:
    with pytest.raises(BadCell) as refused:
        read("time", "31.12.2025 10:30")

    assert refused.value.fix == "say --date-format '%d.%m.%Y %H:%M'"


@pytest.mark.parametrize(
    ("samples", "found"),
    [
        (["31.12.2025", "01.01.2026"], "%d.%m.%Y"),
        (["12/31/2025", "01/02/2026"], "%m/%d/%Y"),
        (["31/12/2025", "01/02/2026"], "%d/%m/%Y"),
        (["01/02/2026"], None),  # day or month first?
        (["2026-01-01"], None),  # ISO needs none
        (["31.12.2025", "soon"], None),
        ([], None),
    ],
)
def test_the_one_format_that_fits_all_is_found(samples: list[str], found: str | None) -> None:
    assert date_format_of(samples) == found


@pytest.mark.parametrize(("value", "seconds"), [("90", 90), ("1:30", 90), ("01:01:30", 3690), (90, 90)])
def test_durations_are_seconds(value: Any, seconds: int) -> None:
    assert read("seconds", value) == seconds


@pytest.mark.parametrize(("value", "said"), [("ja", True), ("No", False), ("1", True), (False, False), (1, True)])
def test_yes_and_no_are_read_in_both_languages(value: Any, said: bool) -> None:
    assert read("yes_no", value) is said


@pytest.mark.parametrize("text", ["maybe", "2"])
def test_neither_yes_nor_no_is_refused(text: str) -> None:
    with pytest.raises(BadCell, match="neither yes nor no"):
        read("yes_no", text)


@pytest.mark.parametrize(("text", "plain"), [("+49 (0)731 / 12-34", "+497311234"), ("0049 731 1234", "+497311234")])
def test_telephone_numbers_have_one_writing(text: str, plain: str) -> None:
    assert read("phone", text) == plain


@pytest.mark.parametrize(
    ("kind", "text"), [("email", "nobody"), ("email", "a@b@c"), ("email", "a b@c"), ("phone", "soon")]
)
def test_what_names_nobody_is_refused_without_being_repeated(kind: str, text: str) -> None:
    with pytest.raises(BadCell) as refused:
        read(kind, text)

    assert text not in str(refused.value)


@pytest.mark.parametrize("kind", ["text", "id", "number", "email"])
def test_a_cell_of_a_megabyte_is_refused_in_a_short_sentence(kind: str) -> None:
    with pytest.raises(BadCell) as refused:
        read(kind, "x" * 1_000_000)

    assert len(str(refused.value)) < 200


def test_an_id_is_the_same_as_text_number_and_float() -> None:
    assert read("id", " 77 ") == read("id", 77) == read("id", 77.0) == "77"


def test_a_list_is_no_text() -> None:
    with pytest.raises(BadCell, match="no single value"):
        read("text", ["a"])


@pytest.mark.parametrize("value", ["email sms_push", "email; sms_push", "email,sms_push", ["email", "sms_push"]])
def test_words_are_separated_by_what_people_write(value: Any) -> None:
    assert read("words", value) == ("email", "sms_push")
