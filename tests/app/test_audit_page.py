"""The audit log where people read it: page, API and command line."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from genom.app import audit
from genom.app.cli import cli
from tests.app.events import order
from tests.app.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def deed(house: House, action: str = "person.revealed", **other: Any) -> audit.Row:
    values: dict[str, Any] = {"who": "console:ada", "kind": "person", "name": "p1", "at": house.clock.now} | other
    return audit.record(house.node.catalogue, action, **values)


def page(house: House, query: str = "", language: str = "en") -> str:
    answer = house.browse(f"/audit{query}", cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:500]
    return answer.body.decode()


def meddle(house: House) -> None:
    with closing(sqlite3.connect(house.path / "catalogue.sqlite")) as database, database:
        database.execute("DROP TRIGGER audit_no_update")
        database.execute("UPDATE audit SET reason = 'another' WHERE number = 1")


def test_an_empty_log_says_what_will_stand_in_it(house: House) -> None:
    assert "Nothing is on record yet" in page(house)
    assert "Noch ist nichts verzeichnet" in page(house, language="de")


def test_a_row_is_told_in_the_readers_words_and_leads_to_its_object(house: House) -> None:
    deed(house, reason="asked <b>at the till</b>", details={"values": ["email"]})

    shown = page(house, language="de")

    assert "Maskierte Werte angezeigt" in shown
    assert "Werte: E-Mail" in shown
    assert "asked &lt;b&gt;at the till&lt;/b&gt;" in shown
    assert 'href="/people/p1"' in shown
    assert 'href="/audit" aria-current="page"' in shown
    assert "Verantworten" in shown


def test_a_change_of_the_genes_is_told_without_foreign_words(house: House) -> None:
    deed(house, "genes.added", who="key:first", kind="genes", name="version 2", details={"before": 1, "genes": 748})

    shown = " ".join(re.sub(r"<[^>]*>", " ", page(house, language="de")).split())

    assert "Gene hinzugefügt" in shown
    assert "erster API-Schlüssel" in shown
    assert "Gene hinzugefügt Version 2" in shown
    assert "vorige Version: 1" in shown
    assert "Gene: 748" in shown


def test_an_action_without_words_shows_its_name(house: House) -> None:
    deed(house, "source.added", who="key:first", kind="source", name="web")

    assert "source.added" in page(house)


def test_the_log_is_filtered_by_action_and_read_page_by_page(house: House) -> None:
    deed(house, "point.published", kind="point", name="the-only-point")
    for number in range(51):
        deed(house, name=f"p{number}")

    assert "the-only-point" not in page(house)
    assert "the-only-point" in page(house, "?before=2")
    assert "the-only-point" in page(house, "?action=point.published")
    assert 'href="/audit?before=3"' in page(house)
    assert "No entry fits" in page(house, "?before=1")


def test_no_control_on_the_page_changes_a_row(house: House) -> None:
    deed(house)

    main = page(house).partition("<main")[2]

    assert re.findall(r'<form[^>]*method="([a-z]+)"', main) == ["get"]
    assert house.browse("/audit", {"x": "y"}, cookie=house.sign_in()).status == 404


def test_the_page_finds_a_broken_chain(house: House) -> None:
    deed(house)
    assert "The chain holds: 1 row" in page(house, "?check=1")

    meddle(house)

    assert "row 1 was changed" in page(house, "?check=1")
    assert "Zeile 1 wurde verändert" in page(house, "?check=1", "de")


def test_the_api_reads_and_checks(house: House) -> None:
    newest = [deed(house, name=name) for name in "abc"][-1]

    assert [row["name"] for row in house.get("/v1/audit?limit=2").told["rows"]] == ["c", "b"]
    assert [row["number"] for row in house.get("/v1/audit?before=2&action=person.revealed").told["rows"]] == [1]
    assert house.get("/v1/audit:verify").told == {"rows": 3, "head": newest.hash, "problem": ""}
    assert house.get("/v1/audit:verify?head=0").told["problem"] != ""


@pytest.mark.parametrize("query", ["limit=x", "limit=1001", "before=-1", "before=" + "9" * 40])
def test_a_number_that_is_none_is_refused_in_words(house: House, query: str) -> None:
    assert house.get(f"/v1/audit?{query}").status == 400


@pytest.mark.parametrize("path", ["/v1/audit", "/v1/audit:verify"])
def test_a_write_key_reads_no_audit_log(house: House, path: str) -> None:
    assert house.get(path, key=house.write_key).status == 403
    assert house.get(path, key="").status == 401


def test_the_command_line_lists_and_verifies(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        deed(house, reason="two siblings")
    run = CliRunner().invoke

    listed, verified = (
        run(cli, ["audit", "--data", f"{house.path}"]),
        run(cli, ["audit", "verify", "--data", f"{house.path}"]),
    )
    meddle(house)
    broken = run(cli, ["audit", "verify", "--data", f"{house.path}"])

    assert "console:ada  person.revealed  person p1  two siblings" in listed.stdout
    assert (verified.exit_code, broken.exit_code) == (0, 1)
    assert "the chain holds" in verified.stdout
    assert "row 1 was changed" in broken.stdout


def test_a_link_to_a_persons_own_page_is_on_record(house: House) -> None:
    house.take(order("u1"))
    person = house.person("u1")

    made = house.browse(f"/people/{person}/own-page", {}, cookie=house.sign_in(subject="ada"))

    assert made.status == 200
    (row,) = audit.rows(house.node.catalogue)
    assert (row.who, row.action, row.name, row.details) == ("console:ada", "person.link_made", person, {})
    assert "Link to the own page made" in page(house)
