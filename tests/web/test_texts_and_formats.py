"""Texts come from .po files, values are written as a language writes them."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path

import pytest
from jinja2 import UndefinedError

from genom.web import Formats, Texts, template_sets
from genom.web.look import look_of

PO = """msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "People"
msgstr "Personen"

msgid "%(num)s person"
msgid_plural "%(num)s people"
msgstr[0] "%(num)s Person"
msgstr[1] "%(num)s Personen"
"""
NOW = 1_772_452_800_000  # Monday 2 March 2026, 12:00 UTC


@pytest.fixture
def locale(tmp_path: Path) -> Path:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "a.po").write_text(PO, "utf-8")
    return tmp_path


def test_a_text_is_found_in_any_file_of_the_language(locale: Path) -> None:
    (locale / "de" / "b.po").write_text('msgid "Home"\nmsgstr "Start"\n', "utf-8")
    texts = Texts("de", [locale])

    assert (texts.gettext("People"), texts.gettext("Home"), texts.gettext("Genes")) == ("Personen", "Start", "Genes")
    assert not texts.knows("Genes")


@pytest.mark.parametrize(("number", "form"), [(0, "Personen"), (1, "Person"), (2, "Personen"), (0.5, "Personen")])
def test_a_number_chooses_the_form(locale: Path, number: float, form: str) -> None:
    assert Texts("de", [locale]).ngettext("%(num)s person", "%(num)s people", number) == f"%(num)s {form}"


def test_templates_escape_and_translate(locale: Path, tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text(
        '{{ _("People") }} {{ name }} {{ ngettext("%(num)s person", "%(num)s people", 2) }} {{ 0.5|percent }}', "utf-8"
    )
    env = template_sets([tmp_path], locales=[locale], names={})["de"]

    assert env.get_template("x.html").render(name="<b>") == "Personen &lt;b&gt; 2 Personen 50,0\N{NO-BREAK SPACE}%"


def test_a_name_that_a_page_forgot_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.html").write_text("{{ missing }}", "utf-8")

    with pytest.raises(UndefinedError):
        template_sets([tmp_path], locales=[], names={})["en"].get_template("x.html").render()


@pytest.mark.parametrize(
    ("written", "en", "de"),
    [
        (lambda f: f.number(1234567), "1,234,567", "1.234.567"),
        (lambda f: f.number(0.125, 2), "0.12", "0,12"),
        (lambda f: f.number(float("inf")), "\N{EN DASH}", "\N{EN DASH}"),
        (lambda f: f.percent(1.0), "100%", "100\N{NO-BREAK SPACE}%"),
        (lambda f: f.signed(0.004), "\N{PLUS-MINUS SIGN}0.00", "\N{PLUS-MINUS SIGN}0,00"),
        (lambda f: f.money(1234.5), "€1,234.50", "1.234,50\N{NO-BREAK SPACE}€"),
        (lambda f: f.money(0.713), "€0.71", "0,71\N{NO-BREAK SPACE}€"),
        (lambda f: f.money(float("inf")), "\N{EN DASH}", "\N{EN DASH}"),
        (lambda f: f.date(NOW), "2 Mar 2026", "02.03.2026"),
        (lambda f: f.moment(NOW), "2 Mar 2026 12:00", "02.03.2026 12:00"),
        (lambda f: f.clock(NOW), "12:00:00", "12:00:00"),
        (lambda f: f.ago(NOW - 30_000, NOW), "30 seconds ago", "vor 30 Sekunden"),
        (lambda f: f.ago(NOW - 3 * 86_400_000, NOW), "3 days ago", "vor 3 Tagen"),
        (lambda f: f.ago(NOW + 5_000, NOW), "1 second ago", "vor 1 Sekunde"),
        (lambda f: f.iso(NOW), "2026-03-02T12:00:00.000Z", "2026-03-02T12:00:00.000Z"),
    ],
)
def test_values_are_written_as_the_language_does(written: object, en: str, de: str) -> None:
    assert callable(written)
    assert (written(Formats("en", UTC)), written(Formats("de", UTC))) == (en, de)


@pytest.mark.parametrize(
    ("accept", "language"),
    [("", "en"), ("de", "de"), ("fr, de;q=0.5, en;q=0.4", "de"), ("en;q=0.2,de;q=x", "en"), (";q=,,", "en")],
)
def test_the_browser_is_asked_until_somebody_chose(accept: str, language: str) -> None:
    assert look_of({}, accept).language == language
    assert look_of({"genom_language": "de"}, accept).language == "de"
