"""Files as they come: sniffed, damaged, growing, of any size; each refusal names the row, the column and what to do."""

from __future__ import annotations

import csv
import gzip
import io
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from genom.app.importing.csv_rows import CsvReader, named
from genom.app.importing.mapping import Mapped, mapping_of
from genom.app.importing.run import Asked, import_file
from genom.app.importing.sniffing import DELIMITERS, decimal_comma_of, delimiter_of, encoding_of
from genom.collect.typed_sources import TYPES, type_named
from genom.errors import BadRequest, GenomError

HEAD = "transaction;time;card;points;reason\n"
ROWS = [f"P{n};2026-03-01 10:00;7{n};{n},5;because\n" for n in range(1, 6)]


def dry(path: Path, kind: str = "loyalty-points", *, mapping: Path | None = None, **how: Any) -> tuple[int, str]:
    """A dry run: its status and what it prints."""
    out = Console(file=io.StringIO(), highlight=False, soft_wrap=True, width=200)
    found = mapping_of(mapping, type_named(kind))
    told = Mapped(**({name: getattr(found, name) for name in Mapped.__struct_fields__} | how))
    asked = Asked(kind=TYPES[kind], path=path, data=path.parent / "none", mapped=told, dry_run=True)
    status = import_file(asked, out)
    assert isinstance(out.file, io.StringIO)
    return status, out.file.getvalue()


def made(folder: Path, content: str | bytes, name: str = "a.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (HEAD + ROWS[0] + "P9;2026-03-01;79;1,5;a;b\n" + ROWS[1], "row 3: has 6 cells, and the header 5; put a cell"),
        (HEAD + ROWS[0] + "P9;2026-03-01\n" + ROWS[1], "row 3: has 2 cells, and the header 5; give every column"),
        (HEAD + ROWS[0] + "P9;01.03.26;79;1,5;a\n" + ROWS[1], "row 3, column time: '01.03.26' is not a time; say"),
        (HEAD + ROWS[0] + "P9;2026-03-01;79;1.5;a\n" + ROWS[1], "row 3, column points: '1.5' is not a number; if"),
        (HEAD + ROWS[0] + "P9;2026-03-01;;1,5;a\n" + ROWS[1], "row 3, column card: is empty; give the card"),
        (HEAD + ROWS[0] + 'P9;2026-03-01;79;1,5;"a\n' + ROWS[1], "row 3: opens a quote that does not close"),
        (HEAD + ROWS[0] + f"P9;2026-03-01;79;1,5;{'x' * 10**6}\n" + ROWS[1], "row 3, column reason: has 1,000,000 "),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_column_and_what_to_do_and_costs_no_other(
    tmp_path: Path, content: str, what: str
) -> None:
    status, told = dry(made(tmp_path, content))

    assert status == 3
    assert "3 rows: 2 accepted, 1 rejected" in told
    assert what in told
    assert "Said by them: 2 events" in told


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_encodings_are_found(tmp_path: Path, encoding: str) -> None:
    status, told = dry(made(tmp_path, HEAD + ROWS[0].replace("because", "für Käse"), encoding=encoding))

    assert status == 0
    assert "für Käse" in told


def test_a_wrong_encoding_is_told_by_row_column_and_byte(tmp_path: Path) -> None:
    path = made(tmp_path, HEAD + ROWS[0] + ROWS[1].replace("because", "für"), encoding="cp1252")

    status, told = dry(path, encoding="utf-8")

    assert status == 3
    assert "row 3, column reason: has the byte 0xfc that utf-8 does not have; try --encoding cp1252" in told
    assert "2 rows: 1 accepted, 1 rejected" in told


def test_letters_that_come_late_in_a_file_are_seen(tmp_path: Path) -> None:
    plain = "".join(ROWS) * 3_000
    path = made(tmp_path, HEAD + plain + ROWS[0].replace("because", "für"), encoding="cp1252")

    status, told = dry(path)

    assert (status, "CSV in cp1252" in told) == (0, True)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_delimiters_are_found_also_beside_decimal_commas(tmp_path: Path, delimiter: str) -> None:
    table = list(csv.reader(io.StringIO(HEAD + "".join(ROWS)), delimiter=";"))
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table)

    status, told = dry(made(tmp_path, text.getvalue()))

    assert (status, "decimal comma" in told) == (0, True), told


def test_what_is_said_goes_before_what_is_found(tmp_path: Path) -> None:
    status, told = dry(made(tmp_path, HEAD + ROWS[0]), decimal=".")

    assert status == 3
    assert "column points: '1,5' is not a number; if a comma separates the decimals, say --decimal ," in told
    with pytest.raises(BadRequest, match="lacks the columns"):
        dry(tmp_path / "a.csv", delimiter=",")


def test_a_header_that_lacks_a_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = made(tmp_path, HEAD.replace("points", "pionts") + ROWS[0])

    with pytest.raises(BadRequest) as refused:
        dry(path)

    assert "lacks the column points" in refused.value.what
    assert "--column 'points=pionts'" in refused.value.fix
    assert dry(path, columns={"points": "pionts"})[0] == 0


