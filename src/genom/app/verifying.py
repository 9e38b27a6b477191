"""`genom verify`: against the memory of a running node, or against the newest state file."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from rich.console import Console

from genom.app.client import call_all, serving_node
from genom.app.commit import now_ms
from genom.app.directory import open_directory, read_secrets
from genom.app.snapshot import LIVE, write_state_file
from genom.app.state_job import stored_sources
from genom.app.verify import Report, verify_file
from genom.errors import BadConfiguration, Corrupt
from genom.genome import state_files
from genom.settings import load_settings

__all__ = ["verify_directory"]


def verify_directory(directory: Path, console: Console) -> Report:
    """Compare what is held with a refold of the journal in a scratch memory."""
    if serving_node(directory) is not None:
        console.print("Taking a snapshot of the running node.")
        taken = call_all(directory, ("POST", "/v1/snapshot", {}))[0]
        try:
            return _compared(directory / LIVE / taken["file"], directory, taken["now"], console)
        finally:
            shutil.rmtree(directory / LIVE, ignore_errors=True)
    data = open_directory(directory, create=False)
    try:
        return _verify_offline(directory, console)
    finally:
        data.close()


def _verify_offline(directory: Path, console: Console) -> Report:
    if not (directory / "catalogue.sqlite").exists():
        raise BadConfiguration(
            f"{directory} holds nothing to verify.", why="no node was ever started on it", fix="start `genom up` once"
        )
    states = directory / "state"
    if not state_files(states):
        console.print("There is no state file yet; one is written from the journal.")
        write_state_file(directory, read_secrets(directory), load_settings(directory), stored_sources(directory))
    if not state_files(states):
        return Report()
    return _compared(state_files(states)[0], directory, now_ms(), console)


def _compared(path: Path, directory: Path, now: int, console: Console) -> Report:
    console.print("Refolding the journal.")
    told = time.monotonic()

    def progress(at: int) -> None:
        nonlocal told
        if time.monotonic() - told > 1:
            told = time.monotonic()
            console.print(f"  {at:,} rows")

    try:
        return verify_file(
            path, directory, read_secrets(directory), load_settings(directory), stored_sources(directory), now=now,
            progress=progress,
        )  # fmt: skip
    except Corrupt as error:
        return Report(differences=[f"{error.what} {error.why}"])
