"""Rejected events with their reason and raw bytes, kept for some days so that they can be mended and tried again."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple
from zlib import crc32

import msgspec

from genom.collect.came import Came
from genom.durable import sync_directory
from genom.errors import Busy
from genom.keys import DayKeys
from genom.typed import json_decoder

__all__ = ["BadRow", "BadRows", "Tally", "Wanted", "day_of"]

_CHUNK: Final = 1 << 20  # bytes read at once
_NEW, _OLD = ".new", ".old"  # a day's file without some rows, and the one of before that is overwritten
_DIGITS: Final = 14  # of a time in unix ms, up to the year 5138
_APART: Final = 60_000  # ms by which rows of a file may stand out of their order


class BadRow(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """A rejected event; `raw` stands in the file as base64."""

    received_at: int  # unix ms, UTC
    source: str
    index: int  # position in its request
    message_id: str | None
    code: str
    message: str
    raw: bytes
    came: Came | None = None  # None: nobody knows how it came, so it cannot be tried again

    @property
    def id(self) -> str:
        """What the row is called; it stays the same when the row is refused again.

        >>> BadRow(5, "shop", 3, None, "collect.nan", "", b"{}").id
        '5-3-40fdc0f9'
        """
        return f"{self.received_at}-{self.index}-{crc32(self.source.encode() + self.raw):08x}"


class Wanted(msgspec.Struct, frozen=True):
    """Which rows are meant; "" = any."""

    source: str = ""
    code: str = ""
    day: str = ""  # of receipt, UTC, such as 2026-03-02
    message_id: str = ""

    def fits(self, row: BadRow) -> bool:
        """Whether a row is one of these."""
        return (
            self.source in {"", row.source}
            and self.code in {"", row.code}
            and (not self.day or self.day == _day_of(row.received_at))
            and self.message_id in {"", row.message_id}
        )


Tally = Counter[tuple[str, str]]
"""(source, code) → rows."""


class _Counted(NamedTuple):
    """What a day's file held when it was counted last."""

    file: int  # its inode: a file that is written anew is another
    end: int  # bytes that were read
    rows: Tally


_encode = msgspec.json.Encoder().encode
_decode = json_decoder(BadRow).decode


