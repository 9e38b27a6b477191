"""The catalogue: numbered migrations, versioned definitions, sources and their keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from genom.app.catalogue import Catalogue, digest_of
from genom.app.commit import now_ms
from genom.app.state_job import stored_sources
from genom.app.tables import MIGRATIONS
from genom.consent import load_purposes
from genom.errors import BadConfiguration, BadRequest, NotFound, UnknownFormat
from genom.words import ConsentMode
from tests.app.house import House


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    opened = Catalogue(tmp_path / "catalogue.sqlite")
    yield opened
    opened.close()


def schema(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()


def test_opening_twice_migrates_once(tmp_path: Path) -> None:
    Catalogue(tmp_path / "c.sqlite").close()
    before = schema(tmp_path / "c.sqlite")

    again = Catalogue(tmp_path / "c.sqlite")
    again.close()

    assert schema(tmp_path / "c.sqlite") == before
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as database:
        stored = database.execute("SELECT value FROM meta WHERE key = 'schema'").fetchall()
    assert stored == [(str(len(MIGRATIONS)),)]


@pytest.mark.parametrize("done", range(len(MIGRATIONS)))
def test_a_migration_that_a_crash_forgot_runs_again(tmp_path: Path, done: int) -> None:
    with closing(Catalogue(tmp_path / "c.sqlite")) as catalogue:
        catalogue.add_source("web", consent=ConsentMode.REQUIRED)
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as database, database:
        database.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(done),))

    with closing(Catalogue(tmp_path / "c.sqlite")) as again:
        assert [source.name for source in again.sources()] == ["web"]


def test_a_catalogue_of_the_first_schema_is_brought_up_to_date(tmp_path: Path) -> None:
    with closing(Catalogue(tmp_path / "c.sqlite")) as catalogue:
        catalogue.add_source("web", consent=ConsentMode.DEVELOPMENT)
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as database, database:
        database.execute("ALTER TABLE sources DROP COLUMN since")
        database.execute("UPDATE meta SET value = '1' WHERE key = 'schema'")

    with closing(Catalogue(tmp_path / "c.sqlite")) as again:
        assert [(source.name, source.since) for source in again.sources()] == [("web", 0)]


def test_a_newer_catalogue_is_refused_untouched(tmp_path: Path) -> None:
    Catalogue(tmp_path / "c.sqlite").close()
    with closing(sqlite3.connect(tmp_path / "c.sqlite")) as database, database:
        database.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")

    with pytest.raises(UnknownFormat, match="schema 99"):
        Catalogue(tmp_path / "c.sqlite")


def test_a_definition_gets_a_version_only_when_it_changes(catalogue: Catalogue) -> None:
    bodies = [{"a": 1, "b": 2}, {"b": 2, "a": 1}, {"a": 2}]

    versions = [catalogue.define("point", "home", body, author="ada", at=0) for body in bodies]

    assert versions == [1, 1, 2]
    assert catalogue.defined("point", "home") == {"a": 2}
    assert catalogue.defined("point", "elsewhere") is None


def test_a_definition_of_long_ago_may_come_back_as_a_new_version(catalogue: Catalogue) -> None:
    for at, body in enumerate([{"a": 1}, {"a": 2}, {"a": 1}]):
        version = catalogue.define("point", "home", body, author="ada", at=at)

    assert version == 3


def test_a_key_is_returned_once_and_kept_as_a_hash(catalogue: Catalogue) -> None:
    source, key = catalogue.add_source("web", consent=ConsentMode.REQUIRED)

    assert [(k.digest, k.kind, k.source) for k in catalogue.all_keys()] == [(digest_of(key), "write", source.number)]


@pytest.mark.parametrize("name", ["", "web", "x" * 61])
def test_a_source_name_must_be_new_and_short(catalogue: Catalogue, name: str) -> None:
    catalogue.add_source("web", consent=ConsentMode.REQUIRED)

    with pytest.raises(BadRequest):
        catalogue.add_source(name, consent=ConsentMode.REQUIRED)


def test_a_mistyped_source_is_answered_with_the_nearest_name(catalogue: Catalogue) -> None:
    catalogue.add_source("webshop", consent=ConsentMode.REQUIRED)

    with pytest.raises(NotFound) as refused:
        catalogue.set_source("webshpo", trusts_links=True)

    assert refused.value.fix == "did you mean 'webshop'?"


def test_the_worker_sees_the_sources_as_the_node_does(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.source("web", history=True)
        house.put("/v1/sources", {"name": "web", "consent": "development"})

        told = [(s.number, s.name, s.consent, s.history, s.since) for s in stored_sources(house.path)]

        assert told == [(s.number, s.name, s.consent, s.history, s.since) for s in house.node.catalogue.sources()]


def test_two_sources_of_one_name_at_once_are_one_source(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        answers = house.together(*[house.ask("POST", "/v1/sources", {"name": "web"}) for _ in range(4)])

        assert sorted(answer.status for answer in answers) == [200, 400, 400, 400]


def changed_purposes(old: str, new: str) -> str:
    text = (Path(__file__).parents[2] / "src/genom/consent/purposes.yaml").read_text("utf-8")
    assert old in text
    return text.replace(old, new, 1)


def test_the_purposes_are_a_version_in_the_catalogue(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        given = msgspec.json.decode(msgspec.json.encode(load_purposes().as_definition()))
        assert house.node.catalogue.defined("purposes", "registry") == given | {"retired": []}

        house.restart()

        assert (
            house.node.catalogue.define("purposes", "registry", load_purposes().as_definition(), author="", at=0) == 1
        )


@pytest.mark.parametrize(
    ("old", "new"),
    [("bit: 19", "bit: 30"), ("research_dp:", "research_private:")],
    ids=["another bit", "another purpose under the bit"],
)
def test_purposes_that_give_a_bit_another_meaning_are_refused_at_start(tmp_path: Path, old: str, new: str) -> None:
    with House(tmp_path / "d") as house:
        house.close()
        (house.path / "purposes.yaml").write_text(changed_purposes(old, new), "utf-8")

        with pytest.raises(BadConfiguration):
            house.open()

        (house.path / "purposes.yaml").unlink()
        house.open()


def test_a_changed_text_is_a_new_version_and_needs_new_consent(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.consent("u1", "recommend", granted=True)
        house.consent("u2", "recommend", granted=False)
        house.close()
        (house.path / "purposes.yaml").write_text(
            changed_purposes("We recommend products", "We suggest products"), "utf-8"
        )
        house.open()

        bit = house.node.purposes.bit("recommend")
        assert house.node.effective(1, house.clock.now) & bit == 0
        assert house.node.choices.of([2], at=now_ms()).deny & bit == bit
        assert (
            house.node.catalogue.define("purposes", "registry", house.node.purposes.as_definition(), author="", at=0)
            == 2
        )
