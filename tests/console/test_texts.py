"""Every text of the pages is German in German, and no template does what the policy forbids."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import genom.console
from genom.console import GROUPS
from genom.web import Texts

PAGES = [Path(genom.console.__file__).parent, Path(genom.console.__file__).parents[1] / "portal"]
PAGES = [folder for folder in PAGES if folder.is_dir()]
TEMPLATES = [path for folder in PAGES for path in sorted(folder.rglob("templates/**/*.html"))]
SCRIPTS = [p for f in PAGES for p in sorted(f.rglob("static/**/*.js")) if "vendor" not in p.parts]
FORBIDDEN = {
    "an inline style": r"\sstyle\s*=",
    "an inline script": r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>",
    "an inline style sheet": r"<style\b",
    "an event attribute": r"\son[a-z]+\s*=\s*[\"']",
    "unescaped output": r"\|\s*safe\b|autoescape\s+false|Markup\(",
    "an expression that htmx would evaluate": r"hx-on|hx-vals\s*=\s*[\"']js:|hx-trigger\s*=\s*[\"'][^\"']*\[",
    "another origin": r"(src|href|action)\s*=\s*[\"'](https?:)?//",
    "an exclamation mark in a text": r"_\(\s*\"[^\"]*!\"",
}


def msgids(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of all texts that templates and modules ask for."""
    methods = [("**.html", "jinja2"), ("**.py", "python")]
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    for file, _, message, *_ in extract_from_dir(str(folder), methods, keywords=keywords):
        yield file, message[0] if isinstance(message, tuple) else message


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_every_text_is_translated(folder: Path) -> None:
    texts = Texts("de", [folder / "locale"])

    missing = {(file, text) for file, text in msgids(folder) if text and not texts.knows(text)}

    assert missing == set()


def test_the_groups_of_the_navigation_are_the_five_steps_and_what_is_answered_for() -> None:
    texts = Texts("de", [PAGES[0] / "locale"])

    assert [texts.gettext(group) for group in GROUPS if group] == [
        "Erheben",
        "Vereinen",
        "Verstehen",
        "Entscheiden",
        "Verbessern",
        "Verantworten",
    ]


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_no_translation_is_left_over_or_contradicts_another(folder: Path) -> None:
    asked = {text for _, text in msgids(folder)} | set(GROUPS)
    told: dict[str, tuple[str, object]] = {}
    wrong = []
    for path in sorted((folder / "locale" / "de").glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale="de")
        for message in catalog:
            key = message.id[0] if isinstance(message.id, tuple) else message.id
            if not key:
                continue
            if key in told and told[key][1] != message.string:
                wrong.append(f"{path.name} and {told[key][0]} differ on {key!r}")
            told[key] = path.name, message.string
    labels = {m[1] for p in folder.rglob("*.py") for m in re.finditer(r'label="([^"]+)"', p.read_text("utf-8"))}
    wrong += [f"{where}: nobody asks for {key!r}" for key, (where, _) in told.items() if key not in asked | labels]

    assert wrong == []


def places_of(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|\{\w+\}", text))


@pytest.mark.parametrize("folder", PAGES, ids=lambda folder: folder.name)
def test_places_for_values_are_the_same_in_both_languages(folder: Path) -> None:
    wrong = []
    for path in sorted((folder / "locale" / "de").glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale="de")
        for message in catalog:
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            pairs = [(ids[0], strings[0]), (ids[-1], strings[-1])]
            if message.id and any(places_of(one) != places_of(other) for one, other in pairs):
                wrong.append(f"{path.name}: {ids[0]!r}")
            if message.id and any("!" in text for text in (*ids, *strings)):
                wrong.append(f"{path.name}: an exclamation mark in {ids[0]!r}")

    assert wrong == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parts[-3]}/{path.name}")
def test_templates_keep_to_the_policy(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)

    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE)] == []


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_evaluate_no_text(path: Path) -> None:
    text = path.read_text("utf-8")

    assert re.findall(r"\beval\(|new Function|setAttribute\(\s*[\"']style|document\.write|https?://", text) == []


def test_templates_load_nothing_from_elsewhere_by_design() -> None:
    assert TEMPLATES
    assert SCRIPTS
