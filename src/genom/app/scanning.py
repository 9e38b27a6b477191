"""`genom scan`: hits as JSON lines on the output, progress beside it."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from genom.app.directory import SECRETS, read_secrets
from genom.app.journals import open_bad_rows, read_journal
from genom.errors import BadRequest, GenomError
from genom.identity.vault import opened_values
from genom.journal.block import Block
from genom.privacy import Contents, Hit, scan
from genom.settings import load_settings

__all__ = ["opened_contents", "scan_directory"]

FOUND: Final = 3  # exit status
UNREAD: Final = 4  # 2 is the status of a command that was given wrongly
_SAID: Final = {0: "nothing found", UNREAD: "nothing found in what could be read", FOUND: "found"}
_VAULT: Final = "vault.sqlite"
_EVERY: Final = 1.0  # seconds between two lines of progress


def scan_directory(directory: Path, texts: list[str]) -> int:
    """Print every hit; returns the exit status.  Works while a node serves the directory.

    Raises BadRequest (status 2: nothing was searched) for a directory that does not exist and a text that is too short.
    """
    if not directory.is_dir():
        raise BadRequest(f"There is no directory {directory}.", why="nothing can be searched", fix="check --data")
    told, status = time.monotonic(), 0

    def progress(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= _EVERY:
            told = time.monotonic()
            print(f"scan: {done / 1e6:,.0f} of {total / 1e6:,.0f} MB", file=sys.stderr)

    for one in scan(directory, texts, opened=opened_contents(directory), progress=progress):
        print(msgspec.json.encode(one).decode(), flush=True)
        status = FOUND if isinstance(one, Hit) else status or UNREAD
    print(f"scan: {_SAID[status]}", file=sys.stderr)
    return status


def opened_contents(directory: Path) -> Iterator[Contents]:
    """What is in vault, journal and refused events, opened with the directory's own keys."""
    yield from _vault(directory)
    yield from _refused(directory)
    yield from _bodies(directory)


def _refused(directory: Path) -> Iterator[Contents]:
    """The rows of each day."""
    if not (directory / "badrows").is_dir():
        return
    try:
        store = open_bad_rows(directory, load_settings(directory), writable=False)
    except GenomError as error:
        yield Contents("badrows", f"({error.what} {error.why}) what is sealed", None)
        return
    for day in store.days():
        yield Contents(f"badrows/{day}.jsonl", "what is sealed in it", store.opened(day))


def _bodies(directory: Path) -> Iterator[Contents]:
    """The sealed bodies of the journal, those of a block together."""
    if not (directory / "journal").is_dir():
        return
    try:
        journal = read_journal(directory)
    except GenomError as error:
        yield Contents("journal", f"({error.what} {error.why}) what is sealed", None)
        return
    try:
        for block in journal.blocks():
            if block.rows["cipher"].any():
                file, where = f"journal/{block.header.segment:010d}.journal", f"the block at byte {block.start:,}"
                yield Contents(file, where, _opened(block))
    except GenomError as error:
        yield Contents("journal", f"({error.what} {error.why}) what is behind", None)
    finally:
        journal.close()


def _opened(block: Block) -> bytes | None:
    try:
        return b"\n".join(block.body(row) for row in range(len(block.rows)))
    except GenomError:
        return None


def _vault(directory: Path) -> Iterator[Contents]:
    """What the vault holds, opened with the directory's own keys."""
    path = directory / _VAULT
    if not path.exists():
        return
    if not (directory / SECRETS).exists():
        yield Contents(_VAULT, "without keys/secrets.json all that it holds", None)
        return
    try:
        key = read_secrets(directory).vault
    except GenomError as error:
        yield Contents(_VAULT, f"({error.what} {error.why}) all that it holds", None)
        return
    try:
        for profile, name, value in opened_values(path, key):
            yield Contents(_VAULT, f"profile {profile}, {name}", value)
    except sqlite3.Error:  # the scan of its bytes has told of it
        return
