"""A second reader of the journal's files, made from `docs/reference/journal.md` alone: struct, zlib and its tables."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "journal.md"
CODES = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i64": "q"}


class Field(NamedTuple):
    """One line of a table."""

    at: int
    size: int
    type: str
    name: str


def lines_under(heading: str) -> Iterator[list[str]]:
    """The cells of the table below a heading, without its two head lines."""
    section = PAGE.read_text("utf-8").split(f"# {heading}\n", 1)[1].split("\n#", 1)[0]
    table = [line for line in section.splitlines() if line.startswith("|")]
    return ([cell.strip(" `") for cell in line.strip("|").split("|")] for line in table[2:])


def fields(heading: str) -> list[Field]:
    return [Field(int(at), int(size), type_, name) for at, size, type_, name, _ in lines_under(heading)]


SEGMENT, BLOCK, COLUMNS = fields("Segment header"), fields("Block header"), fields("Columns")


def unpacked(table: list[Field], data: bytes, base: int) -> dict[str, Any]:
    """The fields of a record that begins at `base`; what must be zeros is checked."""
    found: dict[str, Any] = {}
    for at, size, type_, name in table:
        content = data[base + at : base + at + size]
        if type_ == "zeros":
            assert content == bytes(size)
        else:
            found[name] = content if type_ == "bytes" else struct.unpack("<" + CODES[type_], content)[0]
    return found


def checked_header(table: list[Field], data: bytes, base: int, *, magic: bytes) -> dict[str, Any] | None:
    """A header if it is intact."""
    if data[base : base + len(magic)] != magic or len(data) < base + 64:
        return None
    found = unpacked(table, data, base)
    assert found["format"] == 1
    return found if crc32(data[base : base + 60]) == found["checksum"] else None


def read(directory: Path) -> Iterator[dict[str, Any]]:
    """All rows, each with its body."""
    expected = 1
    for number, path in enumerate(sorted(directory.glob("*.journal")), 1):
        data = path.read_bytes()
        head = checked_header(SEGMENT, data, 0, magic=b"GENOMJNL")
        assert head
        assert (path.stem, head["number"], head["first_sequence"]) == (f"{number:010d}", number, expected)
        at = 64
        while block := checked_header(BLOCK, data, at, magic=b"GBLK"):
            assert (block["segment"], block["first_sequence"]) == (number, expected)
            assert block["durable"] < expected
            for row in rows_of(block, data, at + 64):
                assert row["sequence"] == expected
                yield row
                expected += 1
            at += (64 + 160 * block["rows"] + block["body_bytes"] + 7) // 8 * 8
        assert not data[at:].strip(b"\0")


def rows_of(block: dict[str, Any], data: bytes, base: int) -> Iterator[dict[str, Any]]:
    columns = data[base : base + 160 * block["rows"]]
    bodies = data[base + len(columns) : base + len(columns) + block["body_bytes"]]
    assert (crc32(columns), crc32(bodies)) == (block["columns_checksum"], block["bodies_checksum"])
    for at in range(0, len(columns), 160):
        row = unpacked(COLUMNS, columns, at)
        yield row | {"body": bodies[row["body_start"] : row["body_start"] + row["body_length"]]}
