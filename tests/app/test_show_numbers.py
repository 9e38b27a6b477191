"""Figures are written as each language writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.app.show.numbers import amount, date, moment, number, percent, signed


@pytest.mark.parametrize(
    ("value", "english", "german"),
    [
        (1234.5, "1,234", "1.234"),
        (12.34, "12.3", "12,3"),
        (99.97, "100", "100"),
        (5.0, "5", "5"),
        (-1.25, "-1.2", "-1,2"),
    ],
)
def test_numbers_have_the_separators_of_their_language(value, english, german):
    assert (number(value, "en"), number(value, "de")) == (english, german)


@given(st.floats(-1e9, 1e9), st.integers(2, 4))
def test_german_figures_read_back_as_the_same_number(value, digits):
    text = number(value, "de", digits=digits)

    assert float(text.replace(".", "").replace(",", ".")) == pytest.approx(value, abs=0.51 * 10**-digits)


def test_what_is_no_number_is_a_dash():
    assert number(float("nan"), "en") == number(float("-inf"), "de") == "-"


def test_amounts_keep_cents_and_currency():
    assert amount(1234567.5, "EUR", "de") == "1.234.567,50 €"
    assert amount(-2.5, "EUR", "en") == "-€2.50"
    assert amount(2.5, "CHF", "en") == "CHF 2.50"


def test_a_small_share_is_not_called_none():
    assert percent(0.0004, "de") == "0,04 %"


def test_contributions_always_show_their_sign():
    assert [signed(value, "en") for value in (1.5, -1.5, -0.0001)] == ["+1.50", "-1.50", "0.00"]


def test_times_are_shown_in_utc():
    assert moment("2026-01-31T23:30:00+02:00", "de") == "31.01.2026 21:30"
    assert date("2026-01-31T23:30:00-02:00", "en") == "01 Feb 2026"


def test_what_is_no_time_stays_as_it_is():
    assert moment("soon", "en") == "soon"
