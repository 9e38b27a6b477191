"""What goes into a backup while a node runs, in an order that fits together.

What is learned goes first, then the journal up to its last whole block, then what the journal relies on and what is
written before it: ledger, vault, catalogue.  State files, segments and snapshots are left out: a start makes them anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from genom.app.journals import read_journal

__all__ = ["everything", "ledger_files"]

_BEFORE: Final = ("models/**/*",)
_AFTER: Final = ("badrows/*.jsonl", "keys/*", "keys.json", "*.yaml")
_DATABASES: Final = ("vault.sqlite", "catalogue.sqlite")


def everything(directory: Path) -> Iterator[tuple[str, bytes, int]]:
    """Name and content of each file, and the sequence of the journal's newest row as far as it is known."""
    for path in _files(directory, _BEFORE):
        yield str(path.relative_to(directory)), path.read_bytes(), 0
    journal = read_journal(directory)
    try:
        last = journal.last
        for path, end in journal.extents():
            with path.open("rb") as file:
                yield f"journal/{path.name}", file.read(end), last
    finally:
        journal.close()
    for name, content in ledger_files(directory):
        yield name, content, last
    for name in _DATABASES:
        yield name, _database(directory / name), last
    for path in _files(directory, _AFTER):
        yield str(path.relative_to(directory)), path.read_bytes(), last


def ledger_files(directory: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of the ledger's files, up to their last whole lines."""
    for number, path in enumerate(sorted((directory / "ledger").glob("*.jsonl")), 1):
        content = path.read_bytes()
        yield f"ledger/{number:06d}.jsonl", content[: content.rfind(b"\n") + 1]


def _files(directory: Path, patterns: tuple[str, ...]) -> list[Path]:
    found = {path for pattern in patterns for path in directory.glob(pattern) if path.is_file()}
    return sorted(path for path in found if not path.name.endswith(".new"))


def _database(path: Path) -> bytes:
    """A consistent copy of a database that others write, in memory: no copy on disk can stay behind after a crash."""
    with (
        closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=30)) as source,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        source.backup(copy)
        return copy.serialize()
