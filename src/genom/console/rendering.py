"""The console's templates and files, read once for the process."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment

from genom.console.drawn import gene_id, place_bar
from genom.console.page import GROUPS
from genom.web import StaticFolder, template_sets

__all__ = ["LOCALES", "fragment", "static_folder", "templates"]

_HERE: Final = Path(__file__).parent
LOCALES: Final = _HERE / "locale"


@cache
def static_folder() -> StaticFolder:
    """Styles, scripts and fonts."""
    return StaticFolder(_HERE / "static", prefix="/static/console")


@cache
def templates() -> dict[str, Environment]:
    """Language → its environment."""
    names = {"static": static_folder().url, "groups": GROUPS, "place_bar": place_bar, "gene_id": gene_id}
    return template_sets([_HERE / "templates"], locales=[LOCALES], names=names)


def fragment(language: str, template: str, **values: Any) -> str:
    """A part of a page that stands for itself, such as a message of a stream."""
    return templates()[language].get_template(template).render(**values)
