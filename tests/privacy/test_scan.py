"""The byte scan finds a text in whatever form a file gives it, and nothing where there is nothing."""

from __future__ import annotations

import gzip
import html
import json
import sqlite3
import zipfile
import zlib
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from unicodedata import normalize
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import BadRequest
from genom.privacy import Contents, Hit, Unread, scan
from genom.privacy.forms import forms_of
from genom.privacy.scan import _CHUNK

TEXT = 'Ada "K" Kanarien/vögel & 7'
LOUD = TEXT.upper()
WRITTEN = {
    "plain": TEXT.encode(),
    "shouted": LOUD.encode(),
    "decomposed": normalize("NFD", TEXT).encode(),
    "decomposed and shouted": normalize("NFD", LOUD).encode(),
    "wide": TEXT.encode("utf-16-le"),
    "wide, the other way": TEXT.encode("utf-16-be"),
    "western": TEXT.encode("latin-1"),
    "json": json.dumps({"name": TEXT}).encode(),
    "json with letters": json.dumps({"name": TEXT}, ensure_ascii=False).encode(),
    "json with slashes": json.dumps({"name": TEXT}).replace("/", "\\/").encode(),
    "address": quote(TEXT).encode(),
    "address, whole": quote(TEXT, safe="").encode(),
    "address of a browser": b"https://shop.example/?q=Ada%20%22K%22%20Kanarien/v%C3%B6gel%20&%207",
    "form": urlencode({"name": TEXT}).encode(),
    "page": html.escape(TEXT).encode(),
    "page in numbers": html.escape(TEXT).encode("ascii", "xmlcharrefreplace"),
    "hex": TEXT.encode().hex().upper().encode(),
    "base64": b64encode(TEXT.encode()),
    "base64 for addresses": urlsafe_b64encode(b"??>" + TEXT.encode()),
    "base64 in another case": b64encode(TEXT.swapcase().encode()),
    "base64 of wide letters": b64encode(b"x" + TEXT.encode("utf-16-le")),
    "base64 of json": b64encode(json.dumps({"name": TEXT}).encode()),
    "base64 of something packed": b64encode(gzip.compress(TEXT.encode() * 9)),
}


def found(directory: Path, *texts: str) -> set[tuple[str, str]]:
    return {(hit.file, hit.text) for hit in scan(directory, list(texts or (TEXT,))) if isinstance(hit, Hit)}


def unread(directory: Path) -> dict[str, str]:
    return {one.file: one.unread for one in scan(directory, [TEXT]) if isinstance(one, Unread)}


@pytest.mark.parametrize("how", WRITTEN)
def test_each_way_of_writing_is_found(tmp_path: Path, how: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"before " + WRITTEN[how] + b" after")
    (tmp_path / "other").write_bytes(b"Ada Kanarienv 7")

    assert found(tmp_path) == {("a/file", TEXT)}


@given(before=st.binary(max_size=9), after=st.binary(max_size=9), text=st.text(min_size=6, max_size=20))
def test_base64_is_found_wherever_the_text_begins(before: bytes, after: bytes, text: str) -> None:
    if any(0xD800 <= ord(one) < 0xE000 for one in text):
        return
    whole = b64encode(before + text.encode() + after)

    assert any(form in whole for name, form in forms_of(text).items() if name.startswith("base64"))


@pytest.mark.parametrize("place", [_CHUNK - 30, _CHUNK - 7, _CHUNK - 1, _CHUNK, 2 * _CHUNK - 3])
def test_the_borders_of_what_is_read_at_once_hide_nothing(tmp_path: Path, place: int) -> None:
    (tmp_path / "large").write_bytes(bytes(place) + TEXT.encode() + bytes(100))

    hits = list(scan(tmp_path, [TEXT]))

    assert [hit.offset for hit in hits if isinstance(hit, Hit) and hit.form == "utf-8"] == [place]


