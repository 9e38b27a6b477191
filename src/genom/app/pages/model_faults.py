"""Why a model cannot be served, in the reader's language; what the registry has no words for stays English."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["fault_words"]

_GERMAN: Final = (
    (r"a file is missing: (.+)", "Es fehlt die Datei {}."),
    (r"the bytes of (.+) do not match their checksum", "Der Inhalt von {} passt nicht zu seiner Prüfsumme."),
    (r"its parts belong to different models", "Die Teile gehören zu verschiedenen Modellen."),
    (r"(.+) is larger than ([\d,]+) bytes", "{} ist größer als {} Byte."),
    (
        r"it was made of data as of (\d+) days ago; (\d+) days are allowed, so that erased persons leave it",
        "Es beruht auf Daten von vor {} Tagen; erlaubt sind {} Tage, damit gelöschte Personen daraus verschwinden.",
    ),
    (r"its features are not those of this version", "Seine Merkmale sind nicht die dieser Version von Genom."),
    (r"train it again: (genom learn --only \S+)", "Trainieren Sie es neu: {}"),
)


def fault_words(text: str, language: str) -> tuple[str, bool]:
    """The words, and whether they are in the reader's language.

    >>> fault_words("a file is missing: model.json", "de")
    ('Es fehlt die Datei model.json.', True)
    >>> fault_words("something else", "de"), fault_words("something else", "en")
    (('something else', False), ('something else', True))
    """
    if language != "de":
        return text, True
    for pattern, words in _GERMAN:
        if found := re.fullmatch(pattern, text):
            return words.format(*found.groups()), True
    return text, False
