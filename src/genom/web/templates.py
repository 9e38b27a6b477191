"""Jinja as every page uses it: escaping always on, unknown names are errors, texts and formats of one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from genom.web.formats import Formats
from genom.web.look import LANGUAGES
from genom.web.texts import Texts

__all__ = ["template_sets"]


def template_sets(
    folders: Sequence[Path], *, locales: Sequence[Path], names: Mapping[str, Any]
) -> dict[str, Environment]:
    """An environment for each language; `names` are known to all templates.

    In templates: `_("People")`, `_("%(n)s people", n=…)`, `{{ value|number }}`, `|percent`, `|money`, `|signed`,
    `|date`, `|moment`, `|brief`, `|clock`, `|iso`, `|ago(now)`.
    """
    return {language: _environment(language, folders, locales, names) for language in LANGUAGES}


def _environment(
    language: str, folders: Sequence[Path], locales: Sequence[Path], names: Mapping[str, Any]
) -> Environment:
    env = Environment(
        loader=FileSystemLoader([str(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    texts, formats = Texts(language, locales), Formats(language)
    env.install_gettext_callables(texts.gettext, texts.ngettext, newstyle=True)  # type: ignore[attr-defined]
    for name in ("number", "signed", "percent", "money", "date", "moment", "brief", "clock", "iso", "ago"):
        env.filters[name] = getattr(formats, name)
    env.globals.update(names)
    env.globals["language"], env.globals["offset"] = language, formats.offset
    return env