@pytest.mark.parametrize("place", [_CHUNK - 300, _CHUNK - 41, _CHUNK - 2])
def test_base64_that_lies_across_a_border_is_read(tmp_path: Path, place: int) -> None:
    (tmp_path / "large").write_bytes(b" " * place + b64encode(bytes(60) + TEXT.swapcase().encode()) + b" end")

    assert found(tmp_path) == {("large", TEXT)}


def test_what_is_packed_is_found(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "copy.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps({"name": TEXT * 50}))
    (tmp_path / "log.gz").write_bytes(gzip.compress(TEXT.encode() * 50))

    assert found(tmp_path) == {("copy.zip", TEXT), ("log.gz", TEXT)}


def test_the_rows_of_a_database_are_found(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "catalogue.sqlite")
    database.execute('CREATE TABLE "odd ""name" (value BLOB)')
    database.execute('INSERT INTO "odd ""name" VALUES (?)', (TEXT.encode("utf-16-le"),))
    database.commit()

    hits = list(scan(tmp_path, [TEXT]))

    assert {hit.inside for hit in hits if isinstance(hit, Hit) and hit.inside} == {'odd "name, row 1'}
    database.close()


def test_a_damaged_archive_is_searched_raw(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04" + TEXT.encode())
    (tmp_path / "bad.gz").write_bytes(b"\x1f\x8b" + TEXT.encode())

    assert found(tmp_path) == {("bad.zip", TEXT), ("bad.gz", TEXT)}
    assert set(unread(tmp_path)) == {"bad.zip", "bad.gz"}


def test_a_damaged_database_is_told_of_and_the_rest_is_searched(tmp_path: Path) -> None:
    for name in ("a.sqlite", "b.sqlite"):
        database = sqlite3.connect(tmp_path / name)
        database.execute("CREATE TABLE one (value TEXT)")
        database.executemany("INSERT INTO one VALUES (?)", [("x" * 500,)] * 50)
        database.commit()
        database.close()
    whole = bytearray((tmp_path / "a.sqlite").read_bytes())
    whole[4096:12000] = b"\xff" * (12000 - 4096)
    (tmp_path / "a.sqlite").write_bytes(whole)
    (tmp_path / "z").write_bytes(TEXT.encode())

    assert found(tmp_path) == {("z", TEXT)}
    assert set(unread(tmp_path)) == {"a.sqlite"}
    assert unread(tmp_path)["a.sqlite"].startswith("as a database: ")


def test_packed_values_in_a_database_are_read(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "a.sqlite")
    database.execute("CREATE TABLE one (value BLOB)")
    database.execute("INSERT INTO one VALUES (?)", (zlib.compress(TEXT.encode() * 20),))
    database.commit()
    database.close()
    (tmp_path / "b.z").write_bytes(zlib.compress(TEXT.encode() * 20))

    assert found(tmp_path) == {("a.sqlite", TEXT), ("b.z", TEXT)}


def test_a_file_that_only_begins_like_a_packed_one_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"\x78\x9c" + TEXT.encode())

    assert found(tmp_path) == {("a", TEXT)}
    assert unread(tmp_path) == {}


def test_links_to_outside_are_told_of(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").write_bytes(TEXT.encode())
    (tmp_path / "in" / "link").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "own").symlink_to(tmp_path / "in" / "file")

    assert found(tmp_path / "in") == set()
    assert set(unread(tmp_path / "in")) == {"link"}


def test_what_somebody_opened_is_searched_and_what_nobody_could_open_is_told_of(tmp_path: Path) -> None:
    opened = [Contents("vault", "one", TEXT.upper().encode()), Contents("vault", "two", None)]

    hit, told = scan(tmp_path, [TEXT], opened=opened)

    assert isinstance(hit, Hit)
    assert (hit.file, hit.inside) == ("vault", "one")
    assert told == Unread("vault", "two could not be decrypted")


def test_each_text_is_told_apart_and_none_is_found_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"canary-one only")

    assert found(tmp_path, "canary-one", "canary-two") == {("file", "canary-one")}
    assert found(tmp_path, "canary-two") == set()


def test_a_text_that_stands_everywhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be searched"):
        list(scan(tmp_path, ["u1"]))
