"""Reading a copy that a Genom handed out: a ZIP file whose `data.json` is checked before anything is taken from it."""

from __future__ import annotations

import io
import zipfile
from typing import Any, Final

import msgspec

from genom.errors import BadRequest
from genom.typed import from_json

__all__ = ["MOST_BYTES", "Copied", "CopiedChoice", "CopiedEvent", "Named", "read_copy"]

MOST_BYTES: Final = 64_000_000
"""Of the file."""
_UNPACKED: Final = 512_000_000  # bytes of `data.json`
_FORMAT: Final = 2


class Named(msgspec.Struct, frozen=True):
    """An identifier."""

    type: str
    value: str


class CopiedEvent(msgspec.Struct, frozen=True, rename="camel"):
    """An event as the copy has it."""

    type: str
    timestamp: str
    received_at: str
    channel: str
    properties: dict[str, Any]
    context: dict[str, Any]
    purposes: list[str]
    by: Named
    hour_of_week: int
    clamped: bool
    categories: list[tuple[str, str]]
    more: dict[str, Any]
    message_id: str | float | None = None
    event: str | None = None


class CopiedChoice(msgspec.Struct, frozen=True):
    """A choice, with the hash of the text that it is about."""

    at: str
    purpose: str
    granted: bool
    text_sha256: str
    by: str
    source: str
    act: str
    evidence: str = ""


class Copied(msgspec.Struct, frozen=True):
    """What of a copy another Genom takes in: what was given and observed, and what was permitted."""

    made_at: str
    person: str
    profiles: list[Named]
    identifiers: list[Named]
    events: list[CopiedEvent]
    choices: list[CopiedChoice]


class _Head(msgspec.Struct, frozen=True):
    format: int


def read_copy(packed: bytes) -> Copied:
    """The copy in a file.  Raises BadRequest that says what is wrong with it, and where."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            info = archive.getinfo("data.json")
            if info.file_size > _UNPACKED:
                raise _unusable(f"its data.json has more than {_UNPACKED:,} bytes")
            with archive.open(info) as file:
                told = file.read(_UNPACKED + 1)
    except (
        zipfile.BadZipFile,
        KeyError,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
    ) as error:
        raise _unusable(f"it is no ZIP file with a data.json: {error}") from error
    try:
        if (of := from_json(told, _Head).format) != _FORMAT:
            raise _unusable(f"it has format {of}, and this Genom reads {_FORMAT}")
        return from_json(told, Copied)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _unusable(str(error)) from error


def _unusable(why: str) -> BadRequest:
    return BadRequest(
        "This is no copy that Genom can take in.",
        why=why,
        fix="use a file that `genom export` or the person's own page made",
        code="copy.unusable",
    )
