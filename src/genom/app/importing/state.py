"""How far an import is, so that it goes on after a kill; it holds numbers, and nothing of what was imported."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from genom.durable import sync_directory
from genom.typed import from_json

__all__ = ["Counts", "State", "StateFile"]


class Counts(msgspec.Struct):
    """What became of rows, and of what they said."""

    rows: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicates: int = 0  # rows that stand twice in the file
    left_out: dict[str, int] = {}  # by reason
    events: int = 0
    consents: int = 0
    products: int = 0
    erased: int = 0  # events of before their person's erasure


class State(msgspec.Struct):
    """What is done: every row up to here was answered by the node, or refused."""

    rows: int = 0
    counts: Counts = msgspec.field(default_factory=Counts)
    rejects: int = 0  # bytes written to --rejects
    report: int = 0  # bytes written to --report


class StateFile:
    """The state of one import, in the data directory, by what is imported and how.

    >>> import tempfile
    >>> kept = StateFile(Path(tempfile.mkdtemp()), "abc")
    >>> kept.write(State(rows=5)), kept.read().rows, kept.remove(), kept.read()
    (None, 5, None, None)
    """

    def __init__(self, directory: Path, key: str) -> None:
        self._path = directory / "imports" / f"{key}.json"

    def read(self) -> State | None:
        """How far it is; None if it was not begun, or was ended."""
        try:
            return from_json(self._path.read_bytes(), State)
        except (FileNotFoundError, msgspec.MsgspecError):
            return None

    def write(self, state: State) -> None:
        """Keep how far it is; after a power cut it is this state or the one before."""
        self._path.parent.mkdir(mode=0o700, exist_ok=True)
        new = self._path.with_suffix(".new")
        with new.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        sync_directory(self._path.parent)

    def remove(self) -> None:
        """The import has ended."""
        self._path.unlink(missing_ok=True)
