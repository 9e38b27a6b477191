"""Spans of time as text: half-lives that a gene forgets with, and windows that it looks back over."""

from __future__ import annotations

import re
from typing import Final

from genom.errors import BadConfiguration, nearest

__all__ = [
    "HALF_LIVES",
    "LIFETIME",
    "check_span",
    "milliseconds",
    "words_for_half_life",
    "words_for_length",
    "words_for_window",
]

LIFETIME: Final = "lifetime"
_UNITS: Final[dict[str, int]] = {
    "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000,
}  # fmt: skip
_WORDS: Final = {
    "s": ("seconds", "Sekunden"), "min": ("minutes", "Minuten"), "h": ("hours", "Stunden"), "d": ("days", "Tage"),
    "w": ("weeks", "Wochen"), "y": ("years", "Jahre"),
}  # fmt: skip
_SPAN: Final = re.compile(r"([1-9][0-9]{0,8})(s|min|h|d|w|y)")
_LEAST, _MOST = _UNITS["s"], 300 * _UNITS["y"]
_CUSTOMARY: Final = {
    "1h": {"en": "last hours", "de": "letzte Stunden"},
    "1d": {"en": "last days", "de": "letzte Tage"},
    "7d": {"en": "last weeks", "de": "letzte Wochen"},
    "30d": {"en": "last months", "de": "letzte Monate"},
    "365d": {"en": "last years", "de": "letzte Jahre"},
    LIFETIME: {"en": "ever", "de": "insgesamt"},
}


def milliseconds(span: str) -> int:
    """How long a span is; 0 for one without an end.

    >>> milliseconds("36h"), milliseconds("lifetime")
    (129600000, 0)
    """
    found = _SPAN.fullmatch(span)
    return int(found[1]) * _UNITS[found[2]] if found else 0


HALF_LIVES: Final[dict[str, int]] = {span: milliseconds(span) for span in _CUSTOMARY if span != LIFETIME}
"""The customary half-lives → milliseconds; any from 1 s to 300 years may be used."""


def check_span(span: str, where: str, *, what: str = "half-life") -> None:
    """Raises BadConfiguration for a text that is no span, or one that is too short or too long."""
    if span == LIFETIME:
        return
    length = milliseconds(span)
    if re.fullmatch(r"0+[a-z]+", span) or (length and not _LEAST <= length <= _MOST):
        raise BadConfiguration(
            f"{where} has the {what} {span!r}.",
            why="it must be at least one second and at most 300 years",
            fix="use a span such as 36h or 90d, or lifetime for one that never fades",
        )
    if not length:
        raise BadConfiguration(
            f"{where} has the unknown {what} {span!r}.",
            why=f"a {what} is a whole number with s, min, h, d, w or y, such as 36h or 90d, or lifetime",
            fix=nearest(span, _CUSTOMARY) or "write it so",
        )


def words_for_half_life(span: str) -> dict[str, str]:
    """How a half-life is named behind a label.

    >>> words_for_half_life("7d")["en"], words_for_half_life("36h")["de"]
    ('last weeks', 'Halbwertszeit 36 Stunden')
    """
    if span in _CUSTOMARY:
        return _CUSTOMARY[span]
    return {language: f"{word} {text}" for (language, text), word in zip(_counted(span), _HALVES, strict=True)}


def words_for_window(span: str) -> dict[str, str]:
    """How a window is named behind a label.

    >>> words_for_window("90d")
    {'en': 'last 90 days', 'de': 'letzte 90 Tage'}
    """
    if span == LIFETIME:
        return _CUSTOMARY[LIFETIME]
    return {language: f"{word} {text}" for (language, text), word in zip(_counted(span), _LAST, strict=True)}


def words_for_length(span: str) -> dict[str, str]:
    """How long a span is, as it stands behind "after" and "nach".

    >>> words_for_length("30d"), words_for_length("1h")
    ({'en': '30 days', 'de': '30 Tagen'}, {'en': '1 hour', 'de': '1 Stunde'})
    """
    found = _SPAN.fullmatch(span)
    assert found, "a span is checked before it is named"
    one, many = _LENGTHS[found[2]]
    words = one if found[1] == "1" else many
    return {language: f"{found[1]} {word}" for language, word in zip(("en", "de"), words, strict=True)}


_LENGTHS: Final = {
    "s": (("second", "Sekunde"), ("seconds", "Sekunden")), "min": (("minute", "Minute"), ("minutes", "Minuten")),
    "h": (("hour", "Stunde"), ("hours", "Stunden")), "d": (("day", "Tag"), ("days", "Tagen")),
    "w": (("week", "Woche"), ("weeks", "Wochen")), "y": (("year", "Jahr"), ("years", "Jahren")),
}  # fmt: skip
_HALVES: Final = ("half-life", "Halbwertszeit")
_LAST: Final = ("last", "letzte")


def _counted(span: str) -> list[tuple[str, str]]:
    found = _SPAN.fullmatch(span)
    assert found, "a span is checked before it is named"
    return [(language, f"{found[1]} {word}") for language, word in zip(("en", "de"), _WORDS[found[2]], strict=True)]