def test_a_file_without_a_header_is_refused_and_read_with_one(tmp_path: Path) -> None:
    path = made(tmp_path, "".join(ROWS))

    with pytest.raises(BadRequest, match="lacks the columns time, card, points"):
        dry(path)

    status, told = dry(path, header=HEAD.strip().split(";"))
    assert (status, "5 rows: 5 accepted" in told) == (0, True)


def test_rows_that_stand_twice_are_counted_once(tmp_path: Path) -> None:
    status, told = dry(made(tmp_path, HEAD + ROWS[0] + ROWS[1] + ROWS[0]))

    assert (status, "1 row stands twice" in told, "2 events" in told) == (0, True, True)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (lambda path: path.mkdir(), "it is a directory"),
        (lambda path: path.write_bytes(b""), "it has 0 bytes"),
        (Path.exists, "No such file"),
        (lambda path: path.write_text(HEAD), "there is nothing below its header"),
        (lambda path: path.write_text('[{"a":1}]'), "read as a whole"),
        (lambda path: path.write_bytes(b"PAR1 and no more"), "Parquet file cannot be opened"),
        (os.mkfifo, "it has no end that is known"),
    ],
)
def test_what_is_no_file_of_rows_is_refused_with_what_to_do(
    tmp_path: Path, make: Callable[[Path], object], what: str
) -> None:
    make(tmp_path / "a.csv")

    with pytest.raises(GenomError) as refused:
        dry(tmp_path / "a.csv")

    assert what in str(refused.value)
    assert refused.value.fix


def test_a_truncated_gzip_gives_its_good_rows_and_says_so(tmp_path: Path) -> None:
    lines = HEAD + "".join(f"P{n};2026-03-01;{os.urandom(8).hex()}1;1;x\n" for n in range(5_000))
    path = made(tmp_path, gzip.compress(lines.encode())[:-2_000], "a.csv.gz")

    status, told = dry(path)

    assert status == 1
    assert "The file breaks off: the compressed file is cut off; copy it again" in told
    assert " 0 accepted" not in told


def test_a_damaged_gzip_is_told(tmp_path: Path) -> None:
    packed = bytearray(gzip.compress((HEAD + "".join(f"P{n};2026-03-01;{n}1;1;x\n" for n in range(90_000))).encode()))
    packed[len(packed) // 2] ^= 255

    status, told = dry(made(tmp_path, bytes(packed), "a.csv.gz"))

    assert status == 1
    assert "the compressed file is damaged" in told


def test_a_receipt_at_a_break_is_held_back(tmp_path: Path) -> None:
    head = "receipt;time;card;product;amount\n"
    lines = "".join(f"R{n // 9};2026-03-01;{os.urandom(8).hex()}1;p;1\n" for n in range(3_000))
    path = made(tmp_path, gzip.compress((head + lines).encode())[:-1_000], "a.csv.gz")

    status, told = dry(path, "receipts")

    assert status == 1
    assert "is the last before the file breaks off; copy it again" in told


def test_a_truncated_parquet_file_is_told(tmp_path: Path) -> None:
    table = pa.table({"time": ["2026-03-01"] * 9, "card": ["7"] * 9, "points": list(range(9))})
    pq.write_table(table, tmp_path / "whole.parquet")
    path = made(tmp_path, (tmp_path / "whole.parquet").read_bytes()[:-50], "a.parquet")

    with pytest.raises(BadRequest, match=r"cannot be read") as refused:
        dry(path)

    assert "copy it again" in refused.value.fix


def test_values_of_parquet_are_read_as_what_they_are(tmp_path: Path) -> None:
    times = pa.array([1_772_359_200_123_456_789], pa.timestamp("ns"))
    table = pa.table(
        {"time": times, "card": pa.array([70_001]), "points": pa.array([1.5]), "balance": pa.array([None])}
    )
    pq.write_table(table, tmp_path / "a.parquet")

    status, told = dry(tmp_path / "a.parquet")

    assert status == 0
    assert '"timestamp": "2026-03-01T10:00:00.123456+00:00"' in told
    assert '"id": "70001"' in told


def test_a_file_that_grows_is_imported_as_far_as_it_had_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path, HEAD + ROWS[0] + ROWS[1][:20])
    whole = CsvReader.rows

    def growing(self: CsvReader, stream: Any) -> Any:
        with path.open("a") as file:
            file.write(ROWS[1][20:])
        return whole(self, stream)

    monkeypatch.setattr(CsvReader, "rows", growing)

    status, told = dry(path)

    assert status == 3
    assert "row 3: was still being written; import the file again when it is whole" in told
    assert "The file has grown by" in told
    assert "2 rows: 1 accepted, 1 rejected" in told


