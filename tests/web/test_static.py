"""Static files: compressed once, kept for ever under their hash, never a way out of the folder."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path
from typing import Any

import pytest

from genom.web import StaticFolder

CSS = b"body { color: #0b5f66; }\n" * 40


@pytest.fixture
def folder(tmp_path: Path) -> StaticFolder:
    inside = tmp_path / "static"
    (inside / "vendor").mkdir(parents=True)
    (inside / "page.css").write_bytes(CSS)
    (inside / "vendor" / "inter.woff2").write_bytes(b"wOF2")
    (inside / "vendor" / "VENDOR.toml").write_bytes(b"")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return StaticFolder(inside, prefix="/static/console")


def asked(folder: StaticFolder, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        sent.append(message)

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    asyncio.run(folder({"type": "http", "method": method, "path": path, "headers": given}, receive, send))
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], told, b"".join(message.get("body", b"") for message in sent[1:])


def test_a_file_is_kept_for_ever_under_the_hash_of_its_folder(folder: StaticFolder) -> None:
    status, headers, body = asked(folder, folder.url("page.css"), accept_encoding="gzip, br")

    assert (status, gzip.decompress(body)) == (200, CSS)
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["content-type"] == "text/css; charset=utf-8"
    assert headers["content-length"] == str(len(body))


def test_who_takes_no_gzip_gets_none(folder: StaticFolder) -> None:
    status, headers, body = asked(folder, folder.url("page.css"))

    assert (status, body) == (200, CSS)
    assert "content-encoding" not in headers


def test_a_font_is_not_compressed_again(folder: StaticFolder) -> None:
    _, headers, body = asked(folder, folder.url("vendor/inter.woff2"), accept_encoding="gzip")

    assert (headers["content-type"], body) == ("font/woff2", b"wOF2")


def test_a_known_file_is_not_sent_again(folder: StaticFolder) -> None:
    _, headers, _ = asked(folder, folder.url("page.css"))

    status, again, body = asked(folder, folder.url("page.css"), if_none_match=headers["etag"])

    assert (status, body, again["etag"]) == (304, b"", headers["etag"])


def test_the_page_of_an_earlier_release_gets_todays_file_and_asks_again(folder: StaticFolder) -> None:
    status, headers, _ = asked(folder, "/static/console/000000000000/page.css")

    assert (status, headers["cache-control"]) == (200, "no-cache")


def test_head_says_the_size_and_sends_nothing(folder: StaticFolder) -> None:
    status, headers, body = asked(folder, folder.url("page.css"), "HEAD")

    assert (status, headers["content-length"], body) == (200, str(len(CSS)), b"")


@pytest.mark.parametrize(
    "path", ["x/../secret.txt", "x/../../secret.txt", "x//etc/passwd", "x/vendor/VENDOR.toml", "x/", "x/none.css", "x"]
)
def test_nothing_else_is_served(folder: StaticFolder, path: str) -> None:
    assert asked(folder, f"/static/console/{path}")[0] == 404


def test_nothing_can_be_posted(folder: StaticFolder) -> None:
    assert asked(folder, folder.url("page.css"), "POST")[0] == 404


def test_a_name_that_is_not_there_is_an_error_of_the_page(folder: StaticFolder) -> None:
    with pytest.raises(KeyError):
        folder.url("missing.css")


def test_another_content_has_another_address(tmp_path: Path, folder: StaticFolder) -> None:
    (tmp_path / "static" / "page.css").write_bytes(CSS + b" ")

    assert StaticFolder(tmp_path / "static", prefix="/static/console").url("page.css") != folder.url("page.css")
