"""The portal's templates and files, read once for the process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from jinja2 import Environment

from genom.web import StaticFolder, template_sets

__all__ = ["LOCALES", "static_folder", "templates"]

_HERE: Final = Path(__file__).parent
LOCALES: Final = _HERE / "locale"


@cache
def static_folder() -> StaticFolder:
    """Styles; the portal has no script."""
    return StaticFolder(_HERE / "static", prefix="/static/portal")


@cache
def templates() -> dict[str, Environment]:
    """Language → its environment."""
    return template_sets([_HERE / "templates"], locales=[LOCALES], names={"static": static_folder().url})
