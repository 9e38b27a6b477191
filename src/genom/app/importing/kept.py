"""Files that an import writes as it goes: refused rows as they stood, and what was wrong with them."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from genom.errors import BadRequest

__all__ = ["KeptFile"]


class KeptFile:
    """A file that goes on at a place; what an interrupted import wrote behind it is written anew.

    It is readable by its owner alone: refused rows are about people.
    """

    def __init__(self, path: Path | None, *, at: int, source: Path) -> None:
        self._file = None
        self.at = at
        if path is None:
            return
        if path.exists() and path.samefile(source):
            raise BadRequest(f"{path} is the file itself.", why="it would be overwritten", fix="name another one")
        try:
            self._file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
            self._file.truncate(at)
            self._file.seek(at)
        except OSError as error:
            raise BadRequest(f"{path} cannot be written.", why=str(error.strerror), fix="name another file") from error

    def write(self, data: bytes) -> None:
        """Append; nothing where no file was asked for."""
        if self._file is not None:
            self.at += self._file.write(data)

    @property
    def wanted(self) -> bool:
        """Whether somebody asked for it."""
        return self._file is not None

    def flush(self) -> None:
        """What was written outlives this process."""
        if self._file is not None:
            self._file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
