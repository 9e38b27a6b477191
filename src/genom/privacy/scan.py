"""A byte scan: whether a text stands anywhere in a directory's files, as it is or in a form that files give it.

Raw bytes of every file are searched, then what is in databases, archives and compressed files.  It only reads.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from genom.errors import BadRequest

__all__ = ["SHORTEST", "Hit", "forms_of", "scan"]

SHORTEST: Final = 4  # characters of a text that is searched for: a shorter one stands everywhere by chance
_CHUNK: Final = 1 << 22  # bytes read at once
_INSIDE: Final = 1 << 28  # bytes of a compressed file that are looked at
_SQLITE: Final = b"SQLite format 3\0"

Forms = Mapping[str, bytes]


class Hit(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place where a text was found; it tells nothing of what stands around it."""

    file: str  # relative to the directory
    text: str
    form: str  # how it is written there, such as "utf-8" or "base64"
    offset: int = -1  # of the byte; -1: it is not in the file's own bytes
    inside: str = ""  # the table and row, or the member of an archive


def forms_of(text: str) -> dict[str, bytes]:
    """The bytes by which a text is found; all but base64 are compared without regard to case.

    >>> forms = forms_of("Ärger")
    >>> forms["json"], forms["url"], forms["base64+0"]
    (b'\\\\u00c4rger', b'%c3%84rger', b'w4RyZ2Vy')
    """
    plain = text.encode("utf-8", "surrogatepass")
    found = {
        "utf-8": plain,
        "utf-16": text.encode("utf-16-le", "surrogatepass"),
        "utf-16-be": text.encode("utf-16-be", "surrogatepass"),
        "hex": plain.hex().encode(),
        "json": json.dumps(text)[1:-1].encode(),
        "url": quote(text, safe="").encode(),
    }
    found = {name: form.lower() for name, form in found.items()}
    for skipped in range(3):  # where the text begins within a group of three bytes
        whole = b64encode(bytes(skipped) + plain)
        lost = (len(plain) + skipped) % 3
        found[f"base64+{skipped}"] = whole[(0, 2, 3)[skipped] : len(whole) - (4 if lost else 0)]
    distinct = dict[str, bytes]()
    for name, form in found.items():
        if len(form) >= SHORTEST and form not in distinct.values():
            distinct[name] = form
    return distinct


def scan(directory: Path, texts: list[str], *, progress: Callable[[int, int], None] = lambda *_: None) -> Iterator[Hit]:
    """All hits in a directory, file by file; at most one for a text, form and place.

    `progress` hears the bytes done and to do.  Raises BadRequest for a text that is too short, and OSError.
    """
    for text in texts:
        if len(text) < SHORTEST:
            raise BadRequest(
                f"The text {text!r} cannot be searched for.",
                why=f"it has fewer than {SHORTEST} characters, so it stands everywhere by chance",
                fix="plant a longer one",
            )
    needles = {text: forms_of(text) for text in texts}
    files = sorted(path for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    total, done = sum(path.stat().st_size for path in files), 0
    for path in files:
        try:
            yield from _file(path, str(path.relative_to(directory)), needles)
            done += path.stat().st_size
        except FileNotFoundError:  # it went while others were read
            continue
        progress(done, total)


def _file(path: Path, name: str, needles: Mapping[str, Forms]) -> Iterator[Hit]:
    longest, rest, at = max(len(form) for forms in needles.values() for form in forms.values()), b"", 0
    with path.open("rb") as file:
        head = file.read(16)
        file.seek(0)
        while chunk := file.read(_CHUNK):
            for text, form, place in _within(rest + chunk, needles, after=len(rest)):
                yield Hit(name, text, form, offset=at - len(rest) + place)
            at += len(chunk)
            rest = (rest + chunk)[-(longest - 1) :]
    if head.startswith(_SQLITE) and path.suffix not in {"-wal", "-shm"}:
        yield from _database(path, name, needles)
    elif head.startswith(b"PK\x03\x04"):
        yield from _archive(path, name, needles)
    elif head.startswith(b"\x1f\x8b"):
        yield from _unpacked(path, name, needles)


def _within(data: bytes, needles: Mapping[str, Forms], *, after: int = 0) -> Iterator[tuple[str, str, int]]:
    """Texts, forms and places; what ends within the first `after` bytes was found before."""
    folded = data.lower()
    for text, forms in needles.items():
        for form, needle in forms.items():
            where = data if form.startswith("base64") else folded
            place = where.find(needle, max(0, after - len(needle) + 1))
            while place >= 0:
                yield text, form, place
                place = where.find(needle, place + len(needle))


def _database(path: Path, name: str, needles: Mapping[str, Forms]) -> Iterator[Hit]:
    """The values of all rows, as a reader sees them."""
    connection = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            quoted = table.replace('"', '""')
            for number, row in enumerate(connection.execute(f'SELECT * FROM "{quoted}"'), 1):  # noqa: S608 -- its own name
                data = b"\0".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
                for text, form, _ in _within(data, needles):
                    yield Hit(name, text, form, inside=f"{table}, row {number}")
    finally:
        connection.close()


def _archive(path: Path, name: str, needles: Mapping[str, Forms]) -> Iterator[Hit]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                with archive.open(member) as file:
                    for text, form, _ in _within(file.read(_INSIDE), needles):
                        yield Hit(name, text, form, inside=member)
    except (zipfile.BadZipFile, zlib.error, RuntimeError):
        return  # no archive after all, or one under a password: its raw bytes were searched


def _unpacked(path: Path, name: str, needles: Mapping[str, Forms]) -> Iterator[Hit]:
    try:
        with gzip.open(path) as file:
            for text, form, _ in _within(file.read(_INSIDE), needles):
                yield Hit(name, text, form, inside="unpacked")
    except (OSError, EOFError, zlib.error):
        return
