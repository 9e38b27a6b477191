"""What a training is doing, in one file that the command line, the API and the pages read: `models/training.json`.

A lock beside it is held while a training runs: two never run at once, and one that was killed is seen to have stopped.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec

from genom.learn import Question
from genom.typed import from_json

__all__ = ["Step", "Training", "TrainingStatus", "read_training", "training"]

_NAME: Final = "training.json"
_LOCK: Final = "training.lock"
_LARGEST: Final = 1_000_000  # bytes


class Step(msgspec.Struct, kw_only=True):
    """What became of one question so far."""

    question: str
    label: dict[str, str]
    state: Literal["waiting", "training", "served", "refused"] = "waiting"
    told: str = ""  # where it is, what came of it, or why it was refused
    code: str = ""  # of the error for which it was refused


class Training(msgspec.Struct, kw_only=True):
    """The newest training."""

    state: Literal["running", "ended", "stopped"] = "running"
    began: int  # unix ms, UTC
    changed: int  # unix ms, UTC
    steps: list[Step]

    @property
    def told(self) -> str:
        """Where it is, in one line."""
        done = sum(step.state in {"served", "refused"} for step in self.steps)
        now = next((step for step in self.steps if step.state == "training"), None)
        return f"{done} of {len(self.steps)} questions" + (f"; {now.told or now.question}" if now else "")


class TrainingStatus:
    """Writes the file; each change replaces it as a whole."""

    def __init__(self, directory: Path, questions: Sequence[Question]) -> None:
        steps = [Step(question=q.id, label={"en": q.label.en, "de": q.label.de}) for q in questions]
        self._path, now = directory / _NAME, _now()
        self.training = Training(began=now, changed=now, steps=steps)
        self._write()

    def step(
        self, question: str, state: Literal["training", "served", "refused"], told: str = "", *, code: str = ""
    ) -> None:
        """A question has come further."""
        for step in self.training.steps:
            if step.question == question:
                step.state, step.told, step.code = state, told, code
        self._write()

    def end(self) -> None:
        """All questions have been asked."""
        self.training.state = "ended"
        self._write()

    def _write(self) -> None:
        self.training.changed = _now()
        scratch = self._path.with_suffix(".new")
        with open(scratch, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(msgspec.json.encode(self.training))
        scratch.rename(self._path)


@contextmanager
def training(
    directory: Path, questions: Sequence[Question], *, waiting: Callable[[str], None] = lambda _: None
) -> Iterator[TrainingStatus]:
    """Hold the lock of a registry while its questions are trained; waits for a training that runs already."""
    directory.mkdir(mode=0o700, exist_ok=True)
    lock = os.open(directory / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not _locked(lock, fcntl.LOCK_EX):
            other = read_training(directory)
            waiting(f"Waiting for a training that runs already: {other.told if other else 'it begins'}")
            time.sleep(0.5)
        status = TrainingStatus(directory, questions)
        yield status
        status.end()
    finally:
        os.close(lock)


def read_training(directory: Path) -> Training | None:
    """The newest training; None if there was none or its file cannot be read."""
    try:
        if (path := directory / _NAME).stat().st_size > _LARGEST:
            return None
        found = from_json(path.read_bytes(), Training)
    except (OSError, msgspec.MsgspecError):
        return None
    if found.state == "running" and not _held(directory / _LOCK):
        found.state = "stopped"
    return found


def _held(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not _locked(lock, fcntl.LOCK_SH)
    finally:
        os.close(lock)


def _locked(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _now() -> int:
    return time.time_ns() // 1_000_000
