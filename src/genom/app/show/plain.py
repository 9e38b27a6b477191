"""What stands for a character where the output is no Unicode, such as a pipe in Latin-1."""

from __future__ import annotations

import unicodedata
from typing import Final

__all__ = ["encodable"]

_SUBSTITUTES: Final = {
    unicode: ascii_
    for drawn, written in (("▁▂▃▄▅▆▇█", "_.-=+*%#"), ("▉▊▋▌▍▎▏▐", "###+---#"), ("■░╌─│·…„“”", 'o/,-|-~"""'))
    for unicode, ascii_ in zip(drawn, written, strict=True)
}


def encodable(text: str, encoding: str) -> str:
    """A text that the encoding can write.

    >>> encodable("─ Kanäle ██ 3 €", "ascii"), encodable("─ Kanäle", "utf-8")
    ('- Kanale ## 3 EUR', '─ Kanäle')
    """
    return text if encoding.startswith("utf") else "".join(_encodable(character, encoding) for character in text)


def _encodable(character: str, encoding: str) -> str:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        if character == "€":
            return "EUR"
        plain = _SUBSTITUTES.get(character) or unicodedata.normalize("NFKD", character)[0]
        return plain if plain.isascii() else "?"
    return character
