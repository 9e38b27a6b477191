"""The bytes of a file: as many as it had at the beginning, inflated where it is compressed."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, Final, cast

from genom.app.importing.rows import Broken
from genom.errors import BadRequest

__all__ = ["Input", "telling_damage"]

_CHUNK: Final = 1 << 20  # bytes read at once
_HEAD: Final = 1 << 18  # bytes that are looked at to find out what a file is


class _Bounded(io.RawIOBase):
    """The first bytes of a file; what is written behind them meanwhile is not seen."""

    def __init__(self, path: Path, size: int) -> None:
        self._file, self._left, self.at = path.open("rb", buffering=0), size, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(cast("bytearray", buffer))[: self._left]
        count = self._file.readinto(view) or 0
        self._left -= count
        self.at += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()


class Input:
    """A file to import; raises BadRequest for what is none.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = Path(folder) / "a.csv"
    ...     _ = place.write_bytes(gzip.compress(b"a;b"))
    ...     Input(place).head(), Input(place).compressed
    (b'a;b', True)
    """

    def __init__(self, path: Path) -> None:
        try:
            about = path.stat()
        except OSError as error:
            raise BadRequest(f"{path} cannot be opened.", why=str(error.strerror), fix="check its name") from error
        if not stat.S_ISREG(about.st_mode):
            raise BadRequest(
                f"{path} is not a file.", why="it is a directory" if path.is_dir() else "it has no end that is known",
                fix="name one file; import several one after the other",
            )  # fmt: skip
        if not about.st_size:
            raise BadRequest(f"{path} is empty.", why="it has 0 bytes", fix="export it again", code="import.empty")
        self.path, self.size = path, about.st_size
        self._raw: _Bounded | None = None
        try:
            with path.open("rb") as file:
                self.compressed = file.read(2) == b"\x1f\x8b"
        except OSError as error:
            raise BadRequest(f"{path} cannot be read.", why=str(error.strerror), fix="check its rights") from error

    @property
    def at(self) -> int:
        """How many bytes of the file are read."""
        return self._raw.at if self._raw else 0

    def grown(self) -> int:
        """How many bytes were written behind its end meanwhile."""
        return max(self.path.stat().st_size - self.size, 0)

    def fingerprint(self) -> str:
        """A hash of the content."""
        digest = blake2b(digest_size=16)
        with _Bounded(self.path, self.size) as file:
            while piece := file.read(_CHUNK):
                digest.update(piece)
        return digest.hexdigest()

    def head(self) -> bytes:
        """The first bytes, inflated; as many as there are where it is damaged."""
        found = b""
        with self.opened() as stream:
            try:
                while len(found) < _HEAD and (piece := stream.read(min(_CHUNK, _HEAD - len(found)))):
                    found += piece
            except (EOFError, zlib.error, gzip.BadGzipFile):
                pass  # reading says so
        return found

    def tail(self) -> bytes:
        """The last bytes, unless it is compressed: an export that is plain ASCII at first may end otherwise."""
        if self.compressed or self.size <= _HEAD:
            return b""
        with self.path.open("rb") as file:
            file.seek(self.size - _HEAD)
            return file.read(_HEAD).partition(b"\n")[2]

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """The content from its beginning."""
        with _Bounded(self.path, self.size) as raw, io.BufferedReader(raw, _CHUNK) as buffered:
            self._raw = raw
            if not self.compressed:
                yield cast("BinaryIO", buffered)
                return
            with gzip.GzipFile(fileobj=buffered) as inflated:
                yield cast("BinaryIO", inflated)

    @contextmanager
    def seekable(self) -> Iterator[BinaryIO]:
        """The content as a file in which a reader can go back: inflated into one without a name."""
        if not self.compressed:
            with self.path.open("rb") as file:
                yield file
            return
        with tempfile.TemporaryFile() as plain:
            with self.opened() as stream, telling_damage():
                while piece := stream.read(_CHUNK):
                    plain.write(piece)
            plain.seek(0, os.SEEK_SET)
            yield plain


@contextmanager
def telling_damage() -> Iterator[None]:
    """Raises Broken where a compressed file is cut off or damaged."""
    try:
        yield
    except EOFError:
        raise Broken("the compressed file is cut off", "copy it again and import it: what is in counts once") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise Broken(f"the compressed file is damaged ({error})", "copy it again and import it") from None
