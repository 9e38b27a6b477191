"""A verification ends with a verdict, and with what to do if it is bad."""

from __future__ import annotations

from genom.app.show import show_report
from genom.app.verify import Report
from tests.app.show_data import drawn


def report(*differences, people=2469):
    return Report(position=1_639_124, people=people, values=1_234_567, genes=248, differences=list(differences))


def test_equal_says_what_was_compared():
    text = drawn(show_report, report())

    assert text.startswith("Equal: ")
    assert "2,469 people, 1,234,567 values and 248 genes compared, up to journal" in text


def test_differences_are_listed_ten_at_most_with_how_to_mend():
    text = drawn(show_report, report(*(f"person {n} [red]differs" for n in range(12))))

    assert text.startswith("Not equal: ")
    assert text.count("[red]differs") == 10
    assert "and 2 more" in text
    assert "remove the folder `state`" in text


def test_an_empty_journal_is_not_called_equal():
    assert drawn(show_report, report(people=0)).startswith("There is nothing to compare yet")


def test_a_damaged_file_is_not_called_empty():
    assert drawn(show_report, report("A state file is damaged.", people=0)).startswith("Not equal: ")


def test_german_figures():
    assert "2.469 Personen, 1.234.567 Werte" in drawn(show_report, report(), language="de")
