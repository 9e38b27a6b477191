"""A mapping file: which column of a file is which column of its type, and how its cells are to be read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml

from genom.collect.typed_sources import SourceType, type_named
from genom.errors import BadRequest, nearest
from genom.typed import converted

__all__ = ["Mapped", "mapping_of"]


class Mapped(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a mapping file may say; everything but the type has a default, and options of the command go before it.

    >>> converted({"type": "receipts", "columns": {"receipt": "Beleg"}}, Mapped).columns
    {'receipt': 'Beleg'}
    """

    type: str = ""
    columns: dict[str, str] = {}  # column of the type → header; Datum+Uhrzeit joins the cells of two
    constants: dict[str, str] = {}  # column of the type → what it says in every row
    properties: dict[str, str] | None = None  # of the type `events`: property → header; None: all others
    format: str = ""
    encoding: str = ""
    delimiter: str = ""
    decimal: str = ""
    time_zone: str = ""
    date_formats: list[str] = []
    header: list[str] = []  # names of the columns, if the file has no header


def mapping_of(path: Path | None, kind: SourceType) -> Mapped:
    """The mapping in a file, or an empty one.

    Raises BadRequest that says where the file cannot be used, or that it is for another type.
    """
    if path is None:
        return Mapped(type=kind.name)
    try:
        found: Any = yaml.safe_load(path.read_text("utf-8"))
        mapped = converted(found if isinstance(found, Mapping) else {}, Mapped)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise BadRequest(
            f"The mapping {path} cannot be used.",
            why=str(error),
            fix="begin with what `genom import guess FILE` prints",
        ) from error
    if mapped.type and type_named(mapped.type) is not kind:
        raise BadRequest(
            f"The mapping {path} is for {mapped.type}.", why=f"the command says {kind.name}",
            fix=f"say `genom import {mapped.type}`, or change the mapping",
        )  # fmt: skip
    names = [one.name for one in kind.columns]
    for column in mapped.constants:
        if column not in names:
            raise BadRequest(
                f"{kind.name} have no column {column!r}.", why=f"{path} gives it a constant",
                fix=nearest(column, names) or f"they have {', '.join(names)}", code="import.column",
            )  # fmt: skip
    return mapped
