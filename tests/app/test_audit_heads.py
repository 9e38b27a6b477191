"""Signed heads of the audit log: a change past Genom is found though the chain was mended; heads go elsewhere."""

from __future__ import annotations

import json
import shlex
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from genom.app import audit
from genom.privacy.heads import Head, head_is_genuine
from tests.app.house import HOUR, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def deeds(house: House, count: int) -> None:
    for number in range(count):
        audit.record(house.node.catalogue, "person.seen", who="cli", kind="person", name=f"p{number}", at=number)


def heads(house: House) -> list[Head]:
    return msgspec.convert(house.post("/v1/audit/heads", {}).told["heads"], list[Head])


def test_a_head_is_signed_for_what_is_new(house: House) -> None:
    assert heads(house) == []
    deeds(house, 3)
    (first,) = heads(house)
    assert (first.rows, first.hash) == (3, audit.rows(house.node.catalogue)[0].hash)
    assert head_is_genuine(first)
    assert not head_is_genuine(msgspec.structs.replace(first, rows=4))
    assert heads(house) == [first]
    deeds(house, 1)
    house.clock.now += HOUR
    assert [head.rows for head in heads(house)] == [3, 4]
    assert house.get("/v1/audit:verify").told["problem"] == ""
    house.restart()
    assert house.get("/v1/audit:verify").told["problem"] == ""


def rewritten(house: House, *, to: int) -> None:
    """Somebody with the file writes the whole chain anew, consistently, with another first row."""
    with closing(sqlite3.connect(house.path / "catalogue.sqlite")) as database:
        database.execute("DROP TRIGGER audit_no_update")
        database.execute("DROP TRIGGER audit_no_delete")
        database.execute("DELETE FROM audit")
        database.execute("DELETE FROM sqlite_sequence WHERE name = 'audit'")
        database.commit()
    deeds(house, to)


def test_a_chain_that_was_written_anew_is_found_by_its_heads(house: House) -> None:
    deeds(house, 5)
    heads(house)
    rewritten(house, to=6)
    with closing(sqlite3.connect(house.path / "catalogue.sqlite")) as database:
        same = database.execute("SELECT hash FROM audit WHERE number = 5").fetchone()[0]
    assert audit.verify(house.node.catalogue).problem == ""  # the chain alone would not tell
    changed = house.get("/v1/audit:verify").told["problem"]
    assert (changed == "") == (same == house.app.heads.every()[0].hash)

    with closing(sqlite3.connect(house.path / "catalogue.sqlite")) as database:
        database.execute("UPDATE audit_heads SET hash = ?", ("0" * 64,))
        database.commit()
    assert "not signed by this node" in house.get("/v1/audit:verify").told["problem"]


def test_a_row_that_is_another_than_its_head_is_found(house: House) -> None:
    deeds(house, 5)
    heads(house)
    rewritten(house, to=4)
    audit.record(house.node.catalogue, "person.seen", who="cli", kind="person", name="another", at=9)

    assert "row 5 is another" in house.get("/v1/audit:verify").told["problem"]
    page = house.browse("/audit?check=1", cookie=house.sign_in(), language="de").body.decode()
    assert "Zeile 5 ist anders, als ihr signierter Kopf sagt" in page


def test_heads_are_handed_to_the_command_once_and_a_failure_blocks_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    program = f"import sys; open({str(kept)!r}, 'a').write(sys.stdin.read() + chr(10))"
    good = f"{sys.executable} -c {shlex.quote(program)}"
    with House(tmp_path / "d", anchor_command="false") as house:
        deeds(house, 2)
        (head,) = heads(house)
        assert head.anchored_at == 0
    with House(tmp_path / "d", anchor_command=good) as house:
        deeds(house, 1)
        assert all(head.anchored_at for head in heads(house))
        heads(house)
        lines = kept.read_text().splitlines()
        assert [json.loads(line)["rows"] for line in lines] == [2, 3]
        assert head_is_genuine(msgspec.json.decode(lines[1], type=Head))
        assert house.get("/v1/audit:verify").told["problem"] == ""
