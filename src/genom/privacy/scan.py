"""A byte scan: whether a text stands anywhere in a directory's files, as it is or in a form that files give it.

Raw bytes of every file are searched, then what is in databases, archives, compressed files and base64.  It only reads.
What could not be looked into is told, so that "nothing found" is never said of what was not read.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from genom.errors import BadRequest
from genom.privacy.coded import said
from genom.privacy.forms import SHORTEST, Forms, forms_of, within

__all__ = ["Contents", "Hit", "Unread", "scan"]

_CHUNK: Final = 1 << 22  # bytes read at once
_INSIDE: Final = 1 << 28  # bytes of a compressed file that are looked at
_OVERLAP: Final = 1 << 12  # bytes of a chunk that are looked at again with the next one
_SQLITE: Final = b"SQLite format 3\0"
_ZLIB: Final = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_GZIP: Final = b"\x1f\x8b"
_PACKED: Final = 8  # bytes that something packed has at least

Needles = Mapping[str, Forms]


class Hit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place where a text was found; it tells nothing of what stands around it."""

    file: str  # relative to the directory
    text: str
    form: str  # how it is written there, such as "utf-8" or "base64"
    offset: int = -1  # of the byte; -1: it is not in the file's own bytes
    inside: str = ""  # the table and row, or the member of an archive


class Unread(msgspec.Struct, frozen=True):
    """What could not be looked into."""

    file: str
    unread: str  # why


class Contents(msgspec.Struct, frozen=True):
    """What somebody with the keys reads in a file that is encrypted; None: it could not be opened."""

    file: str
    inside: str
    value: bytes | None


def scan(
    directory: Path,
    texts: list[str],
    *,
    opened: Iterable[Contents] = (),
    progress: Callable[[int, int], None] = lambda *_: None,
) -> Iterator[Hit | Unread]:
    """All hits in a directory, file by file, and what could not be read; at most one hit for a text, form and place.

    `opened` are contents of encrypted files.  `progress` hears the bytes done and to do.
    Raises BadRequest for a text that is too short.
    """
    for text in texts:
        if len(text) < SHORTEST:
            raise BadRequest(
                f"The text {text!r} cannot be searched for.",
                why=f"it has fewer than {SHORTEST} characters, so it stands everywhere by chance",
                fix="plant a longer one",
            )
    needles = {text: forms_of(text) for text in texts}
    return _all(directory, needles, opened, progress)


def _all(
    directory: Path, needles: Needles, opened: Iterable[Contents], progress: Callable[[int, int], None]
) -> Iterator[Hit | Unread]:
    shut: list[OSError] = []  # directories that could not be listed
    found = sorted(
        Path(at, name) for at, below, names in os.walk(directory, onerror=shut.append) for name in below + names
    )
    for error in shut:
        if not isinstance(error, FileNotFoundError):  # it went while others were read
            where = Path(error.filename).relative_to(directory)
            yield Unread(str(where), f"nothing in this directory was searched: {error.strerror or error}")
    files = [path for path in found if path.is_file() and not path.is_symlink()]
    for link in (path for path in found if path.is_symlink()):
        if not link.resolve().is_relative_to(directory.resolve()):
            yield Unread(str(link.relative_to(directory)), "it is a link to a place outside, which was not searched")
    sizes = {path: _size(path) for path in files}
    total, done = sum(sizes.values()), 0
    for path in files:
        name = str(path.relative_to(directory))
        try:
            yield from _file(path, name, needles)
        except FileNotFoundError:  # it went while others were read
            continue
        except OSError as error:
            yield Unread(name, error.strerror or str(error))
        done += sizes[path]
        progress(done, total)
    for one in opened:
        if one.value is None:
            yield Unread(one.file, f"{one.inside} could not be decrypted")
        else:
            yield from (Hit(one.file, text, form, inside=one.inside) for text, form, _ in _deep(one.value, needles))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _file(path: Path, name: str, needles: Needles) -> Iterator[Hit | Unread]:
    rest, at = b"", 0
    overlap = max(_OVERLAP, *(len(form) for forms in needles.values() for form in forms.values()))
    with path.open("rb") as file:
        head = file.read(16)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            data, before = rest + chunk, at - len(rest)
            for text, form, place in within(data, needles, after=len(rest)):
                yield Hit(name, text, form, offset=before + place)
            for text, form, place in _coded(data, needles, depth=0, after=len(rest)):
                yield Hit(name, text, form, offset=before + place)
            at += len(chunk)
            rest = data[-overlap:]
    if head.startswith(_SQLITE):
        yield from _database(path, name, needles)
    elif head.startswith(b"PK\x03\x04"):
        yield from _archive(path, name, needles)
    elif head.startswith((_GZIP, *_ZLIB)):
        yield from _unpacked(path, name, needles)


