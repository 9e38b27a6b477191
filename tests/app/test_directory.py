"""The data directory: one owner, one process, nothing readable by others, nothing foreign touched."""

from __future__ import annotations

import json
import os
import stat
from contextlib import closing
from pathlib import Path

import pytest

from genom.app.directory import open_directory, read_secrets, running_node, write_private
from genom.errors import BadConfiguration, DirectoryInUse
from tests.app.events import identify, order
from tests.app.house import House


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    with closing(open_directory(tmp_path / "d")) as data:
        data.announce(url="http://127.0.0.1:1")

        with pytest.raises(DirectoryInUse) as refused:
            open_directory(tmp_path / "d")

        assert str(os.getpid()) in refused.value.why
        assert running_node(tmp_path / "d") == {"pid": os.getpid(), "url": "http://127.0.0.1:1"}
    assert running_node(tmp_path / "d") is None


def test_a_directory_that_was_closed_opens_again(tmp_path: Path) -> None:
    open_directory(tmp_path / "d").close()

    open_directory(tmp_path / "d").close()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_nobody_else_can_read_anything_in_it(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        with House(tmp_path / "d") as house:
            house.serve(identify("u1", "a-1", email="a@example.org"), order("u1"))
            house.send({"type": "nonsense"})
            house.consent("u1", "email", granted=True)
            house.write_state()
            house.verify()

            paths = [house.path, *house.path.rglob("*")]
            assert {path.name for path in paths} >= {
                "keys",
                "journal",
                "ledger",
                "state",
                "catalogue.sqlite",
                "vault.sqlite",
            }
            assert [(p.name, oct(mode(p))) for p in paths if mode(p) & 0o077] == []
            assert mode(house.path) == 0o700
            assert mode(house.path / "keys" / "secrets.json") == mode(house.path / "keys.json") == 0o600
    finally:
        os.umask(before)


def test_an_existing_empty_directory_is_taken_and_closed_to_others(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o755)

    open_directory(tmp_path / "d").close()

    assert mode(tmp_path / "d") == 0o700


NAMES = ["art9", "deadlines", "genes", "points", "purposes", "questions", "settings"]


def test_a_directory_prepared_with_definitions_is_taken(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for name in NAMES:
        (tmp_path / "d" / f"{name}.yaml").write_text("", "utf-8")

    open_directory(tmp_path / "d").close()


def test_somebody_elses_directory_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir(mode=0o755)
    (tmp_path / "d" / "photos.zip").touch()
    (tmp_path / "d").chmod(0o755)

    with pytest.raises(BadConfiguration, match=r"photos\.zip"):
        open_directory(tmp_path / "d")

    assert [path.name for path in (tmp_path / "d").iterdir()] == ["photos.zip"]
    assert mode(tmp_path / "d") == 0o755


def test_a_file_is_no_directory(tmp_path: Path) -> None:
    (tmp_path / "d").touch()

    with pytest.raises(BadConfiguration):
        open_directory(tmp_path / "d")


def test_a_command_does_not_make_a_directory_by_a_mistyped_name(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration):
        open_directory(tmp_path / "d", create=False)

    assert not (tmp_path / "d").exists()


def test_secrets_are_random_and_never_change(tmp_path: Path) -> None:
    with closing(open_directory(tmp_path / "one")) as one, closing(open_directory(tmp_path / "other")) as other:
        first = {name: getattr(one.secrets, name) for name in one.secrets.__slots__}

        assert len({*first.values(), *[getattr(other.secrets, name) for name in first]}) == 12
        assert read_secrets(tmp_path / "one") == one.secrets


def test_a_private_file_is_replaced_whole(tmp_path: Path) -> None:
    write_private(tmp_path / "f", b"before")
    write_private(tmp_path / "f", b"after")

    assert (tmp_path / "f").read_bytes() == b"after"
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


def test_the_first_start_makes_two_keys_and_no_later_one_does(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        keys = json.loads((house.path / "keys.json").read_bytes())
        assert keys == {"write_key": house.write_key, "server_key": house.server_key}

        house.restart()

        assert json.loads((house.path / "keys.json").read_bytes()) == keys
        assert house.node.first_keys() is None
        assert len(house.node.catalogue.all_keys()) == 2
