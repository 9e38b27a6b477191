"""How a page looks to its reader: language and theme, kept in two cookies of the browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["LANGUAGES", "THEMES", "Look", "look_cookies", "look_of"]

LANGUAGES: Final = ("en", "de")
THEMES: Final = ("system", "light", "dark")
_YEAR: Final = 31_536_000  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A reader's choice."""

    language: str = "en"
    theme: str = "system"


def look_of(cookies: Mapping[str, str], accept_language: str) -> Look:
    """What the cookies say, else what the browser asks for.

    >>> look_of({}, "de-AT,de;q=0.9,en;q=0.8"), look_of({"genom_language": "en", "genom_theme": "dark"}, "de")
    (Look(language='de', theme='system'), Look(language='en', theme='dark'))
    """
    language, theme = cookies.get("genom_language", ""), cookies.get("genom_theme", "")
    return Look(
        language=language if language in LANGUAGES else _asked(accept_language),
        theme=theme if theme in THEMES else "system",
    )


def _asked(accept: str) -> str:
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:400].split(",")):
        name, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((-float(weight or 1), place, name.split("-")[0].lower()))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(ranked) if name in LANGUAGES), "en")


def look_cookies(look: Look) -> list[str]:
    """`Set-Cookie` lines that keep a choice; they say nothing about who reads."""
    pairs = {"genom_language": look.language, "genom_theme": look.theme}
    return [f"{name}={value}; Path=/; Max-Age={_YEAR}; SameSite=Lax" for name, value in pairs.items()]
