"""A start takes the newest state file that is whole and fits, and folds the rest of the journal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import order, view
from tests.app.gene_house import few_genes
from tests.app.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with few_genes(tmp_path / "d") as house:
        for n in range(6):
            house.take(order(f"u{n}", 4.0), *[view(f"u{n}") for _ in range(n)])
        yield house


def damaged(path: Path, place: int) -> None:
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("tail", [0, 3])
def test_a_state_file_and_what_came_later_are_the_same_as_the_whole_journal(house: House, tail: int) -> None:
    house.write_state()
    for n in range(tail):
        house.take(order(f"u{n}", 9.0), view(f"new{n}"))

    house.restart()

    assert [house.orders(f"u{n}") for n in range(6)] == [1 + (n < tail) for n in range(6)]
    assert house.node.world.profiles.count == 6 + tail
    assert house.verify().equal


@pytest.mark.parametrize("place", [-4_000, -1], ids=["a row", "the checksums"])
def test_nothing_of_a_damaged_file_stays(house: House, place: int) -> None:
    """Its rows were read into everybody's place before the damage was found."""
    path = house.write_state()
    damaged(path, place)

    house.restart()

    assert house.verify().equal


def test_the_file_before_a_damaged_one_serves(house: House, caplog: pytest.LogCaptureFixture) -> None:
    house.write_state()
    house.take(order("u1", 7.0))
    newest = house.write_state()
    damaged(newest, -4_000)

    house.restart()

    assert [record.message for record in caplog.records if record.name == "genom.restore"] == ["state file unusable"]
    assert house.verify().equal
