"""The audit log: rows follow each other by hash, and nothing takes one back unnoticed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.errors import BadRequest

NOW = 1_772_452_800_000


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "c.sqlite")
    yield opened
    opened.close()


def deed(catalogue: Catalogue, name: str = "p_1", **other: Any) -> audit.Row:
    values: dict[str, Any] = {"who": "console:ada", "kind": "person", "name": name, "at": NOW} | other
    return audit.record(catalogue, values.pop("action", "person.revealed"), **values)


def meddle(path: Path, *statements: str) -> None:
    """Change the file past the triggers, as whoever holds it can."""
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("DROP TRIGGER IF EXISTS audit_no_update")
        database.execute("DROP TRIGGER IF EXISTS audit_no_delete")
        for statement in statements:
            database.execute(statement)


def test_a_deed_is_kept_as_it_was_told(catalogue: Catalogue) -> None:
    written = deed(catalogue, reason=" asked at the till ", details={"types": ["email"], "n": 1})

    assert audit.rows(catalogue) == [written]
    assert (written.number, written.reason, written.details) == (1, "asked at the till", {"n": 1, "types": ["email"]})


def test_rows_come_newest_first_page_by_page(catalogue: Catalogue) -> None:
    for name in "abcde":
        deed(catalogue, name)

    first = audit.rows(catalogue, limit=2)
    then = audit.rows(catalogue, before=first[-1].number, limit=9)

    assert "".join(row.name for row in first + then) == "edcba"


def test_rows_are_found_by_action_and_name(catalogue: Catalogue) -> None:
    deed(catalogue, "a")
    deed(catalogue, "b", action="point.published", kind="point")

    assert [row.name for row in audit.rows(catalogue, action="person.revealed")] == ["a"]
    assert [row.action for row in audit.rows(catalogue, name="b")] == ["point.published"]
    assert audit.actions_seen(catalogue) == ["person.revealed", "point.published"]


def test_a_deed_and_its_row_are_durable_together_or_not_at_all(catalogue: Catalogue) -> None:
    def deed_that_fails() -> None:
        with catalogue.begin() as connection:
            audit.append(connection, "point.published", who="key:first", kind="point", name="home", at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        deed_that_fails()

    assert audit.rows(catalogue) == []


@given(names=st.lists(st.text(max_size=20), max_size=8))
def test_an_untouched_chain_holds(tmp_path_factory: pytest.TempPathFactory, names: list[str]) -> None:
    with closing(Catalogue(tmp_path_factory.mktemp("audit") / "c.sqlite")) as catalogue:
        heads = [deed(catalogue, name).hash for name in names]

        assert audit.verify(catalogue) == audit.Verdict(len(names), heads[-1] if heads else "0" * 64, "")
        assert all(not audit.verify(catalogue, head=head).problem for head in heads)


@pytest.mark.parametrize("statement", ["UPDATE audit SET reason = 'x'", "DELETE FROM audit"])
def test_the_database_takes_no_row_back(catalogue: Catalogue, tmp_path: Path, statement: str) -> None:
    deed(catalogue)

    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(statement)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        *(
            (f"UPDATE audit SET {column} = {value} WHERE number = 2", "row 2 was changed")
            for column, value in {
                "at": "1", "who": "'x'", "action": "'a.b'", "kind": "'x'", "name": "'x'", "reason": "'x'",
                "details": "'{}'", "hash": "'x'",
            }.items()
        ),
        ("UPDATE audit SET previous = 'x' WHERE number = 2", "row 2 does not follow the row before"),
        ("DELETE FROM audit WHERE number = 1", "row 1 is missing"),
        ("DELETE FROM audit WHERE number = 2", "row 2 is missing"),
        ("DELETE FROM audit WHERE number = 3", "rows 3 to 3 were taken away at the end"),
        ("DELETE FROM audit", "rows 1 to 3 were taken away at the end"),
    ],
)  # fmt: skip
def test_what_was_meddled_with_is_found(catalogue: Catalogue, tmp_path: Path, statement: str, problem: str) -> None:
    for name in "abc":
        deed(catalogue, name, reason="why", details={"n": 1})

    meddle(tmp_path / "c.sqlite", statement)

    assert audit.verify(catalogue).problem == problem


def test_a_noted_head_proves_that_the_log_was_not_begun_anew(catalogue: Catalogue, tmp_path: Path) -> None:
    noted = deed(catalogue).hash
    meddle(tmp_path / "c.sqlite", "DELETE FROM audit", "DELETE FROM sqlite_sequence")
    deed(catalogue, "somebody else")

    assert audit.verify(catalogue).problem == ""
    assert audit.verify(catalogue, head=noted).problem == "the noted head stands nowhere in the chain"


def test_a_reason_of_a_page_is_refused_in_words(catalogue: Catalogue) -> None:
    deed(catalogue, reason="x" * 500)

    with pytest.raises(BadRequest, match="501 characters"):
        deed(catalogue, reason="x" * 501)


@pytest.mark.parametrize("wrong", [{"action": "revealed"}, {"details": {"x": "y" * 2_000}}])
def test_a_caller_who_errs_is_told(catalogue: Catalogue, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="dotted verb"):
        deed(catalogue, **wrong)