def _deep(data: bytes, needles: Needles, *, depth: int = 0) -> Iterator[tuple[str, str, int]]:
    """Texts in a value, in what it is packed or coded from, and once more in what that is."""
    yield from within(data, needles)
    if depth > 1:
        return
    if (whole := _inflated(data)) is not None:
        for text, form, place in _deep(whole, needles, depth=depth + 1):
            yield text, f"packed {form}", place
    yield from _coded(data, needles, depth=depth)


def _coded(data: bytes, needles: Needles, *, depth: int, after: int = 0) -> Iterator[tuple[str, str, int]]:
    """Texts in what runs of base64 letters say.

    What they say is searched in one, and word by word only where something was found, or where a word is packed.
    """
    least = min(_PACKED, *(len(form) for forms in needles.values() for form in forms.values()))
    runs = said(data, least=least, after=after)
    found = next(_deep(runs.whole, needles, depth=depth + 1), None)
    for place, content in runs.each(None if found else runs.begins((_GZIP, *_ZLIB))):
        for text, form, _ in _deep(content, needles, depth=depth + 1):
            yield text, f"base64 of {form}", place


def _inflated(data: bytes) -> bytes | None:
    """What a compressed value says, as far as it can be read; None if it is none."""
    if not data.startswith((_GZIP, *_ZLIB)):
        return None
    try:
        return zlib.decompressobj(wbits=47).decompress(data, _INSIDE)  # 47: zlib or gzip, by the head
    except zlib.error:
        return None


def _database(path: Path, name: str, needles: Needles) -> Iterator[Hit | Unread]:
    """The values of all rows, as a reader sees them."""
    try:
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10)
    except sqlite3.Error as error:
        yield Unread(name, f"as a database: {error}")
        return
    try:
        connection.text_factory = bytes
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (table,) in tables:
            yield from _rows(connection, table.decode("utf-8", "replace"), name, needles)
    except sqlite3.Error as error:
        yield Unread(name, f"as a database: {error}")
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str, name: str, needles: Needles) -> Iterator[Hit]:
    quoted = table.replace('"', '""')
    for number, row in enumerate(connection.execute(f'SELECT * FROM "{quoted}"'), 1):  # noqa: S608 -- its own name
        for value in row:
            data = value if isinstance(value, bytes) else str(value).encode()
            for text, form, _ in _deep(data, needles):
                yield Hit(name, text, form, inside=f"{table}, row {number}")


def _archive(path: Path, name: str, needles: Needles) -> Iterator[Hit | Unread]:
    try:  # zipfile raises much: NotImplementedError, for one, at a way of packing that it does not know
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                with archive.open(member) as file:
                    for text, form, _ in _deep(file.read(_INSIDE), needles, depth=1):
                        yield Hit(name, text, form, inside=member.filename)
                if member.file_size > _INSIDE:
                    yield Unread(name, f"{member.filename} behind its first {_INSIDE >> 20} MB")
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
    ) as error:
        yield Unread(name, f"as an archive: {error}")  # its raw bytes were searched


def _unpacked(path: Path, name: str, needles: Needles) -> Iterator[Hit | Unread]:
    """A file that begins as compressed ones do; one that only looks so is searched raw and no more."""
    with path.open("rb") as file:
        begins = file.read(2)
    try:
        if begins == _GZIP:
            with gzip.open(path) as file:
                data = file.read(_INSIDE)
                left = bool(file.read(1))
        else:
            stream = zlib.decompressobj()
            data, left = stream.decompress(path.read_bytes(), _INSIDE), bool(stream.unconsumed_tail)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        if begins == _GZIP:
            yield Unread(name, f"as a compressed file: {error}")
        return
    yield from (Hit(name, text, form, inside="unpacked") for text, form, _ in _deep(data, needles, depth=1))
    if left:
        yield Unread(name, f"behind its first {_INSIDE >> 20} MB, unpacked")
