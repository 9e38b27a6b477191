"""Rows as every reader yields them, and what a reader says when it cannot go on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from genom.collect.typed_sources import Problem

__all__ = ["Broken", "Reader", "Row"]


@dataclass(slots=True)
class Row:
    """A row of a file: its cells by the file's own columns, or why they cannot be told."""

    number: int  # as a table shows it: a header is row 1
    cells: dict[str, Any]
    raw: str | None = None  # as it stands in the file; None: it is no text there
    problem: Problem | None = None


class Broken(Exception):
    """The file cannot be read on: what is wrong, and what to do.  The rows before are good."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what}; {fix}")
        self.what, self.fix = what, fix


class Reader(Protocol):
    """Reads the rows of a file in one form; memory does not grow with the file."""

    header: list[str]

    def rows(self, stream: BinaryIO) -> Iterator[Row]:
        """The rows in order; raises Broken where the file cannot be read on."""
        ...  # pragma: no cover
