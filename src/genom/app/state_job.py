"""One state file, written by a short process: `python -m genom.app.state_job DIR`."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

from genom.app.directory import read_secrets
from genom.app.logs import log_as_json
from genom.app.snapshot import write_state_file
from genom.settings import load_settings
from genom.words import ConsentMode, Source

__all__ = ["main", "stored_sources"]


def stored_sources(directory: Path) -> list[Source]:
    """The sources of a catalogue that another process has open."""
    connection = sqlite3.connect(f"file:{directory / 'catalogue.sqlite'}?mode=ro", uri=True)
    try:
        rows = connection.execute("SELECT number, name, consent, history, since FROM sources").fetchall()
    finally:
        connection.close()
    return [
        Source(number, name, ConsentMode(mode), bool(history), since=since)
        for number, name, mode, history, since in rows
    ]


def main() -> int:
    """Write a state file if the journal has grown."""
    os.nice(19)  # seconds of work, which must not make anybody wait
    log_as_json()
    directory = Path(sys.argv[1])
    write_state_file(directory, read_secrets(directory), load_settings(directory), stored_sources(directory))
    return 0


if __name__ == "__main__":
    sys.exit(main())
