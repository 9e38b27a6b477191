"""Categories that a person's page never asks about: a click would tell of health, sexual life or belief.

These are special categories of data (Article 9 GDPR).  Liking or disliking one is a statement about oneself, which
would need the purpose `special_category` and its explicit consent; the purposes of the genome do not cover it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["unasked"]

_STEMS: Final = {
    "health": (
        "incontinen", "inkontinenz", "pregnan", "schwanger", "feminine hygiene", "damenhygiene", "menstru",
        "medicin", "medication", "medikament", "arznei", "pharma", "prescription", "diabet", "laxativ", "abführ",
        "nicotine", "nikotin", "hearing aid", "hörgerät",
    ),
    "sexual life": (
        "contracept", "verhütung", "condom", "kondom", "family planning", "familienplanung",
        "sexual", "erotic", "erotik",
    ),
    "belief": ("religio", "kosher", "koscher", "halal"),
}  # fmt: skip
_FOUND: Final = re.compile(rf"\b(?:{'|'.join(stem for stems in _STEMS.values() for stem in stems)})", re.IGNORECASE)


def unasked(texts: Iterable[str]) -> bool:
    """Whether a category of any of these names is left out.

    >>> unasked(["ADULT INCONTINENCE"]), unasked(["F1", "Verhütungsmittel"]), unasked(["Kitchen and table"])
    (True, True, False)
    """
    return any(_FOUND.search(text) for text in texts)
