"""State files come back bit for bit, and a damaged one is told from a whole one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from genom.errors import Corrupt
from genom.genome import Matrix, read_state, state_files, state_head, write_state, zero_rows
from tests.genome.histories import T0, Row, event, fold, folded, histories, layout_of, memory, view
from tests.genome.test_laws import assert_same_genome

PARTS: dict[str, NDArray[Any]] = {
    "cells": np.arange(6, dtype=np.float32).reshape(2, 3),
    "records": np.array([(1, 2)], [("ts", "<i8"), ("spare", "u1", (2,))]),
    "nothing": np.zeros((0, 4), np.int64),
    "one": np.array(7, np.int64),
}


def written(directory: Path, position: int = 42) -> Path:
    return write_state(directory / "state", position=position, version="v1", parts=PARTS)


def test_a_state_comes_back_bit_for_bit_with_its_position_and_version(tmp_path: Path) -> None:
    position, version, parts = read_state(written(tmp_path))

    assert (position, version) == (42, "v1")
    assert parts.keys() == PARTS.keys()
    for name, part in parts.items():
        assert part.dtype == PARTS[name].dtype
        assert part.shape == PARTS[name].shape
        assert part.tobytes() == PARTS[name].tobytes()


@pytest.mark.parametrize("size", [1, 7, 8, 64])
def test_pieces_of_any_size_on_any_number_of_threads_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("genom.genome.statefile._PIECE", size)
    monkeypatch.setattr("genom.genome.statefile._MANY", 1)
    monkeypatch.setattr("genom.genome.statefile._LARGE", 1)
    monkeypatch.setattr("genom.genome.statefile.threads", lambda: 4)

    parts = read_state(written(tmp_path))[2]

    assert {name: part.tobytes() for name, part in parts.items()} == {
        name: part.tobytes() for name, part in PARTS.items()
    }


def test_a_part_that_has_a_place_is_read_there(tmp_path: Path) -> None:
    place = np.full((5, 3), 7, np.float32)
    path = written(tmp_path)

    parts = read_state(path, into={"cells": place})[2]

    assert np.shares_memory(parts["cells"], place)
    assert place.tolist() == [*PARTS["cells"].tolist(), *[[7.0] * 3] * 3]


@pytest.mark.parametrize(
    "place", [np.zeros((1, 3), np.float32), np.zeros((5, 2), np.float32), np.zeros((5, 3), np.float64)]
)
def test_a_place_that_does_not_fit_is_left_alone(tmp_path: Path, place: NDArray[Any]) -> None:
    parts = read_state(written(tmp_path), into={"cells": place})[2]

    assert not place.any()
    assert parts["cells"].tobytes() == PARTS["cells"].tobytes()


def test_parts_that_are_not_contiguous_come_back_too(tmp_path: Path) -> None:
    turned = np.arange(12).reshape(3, 4).T[::2]

    path = write_state(tmp_path / "state", position=1, version="v1", parts={"turned": turned})

    assert read_state(path)[2]["turned"].tolist() == turned.tolist()


@pytest.mark.parametrize("piece", [8, 1 << 23])
def test_any_damaged_byte_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr("genom.genome.statefile._PIECE", piece)
    path = written(tmp_path)
    whole = path.read_bytes()

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        with pytest.raises(Corrupt, match="damaged"):
            read_state(path)


def test_a_file_cut_at_any_length_or_with_bytes_behind_it_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()

    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(Corrupt) as caught:
            read_state(path)
        assert caught.value.fix
    path.write_bytes(whole + b"\0")
    with pytest.raises(Corrupt):
        read_state(path)


def test_only_the_two_newest_are_kept_newest_first_and_nothing_half_written(tmp_path: Path) -> None:
    for position in (5, 70, 1_000, 999_999_999):
        written(tmp_path, position)

    assert [read_state(path)[0] for path in state_files(tmp_path / "state")] == [999_999_999, 1_000]
    assert sorted(p.suffix for p in (tmp_path / "state").iterdir()) == [".state", ".state"]


def test_a_state_of_a_journal_that_was_put_back_makes_way(tmp_path: Path) -> None:
    for position in (100, 200, 50):
        path = written(tmp_path, position)

    assert state_files(tmp_path / "state") == [path]


def test_only_the_owner_may_read_a_state_file(tmp_path: Path) -> None:
    path = written(tmp_path)

    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_rows_that_are_overwritten_are_zeros_and_the_file_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genom.genome.statefile._PIECE", 8)
    path = written(tmp_path)

    zero_rows(path, lambda name, _: np.array([1] if name == "cells" else [], np.int64))

    parts = read_state(path)[2]
    assert parts["cells"].tolist() == [[0, 1, 2], [0, 0, 0]]
    assert parts["records"].tobytes() == PARTS["records"].tobytes()


def test_nothing_is_overwritten_in_a_damaged_file(tmp_path: Path) -> None:
    path = written(tmp_path)
    damaged = path.read_bytes()[:-20] + bytes(20)
    path.write_bytes(damaged)

    with pytest.raises(Corrupt):
        zero_rows(path, lambda *_: np.array([0]))

    assert path.read_bytes() == damaged


def test_a_directory_without_state_files_has_none(tmp_path: Path) -> None:
    assert state_files(tmp_path / "nowhere") == []


def test_the_version_tells_the_caller_which_state_fits_its_genes(tmp_path: Path) -> None:
    matrix = folded([event()])
    path = write_state(tmp_path / "s", position=1, version=matrix.layout.version, parts=matrix.dump(1))

    version = state_head(path).version

    assert version == layout_of("small").version
    assert version != layout_of("standard").version


@given(history=histories)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_restart_from_a_state_file_is_as_if_nothing_had_happened(tmp_path: Path, history: list[Row]) -> None:
    half = len(history) // 2
    before = folded(history[:half])
    path = write_state(tmp_path / "s", position=half, version="v1", parts=before.dump(1))

    after = Matrix(layout_of(), 9)
    after.load(read_state(path)[2])
    fold(after, history[half:])

    assert memory(after) == memory(fold(before, history[half:]))
    assert_same_genome(after, folded(history), history)


@given(people=st.integers(1, 3))
def test_a_dump_holds_the_people_up_to_the_given_one_and_popularity(people: int) -> None:
    matrix = Matrix(layout_of(), 3, popularity_bit=8)
    for person in (1, 2, 3):
        fold(matrix, [event(T0, line=1, category_2=person)], person=person)

    other = Matrix(layout_of(), 3, popularity_bit=8)
    other.load(matrix.dump(people))

    known = [view(other, person=p, at=T0).state().integers.size > 0 for p in (1, 2, 3)]
    assert known == [person <= people for person in (1, 2, 3)]
    assert np.array_equal(other.popularity(T0), matrix.popularity(T0))


def test_a_genome_is_the_same_where_it_was_read_in_place(tmp_path: Path) -> None:
    before = folded([event(), event(T0 + 5, line=1, category_2=3)])
    path = write_state(tmp_path / "s", position=1, version="v1", parts=before.dump(1))

    after = Matrix(layout_of(), 9)
    parts = read_state(path, into=after.places)[2]
    after.load(parts)

    assert np.shares_memory(parts["decayed"], after.state.decayed)
    assert memory(after) == memory(before)


def test_a_dump_is_a_copy() -> None:
    matrix = folded([event()])
    parts = matrix.dump(1)
    kept = {name: part.copy() for name, part in parts.items()}

    fold(matrix, [event(T0 + 1)])

    assert all(np.array_equal(parts[name], kept[name]) for name in parts)
