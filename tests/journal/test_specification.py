"""`docs/reference/journal.md` says what stands in the files: its tables are held against the code and against files."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from genom.journal import Journal
from genom.journal.index import load_index
from genom.journal.segment import Segment
from genom.words import ROW, Channel, Device, Flag, Kind
from tests.journal import spec
from tests.journal.making import Group, facts_in, group, grow, grown, histories

FIXTURE = Path(__file__).parents[1] / "fixtures" / "journal-format-1" / "journal"
TYPES = {"u8": "<u1", "u16": "<u2", "u32": "<u4", "u64": "<u8", "i64": "<i8"}


def columns_of(row: np.void) -> dict[str, Any]:
    return {name: row[name].item() for name in ROW.names or () if name != "spare"}


def test_the_second_reader_agrees_with_the_journal_on_the_fixture() -> None:
    journal = Journal(FIXTURE, writable=False)

    ours = [columns_of(row) | {"body": block.body(i)} for block in journal.blocks() for i, row in enumerate(block.rows)]

    assert list(spec.read(FIXTURE)) == ours
    assert len(ours) > 100
    journal.close()


@settings(max_examples=20)
@given(histories)
def test_the_second_reader_agrees_with_the_journal_on_any_rows(history: list[Group]) -> None:
    with TemporaryDirectory() as place:
        journal = grow(Path(place) / "journal", history)

        found = [
            (row["sequence"], row["profile"], row["decision"], row["body"])
            for row in spec.read(Path(place) / "journal")
        ]

        assert found == facts_in(journal)
        journal.close()


@pytest.mark.parametrize(
    ("table", "size"), [(spec.SEGMENT, 64), (spec.BLOCK, 64), (spec.COLUMNS, 160)], ids=["segment", "block", "columns"]
)
def test_the_fields_of_a_table_cover_every_byte_once(table: Iterable[spec.Field], size: int) -> None:
    at = 0
    for field in table:
        assert field.at == at
        assert field.type in {"bytes", "zeros"} or np.dtype(TYPES[field.type]).itemsize == field.size
        at += field.size

    assert at == size


def test_the_table_of_columns_is_that_of_the_code() -> None:
    written = {field.name: (TYPES.get(field.type, "zeros"), field.at) for field in spec.COLUMNS}

    columns = dict(ROW.fields or {})
    coded = {name: (columns[name][0], columns[name][1]) for name in columns if name != "spare"}

    assert {name: (np.dtype(type_), at) for name, (type_, at) in written.items() if name != "spare"} == coded
    assert written["spare"] == ("zeros", columns["spare"][1])


@pytest.mark.parametrize(("heading", "code"), [("Flags", Flag), ("Channels", Channel), ("Devices", Device)])
def test_the_tables_of_numbers_are_those_of_the_code(heading: str, code: type[IntEnum]) -> None:
    assert {cells[1]: int(cells[0]) for cells in spec.lines_under(heading)} == {one.name: one.value for one in code}


def test_the_table_of_facts_is_that_of_the_code() -> None:
    written = {cells[1]: int(cells[0]) for cells in spec.lines_under("Kinds")}

    assert written == {kind.name: kind.value for kind in Kind if kind >= 200}


def test_an_index_is_laid_out_as_written(tmp_path: Path) -> None:
    directory = grown(tmp_path / "journal", [group(n % 5, 7, decision=n % 3) for n in range(30)])
    content = (directory / "0000000001.index").read_bytes()
    lengths = np.frombuffer(content, "<u8", 7, 8)
    words = np.frombuffer(content, "<u8", int(lengths.sum()), 64)
    names = [name.strip(" `") for cells in spec.lines_under("Index") for name in cells[0].split(",")][2:-1]

    index = load_index(Segment(directory / "0000000001.journal"))

    assert content[:8] == b"GENOMIX1"
    assert len(content) == 64 + len(words) * 8 + 4
    for name, part in zip(names, np.split(words, np.cumsum(lengths)[:-1].astype(int)), strict=True):
        assert getattr(index, name).tolist() == part.tolist(), name


def test_the_tables_are_found_whole() -> None:
    assert [
        len(list(spec.lines_under(heading))) for heading in ("Kinds", "Flags", "Channels", "Devices", "Columns")
    ] == [
        7,
        10,
        9,
        7,
        30,
    ]
