"""Makes the file system fail on demand, in every Python process that finds this folder first on its path.

While the file named by FAULT_TRIGGER exists, calls on files below FAULT_BELOW fail as FAULT_KIND says:
`sync` (fdatasync and fsync give EIO), `reserve` (posix_fallocate gives ENOSPC),
`full` (that too, and of two writes one takes half of its bytes and the other gives ENOSPC).
"""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from typing import Any

TRIGGER, BELOW = os.environ.get("FAULT_TRIGGER", ""), os.environ.get("FAULT_BELOW", "")
KIND = os.environ.get("FAULT_KIND", "")
Call = Callable[..., Any]
turns = itertools.count()


def struck(fd: int) -> bool:
    """Is this file to fail now?"""
    return os.path.exists(TRIGGER) and os.readlink(f"/proc/self/fd/{fd}").startswith(BELOW)  # noqa: PTH110, PTH115


def failing(real: Call, code: int) -> Call:
    """The call, giving an error for files that are struck."""

    def call(fd: int, *rest: Any) -> Any:
        if struck(fd):
            raise OSError(code, os.strerror(code))
        return real(fd, *rest)

    return call


def halving(real: Call, *, vector: bool) -> Call:
    """A write on a full disk: it takes half of the bytes, or none."""

    def call(fd: int, data: Any, *rest: Any) -> Any:
        if not struck(fd):
            return real(fd, data, *rest)
        if next(turns) % 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        whole = b"".join(bytes(part) for part in data) if vector else bytes(data)
        half = whole[: max(1, len(whole) // 2)]
        return real(fd, [half] if vector else half, *rest)

    return call


if KIND == "sync":
    os.fdatasync, os.fsync = failing(os.fdatasync, errno.EIO), failing(os.fsync, errno.EIO)
if KIND in {"reserve", "full"}:
    os.posix_fallocate = failing(os.posix_fallocate, errno.ENOSPC)
if KIND == "full":
    os.write, os.pwrite = halving(os.write, vector=False), halving(os.pwrite, vector=False)
    os.writev, os.pwritev = halving(os.writev, vector=True), halving(os.pwritev, vector=True)
