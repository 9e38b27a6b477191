"""Static files of a package: read once, compressed once, kept by browsers for ever under the hash of the folder."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from genom.web.headers import Receive, Send

__all__ = ["StaticFolder"]

_TYPES: Final = {".js": "text/javascript", ".woff2": "font/woff2", ".svg": "image/svg+xml"}
_PACKED: Final = frozenset({".css", ".js", ".svg"})
_FOR_EVER: Final = b"public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    body: bytes
    packed: bytes | None  # gzip
    kind: bytes
    etag: bytes


class StaticFolder:
    """An ASGI application over a folder's files, `PREFIX/HASH/NAME`.

    The hash stands for the whole folder, so that scripts import and styles name their neighbours by relative paths.
    """

    def __init__(self, folder: Path, *, prefix: str) -> None:
        self.prefix = prefix.rstrip("/")
        paths = sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix != ".toml")
        self._files = {path.relative_to(folder).as_posix(): _read(path) for path in paths}
        everything = b"".join(name.encode() + file.etag for name, file in self._files.items())
        self.version = hashlib.sha256(everything).hexdigest()[:12]

    def url(self, name: str) -> str:
        """The address of a file; raises KeyError for one that is not there, at the first page that names it."""
        _ = self._files[name]
        return f"{self.prefix}/{self.version}/{name}"

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:  # noqa: ARG002 -- ASGI
        """Answer one GET or HEAD."""
        version, _, name = scope["path"].removeprefix(f"{self.prefix}/").partition("/")
        file = self._files.get(name)
        headers = dict(scope["headers"])
        if file is None or scope["method"] not in {"GET", "HEAD"}:
            await _answer(send, 404, [(b"content-type", b"text/plain")], b"There is no such file.\n")
            return
        # the page of an earlier release may still be open: it gets today's file, and asks again next time
        cache = _FOR_EVER if version == self.version else b"no-cache"
        told = [(b"etag", file.etag), (b"cache-control", cache), (b"vary", b"accept-encoding")]
        if file.etag in headers.get(b"if-none-match", b""):
            await _answer(send, 304, told, b"")
            return
        body = file.body
        if file.packed is not None and b"gzip" in headers.get(b"accept-encoding", b""):
            body = file.packed
            told.append((b"content-encoding", b"gzip"))
        told += [(b"content-type", file.kind), (b"content-length", b"%d" % len(body))]
        await _answer(send, 200, told, body if scope["method"] == "GET" else b"")


def _read(path: Path) -> _File:
    body = path.read_bytes()
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if kind.startswith("text/"):
        kind += "; charset=utf-8"
    packed = gzip.compress(body, 9, mtime=0) if path.suffix in _PACKED else None
    return _File(
        body=body, packed=packed, kind=kind.encode(), etag=b'"%s"' % hashlib.sha256(body).hexdigest()[:24].encode()
    )


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
