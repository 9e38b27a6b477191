"""A new version of Genom comes with other purposes: a data directory keeps those that it has, and tells it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from genom.app import audit
from genom.app.catalogue import forget
from genom.consent import Purposes, load_purposes
from tests.app.house import House, without_windows


def older(house: House, *, noted: bool) -> dict[str, Any]:
    """Leave the directory as an older Genom did, one that noted where its purposes came from or one that did not."""
    said = without_windows()
    house.node.catalogue.define("purposes", "registry", said, author="purposes.yaml", at=1)
    if not noted:
        with house.node.catalogue.begin() as connection:
            forget(connection, "purposes_from")
    house.close()
    return said


def in_force(house: House) -> dict[str, Any]:
    return house.node.purposes.as_definition()


def told(house: House) -> list[Any]:
    return audit.rows(house.node.catalogue, action="purposes.kept")


@pytest.mark.parametrize("noted", [True, False])
def test_what_was_in_force_stays_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, noted: bool
) -> None:
    with House(tmp_path / "d") as house:
        said = older(house, noted=noted)

        with caplog.at_level(logging.WARNING, "genom.purposes"):
            house.open()

        assert in_force(house) == Purposes.from_definition(said).as_definition()
        assert load_purposes(tmp_path / "d" / "purposes.yaml").as_definition() == in_force(house)
        assert "those in force stay" in caplog.text
        (row,) = told(house)
        assert (row.who, set(row.details["purposes"])) == ("node", {*said["purposes"]})

        house.restart()

        assert in_force(house) == Purposes.from_definition(said).as_definition()
        assert len(told(house)) == 1


def test_who_removes_the_file_takes_what_comes_with_the_new_one(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        older(house, noted=True)
        house.open()
        house.close()
        (tmp_path / "d" / "purposes.yaml").unlink()

        house.open()

        assert in_force(house) == load_purposes().as_definition()
        assert not (tmp_path / "d" / "purposes.yaml").exists()
        assert len(told(house)) == 1


def test_the_same_purposes_need_no_file(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.restart()

        assert not (tmp_path / "d" / "purposes.yaml").exists()
        assert told(house) == []


def test_an_operator_s_own_file_that_is_removed_does_not_come_back(tmp_path: Path) -> None:
    without_windows(tmp_path / "d")
    file = tmp_path / "d" / "purposes.yaml"
    with House(tmp_path / "d") as house:
        house.close()
        file.unlink()

        house.open()

        assert in_force(house) == load_purposes().as_definition()
        assert (file.exists(), told(house)) == (False, [])


def test_purposes_that_said_too_little_for_the_records_are_not_kept(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        said = without_windows()
        del said["purposes"]["email"]["categories"]
        house.node.catalogue.define("purposes", "registry", said, author="purposes.yaml", at=1)
        house.restart()

        assert in_force(house) == load_purposes().as_definition()
