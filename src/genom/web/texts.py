"""Texts of pages: English stands in the source, German in `.po` files that are read at the start."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

__all__ = ["Texts"]


class Texts:
    """gettext for one language.

    >>> texts = Texts("en")
    >>> texts.gettext("People"), texts.ngettext("%(num)s person", "%(num)s people", 2)
    ('People', '%(num)s people')
    """

    def __init__(self, language: str, folders: Iterable[Path] = ()) -> None:
        self.language = language
        self._one: dict[str, str] = {}
        self._many: dict[str, tuple[str, ...]] = {}
        for folder in folders:
            for path in sorted((folder / language).glob("*.po")):
                one, many = _read(path, language)
                self._one |= one
                self._many |= many

    def gettext(self, text: str) -> str:
        """The text in this language; the English one if nobody translated it."""
        return self._one.get(text, text)

    def ngettext(self, one: str, many: str, number: float) -> str:
        """The form for a number; English and German know two."""
        forms = self._many.get(one, (one, many))
        return forms[0 if number == 1 else 1]

    def knows(self, text: str) -> bool:
        """Whether somebody translated it."""
        return text in self._one or (text in self._many and all(self._many[text]))


@cache
def _read(path: Path, language: str) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """The texts of a file with one form and with several; the files are those of the program, so read once."""
    one, many = dict[str, str](), dict[str, tuple[str, ...]]()
    with path.open("rb") as file:
        catalog = read_po(file, locale=language)
    for message in catalog:
        if not message.id or message.fuzzy:
            continue
        if isinstance(message.id, tuple) and isinstance(message.string, tuple):
            many[message.id[0]] = message.string
        elif isinstance(message.string, str) and message.string:
            one[str(message.id)] = message.string
    return one, many
