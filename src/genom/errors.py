"""One family of errors; each says what happened, why, and how to fix it.

GenomError
├── BadRequest            the caller sent something unusable (400)
│   └── UnknownName       … by a name that does not exist; the nearest one is suggested
├── NotPermitted          unknown or insufficient key (401, 403)
├── NotFound              no such person, decision … (404)
├── Busy                  no room or no time now; try again (503)
├── BadConfiguration      settings, purposes or genes that cannot be used
├── DirectoryInUse        another process holds the data directory
└── Corrupt               stored bytes do not match their checksum
    └── UnknownFormat     written by a newer Genom
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "BadConfiguration",
    "BadRequest",
    "Busy",
    "Corrupt",
    "DirectoryInUse",
    "Forbidden",
    "GenomError",
    "Gone",
    "NotFound",
    "NotPermitted",
    "TooMany",
    "UnknownFormat",
    "UnknownName",
    "counted",
    "nearest",
]


class GenomError(Exception):
    """Base of all errors that Genom raises on purpose.

    >>> print(BadRequest("The body is empty.", why="0 bytes arrived", fix="send a JSON object"))
    The body is empty.
      why: 0 bytes arrived
      fix: send a JSON object
    """

    code = "genom.error"
    status = 500
    retry = False
    retry_seconds = 1

    def __init__(self, what: str, *, why: str = "", fix: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what, self.why, self.fix = what, why, fix
        if code:
            self.code = code

    def __str__(self) -> str:
        lines = [self.what, f"  why: {self.why}" if self.why else "", f"  fix: {self.fix}" if self.fix else ""]
        return "\n".join(line for line in lines if line)

    def as_reply(self) -> dict[str, str]:
        """The error as an HTTP answer's body."""
        return {"code": self.code, "message": self.what, "why": self.why, "fix": self.fix}


class BadRequest(GenomError):
    """The caller sent something that cannot be used."""

    code = "request.invalid"
    status = 400


class UnknownName(BadRequest, LookupError):
    """Something was asked for by a name that does not exist."""

    code = "request.unknown-name"


class NotPermitted(GenomError):
    """The key is unknown or lacks the right."""

    code = "key.unknown"
    status = 401


class Forbidden(NotPermitted):
    """The key or reader is known, and may not do this."""

    code = "key.no-right"
    status = 403


class NotFound(GenomError, LookupError):
    """There is no such person, decision or source."""

    code = "request.not-found"
    status = 404


class Gone(NotFound):
    """There was such a person, who is erased."""

    code = "person.erased"
    status = 410


class Busy(GenomError):
    """There is no room or no time now; the same call may go through later."""

    code = "node.busy"
    status = 503
    retry = True


class TooMany(GenomError):
    """One caller asks more often than it may; later calls go through."""

    code = "request.too-many"
    status = 429
    retry = True
    retry_seconds = 60


class BadConfiguration(GenomError):
    """Settings, purposes or genes cannot be used as they are written."""

    code = "configuration.invalid"


class DirectoryInUse(GenomError):
    """Another process holds the data directory."""

    code = "directory.in-use"


class Corrupt(GenomError):
    """Stored bytes do not match their checksum."""

    code = "storage.corrupt"


class UnknownFormat(Corrupt):
    """The files were written by a newer Genom."""

    code = "storage.unknown-format"


def counted(number: int, one: str, many: str) -> str:
    """A number with what it counts.

    >>> counted(1, "entry", "entries"), counted(2_000, "entry", "entries")
    ('1 entry', '2,000 entries')
    """
    return f"{number:,} {one if number == 1 else many}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or an empty text.

    >>> nearest("recomend", ["recommend", "email"])
    "did you mean 'recommend'?"
    """
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else ""
