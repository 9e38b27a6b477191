"""Types of sources as the command line tells them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from genom.collect.typed_sources import SourceType
from genom.errors import BadRequest

__all__ = ["column_lines", "type_lines", "write_sample"]


def type_lines(types: Mapping[str, SourceType], language: str) -> Iterator[str]:
    """A line for each type."""
    width = max(map(len, types))
    for name, kind in types.items():
        yield f"{name:<{width}}  {_said(kind.en, kind.de, language)}"


def column_lines(kind: SourceType, language: str) -> Iterator[str]:
    """What a type is, and a line for each of its columns; a star marks those that a file must have."""
    yield f"{kind.name}: {_said(kind.en, kind.de, language)}"
    width = max(len(one.name) for one in kind.columns)
    for one in kind.columns:
        yield f"  {'*' if one.required else ' '} {one.name:<{width}}  {one.kind:<7}  {_said(one.en, one.de, language)}"
    if kind.group:
        said = "Rows with the same {} belong together and stand one below the other."
        german = "Zeilen mit gleichen Werten in {} gehören zusammen und stehen untereinander."
        yield _said(said, german, language).format(", ".join(kind.group))
    if kind.open:
        yield _said("All other columns become properties.", "Alle anderen Spalten werden Eigenschaften.", language)


def _said(english: str, german: str, language: str) -> str:
    if language not in {"en", "de"}:
        raise BadRequest(f"There is no language {language!r}.", why="texts are kept in two", fix="use en or de")
    return german if language == "de" else english


def write_sample(kind: SourceType, out: Path | None) -> str:
    """Write the sample of a type; returns what to do with it.  Raises BadRequest if the file is there already."""
    path = out or Path(f"{kind.name}.{kind.form}")
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(kind.sample)
    except FileExistsError:
        raise BadRequest(f"{path} is there already.", why="it may be yours", fix="name another: --out FILE") from None
    except OSError as error:
        raise BadRequest(f"{path} cannot be written.", why=str(error.strerror), fix="name another: --out") from error
    return f"{path}: {len(kind.sample.splitlines())} lines. Try: genom import {kind.name} {path} --dry-run"
