"""Strangers' words are shown as they were written, and do nothing."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from genom.app.show.clean import clean, line


@given(st.text())
def test_no_control_or_format_character_passes(text):
    assert not any(unicodedata.category(character).startswith("C") for character in clean(text))


@given(st.text(), st.integers(1, 40))
def test_nothing_is_wider_than_its_room(text, most):
    assert cell_len(clean(text, most=most)) <= most


@given(st.text())
def test_cleaning_twice_changes_nothing(text):
    assert clean(clean(text)) == clean(text)


def test_an_escape_sequence_loses_its_escape():
    assert clean("a\x1b[2Jb\x9b31m") == "a[2Jb31m"


def test_several_lines_become_one():
    assert clean(" one\r\ntwo\u2028three\t ") == "one two three"


def test_text_cannot_be_turned_round():
    assert clean("\u202egnp.exe") == "gnp.exe"


def test_stacked_accents_stay_within_their_line():
    assert clean("e" + "\u0301" * 50) == "e" + "\u0301" * 2


def test_markup_and_emoji_codes_are_no_markup():
    text = line("[bold red]Sale[/] :smile:")

    assert text.plain == "[bold red]Sale[/] :smile:"
    assert not text.spans
