"""Pictures survive pipes, terminals without colour and outputs without Unicode."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from genom.app.show import show_person
from tests.app.show_data import decision, genome, order


def bytes_of(encoding, **options):
    raw = io.BytesIO()
    console = Console(file=io.TextIOWrapper(raw, encoding=encoding), width=80, soft_wrap=True, **options)
    shown = genome(language="de")
    show_person(console, genome=shown, events=[order(event="漢字 ✓")], decision=decision(), language="de")
    console.file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_an_output_without_unicode_gets_plain_characters(encoding):
    text = bytes_of(encoding)

    assert "###" in text
    assert "---" in text


def test_an_output_keeps_the_umlauts_and_the_currency_it_can_write():
    assert "Identität" in bytes_of("latin-1")
    assert "12.345,50 EUR" in bytes_of("latin-1")
    assert "12.345,50 €" in bytes_of("cp1252")


def test_a_pipe_gets_no_escape_sequence_and_no_trailing_space():
    text = bytes_of("utf-8")

    assert "\x1b" not in text
    assert not any(line.endswith(" ") for line in text.splitlines())


def test_no_color_gets_no_colour():
    plain = bytes_of("utf-8", force_terminal=True, color_system="truecolor", no_color=True)
    coloured = bytes_of("utf-8", force_terminal=True, color_system="truecolor")

    assert "\x1b[36m" in coloured
    assert "\x1b[36m" not in plain
