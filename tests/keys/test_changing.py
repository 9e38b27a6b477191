"""Another root key: nothing but the wrapping changes, readers never wait, and the old key opens nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from genom.errors import BadConfiguration
from genom.keys import DayKeys, Epochs, Root, Slots, change_root, root_key, settle_root, write_private
from genom.keys.changing import ABOUT_SECRETS

FILES = ("secrets.json", "epochs.json", "days.json")
DEATHS = str(Path(__file__).parents[1] / "crash" / "deaths")
NEW = bytes(range(32))


def made(keys: Path) -> dict[str, object]:
    """A directory of keys, and all that it opens."""
    keys.mkdir()
    epochs = Epochs(keys)
    slots = Slots(keys / "profiles.keys", epochs, capacity=20)
    slots.make_room(3)
    slots.rotate()
    days = DayKeys(keys)
    for day in ("2026-11-26", "2026-11-27"):
        (keys / day).write_bytes(days.seal(day, b"a row"))
    sealed = Root(keys, first=False).wrap(b"behind hashes", about=ABOUT_SECRETS)
    write_private(keys / "secrets.json", json.dumps({"wrapped": sealed}).encode())
    return opened(keys)


def opened(keys: Path) -> dict[str, object]:
    """All that a directory of keys opens; raises BadConfiguration if something does not."""
    slots = Slots(keys / "profiles.keys", Epochs(keys), capacity=20, writable=False)
    days = DayKeys(keys)
    held = json.loads((keys / "secrets.json").read_bytes())["wrapped"]
    return {
        "profiles": [slots.key(profile) for profile in range(4)],
        "days": [days.open(day, (keys / day).read_bytes()) for day in days.days()],
        "secrets": Root(keys, first=False).unwrap(held, about=ABOUT_SECRETS, where=keys),
    }


def changed(keys: Path, new: bytes = NEW) -> None:
    place = keys / "root.key"
    change_root(keys, old=root_key(keys, {}), new=new, take=lambda: write_private(place, new, shred=True))


def test_everything_opens_as_before_and_nothing_under_the_old_key(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    before = made(keys)
    assert before["days"] == [b"a row", b"a row"]
    old, slots = (keys / "root.key").read_bytes(), (keys / "profiles.keys").read_bytes()

    changed(keys)

    assert opened(keys) == before
    assert (keys / "profiles.keys").read_bytes() == slots  # not even the keys of people are written
    assert not [name for name in FILES if re.search("[0-9a-f],[0-9a-f]", (keys / name).read_text())]  # one wrapping
    (keys / "root.key").write_bytes(old)
    for opens in (lambda: Epochs(keys), lambda: DayKeys(keys), lambda: opened(keys)):
        with pytest.raises(BadConfiguration, match="do not open"):
            opens()


@pytest.mark.parametrize("name", FILES)
def test_each_file_alone_says_nothing_to_the_old_key(tmp_path: Path, name: str) -> None:
    keys = tmp_path / "keys"
    made(keys)
    shutil.copytree(keys, tmp_path / "old")

    changed(keys)

    shutil.copy(keys / name, tmp_path / "old" / name)  # whoever kept the old directory gets one file of now
    with pytest.raises(BadConfiguration, match="do not open"):
        opened(tmp_path / "old")


def test_what_was_open_meanwhile_goes_on(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    made(keys)
    epochs, days, slots = Epochs(keys), DayKeys(keys), Slots(keys / "profiles.keys", Epochs(keys), capacity=20)
    with days.written_elsewhere():
        changed(keys)

    line = days.seal("2026-11-28", b"new")  # its key lies under the root key of now
    assert DayKeys(keys).open("2026-11-28", line) == b"new"
    assert DayKeys(keys).days() == ["2026-11-26", "2026-11-27", "2026-11-28"]
    held = slots.key(2)
    assert slots.rotate() == 3  # so does that of a new epoch
    assert Slots(keys / "profiles.keys", epochs, capacity=20).key(2) == held  # a reader learns of both


def test_a_key_that_opens_not_all_changes_nothing(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    made(keys)
    before = {name: (keys / name).read_bytes() for name in FILES}

    with pytest.raises(BadConfiguration, match="do not open"):
        change_root(keys, old=bytes(32), new=NEW, take=lambda: pytest.fail("it must not come so far"))

    assert {name: (keys / name).read_bytes() for name in FILES} == before


CHANGE = """
import sys
from contextlib import suppress
from pathlib import Path
from genom.keys import change_root, write_private
keys, old, new = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), bytes.fromhex(sys.argv[3])
take = (lambda: write_private(keys / "root.key", new, shred=True)) if sys.argv[4] == "file" else lambda: None
change_root(keys, old=old, new=new, take=take)
"""
STEPS = 28  # syncs and renames of a whole change: six files and the key, each written, and what stood there overwritten


def killed(keys: Path, at: int, old: bytes, *, how: str) -> int:
    trigger = keys.parent / "die"
    trigger.touch()
    env = os.environ | {"DEATH_AT": str(at), "DEATH_TRIGGER": str(trigger), "PYTHONPATH": DEATHS + os.pathsep + SOURCE}
    command = [sys.executable, "-c", CHANGE, str(keys), old.hex(), NEW.hex(), how]
    return subprocess.run(command, env=env, check=False, timeout=60).returncode


SOURCE = os.pathsep.join(sys.path)


@pytest.mark.parametrize("at", [*range(2, STEPS, 3), STEPS + 1])
def test_a_change_of_the_file_that_was_killed_opens_and_is_ended_at_the_next_start(tmp_path: Path, at: int) -> None:
    keys = tmp_path / "keys"
    before = made(keys)
    old = (keys / "root.key").read_bytes()

    assert killed(keys, at, old, how="file") == (-9 if at <= STEPS else 0)

    assert opened(keys) == before
    settle_root(keys)
    assert opened(keys) == before
    now = (keys / "root.key").read_bytes()
    assert now in {old, NEW}
    (keys / "root.key").write_bytes(NEW if now == old else old)
    with pytest.raises(BadConfiguration):  # only one of them opens anything
        opened(keys)


@pytest.mark.parametrize("at", [*range(1, STEPS - 4, 4)])
def test_a_change_to_a_key_from_elsewhere_that_was_killed_opens_under_one_of_them_and_goes_on(
    tmp_path: Path, at: int
) -> None:
    keys = tmp_path / "keys"
    before = made(keys)
    old = (keys / "root.key").read_bytes()

    assert killed(keys, at, old, how="given") == -9

    found = list[bytes]()
    for root in (old, NEW):
        (keys / "root.key").write_bytes(root)
        try:
            found += [root] if opened(keys) == before else []
        except BadConfiguration:
            content = {name: (keys / name).read_bytes() for name in FILES}
            with suppress(BadConfiguration):  # it says so if there is something to settle
                settle_root(keys)
            assert {name: (keys / name).read_bytes() for name in FILES} == content  # a wrong key settles nothing
    assert found
    change_root(keys, old=old, new=NEW, take=lambda: None)
    (keys / "root.key").write_bytes(NEW)
    assert opened(keys) == before
    (keys / "root.key").write_bytes(old)
    with pytest.raises(BadConfiguration):
        opened(keys)
