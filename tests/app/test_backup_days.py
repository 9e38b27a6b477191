"""A backup ends with the key of its day: afterwards nobody opens it, whatever else they kept."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.app import serving
from genom.app.backups import BackupKeys, back_up, check_backup, keys_of, prune, restore
from genom.app.backups.archive import members
from genom.app.backups.day_keys import day_of
from genom.app.backups.frames import FrameReader, FrameWriter
from genom.app.backups.head import Head, content_key, read_head
from genom.app.scanning import opened_contents
from genom.app.snapshot import CHECKED
from genom.errors import BadRequest, Corrupt
from genom.privacy import scan
from genom.settings import Settings
from tests.app.events import order, track
from tests.app.house import DAY, START, House
from tests.app.test_erasing import erase

WORDS = "correct horse battery"
TODAY = day_of(START)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("canary-user"), track("Canary Thing", "canary-user"), order("u2"))
        yield house


def two_places(tmp_path: Path) -> BackupKeys:
    for name in ("one", "two"):
        (tmp_path / name).mkdir(exist_ok=True)
    return BackupKeys([tmp_path / "one", tmp_path / "two"])


def key_files(keys: BackupKeys) -> list[Path]:
    return sorted(path for place in keys.places for path in place.glob("*.key*"))


def read(backup: Path, keys: BackupKeys, *, today: int, words: str = WORDS) -> list[str]:
    with backup.open("rb") as file:
        found = members(file, read_head(file), passphrase=words, keys=keys, today=today)
        return [one[0] for one in found if isinstance(one, tuple)]


def canaries(path: Path) -> list[object]:
    return list(scan(path, ["canary-user", "Canary Thing"], opened=opened_contents(path)))


def test_after_thirty_days_nobody_opens_a_backup(house: House, tmp_path: Path) -> None:
    keys = two_places(tmp_path)
    backup = back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START, keys=keys).path
    secret = key_files(keys)[0].read_bytes()
    assert not keys.end(TODAY + 29).destroyed
    assert "vault.sqlite" in read(backup, keys, today=TODAY + 29)  # as long as it is to open it does

    assert len(keys.end(TODAY + 30).destroyed) == 1

    with pytest.raises(BadRequest, match="has ended"):
        read(backup, keys, today=TODAY + 31)
    with pytest.raises(BadRequest, match="is not there"):
        read(backup, keys, today=TODAY)  # whoever turns the clock back has no key either
    later = keys.of_day(TODAY + 31)
    for other in (b"", bytes(32), later.secret):  # nor does the passphrase with anything that is left
        with backup.open("rb") as file:
            head = read_head(file)
            reader = FrameReader(file, head, content_key(head, WORDS, secret=other))
            with pytest.raises(Corrupt):
                reader.read(1)
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and secret in path.read_bytes()]


def test_a_copy_of_all_keys_of_a_month_ago_opens_nothing_of_whom_was_erased(house: House, tmp_path: Path) -> None:
    keys = keys_of(house.path, Settings())
    backup = back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START).path
    shutil.copytree(house.path / "keys", tmp_path / "old-keys")
    old_journal = shutil.copytree(house.path / "journal", tmp_path / "old-journal")
    erase(house, "canary-user")
    house.clock.now += 31 * DAY
    back_up(house.path, tmp_path / "new", passphrase=WORDS, now=house.clock.now)
    keys.end(day_of(house.clock.now))
    house.close()

    mixed = shutil.copytree(house.path, tmp_path / "mixed")
    shutil.rmtree(mixed / "keys")
    shutil.copytree(tmp_path / "old-keys", mixed / "keys")

    assert canaries(mixed) == []  # today's data with the old keys: the bodies themselves are gone
    with pytest.raises(BadRequest, match="has ended"):
        read(backup, keys, today=day_of(house.clock.now))  # and the backup of then cannot give its journal to them
    shutil.rmtree(mixed / "journal")
    old_journal.rename(mixed / "journal")
    assert canaries(mixed)  # the same search finds them where a journal of then lies about unsealed
    house.open()


def test_a_key_that_somebody_puts_back_is_refused_and_destroyed_again(house: House, tmp_path: Path) -> None:
    keys = two_places(tmp_path)
    backup = back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START, keys=keys).path
    kept = key_files(keys)[0]
    content = kept.read_bytes()
    keys.end(TODAY + 31)
    kept.write_bytes(content)

    with pytest.raises(BadRequest, match="has ended"):
        restore(backup, tmp_path / "again", passphrase=WORDS, keys=keys, now=START + 31 * DAY)

    assert keys.end(TODAY + 31).destroyed == [kept.name]
    assert key_files(keys) == []


def test_one_place_may_be_lost_and_is_filled_again(house: House, tmp_path: Path) -> None:
    keys = two_places(tmp_path)
    backup = back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START, keys=keys).path
    one, two = key_files(keys)
    one.unlink()
    assert read(backup, keys, today=TODAY)
    assert keys.of_day(TODAY + 1).day == TODAY + 1
    assert one.read_bytes() == two.read_bytes()

    two.write_bytes(bytes(31) + b"x")  # damaged: the other's counts, and mends it
    assert read(backup, keys, today=TODAY)
    keys.of_day(TODAY + 1)
    assert one.read_bytes() == two.read_bytes()
    assert all(path.stat().st_mode & 0o077 == 0 for path in key_files(keys))

    for path in (one, two):
        path.unlink()
    with pytest.raises(BadRequest, match="is not there") as refused:
        read(backup, keys, today=TODAY)
    assert "its mirror" in refused.value.fix


def test_a_named_place_that_is_not_mounted_stops_the_backup(house: House, tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    keys = BackupKeys([tmp_path / "one", tmp_path / "mount" / "keys"])

    with pytest.raises(BadRequest, match="cannot be written") as refused:
        back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START, keys=keys)

    assert str(tmp_path / "mount") in refused.value.why
    assert not (tmp_path / "b").exists()
    assert not (tmp_path / "mount").exists()  # nothing is made in its place
    (ended,) = keys.end(TODAY).unreachable
    assert "mount" in ended


def test_without_a_setting_the_keys_lie_beside_the_directory_and_say_what_they_are(
    house: House, tmp_path: Path
) -> None:
    written = back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START)
    check_backup(written.path, house.path, passphrase=WORDS, now=START)

    place = tmp_path / "d-backup-keys"
    assert place.stat().st_mode & 0o777 == 0o700
    assert sorted(path.suffix for path in place.iterdir()) == [".key", ".txt"]
    assert "Without them no backup can be opened" in (place / "READ-ME.txt").read_text()
    assert not (house.path / CHECKED).exists()


def test_the_place_beside_the_directory_counts_as_long_as_it_is_there(tmp_path: Path) -> None:
    settings = Settings(backup_keys=f"{tmp_path / 'one'}:{tmp_path / 'two'}", backup_days=7)
    two_places(tmp_path)
    keys_of(tmp_path / "d", Settings()).of_day(TODAY)  # from before the others were named

    named = keys_of(tmp_path / "d", settings)
    named.of_day(TODAY)

    assert ([one.name for one in named.places], named.days) == (["one", "two", "d-backup-keys"], 7)
    assert len({path.read_bytes() for path in key_files(named)}) == 1  # the new places have what it has
    assert len(key_files(named)) == 3
    named.end(TODAY + 7)
    assert key_files(named) == []
    shutil.rmtree(tmp_path / "d-backup-keys")
    assert [one.name for one in keys_of(tmp_path / "d", settings).places] == ["one", "two"]


def test_other_files_in_a_place_are_left_alone(tmp_path: Path) -> None:
    keys = two_places(tmp_path)
    keys.of_day(TODAY)
    others = ["server.key", "2020-01-01.key", "9999-99-99.0123456789abcdef.key", "2020-01-01.0123456789ABCDEF.key"]
    for name in others:
        (tmp_path / "one" / name).write_text("mine")

    keys.end(TODAY + 100)

    assert sorted(path.name for path in key_files(keys)) == sorted(others)


def test_a_key_of_a_day_to_come_is_told_and_not_destroyed(tmp_path: Path) -> None:
    keys = two_places(tmp_path)
    keys.of_day(TODAY + 400)

    assert not keys.end(TODAY).destroyed
    assert keys.to_come(TODAY) == [str(path) for path in key_files(keys)]
    assert keys.to_come(TODAY + 400) == []


@given(st.lists(st.integers(0, 90), min_size=1, max_size=12), st.integers(1, 30))
def test_whatever_the_days_every_backup_of_less_than_n_days_opens_and_no_other(
    tmp_path_factory: pytest.TempPathFactory, days: list[int], kept: int
) -> None:
    place = tmp_path_factory.mktemp("keys")
    keys, made = BackupKeys([place], days=kept), {}
    for day in sorted(days):
        made[day] = keys.of_day(day)
        keys.end(day)

    last = max(days)
    for day, key in made.items():
        assert keys.find(key.id) == (key.secret if last - day < kept else None)


def test_the_head_cannot_be_changed(house: House, tmp_path: Path) -> None:
    keys = two_places(tmp_path)
    backup = back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START, keys=keys).path
    content = bytearray(backup.read_bytes())
    content[32] += 1  # a day later
    (tmp_path / "later").write_bytes(content)

    with pytest.raises(Corrupt):
        read(tmp_path / "later", keys, today=TODAY)
    with pytest.raises(Corrupt, match="passphrase is another"):
        read(backup, keys, today=TODAY, words=WORDS + "!")


GOLDEN = {
    b"as the first format had it": "47454e4f4d424b3161b9331f632b7a1c1ed6c2df93d8cd3a2a00000014d524277f728acbeaf19b88a4"
    "d377d073e08e31d86a2ae078801bd559c99b8e63550c756551efbc3e1c",
    b"as the second format has it": "47454e4f4d424b32000102030405060708090a0b0c0d0e0f0123456789abcdef305100002b00000008"
    "8b6120a9949b62496eba11507662ee80690a013fa440feb4862a65550e71d9d23c620eb330d2302ec1ce",
}


@pytest.mark.parametrize("said", GOLDEN)
def test_each_format_opens_for_ever(said: bytes) -> None:
    file = io.BytesIO(bytes.fromhex(GOLDEN[said]))
    head = read_head(file)
    secret = b"" if head.old else b"k" * 32

    assert FrameReader(file, head, content_key(head, WORDS, secret=secret)).read(100) == said
    assert (head.key, head.day) == (("", 0) if b"first" in said else ("0123456789abcdef", 20_784))


def test_a_backup_of_the_first_format_opens_and_says_that_it_never_ends(house: House, tmp_path: Path) -> None:
    keys = two_places(tmp_path)
    backup = back_up(house.path, tmp_path / "b", passphrase=WORDS, now=START, keys=keys).path
    old = Head(magic=b"GENOMBK1", salt=bytes(16))
    with backup.open("rb") as source, (tmp_path / "old").open("wb") as target:
        head = read_head(source)
        secret = keys.find(head.key) or b""
        frames = FrameWriter(target, old, content_key(old, WORDS, secret=b""))
        archive = FrameReader(source, head, content_key(head, WORDS, secret=secret))
        while piece := archive.read(1 << 20):
            frames.write(piece)
        frames.close()

    done = restore(tmp_path / "old", tmp_path / "again", passphrase=WORDS, keys=BackupKeys([]), now=START + 99 * DAY)

    assert done.old
    assert canaries(tmp_path / "again")
    assert not restore(backup, tmp_path / "new", passphrase=WORDS, keys=keys, now=START).old


def test_backups_go_by_the_day_that_they_name_and_what_a_crash_left_goes_too(house: House, tmp_path: Path) -> None:
    kept = tmp_path / "backups"
    kept.mkdir()
    old = back_up(house.path, kept, passphrase=WORDS, now=START).path
    new = back_up(house.path, kept, passphrase=WORDS, now=START + 7 * DAY).path
    (kept / "genom-20260101T000000Z.backup.new").write_bytes(b"half")
    (kept / "mine.txt").write_text("kept")

    assert prune(kept, now=START + 7 * DAY, days=7) == [old.name]
    assert sorted(path.name for path in kept.iterdir()) == [new.name, "mine.txt"]


def test_what_a_check_left_goes_with_the_next_erasure(house: House, tmp_path: Path) -> None:
    left = house.path / CHECKED / "journal"
    left.mkdir(parents=True)
    (left / "x").write_bytes(b'{"userId":"canary-user"}')

    erase(house, "canary-user")

    assert not (house.path / CHECKED).exists()
    assert canaries(house.path) == []


def test_a_node_destroys_keys_by_itself_an_hour_after_its_start(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = keys_of(house.path, house.settings)
    keys.of_day(TODAY - 30)
    keys.of_day(TODAY)
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) > 1:
            raise asyncio.CancelledError

    monkeypatch.setattr(serving.asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        house.run(serving._end_backups(house.node))

    assert slept == [3600, 3600]
    assert [path.name[:10] for path in key_files(keys)] == ["2026-03-02"]
