"""Names and descriptions of genes, written from their declaration where it gives none."""

from __future__ import annotations

from typing import Final

from genom.genome.declaration import LANGUAGES, Declaration
from genom.genome.ops import OPS
from genom.genome.ring_words import ring_sentence
from genom.genome.spans import LIFETIME, words_for_half_life, words_for_length, words_for_window

__all__ = ["description_of", "label_of"]

_OF: Final = {"en": "of", "de": "von"}
_FADES: Final = {
    "en": "An event counts half after {span}.",
    "de": "Nach {span} zählt ein Ereignis noch halb.",
}
_EVER: Final = {"en": "It never fades.", "de": "Es verblasst nie."}
_WITHIN: Final = {
    "en": "Only what happened less than {span} ago counts.",
    "de": "Es zählt nur, was vor weniger als {span} geschah.",
}
_COMPARED: Final = {"to": {"en": "for each", "de": "je"}, "within": {"en": "within", "de": "innerhalb von"}}


def label_of(line: Declaration, span: str) -> dict[str, str]:
    """The label of one gene of a line: the line's, and its half-life or window."""
    op = OPS[line.op]
    if not op.decays and not op.windows:
        return {language: line.label[language] for language in LANGUAGES}
    words = words_for_window(span) if op.windows else words_for_half_life(span)
    return {language: f"{line.label[language]}, {words[language]}" for language in LANGUAGES}


def description_of(line: Declaration, span: str) -> dict[str, str]:
    """The description of one gene of a line: the line's own, or one that is put together, and how it forgets."""
    return {language: f"{_what(line, language)} {_when(line, span, language)}".strip() for language in LANGUAGES}


def _what(line: Declaration, language: str) -> str:
    if line.description:
        return line.description[language]
    op, says = OPS[line.op], OPS[line.op].says[language]
    if line.formula:
        return f"{says}: `{line.formula}`."
    if line.called:
        return ring_sentence(line.called, language, filtered=line.of != "any")
    base = f" {_COMPARED[op.base][language]} `{line.to or line.within}`" if op.base else ""
    prop = f" {_OF[language]} `{line.property}`" if line.property else ""
    return f"{says}{prop}: `{line.of}`{base}."


def _when(line: Declaration, span: str, language: str) -> str:
    op = OPS[line.op]
    if op.windows and span != LIFETIME:
        return _WITHIN[language].format(span=words_for_length(span)[language])
    if not op.decays and not op.windows:
        return ""
    return _EVER[language] if span == LIFETIME else _FADES[language].format(span=words_for_length(span)[language])
