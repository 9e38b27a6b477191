"""`genom verify` says equal only if everything is (law L3): one corrupted cell must fail it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from genom.errors import Corrupt
from genom.genome import read_state, write_state
from tests.app.events import identify, order, view
from tests.app.house import House

Parts = dict[str, NDArray[Any]]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house") / "d") as house:
        house.serve(order("u1", 7.5), order("u1", 2.5, category="MILK"), order("u2"), view("a-1"), view("a-1", "MILK"))
        house.serve(identify("u1", "a-1"))
        yield house


def changed(house: House, to: Path, change: Callable[[Parts], None]) -> Path:
    """The newest state file with something changed and a right checksum."""
    position, version, parts = read_state(house.write_state())
    parts = {name: part.copy() for name, part in parts.items()}
    change(parts)
    return write_state(to, position=position, version=version, parts=parts)


def cell_of(house: House, gene: str) -> int:
    return int(house.node.world.layout.places[gene].start)


def row_of(house: House, user: str) -> int:
    return house.node.world.people.person(house.node.world.profiles.find("user_id", user))


def test_a_whole_house_is_equal(house: House) -> None:
    report = house.verify(house.write_state())

    assert (report.equal, report.people, report.genes) == (True, 2, len(house.node.world.layout.genes))
    assert house.verify().equal


@pytest.mark.parametrize(
    "gene", ["value.order_value.sum.30d", "rhythm.orders.count.1d", "taste.category.histogram.365d"]
)
def test_a_changed_decayed_cell_is_named_by_its_gene(house: House, tmp_path: Path, gene: str) -> None:
    def change(parts: Parts) -> None:
        place = house.node.world.layout.places[gene]
        cells = parts["matrix.decayed"][row_of(house, "u1"), 0, place.start : place.start + place.size]
        cells[np.argmax(cells)] *= 1.001

    report = house.verify(changed(house, tmp_path, change))

    assert report.differences == [f"person {row_of(house, 'u1')}, personalise_onsite: {gene} differs"]


@pytest.mark.parametrize("gene", ["value.order_value.sum.lifetime", "rhythm.orders.count.lifetime"])
def test_a_changed_integer_cell_is_named_by_its_gene(house: House, tmp_path: Path, gene: str) -> None:
    def change(parts: Parts) -> None:
        parts["matrix.integers"][row_of(house, "u2"), 1, cell_of(house, gene)] += 1

    report = house.verify(changed(house, tmp_path, change))

    assert report.differences == [f"person {row_of(house, 'u2')}, recommend: {gene} differs"]


def test_a_cell_that_is_no_number_is_named_by_its_gene(house: House, tmp_path: Path) -> None:
    gene = "value.order_value.sum.30d"

    def change(parts: Parts) -> None:
        parts["matrix.decayed"][row_of(house, "u1"), 0, cell_of(house, gene)] = np.nan

    assert f"{gene} differs" in house.verify(changed(house, tmp_path, change)).differences[0]


def flip_ring(parts: Parts) -> None:
    filled = np.argwhere(parts["matrix.rings"])
    parts["matrix.rings"][tuple(filled[0])] ^= 1


def clear_a_person(parts: Parts) -> None:
    parts["matrix.heads"][2] = 0


def add_a_person(parts: Parts) -> None:
    filled = int(np.flatnonzero(parts["matrix.heads"][:, 0].any(axis=1))[0])
    parts["matrix.heads"][filled, 1] = parts["matrix.heads"][filled, 0]
    parts["matrix.heads"][filled, 0] = 0


def change_popularity(parts: Parts) -> None:
    parts["matrix.popularity"][2] += 0.5


def drop_a_link(parts: Parts) -> None:
    parts["people.links"] = parts["people.links"][:0]


def swap_identifiers(parts: Parts) -> None:
    parts["profiles.keys"][[0, 1]] = parts["profiles.keys"][[1, 0]]


def lose_a_profile(parts: Parts) -> None:
    parts["profiles.keys"], parts["profiles.type"] = parts["profiles.keys"][:-1], parts["profiles.type"][:-1]


def forget_a_message(parts: Parts) -> None:
    parts["dedupe.keys"], parts["dedupe.stamps"] = parts["dedupe.keys"][1:], parts["dedupe.stamps"][1:]


def rename_a_category(parts: Parts) -> None:
    text = parts["small"].tobytes().replace(b"MILK", b"SILK")
    parts["small"] = np.frombuffer(text, np.uint8)


def miscount(parts: Parts) -> None:
    text = parts["small"].tobytes().replace(b'"events":6', b'"events":7')
    assert text != parts["small"].tobytes()
    parts["small"] = np.frombuffer(text, np.uint8)


@pytest.mark.parametrize(
    "change",
    [
        flip_ring, clear_a_person, add_a_person, change_popularity, drop_a_link, swap_identifiers, lose_a_profile,
        forget_a_message, rename_a_category, miscount,
    ],
)  # fmt: skip
def test_whatever_else_is_changed_is_found(house: House, tmp_path: Path, change: Callable[[Parts], None]) -> None:
    assert house.verify(changed(house, tmp_path, change)).differences


def test_a_changed_cell_of_the_living_memory_is_found(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        house.node.world.matrix.state.integers[1, 0, cell_of(house, "rhythm.orders.count.lifetime")] += 1

        assert house.verify().differences == ["person 1, personalise_onsite: rhythm.orders.count.lifetime differs"]


@pytest.mark.parametrize("where", [0, 9, 20, 5_000, -5, -1])
def test_a_flipped_bit_is_reported_as_damage(house: House, tmp_path: Path, where: int) -> None:
    path = changed(house, tmp_path, lambda _: None)
    data = bytearray(path.read_bytes())
    data[where] ^= 4
    path.write_bytes(data)

    with pytest.raises(Corrupt):
        house.verify(path)


@pytest.mark.parametrize("size", [0, 7, 100, -1])
def test_a_cut_file_is_reported_as_damage(house: House, tmp_path: Path, size: int) -> None:
    path = changed(house, tmp_path, lambda _: None)
    path.write_bytes(path.read_bytes()[:size])

    with pytest.raises(Corrupt):
        house.verify(path)


def test_a_node_starts_from_the_journal_when_its_state_file_is_damaged(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        path = house.write_state()
        path.write_bytes(path.read_bytes()[:-1] + b"?")

        house.restart()

        assert house.orders("u1") == 1


def test_a_state_file_from_a_journal_that_is_longer_than_ours_is_not_used(tmp_path: Path) -> None:
    """The journal was restored from a backup that is older than the state file."""
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        position, version, parts = read_state(house.write_state())
        write_state(house.path / "state", position=position + 100, version=version, parts=parts)

        house.take(order("u1"))
        house.restart()

        assert house.orders("u1") == 2
