"""The byte scan finds a text in whatever form a file gives it, and nothing where there is nothing."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import BadRequest
from genom.privacy import scan
from genom.privacy import scan as scan_of
from genom.privacy.scan import _CHUNK, forms_of

TEXT = "Ada Kanarienvögel 7"
WRITTEN = {
    "plain": TEXT.encode(),
    "shouted": TEXT.upper().replace("Ö", "ö").encode(),
    "wide": TEXT.encode("utf-16-le"),
    "wide, the other way": TEXT.encode("utf-16-be"),
    "json": json.dumps({"name": TEXT}).encode(),
    "address": quote(TEXT).encode(),
    "hex": TEXT.encode().hex().upper().encode(),
}


def found(directory: Path, *texts: str) -> set[tuple[str, str]]:
    return {(hit.file, hit.text) for hit in scan(directory, list(texts or (TEXT,)))}


@pytest.mark.parametrize("how", WRITTEN)
def test_each_way_of_writing_is_found(tmp_path: Path, how: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_bytes(b"before" + WRITTEN[how] + b"after")
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

    hits = list(scan_of(tmp_path, [TEXT]))

    assert [hit.offset for hit in hits if hit.form == "utf-8"] == [place]


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

    assert {hit.inside for hit in hits if hit.inside} == {'odd "name, row 1'}
    database.close()


def test_a_damaged_archive_is_searched_raw(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_bytes(b"PK\x03\x04" + TEXT.encode())
    (tmp_path / "bad.gz").write_bytes(b"\x1f\x8b" + TEXT.encode())

    assert found(tmp_path) == {("bad.zip", TEXT), ("bad.gz", TEXT)}


def test_each_text_is_told_apart_and_none_is_found_where_there_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"canary-one only")

    assert found(tmp_path, "canary-one", "canary-two") == {("file", "canary-one")}
    assert found(tmp_path, "canary-two") == set()


def test_a_text_that_stands_everywhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRequest, match="cannot be searched"):
        list(scan(tmp_path, ["u1"]))
