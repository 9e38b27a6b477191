"""kill -9 in the middle of a backup, of the destruction of a key, and of a restore: nothing is half, nothing stays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from genom.app.backups import BackupKeys
from genom.app.backups.day_keys import words_of
from genom.app.directory import open_directory
from genom.app.scanning import opened_contents
from genom.errors import BadConfiguration
from genom.privacy import scan
from tests import node as nodes
from tests.crash.test_erasing import CANARIES, lived
from tests.node import clean_environment, genom_command

WORDS = {"GENOM_BACKUP_PASSPHRASE": "correct horse battery"}
DEATHS = str(Path(__file__).parent / "deaths")


def genom(*given: str, at: int = 0, trigger: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command that dies at one of its writes."""
    env = WORDS | ({"DEATH_AT": str(at), "DEATH_TRIGGER": str(trigger), "PYTHONPATH": DEATHS} if at else {})
    command = [str(genom_command()), *given]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=clean_environment(env))


def good(*given: str) -> str:
    done = genom(*given)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which somebody lived, without a node."""
    path = tmp_path_factory.mktemp("lived") / "data"
    running = nodes.start(path)
    lived(running)
    assert running.stop() == 0
    return path


@pytest.mark.parametrize("at", [4, 8, 11, 40, *(pytest.param(n, marks=pytest.mark.soak) for n in range(2, 60))])
def test_a_backup_that_was_killed_is_whole_or_is_none(data: Path, tmp_path: Path, at: int) -> None:
    home, out, trigger = tmp_path / "data", tmp_path / "backups", tmp_path / "die"
    shutil.copytree(data, home)
    out.mkdir()
    trigger.touch()

    died = genom("backup", "--data", str(home), "--out", str(out), at=at, trigger=trigger)

    assert died.returncode == -9 or at > 11, died.stdout + died.stderr
    assert list(scan(out, CANARIES)) == []  # no plain copy beside the backups, whenever it died
    for whole in out.glob("*.backup"):  # whatever has its name has its key as well
        good("restore", str(whole), "--without-ledgers", "--keys", f"{home}-backup-keys", "--data", f"{whole}-open")
        shutil.move(f"{whole}-open", tmp_path / "open")
        whole.unlink()
    assert "it is whole" in good("backup", "--data", str(home), "--out", str(out))
    assert [path.suffix for path in out.iterdir()] == [".backup"]
    assert not (home / "live" / "restored").exists()
    assert not list(home.glob("tmp*"))
    assert len([path for path in Path(f"{home}-backup-keys").iterdir() if ".key" in path.name]) == 1


ENDING = "import sys; from pathlib import Path; from genom.app.backups import BackupKeys; "
ENDING += "BackupKeys([Path(sys.argv[1]), Path(sys.argv[2])]).end(int(sys.argv[3]))"


@pytest.mark.parametrize("at", range(1, 9))
def test_a_key_whose_destruction_was_killed_is_destroyed_the_next_time(tmp_path: Path, at: int) -> None:
    places = [tmp_path / "one", tmp_path / "two"]
    for place in places:
        place.mkdir()
    keys = BackupKeys(places)
    old, new = keys.of_day(20_000), keys.of_day(20_029)
    (tmp_path / "die").touch()
    env = {"DEATH_AT": str(at), "DEATH_TRIGGER": str(tmp_path / "die"), "PYTHONPATH": DEATHS}
    command = [sys.executable, "-c", ENDING, *map(str, places), "20030"]

    died = subprocess.run(command, check=False, timeout=60, env=os.environ | env)

    assert died.returncode == (-9 if at <= 6 else 0)  # zeros, name and directory, in each of two places
    assert keys.find(new.id) == new.secret
    keys.end(20_030)
    assert keys.find(old.id) is None
    assert (
        sorted(path.name for place in places for path in place.glob("*.key*"))
        == [f"{words_of(new.day)}.{new.id}.key"] * 2
    )


@pytest.fixture(scope="module")
def drill(data: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """How to restore a backup of before an erasure with the ledgers of after it; the directory is still to be named."""
    place = tmp_path_factory.mktemp("drill")
    home = shutil.copytree(data, place / "data")
    good("backup", "--data", str(home), "--out", str(place / "b"), "--no-check")
    good("erase", "--data", str(home), "--type", "user_id", "--value", "canary-user", "--yes")
    good("backup", "--ledgers", "--data", str(home), "--out", str(place / "l"))
    return ["restore", str(place / "b"), "--ledgers", str(place / "l"), "--keys", f"{home}-backup-keys", "--data"]


@pytest.mark.parametrize("at", [2, 15, 28, *(pytest.param(n, marks=pytest.mark.soak) for n in range(1, 60, 3))])
def test_a_restore_that_was_killed_serves_nobody_and_begins_anew(drill: list[str], tmp_path: Path, at: int) -> None:
    again, trigger = tmp_path / "again", tmp_path / "die"
    trigger.touch()

    died = genom(*drill, str(again), at=at, trigger=trigger)

    assert died.returncode == -9 or at > 28, died.stdout + died.stderr
    if died.returncode == -9:
        with pytest.raises(BadConfiguration, match="did not end"):
            open_directory(again)
        assert "1 person was erased" in good(*drill, str(again))
    assert list(scan(again, CANARIES, opened=opened_contents(again))) == []
    known = genom("verify", "--data", str(again))
    assert known.returncode == 0, known.stdout + known.stderr
