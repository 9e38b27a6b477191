"""Damage is told, never stepped over: turned bits, missing files, and files of a newer Genom."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from zlib import crc32

import pytest

from genom.errors import Corrupt, UnknownFormat
from genom.journal import Journal
from tests.journal.making import SMALL, copied, facts_in, facts_of, flipped, group, grown, newest, reopened

HISTORY = [group(n % 5, 7, decision=n % 3, body=b'{"n":%d}' % n) for n in range(60)]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with HISTORY in several segments, all but the last sealed."""
    return grown(tmp_path_factory.mktemp("sealed") / "journal", HISTORY)


def padding(content: bytes) -> set[int]:
    """The bytes behind each block's bodies: they mean nothing."""
    found, at = set[int](), 64
    while content[at : at + 4] == b"GBLK":
        rows, bodies = struct.unpack_from("<II", content, at + 16)
        end = at + 64 + 160 * rows + bodies
        at = (end + 7) // 8 * 8
        found |= set(range(end, at))
    return found


def read_all(directory: Path, *, writable: bool) -> list[tuple[int, int, int, bytes]]:
    journal = Journal(directory, segment_bytes=SMALL, writable=writable)
    try:
        return facts_in(journal)
    finally:
        journal.close()


@pytest.mark.parametrize("writable", [True, False])
@pytest.mark.parametrize("indexed", [True, False])
def test_any_bit_turned_in_a_sealed_segment_is_an_error(
    sealed: Path, tmp_path: Path, *, writable: bool, indexed: bool
) -> None:
    content = (sealed / "0000000002.journal").read_bytes()
    meaningful = sorted(set(range(len(content))) - padding(content))
    for byte in random.Random(9).sample(meaningful, 60):
        directory = copied(sealed, tmp_path / "journal")
        flipped(directory / "0000000002.journal", byte, byte % 8)
        if not indexed:
            (directory / "0000000002.index").unlink()

        with pytest.raises(Corrupt):
            read_all(directory, writable=writable)


def test_after_the_damaged_file_is_restored_all_is_well(sealed: Path, tmp_path: Path) -> None:
    """What a start with a damaged file leaves behind must not outlive the damage."""
    for byte in (70, -20):
        directory = copied(sealed, tmp_path / "journal")
        (directory / "0000000002.index").unlink()
        whole = (directory / "0000000002.journal").read_bytes()
        flipped(directory / "0000000002.journal", byte)
        with pytest.raises(Corrupt):
            reopened(directory)

        (directory / "0000000002.journal").write_bytes(whole)

        assert reopened(directory) == facts_of(HISTORY)


@pytest.mark.parametrize("number", [1, 2])
def test_a_missing_segment_is_an_error_that_names_the_rows(sealed: Path, tmp_path: Path, number: int) -> None:
    directory = copied(sealed, tmp_path / "journal")
    (directory / f"{number:010d}.journal").unlink()

    with pytest.raises(Corrupt, match=r"Row [\d,]+ should begin the journal file 000000000"):
        reopened(directory)


def test_a_missing_last_segment_is_known_by_the_index_before_it(sealed: Path, tmp_path: Path) -> None:
    directory = copied(sealed, tmp_path / "journal")
    missing = newest(directory)
    missing.unlink()

    with pytest.raises(Corrupt, match=rf"{missing.name} is missing"):
        reopened(directory)


def test_segments_that_changed_their_names_are_an_error(sealed: Path, tmp_path: Path) -> None:
    directory = copied(sealed, tmp_path / "journal")
    (directory / "0000000002.journal").rename(directory / "x")
    (directory / "0000000003.journal").rename(directory / "0000000002.journal")
    (directory / "x").rename(directory / "0000000003.journal")

    with pytest.raises(Corrupt):
        reopened(directory)


@pytest.mark.parametrize("size", [0, 10, 64, 1000])
def test_a_segment_cut_short_is_an_error(sealed: Path, tmp_path: Path, size: int) -> None:
    directory = copied(sealed, tmp_path / "journal")
    content = (directory / "0000000002.journal").read_bytes()
    (directory / "0000000002.journal").write_bytes(content[:size])

    with pytest.raises(Corrupt):
        reopened(directory)


def newer(path: Path, *, at: int, field: int, layout: str) -> None:
    """Raise the format number of a header, as a newer Genom would write it."""
    content = bytearray(path.read_bytes())
    struct.pack_into(layout, content, at + field, 2)
    struct.pack_into("<I", content, at + 60, crc32(content[at : at + 60]))
    path.write_bytes(content)


@pytest.mark.parametrize(("at", "field", "layout"), [(0, 8, "<I"), (64, 4, "<H")], ids=["segment", "block"])
@pytest.mark.parametrize("writable", [True, False])
def test_a_newer_format_is_refused_with_what_to_do_and_left_as_it_is(
    tmp_path: Path, at: int, field: int, layout: str, *, writable: bool
) -> None:
    directory = grown(tmp_path / "journal", HISTORY[:3])
    newer(newest(directory), at=at, field=field, layout=layout)
    content = newest(directory).read_bytes()

    with pytest.raises(UnknownFormat, match=r"format 2[\s\S]*fix: install the Genom that wrote it"):
        read_all(directory, writable=writable)

    assert newest(directory).read_bytes() == content
