"""The demo's own directory beside the data directory: its truth, its progress, its lock; Genom never reads it."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from genom_demo.problems import DemoProblem

__all__ = ["FAST", "SLOW", "hold", "is_running", "keep", "kept", "pace_of", "set_pace"]

FAST: Final = 20.0  # visits a second until 20,000 vouchers are decided: one can watch the policies learn
SLOW: Final = 0.2  # … and afterwards, so that a demo left alone does not fill the disk


@contextmanager
def hold(state: Path) -> Iterator[None]:
    """Take the directory for one driver.  Raises DemoProblem if another has it."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(state / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _taken(state, lock) from None
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(lock)


def is_running(state: Path) -> bool:
    """Whether a driver holds the directory."""
    try:
        with (state / "lock").open("rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        pass
    return False


def _taken(state: Path, lock: int) -> DemoProblem:
    holder = os.pread(lock, 20, 0).decode(errors="replace") or "another process"
    return DemoProblem(
        "The living shop is driven already.",
        why=f"process {holder} holds {state}; two drivers would make everybody visit twice",
        fix="change its pace with `genom demo --pace N`, or stop that process first",
    )


def keep(state: Path, name: str, value: Any) -> None:
    """Write a JSON file durably, readable by its owner alone, whole or not at all."""
    scratch = state / f"{name}.new"
    with open(scratch, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
        file.write(json.dumps(value).encode())
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(state / name)


def kept(state: Path, name: str, otherwise: Any) -> Any:
    """What was kept under a name."""
    with suppress(FileNotFoundError):
        return json.loads((state / name).read_bytes())
    return otherwise


def set_pace(state: Path, pace: float) -> None:
    """Let a driver, running or yet to start, make this many visits a second."""
    if not 0 <= pace <= 10_000:
        raise DemoProblem(
            f"The pace {pace:g} cannot be used.", why="it counts visits a second", fix="use 0 (pause) to 10000"
        )
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    keep(state, "pace.json", {"pace": pace})


def pace_of(state: Path, decisions: int) -> float:
    """Visits a second now: as set, else fast until 20,000 decisions were made, slow afterwards."""
    pace = kept(state, "pace.json", {}).get("pace")
    return float(pace) if pace is not None else FAST if decisions < 20_000 else SLOW
