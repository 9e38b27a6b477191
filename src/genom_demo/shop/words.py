"""What the shop says in each language, and how it writes amounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from babel.numbers import format_currency, format_decimal

__all__ = ["LANGUAGES", "PURPOSES", "amount", "number", "preferred", "speaker"]

LANGUAGES: Final = ("en", "de")
_LOCALES: Final = {"en": "en_GB", "de": "de_DE"}
_HERE: Final = Path(__file__).parent


def _read(name: str) -> Any:
    return yaml.safe_load((_HERE / name).read_text("utf-8"))


PURPOSES: Final[Mapping[str, Mapping[str, Mapping[str, str]]]] = _read("purposes.yaml")
"""What the banner asks for: purpose → title and text in both languages."""


@cache
def speaker(language: str) -> Callable[..., str]:
    """The function that says a text in a language.

    >>> speaker("de")("cart_of", n=2)
    'Warenkorb, 2 Artikel'
    """
    texts = {key: text[language] for key, text in _read("words.yaml").items()}

    def say(key: str, **names: object) -> str:
        text: str = texts[key]
        return text.format(**names) if names else text

    return say


def amount(euros: float, language: str) -> str:
    """An amount in EUR.

    >>> amount(1234.5, "en"), amount(9.9, "de")
    ('€1,234.50', '9,90\\xa0€')
    """
    return str(format_currency(round(euros, 2), "EUR", locale=_LOCALES[language]))


def number(value: float, language: str) -> str:
    """A number as the language writes it.

    >>> number(20000, "de"), number(0.5, "de")
    ('20.000', '0,5')
    """
    return str(format_decimal(value, locale=_LOCALES[language]))


def preferred(accept_language: str) -> str:
    """The first of the shop's languages that a browser asks for, else English.

    >>> preferred("fr,de-AT;q=0.8,en;q=0.5"), preferred("de;q=0.2,en;q=0.9"), preferred("")
    ('de', 'en', 'en')
    """
    asked = []
    for place, part in enumerate(accept_language[:400].split(",")):
        tag, _, quality = part.partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            weight = 0.0
        asked.append((-weight, place, tag.strip().lower()[:2]))
    return next((tag for _, _, tag in sorted(asked) if tag in LANGUAGES), "en")
