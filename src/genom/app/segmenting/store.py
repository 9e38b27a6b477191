"""Segments in the catalogue: every version with author and time; a removal is a version, too."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app.catalogue import Catalogue
from genom.app.tables import definitions
from genom.segments import Segment, kept_form, read_segment

__all__ = ["define_segment", "remove_segment", "segment_versions", "stored_segments"]

KIND: Final = "segment"
_NUMBERS: Final = "segment_numbers"  # `id:version` → number of the version, never given again
_REMOVED: Final = {"removed": True}


def define_segment(catalogue: Catalogue, segment: Segment, *, author: str, at: int) -> Segment:
    """Keep a definition as a new version unless it equals the newest; durable when it returns."""
    version = catalogue.define(KIND, segment.id, kept_form(segment), author=author, at=at)
    numbers: dict[str, int] = catalogue.get(_NUMBERS) or {}
    key = f"{segment.id}:{version}"
    if key not in numbers:
        numbers[key] = max(numbers.values(), default=0) + 1
        catalogue.put(_NUMBERS, numbers)
    return stored_segments(catalogue)[segment.id]


def remove_segment(catalogue: Catalogue, name: str, *, author: str, at: int) -> None:
    """Keep that a segment was removed; its versions stay readable."""
    catalogue.define(KIND, name, _REMOVED, author=author, at=at)


def stored_segments(catalogue: Catalogue) -> dict[str, Segment]:
    """The newest version of every segment that was not removed."""
    numbers: dict[str, int] = catalogue.get(_NUMBERS) or {}
    newest = {row["id"]: row for row in _rows(catalogue)}
    return {
        name: _segment(row, numbers) for name, row in newest.items() if f"{name}:{row['version']}" in numbers
    }  # a removal has no number


def segment_versions(catalogue: Catalogue, name: str) -> list[dict[str, Any]]:
    """All versions of a segment, oldest first: version, author, at and body."""
    return [row for row in _rows(catalogue) if row["id"] == name]


def _rows(catalogue: Catalogue) -> list[dict[str, Any]]:
    table = definitions.c
    query = sa.select(table.name, table.version, table.body, table.author, table.at).where(table.kind == KIND)
    with catalogue.begin() as connection:
        rows = connection.execute(query.order_by(table.name, table.version)).all()
    return [
        {"id": row.name, "version": row.version, "author": row.author, "at": row.at,
         "body": msgspec.json.decode(row.body)}
        for row in rows
    ]  # fmt: skip


def _segment(row: dict[str, Any], numbers: dict[str, int]) -> Segment:
    segment = read_segment(row["body"])
    number = numbers[f"{row['id']}:{row['version']}"]
    return msgspec.structs.replace(segment, version=row["version"], number=number, author=row["author"], at=row["at"])