def test_json_lines_that_are_none_are_told_by_their_line(tmp_path: Path) -> None:
    good = '{"time":"2026-03-01","card":7,"points":1}\n'
    bad = '{"time":\n[1]\n7\n' + '{"card":"' + "x" * 5_000_000 + '"}\n'

    status, told = dry(made(tmp_path, good + bad + good.replace("7", "8"), "a.jsonl"))

    assert status == 3
    assert "6 rows: 2 accepted, 4 rejected" in told
    for text in ("row 2: is no JSON", "row 3: is a list", "row 4: is int", "row 5: has more than"):
        assert text in told


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def peak(rows: int) -> int:
        with (tmp_path / "a.csv").open("w") as file:
            file.write("receipt;time;card;product;amount\n")
            file.writelines(f"R{n // 4};2026-03-01 10:00:00;{n // 4 + 1};p{n % 500};1,50\n" for n in range(rows))
        tracemalloc.start()
        assert dry(tmp_path / "a.csv", "receipts")[0] == 0
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1_000)  # what is loaded once

    assert peak(60_000) < peak(15_000) + 8_000_000


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\x00"), max_size=9)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=20)


@given(TABLES, st.sampled_from(DELIMITERS))
def test_csv_is_read_as_it_was_written(table: list[list[str]], delimiter: str) -> None:
    table = [row if "".join(row).strip() else ["a", *row[1:]] for row in table]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([["a", "b", "c"], *table])
    reader = CsvReader(encoding="utf-8", delimiter=delimiter, head="")

    rows = list(reader.rows(io.BytesIO(text.getvalue().encode())))

    assert [list(row.cells.values()) for row in rows] == table
    assert not any(row.problem for row in rows)


@given(st.text(max_size=400), st.sampled_from(DELIMITERS))
def test_no_text_breaks_the_reader_and_no_line_is_lost(text: str, delimiter: str) -> None:
    raw = ("a" + delimiter + "b\n" + text).encode(errors="surrogatepass")
    reader = CsvReader(encoding="utf-8", delimiter=delimiter)

    rows = list(reader.rows(io.BytesIO(raw)))

    said = "".join(row.raw or "" for row in rows)
    kept = raw.decode(errors="surrogateescape").replace("\r\n", "\n").replace("\r", "\n").partition("\n")[2]
    assert "".join(said.split()) == "".join(kept.split())


def test_a_stray_quote_costs_its_own_line_alone() -> None:
    lines = ["a;b", '1;"open', *[f"{n};x" for n in range(1_500)]]
    reader = CsvReader(encoding="utf-8", delimiter=";")

    rows = list(reader.rows(io.BytesIO("\n".join(lines).encode())))

    assert [row.number for row in rows if row.problem] == [2]
    assert len(rows) == 1_501


@given(st.lists(st.integers(0, 10**9), min_size=3, max_size=20), st.sampled_from(DELIMITERS), st.booleans())
def test_the_sniffer_finds_what_a_table_was_written_with(cents: list[int], delimiter: str, comma: bool) -> None:
    amounts = [f"{one // 100}{',' if comma else '.'}{one % 100:02d}" for one in cents]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([["name", "amount"], *[["x", amount] for amount in amounts]])

    assert delimiter_of(text.getvalue()) == delimiter
    assert decimal_comma_of(amounts) is comma


@given(
    st.text(st.characters(codec="cp1252", exclude_categories=["Cc"]), min_size=1),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_the_sniffer_finds_unicode(text: str, encoding: str) -> None:
    raw = ("Käse;" + text).encode(encoding)

    assert raw.decode(encoding_of(raw)).removeprefix("\ufeff") == "Käse;" + text


def test_columns_without_names_get_some_and_no_two_the_same() -> None:
    assert named(["a", "a", "", "a"]) == ["a", "a (2)", "column 3", "a (3)"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("type: receipts\n", "the command says loyalty-points"),
        ("typo: 1\n", "unknown field"),
        (": [", "while parsing"),
        ("constants: {pionts: '1'}\n", "gives it a constant"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused(tmp_path: Path, text: str, why: str) -> None:
    made(tmp_path, text, "m.yaml")

    with pytest.raises(BadRequest) as refused:
        dry(made(tmp_path, HEAD + ROWS[0]), mapping=tmp_path / "m.yaml")

    assert why in refused.value.why
    assert refused.value.fix


def test_a_constant_stands_for_a_column_that_a_file_lacks(tmp_path: Path) -> None:
    made(tmp_path, "constants: {points: '5'}\ntime_zone: Europe/Berlin\n", "m.yaml")

    status, told = dry(made(tmp_path, "card;time\n7;2026-03-01 10:00\n"), mapping=tmp_path / "m.yaml")

    assert status == 0
    assert '"points": 5' in told
    assert "2026-03-01T10:00:00+01:00" in told


@pytest.mark.parametrize(
    ("how", "what"),
    [
        ({"encoding": "utf-9"}, "no encoding"),
        ({"delimiter": ";;"}, "cannot separate"),
        ({"decimal": "'"}, "does not separate decimals"),
        ({"time_zone": "Berlin"}, "no time zone"),
        ({"format": "xlsx"}, "no format"),
        ({"columns": {"card": "Karte"}}, "The file has no column 'Karte'"),
    ],
)
def test_options_that_cannot_be_are_refused(tmp_path: Path, how: dict[str, Any], what: str) -> None:
    with pytest.raises(BadRequest, match=what) as refused:
        dry(made(tmp_path, HEAD + ROWS[0]), **how)

    assert refused.value.fix
