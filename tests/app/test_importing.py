"""`genom import` against a node: samples go in, twice is once, a killed import goes on, a dry run sends nothing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genom.app.importing import run
from genom.app.importing.parcels import Parcel
from genom.app.importing.sending import Delivered
from genom.collect.typed_sources import TYPES
from tests.app.import_house import Importer, importing

HEAD = "receipt;time;card;product;quantity;amount\n"
LINES = [f"R{n // 2};2026-03-01T10:00:00;{n // 20 + 1};p{n};1;{n}.50\n" for n in range(60)]


@pytest.fixture
def importer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Importer]:  # fmt: skip
    with importing(tmp_path, capsys, monkeypatch) as importer:
        yield importer


def stats(importer: Importer) -> int:
    count: int = importer.house.get("/v1/stats").told["events"]
    return count


def test_a_receipt_becomes_an_order_of_whoever_holds_the_card(importer: Importer) -> None:
    importer.run("sample", "receipts")

    ran = importer.run("receipts", "receipts.csv")

    assert (ran.status, ran.counts) == (0, (8, 7, 0)), ran
    assert "1 row left out: receipts without a card" in ran.out
    (order,) = importer.events("70001")
    assert order["event"] == "Order Completed"
    assert order["timestamp"].startswith("2026-03-02T09:12:40")
    assert importer.house.genome("70001", kind="card", purpose="service")["as_of"]
    assert {one["event"] for one in importer.events("70002")} == {"Order Completed", "Order Refunded"}


def test_a_file_that_is_imported_again_doubles_nothing_in_any_format(importer: Importer) -> None:
    importer.file("a.csv", HEAD + "".join(LINES))
    importer.file("b.csv.gz", gzip.compress((HEAD + "".join(LINES)).replace(";", ",").encode()))
    names, rows = HEAD.strip().split(";"), [line.strip().split(";") for line in LINES]
    importer.file("c.jsonl", "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows))
    columns = {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}
    pq.write_table(pa.table(columns | {"amount": [float(x) for x in columns["amount"]]}), importer.folder / "d.parquet")
    importer.file("e.parquet.gz", gzip.compress((importer.folder / "d.parquet").read_bytes()))

    first = importer.run("receipts", "a.csv")
    before = stats(importer)

    for name in ("a.csv", "b.csv.gz", "c.jsonl", "d.parquet", "e.parquet.gz"):
        again = importer.run("receipts", name)
        assert (again.status, again.counts) == (0, first.counts) == (0, (60, 60, 0)), again
    assert before == 30
    assert stats(importer) == before


def test_direct_identifiers_of_cards_lie_in_the_vault_and_not_in_events(importer: Importer) -> None:
    importer.run("sample", "loyalty-cards")

    ran = importer.run("loyalty-cards", "loyalty-cards.csv")

    assert (ran.status, ran.counts) == (0, (3, 3, 0)), ran
    assert importer.house.person("70001", "card") == importer.house.person("C-501")
    assert "ada" not in json.dumps(importer.events("70001")).lower()
    found = importer.house.post("/v1/people:lookup", {"type": "email", "value": "ada.beispiel@example.org"}).told
    assert found["person"] == importer.house.person("C-501")


def test_points_are_events_of_the_card(importer: Importer) -> None:
    importer.run("sample", "loyalty-points")

    ran = importer.run("loyalty-points", "loyalty-points.csv")

    assert (ran.status, ran.counts) == (0, (4, 4, 0)), ran
    assert [one["event"] for one in importer.events("70002")] == ["Points Expired"]


def test_a_dry_run_sends_nothing_and_shows_what_it_would(importer: Importer) -> None:
    importer.file("a.csv", HEAD + "".join(LINES) + "R99;soon;1;p;1;1\n")

    ran = importer.run("receipts", "a.csv", "--dry-run")

    assert (ran.status, ran.counts) == (3, (61, 60, 1))
    assert ran.out.count('"event": "Order Completed"') == 3
    assert "row 62, column time: 'soon' is not a time" in ran.out
    assert stats(importer) == 0
    assert all(one["name"] != "receipts" for one in importer.house.get("/v1/sources").told["sources"])


def test_a_dry_run_needs_no_node_and_an_import_says_that_it_does(importer: Importer) -> None:
    importer.run("sample", "receipts")
    nowhere = importer.folder / "nowhere"

    dry, real = (importer.run("receipts", "receipts.csv", *dry, data=nowhere) for dry in (["--dry-run"], []))

    assert dry.status == 0
    assert (real.status, "start `genom up`" in real.errors) == (1, True)
    assert not nowhere.exists()


def test_history_keeps_when_it_was_known(importer: Importer) -> None:
    importer.file("a.csv", HEAD + LINES[0])

    importer.run("receipts", "a.csv", "--history", "--source", "old till")
    changed = importer.run("receipts", "a.csv", "--no-history", "--source", "old till")

    (source,) = [one for one in importer.house.get("/v1/sources").told["sources"] if one["name"] == "old till"]
    assert source["history"]
    (event,) = importer.events("1")
    assert event["timestamp"] == "2026-03-01T10:00:00.000Z"
    rows = [row for block in importer.house.node.journal.blocks() for row in block.rows if row["kind"] < 200]
    assert {int(row["known_at"]) for row in rows} == {1_772_359_200_000}
    assert (changed.status, "is declared as history" in changed.errors) == (2, True)


def test_an_import_that_was_killed_goes_on_behind_what_is_in(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = "R29;soon;1;p;1;1\n"
    importer.file("a.csv", HEAD + "".join(LINES[:20]) + bad.replace("R29", "R10x") + "".join(LINES[20:]) + bad)
    whole = run.parcels

    def small(*given: object, **how: object) -> Iterator[Parcel]:
        for number, parcel in enumerate(whole(*given, **how)):  # type: ignore[arg-type]
            if number == 5:  # a few are on their way, and some are back
                raise KeyboardInterrupt
            yield parcel

    monkeypatch.setattr("genom.app.importing.parcels._ITEMS", 5)
    monkeypatch.setattr(run, "_KEPT_EVERY", 0.0)
    monkeypatch.setattr(run, "parcels", small)
    killed = importer.run("receipts", "a.csv", "--rejects", "bad.csv", "--report", "report.jsonl")
    (state,) = (importer.house.path / "imports").iterdir()
    kept = json.loads(state.read_bytes())
    with (importer.folder / "bad.csv").open("a") as file:
        file.write("written, and not noted before the kill\n")
    monkeypatch.setattr(run, "parcels", whole)

    ran = importer.run("receipts", "a.csv", "--rejects", "bad.csv", "--report", "report.jsonl")

    assert killed.status == 130
    assert 0 < kept["rows"] < 60
    assert f"it goes on after row {kept['rows']}" in ran.out
    assert (ran.status, ran.counts) == (3, (62, 58, 4))
    assert stats(importer) == 29
    assert (importer.folder / "bad.csv").read_text().splitlines() == [
        HEAD.strip(), bad.replace("R29", "R10x").strip(), *[line.strip() for line in LINES[58:]], bad.strip(),
    ]  # fmt: skip
    reported = [json.loads(line) for line in (importer.folder / "report.jsonl").read_text().splitlines()]
    assert [(one["row"], one["column"]) for one in reported] == [(22, "time"), (63, "time")]
    assert not list((importer.house.path / "imports").iterdir())


def test_mended_rejects_can_be_imported(importer: Importer) -> None:
    importer.file("a.csv", HEAD + "".join(LINES[:2]) + "R8;soon;1;p;1;1.50\n")
    importer.run("receipts", "a.csv", "--rejects", "bad.csv")
    text = (importer.folder / "bad.csv").read_text()

    importer.file("bad.csv", text.replace("soon", "2026-03-01"))
    ran = importer.run("receipts", "bad.csv")

    assert (ran.status, ran.counts) == (0, (1, 1, 0)), ran
    assert stats(importer) == 2


def test_what_the_node_refuses_is_told_by_its_row(importer: Importer) -> None:
    importer.file("a.csv", HEAD + LINES[0] + 2 * "R8;2026-03-01;1;p;1;900000000000\n" + LINES[2])

    ran = importer.run("receipts", "a.csv", "--rejects", "bad.csv")

    assert (ran.status, ran.counts) == (3, (4, 2, 2)), ran
    assert "row 3: properties.total is 1800000000000" in ran.out
    assert (importer.folder / "bad.csv").read_text().count("R8") == 2


def test_rows_that_stand_twice_count_once_and_are_told(importer: Importer) -> None:
    importer.file("a.csv", HEAD + LINES[0] + LINES[2] + LINES[0])

    ran = importer.run("receipts", "a.csv")

    assert (ran.status, ran.counts) == (0, (3, 2, 0)), ran
    assert "1 row stands twice in the file" in ran.out
    assert stats(importer) == 2


def test_a_receipt_whose_lines_are_apart_is_refused_with_what_to_do(importer: Importer) -> None:
    importer.file("a.csv", HEAD + LINES[0] + LINES[2] + LINES[1])

    ran = importer.run("receipts", "a.csv")

    assert (ran.status, ran.counts) == (3, (3, 2, 1)), ran
    assert "row 4, column receipt: began in row 2 and other rows came between; sort the file by receipt" in ran.out


@pytest.mark.parametrize("lines", [3, 2_500])
def test_a_receipt_stands_or_falls_as_a_whole(importer: Importer, lines: int) -> None:
    bad = ["R1;2026-03-01;7;p;1;1\n"] * lines
    bad[1] = "R1;2026-03-01;7;p;one;1\n"
    importer.file("a.csv", HEAD + LINES[0] + "".join(bad) + LINES[4])

    ran = importer.run("receipts", "a.csv")

    assert (ran.status, ran.counts) == (3, (lines + 2, 2, lines)), ran
    assert "row 4, column quantity: 'one' is not a number" in ran.out


def test_a_guess_is_a_mapping_that_the_file_is_imported_with(importer: Importer) -> None:
    german = "Bon-Nr.;Datum;Karte;Artikel;Menge;Betrag\nR1;01.03.2026 10:30;7;Tee;1;2,50\n"
    importer.file("kasse.csv", german, "cp1252")

    guessed = importer.run("guess", "kasse.csv")
    importer.file("mapping.yaml", guessed.out.replace("time_zone: UTC", "time_zone: Europe/Berlin"))
    ran = importer.run("receipts", "kasse.csv", "--mapping", "mapping.yaml")

    assert "type: receipts" in guessed.out
    assert "decimal: ','" in guessed.out
    assert "of the first 1 rows, 0 cannot be read" in guessed.out
    assert (ran.status, ran.counts) == (0, (1, 1, 0)), ran
    assert importer.events("7")[0]["timestamp"] == "2026-03-01T09:30:00.000Z"


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_sample_is_guessed_to_be_of_its_own_type_and_can_be_imported_whole(importer: Importer, name: str) -> None:
    kind = TYPES[name]
    importer.run("sample", name)

    guessed = importer.run("guess", f"{name}.{kind.form}")
    ran = importer.run(name, f"{name}.{kind.form}")

    assert f"type: {name}\n" in guessed.out
    assert (ran.status, ran.counts[2]) == (0, 0), ran


def test_types_and_their_columns_are_told_in_both_languages(importer: Importer) -> None:
    assert all(name in importer.run("types").out for name in TYPES)
    assert "* receipt" in importer.run("types", "receipts").out
    assert "Nummer des Bons" in importer.run("types", "receipts", "--language", "de").out
    assert importer.run("types", "--language", "fr").status == 2
    unknown = importer.run("recepts", "x.csv")
    assert (unknown.status, "did you mean 'receipts'?" in unknown.errors) == (2, True)


def test_a_sample_overwrites_no_file(importer: Importer) -> None:
    importer.file("receipts.csv", "mine")

    assert importer.run("sample", "receipts").status == 2
    assert (importer.folder / "receipts.csv").read_text() == "mine"


def test_progress_is_told_of_what_takes_longer(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    importer.file("a.csv", HEAD + "".join(LINES))
    monkeypatch.setattr("genom.app.importing.progress._AFTER", -10.0)
    monkeypatch.setattr("genom.app.importing.progress._EVERY", 0.0)

    ran = importer.run("receipts", "a.csv")

    assert "100%, " in ran.out
    assert "rows/s, 60 rows: 60 accepted, 0 rejected" in ran.out


def test_the_state_of_an_import_names_nobody(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    importer.file("a.csv", HEAD + "".join(LINES) + "R8;ada@canary.example;1;p;1;1\n")
    written: list[bytes] = []
    monkeypatch.setattr(run, "_KEPT_EVERY", 0.0)
    monkeypatch.setattr(run.StateFile, "write", lambda _, state: written.append(run.msgspec.json.encode(state)))

    importer.run("receipts", "a.csv")

    assert written
    assert b"canary" not in b"".join(written)


def test_a_delivery_counts_nothing_until_it_is_told() -> None:
    assert Delivered(Parcel()).sent == {"products": 0, "consents": 0, "batch": 0}