class BadRows:
    """The store: one file for each day (UTC) of receipt, readable by its owner alone, a row on each line.

    With `keys` the rows lie under the key of their day, which is destroyed with the file; those that were written
    before are JSON and are read, too.

    >>> import tempfile
    >>> rows = BadRows(Path(tempfile.mkdtemp()), days=30, max_bytes=1_000_000)
    >>> rows.add([BadRow(0, "shop", 3, "m1", "collect.nan", "not a number", b'{"a":NaN}')])
    >>> rows.days(), next(rows.read("1970-01-01")).raw, rows.count()
    (['1970-01-01'], b'{"a":NaN}', 1)
    """

    def __init__(
        self, directory: Path, *, days: int, max_bytes: int, keys: DayKeys | None = None, writable: bool = True
    ) -> None:
        self._directory, self._keep, self._max_bytes, self._keys = directory, days, max_bytes, keys
        self._lock = Lock()  # the event loop hands its writes to threads
        self._day, self._file = "", -1  # the open file
        self._bytes = sum(path.stat().st_size for path in self._paths())
        self._count = sum(_lines(path) for path in self._paths())
        self._counted: dict[str, _Counted] = {}  # day → what it held
        if writable:  # beside a node a key may be a moment older than its file
            self._end_begun()
            self._end_keys()  # a crash may have come between a file and its key

    def add(self, rows: Sequence[BadRow]) -> None:
        """Append rows durably: one write for each day.

        Raises Busy if there is no room; then none of that day's rows is written.
        """
        by_day: dict[str, list[BadRow]] = defaultdict(list)
        for row in rows:
            by_day[_day_of(row.received_at)].append(row)
        with self._lock:
            for day, those in by_day.items():
                try:
                    lines = self._lines_of(day, those)
                except OSError as error:  # the day's key could not be kept
                    raise _no_room(error) from error
                self._append(day, lines)
                self._count += len(those)
            if self._bytes > self._max_bytes:
                self._shrink()

    def days(self) -> list[str]:
        """Days that have rows, oldest first."""
        return [path.stem for path in self._paths()]

    def read(self, day: str) -> Iterator[BadRow]:
        """The rows of a day as they came; a line that a crash tore off is passed over."""
        path = self._directory / f"{day}.jsonl"
        if not path.exists():
            return
        with path.open("rb") as file:
            for line in file:
                if (row := self._row(day, line)) is not None:
                    yield row

    def opened(self, day: str) -> bytes | None:
        """The rows of a day as plain lines; None if some cannot be opened."""
        lines = (self._directory / f"{day}.jsonl").read_bytes().splitlines()
        plain = [line if line[:1] == b"{" else self._keys and self._keys.open(day, line) for line in lines if line]
        return None if None in plain else b"\n".join([line for line in plain if line])

    def _row(self, day: str, line: bytes) -> BadRow | None:
        """The row of a line; None for the end of the file, and a line that a crash tore off or without its key."""
        text = line if line[:1] == b"{" else self._keys and self._keys.open(day, line.strip())
        try:
            return _decode(text) if text else None
        except msgspec.MsgspecError:
            return None

    def _lines_of(self, day: str, rows: Sequence[BadRow]) -> bytes:
        plain = map(_encode, rows)
        return b"".join([(self._keys.seal(day, one) if self._keys else one) + b"\n" for one in plain])

    def newest(self, most: int, wanted: Wanted | None = None, *, after: str = "") -> list[BadRow]:
        """The newest rows, newest first, read from the end of the files; only what is wanted, and `after` a row."""
        wanted = wanted or Wanted()
        rows = self._after(after) if after else self._newest(wanted.day)
        return list(islice(filter(wanted.fits, rows), most))

    def get(self, row: str) -> BadRow | None:
        """The row of this id; None if it is not kept."""
        return next((one for one in self.read(day_of(row)) if one.id == row), None)

    def tally(self, day: str = "") -> Tally:
        """How many rows each source has of each code, of a day or of all; only what is new since is read."""
        return sum((self._tally(path) for path in self._paths() if day in {"", path.stem}), Counter())

    def _tally(self, path: Path) -> Tally:
        with suppress(FileNotFoundError), path.open("rb") as file:
            known, file_now = self._counted.get(path.stem), os.fstat(file.fileno())
            if known is None or known.file != file_now.st_ino or known.end > file_now.st_size:
                known = _Counted(file_now.st_ino, 0, Counter())
            rows, end = known.rows.copy(), file.seek(known.end)
            for line in file:
                if not line.endswith(b"\n"):
                    break  # it is just being written
                end += len(line)
                if (row := self._row(path.stem, line)) is not None:
                    rows[row.source, row.code] += 1
            self._counted[path.stem] = _Counted(known.file, end, rows)
            return rows
        return Counter()

    def _after(self, row: str) -> Iterator[BadRow]:
        """The rows behind this one, newest first; if it is gone meanwhile, those that came no later."""
        at = _at_of(row)
        if at is None:
            return
        rows, passed = self._newest(_day_of(at)), list[BadRow]()
        for one in rows:
            if one.id == row:
                yield from rows
                return
            if one.received_at <= at:
                passed.append(one)
            if one.received_at < at - _APART:
                break
        yield from passed
        yield from rows

    def _newest(self, last: str = "") -> Iterator[BadRow]:
        """Rows up to a day, newest first."""
        for path in reversed(self._paths()):
            for line in _backwards(path) if not last or path.stem <= last else ():
                if (row := self._row(path.stem, line)) is not None:
                    yield row

    def expire(self, now: int) -> None:
        """Remove the days that are older than the store keeps, then the oldest while it is too large; unix ms."""
        oldest = _day_of(now - int(timedelta(days=self._keep).total_seconds() * 1_000))
        with self._lock:
            for path in self._paths():
                if path.stem < oldest:
                    self._remove(path)
            self._shrink()

    def erase(self, names: Callable[[BadRow], bool]) -> tuple[int, int]:
        """Write the days that have rows which `names` somebody without these; returns how many and their bytes.

        A line that a crash tore off goes too, in a day that is written anew.  Whenever a kill comes, the file of a day
        is whole, as it was or without the rows; an erasure that was cut short is made again, and ends what was begun.
        """
        rows = size = 0
        with self._lock:
            self._end_begun()
        for path in self._paths():
            if not any(names(row) for row in self.read(path.stem)):
                continue
            with self._lock:
                if not path.exists():  # its last rows were settled meanwhile
                    continue
                kept = [row for row in self.read(path.stem) if not names(row)]
                fewer, smaller = self._rewrite(path, kept)
                rows, size = rows + fewer, size + smaller
        return rows, size

    def settle(self, day: str, became: Mapping[str, Sequence[BadRow]]) -> None:
        """Write a day in which the rows of these ids became others, or nothing; a day without rows goes with its key.

        What came meanwhile stays.  Whenever a kill comes, the file is whole, as it was or as it should be.
        """
        path = self._directory / f"{day}.jsonl"
        with self._lock:
            self._end_begun()
            if not path.exists():
                return
            kept = [one for row in self.read(day) for one in became.get(row.id, (row,))]
            self._rewrite(path, kept)
            if not kept:
                self._remove(path)

    def _rewrite(self, path: Path, kept: Sequence[BadRow]) -> tuple[int, int]:
        """A day's file with these rows alone; returns by how many rows and bytes it is smaller."""
        before, lines = path.stat().st_size, _lines(path)
        self._close()
        after = _replace(path, self._lines_of(path.stem, kept))
        self._counted.pop(path.stem, None)
        self._bytes, self._count = self._bytes - before + after, self._count - lines + len(kept)
        return lines - len(kept), before - after

    def _end_begun(self) -> None:
        """Overwrite what a change that was cut short has left: a file of before, or a new one that was not taken."""
        for old in self._directory.glob(f"*{_OLD}"):
            if _is_same(old, old.with_suffix(".jsonl")):  # it has a second name, and no more had happened
                old.unlink()
            else:
                _shred(old)
        for new in self._directory.glob(f"*{_NEW}"):
            _shred(new)

    def count(self) -> int:
        """How many rows the store holds."""
        return self._count

    def close(self) -> None:
        """Close the open file; the next `add` opens it again."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._file >= 0:
            os.close(self._file)
        self._day, self._file = "", -1

    def _append(self, day: str, block: bytes) -> None:
        """All of the block or nothing: a write cut short by a full disk is taken back."""
        before = -1
        try:
            self._open(day)
            before = os.fstat(self._file).st_size
            if os.write(self._file, block) != len(block):
                raise OSError("short write")
            os.fdatasync(self._file)
        except OSError as error:
            if before >= 0:
                os.ftruncate(self._file, before)
            raise _no_room(error) from error
        self._bytes += len(block)

    def _open(self, day: str) -> None:
        if day == self._day:
            return
        self._close()
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._directory / f"{day}.jsonl"
        self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._day = day
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":  # a crash tore the last line off: end it
            self._bytes += os.write(self._file, b"\n")

    def _shrink(self) -> None:
        for path in self._paths():
            if self._bytes <= self._max_bytes:
                return
            self._remove(path)

    def _remove(self, path: Path) -> None:
        if path.stem == self._day:
            self._close()
        self._count -= _lines(path)
        self._bytes -= path.stat().st_size
        self._counted.pop(path.stem, None)
        path.unlink()
        self._end_keys()

    def _end_keys(self) -> None:
        """Destroy the keys of days that have no file any more."""
        if self._keys:
            self._keys.end([day for day in self._keys.days() if not (self._directory / f"{day}.jsonl").exists()])

    def _paths(self) -> list[Path]:
        return sorted(self._directory.glob("????-??-??.jsonl"))


def _no_room(error: OSError) -> Busy:
    return Busy("Rejected events cannot be kept now.", why=str(error), fix="make room in the data directory")


def _replace(path: Path, content: bytes) -> int:
    """Give a file another content, and overwrite what it held; returns its new size.

    The old content keeps a name of its own until it is overwritten, so that it can be found after a kill.
    """
    new, old = path.with_suffix(_NEW), path.with_suffix(_OLD)
    with open(new, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.link(path, old)
    sync_directory(path.parent)
    new.rename(path)
    sync_directory(path.parent)
    _shred(old)
    return len(content)


def _is_same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _shred(path: Path) -> None:
    """Overwrite a file, and remove it."""
    with path.open("r+b") as file:
        for start in range(0, left := path.stat().st_size, _CHUNK):
            file.write(bytes(min(_CHUNK, left - start)))
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


def _backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last one first; none of a file that is removed meanwhile."""
    with suppress(FileNotFoundError), path.open("rb") as file:
        end, rest = file.seek(0, os.SEEK_END), b""
        while end:
            start = max(0, end - _CHUNK)
            file.seek(start)
            rest, *lines = (file.read(end - start) + rest).split(b"\n")
            yield from reversed(lines)
            end = start
        yield rest


def _day_of(at: int) -> str:
    return datetime.fromtimestamp(at / 1_000, UTC).date().isoformat()


def day_of(row: str) -> str:
    """The day (UTC) on which the row of this id came; "" for what is no id.

    >>> day_of("5-3-40fdc0f9"), day_of("../etc")
    ('1970-01-01', '')
    """
    return "" if (at := _at_of(row)) is None else _day_of(at)


def _at_of(row: str) -> int | None:
    """When the row of this id came, unix ms; None for what is no id."""
    at = row.partition("-")[0]
    return int(at) if at.isascii() and at.isdigit() and len(at) <= _DIGITS else None


def _lines(path: Path) -> int:
    """Whole rows in a file: each ends with a line break."""
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))
