"""An erasure takes names and words out of the audit log, and the chain still shows whatever else was changed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.app.cli import cli
from genom.errors import BadRequest
from genom.privacy import deeds
from genom.privacy.heads import Proof, problem_of
from tests.app.events import identify, order
from tests.app.house import House
from tests.app.test_audit import NOW, deed, meddle
from tests.app.test_erasing import begin_again, erase, leftovers

WORDS = "Annalena rang on Monday"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "c.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def redact(catalogue: Catalogue, *about: str, texts_of: tuple[str, ...] = (), words: tuple[str, ...] = ()) -> int:
    with catalogue.begin() as connection:
        return audit.redact(connection, about=about, texts_of=texts_of, words=words, who="node", at=NOW)


def told(catalogue: Catalogue) -> list[tuple[str, str, int]]:
    """Name, reason, and the row that tells of it: of all rows, oldest first."""
    return [(row.name, row.reason, row.redacted) for row in reversed(audit.rows(catalogue, limit=1_000))]


def test_rows_about_the_person_lose_name_and_words(catalogue: Catalogue) -> None:
    deed(catalogue, "p_1", reason="why", details={"n": 1})
    deed(catalogue, "p_2", reason="why")

    assert redact(catalogue, "p_1") == 1

    assert told(catalogue) == [("", "", 3), ("p_2", "why", 0), ("", "", 0)]
    newest = audit.rows(catalogue)[0]
    assert (newest.action, newest.who, newest.details) == ("audit.redacted", "node", {"rows": [1]})
    assert audit.verify(catalogue).problem == ""


def test_rows_that_mention_the_person_lose_their_words_and_keep_their_name(catalogue: Catalogue) -> None:
    deed(catalogue, "p_2", details={"profile": "p_1"})
    deed(catalogue, "p_3", reason="as ADA@example.org asked")
    deed(catalogue, "r_1", kind="request", reason="by phone")
    deed(catalogue, "p_4", reason="100% of p_", details={"other": "p1"})

    assert redact(catalogue, "p_1", texts_of=("r_1",), words=("ada@example.org",)) == 3

    assert [row[:2] for row in told(catalogue)[:4]] == [("p_2", ""), ("p_3", ""), ("r_1", ""), ("p_4", "100% of p_")]
    assert redact(catalogue, "p_2") == 1  # whose row lost its words for another's sake still has a name
    assert told(catalogue)[0] == ("", "", 6)
    assert audit.verify(catalogue).problem == ""


def test_nothing_is_told_where_nothing_was_found(catalogue: Catalogue) -> None:
    deed(catalogue, "p_1")
    redact(catalogue, "p_1")

    assert redact(catalogue, "p_1", texts_of=("p_1",), words=("p_1",)) == 0
    assert len(told(catalogue)) == 2


def test_many_rows_are_told_of_in_several(catalogue: Catalogue) -> None:
    with catalogue.begin() as connection:
        for at in range(450):
            audit.append(connection, "person.seen", who="cli", kind="person", name="p_1", at=at)

    assert redact(catalogue, "p_1") == 450

    tellers = audit.rows(catalogue, action="audit.redacted")
    assert sorted(number for row in tellers for number in row.details["rows"]) == list(range(1, 451))  # type: ignore[union-attr]
    assert audit.verify(catalogue).problem == ""


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'x'", "name = 'x'", "details = '{\"a\":1}'", "name_salt = 'x'", "text_salt = 'x'",
        "redacted = 2", "redacted = 9", "redacted = 0",
    ],
)  # fmt: skip
@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_database_lets_nothing_else_be_changed(
    catalogue: Catalogue, tmp_path: Path, change: str, number: int
) -> None:
    deed(catalogue, "p_1", reason="why")
    deed(catalogue, "p_2", reason="why")
    redact(catalogue, "p_1")

    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(f"UPDATE audit SET {change} WHERE number = {number}")


EMPTIED = "name = '', reason = '', details = '{}', name_salt = '', text_salt = ''"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit SET who = 'x' WHERE number = 1", "row 1 was changed"),
        ("UPDATE audit SET at = 1 WHERE number = 1", "row 1 was changed"),
        ("UPDATE audit SET name = 'p_9' WHERE number = 1", "row 1 was changed"),
        ("UPDATE audit SET reason = 'made up' WHERE number = 1", "row 1 was changed"),
        ("UPDATE audit SET name_proof = 'x' WHERE number = 1", "row 1 was changed"),
        ("UPDATE audit SET name_proof = '', text_proof = '' WHERE number = 2", "row 2 was changed"),
        (f"UPDATE audit SET {EMPTIED} WHERE number = 2", "row 2 was changed"),
        (f"UPDATE audit SET {EMPTIED}, redacted = 3 WHERE number = 2", "row 2 was redacted, and no row tells of it"),
        ("UPDATE audit SET redacted = 0 WHERE number = 1", "row 1 was changed"),
        ("UPDATE audit SET redacted = 2 WHERE number = 1", "row 1 was redacted, and no row tells of it"),
        (
            "UPDATE audit SET details = '{\"rows\":[1,2]}' WHERE number = 3",
            "row 1 was redacted, and no row tells of it",
        ),
        (f"UPDATE audit SET {EMPTIED}, redacted = 4 WHERE number = 3", "row 1 was redacted, and no row tells of it"),
    ],
)
def test_what_was_meddled_with_is_found_still(
    catalogue: Catalogue, tmp_path: Path, statement: str, problem: str
) -> None:
    deed(catalogue, "p_1", reason="why")
    deed(catalogue, "p_2", reason="why")
    redact(catalogue, "p_1")
    assert audit.verify(catalogue).problem == ""

    meddle(tmp_path / "c.sqlite", statement)

    assert audit.verify(catalogue).problem == problem


@given(names=st.lists(st.sampled_from("abc"), min_size=1, max_size=12), gone=st.sampled_from("abc"), data=st.data())
def test_any_change_of_any_row_is_found_after_a_redaction(
    tmp_path_factory: pytest.TempPathFactory, names: list[str], gone: str, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("audit") / "c.sqlite"
    with closing(Catalogue(path)) as catalogue:
        for name in names:
            deed(catalogue, name, reason=f"for {name}")
        redact(catalogue, gone)
        rows = audit.rows(catalogue, limit=100)
        assert audit.verify(catalogue).problem == ""
        number = data.draw(st.integers(1, len(rows)))
        column = data.draw(st.sampled_from(["at", "who", "action", "kind", "name", "reason", "details", "previous"]))
        value = data.draw(st.sampled_from([7, "'x'", "''", "'{\"rows\":[]}'"]))
        with closing(sqlite3.connect(path)) as before:
            old = before.execute(f"SELECT {column} FROM audit WHERE number = {number}").fetchone()
        meddle(path, f"UPDATE audit SET {column} = {value} WHERE number = {number}")
        with closing(sqlite3.connect(path)) as after:
            new = after.execute(f"SELECT {column} FROM audit WHERE number = {number}").fetchone()

        assert (audit.verify(catalogue).problem == "") == (old == new)


def test_rows_of_before_there_were_proofs_hold_and_can_lose_their_words(catalogue: Catalogue, tmp_path: Path) -> None:
    old = deeds.Deed(
        number=1, at=NOW, who="cli", action="person.seen", kind="person", name="p_1", reason="why", details="{}",
        previous=deeds.START,
    )  # fmt: skip
    rule = msgspec.json.encode((1, NOW, "cli", "person.seen", "person", "p_1", "why", "{}", deeds.START))
    hashed = hashlib.sha256(rule).hexdigest()
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as database, database:
        columns = msgspec.structs.asdict(msgspec.structs.replace(old, hash=hashed))
        marks = ", ".join(f":{column}" for column in columns)
        database.execute(f"INSERT INTO audit ({', '.join(columns)}) VALUES ({marks})", columns)
    deed(catalogue, "p_2")
    assert audit.verify(catalogue).problem == ""

    redact(catalogue, "p_1")

    assert told(catalogue)[0] == ("", "", 3)
    assert audit.verify(catalogue).problem == ""
    meddle(tmp_path / "c.sqlite", "UPDATE audit SET hash = 'x' WHERE number = 1")
    assert audit.verify(catalogue).problem == "row 2 does not follow the row before"


def proof(house: House, number: int) -> Proof:
    return msgspec.convert(house.get(f"/v1/audit/{number}/proof").told, Proof)


def test_a_row_is_proved_without_the_log_before_and_after_it_is_emptied(house: House) -> None:
    for name in "abcde":
        deed(house.node.catalogue, name, reason="why")
    first = proof(house, 2)
    assert problem_of(first) == ""
    deed(house.node.catalogue, "f")
    assert first.head.rows == 5
    assert (proof(house, 6).head.first, proof(house, 6).head.rows) == (6, 6)

    redact(house.node.catalogue, "b")

    emptied = proof(house, 2)
    assert (emptied.row.name, emptied.row.reason, emptied.head) == ("", "", first.head)
    assert problem_of(emptied, public_key=first.head.public_key) == ""
    assert house.get("/v1/audit:verify").told["problem"] == ""
    assert house.get("/v1/audit/99/proof").status == 404


def test_a_proof_that_was_changed_anywhere_does_not_hold(house: House) -> None:
    for name in "abcde":
        deed(house.node.catalogue, name, reason="why")
    good = proof(house, 4)
    row, head, replace = good.row, good.head, msgspec.structs.replace
    for changed in (
        replace(good, row=replace(row, reason="because")),
        replace(good, row=replace(row, name="z")),
        replace(good, row=replace(row, at=row.at + 1)),
        replace(good, row=replace(row, number=3)),
        replace(good, row=proof(house, 3).row),
        replace(good, path=good.path[::-1]),
        replace(good, path=good.path[1:]),
        replace(good, path=("zz", *good.path[1:])),
        replace(good, head=replace(head, root="0" * 64)),
        replace(good, head=replace(head, rows=6)),
    ):
        assert problem_of(changed) != ""
    assert problem_of(good, public_key="0" * 64) == "the head is signed with another key"


def test_a_proof_is_checked_on_the_command_line(house: House, tmp_path: Path) -> None:
    deed(house.node.catalogue, "p_1", reason="asked at the till")
    file, run = tmp_path / "proof.json", CliRunner()
    kept = house.get("/v1/audit/1/proof").told
    file.write_text(json.dumps(kept))

    good = run.invoke(cli, ["audit", "check", str(file), "--public-key", kept["head"]["public_key"]])
    assert (good.exit_code, "asked at the till" in good.output) == (0, True)
    kept["row"]["reason"] = "never asked"
    file.write_text(json.dumps(kept))
    bad = run.invoke(cli, ["audit", "check", str(file)])
    assert (bad.exit_code, "row 1 was changed" in bad.output) == (1, True)
    file.write_text("{}")
    assert isinstance(run.invoke(cli, ["audit", "check", str(file)]).exception, BadRequest)


def test_an_erasure_leaves_nobody_in_the_audit_log(house: House) -> None:
    house.serve(order("u1"), order("u2"), identify("u1", "a-1", email="annalena@example.org"))
    mine, other = house.person("u1"), house.person("u2")
    asked = {"type": "user_id", "value": "u1"}
    deed(house.node.catalogue, mine, reason=WORDS, details={"profile": mine})
    deed(house.node.catalogue, other, reason="sister of annalena@example.org")
    house.get(f"/v1/people/{mine}/events")  # one that looked, and is not on record yet
    filed = house.post("/v1/requests", asked | {"kind": "objection", "note": WORDS}).told
    assert leftovers(house, mine, "Annalena", "annalena@example.org")

    receipt = house.post("/v1/people:erase", asked | {"reason": WORDS}).told
    house.run(house.app.erasing.finish())
    house.node.catalogue.shred()

    assert house.get("/v1/audit:verify").told["problem"] == ""
    assert leftovers(house, mine, "Annalena", "annalena@example.org") == set()
    rows = house.get("/v1/audit?limit=100").told["rows"]
    assert {row["action"] for row in rows} >= {"person.seen", "person.erased", "request.filed", "audit.redacted"}
    assert [row["name"] for row in rows if row["action"] == "person.erased"] == [receipt["id"]]
    assert [row["name"] for row in rows if row["action"] == "request.filed"] == [filed["id"]]
    page = house.browse("/audit", cookie=house.sign_in(), language="de").body.decode()
    assert "mit der Person gelöscht" in page
    assert "(gelöscht)" in page


def test_an_erasure_that_a_start_goes_on_with_empties_the_log_once(house: House) -> None:
    house.serve(order("u1"))
    deed(house.node.catalogue, house.person("u1"), reason=WORDS)
    erase(house, finish=False)
    begin_again(house)
    house.run(house.app.erasing.finish())
    before = len(told(house.node.catalogue))

    begin_again(house)
    house.run(house.app.erasing.finish())

    assert len(told(house.node.catalogue)) == before
    assert house.get("/v1/audit:verify").told["problem"] == ""
