"""Backups: made while a node works, whole or refused, and restored without whom was erased since (the drill)."""

from __future__ import annotations

import io
import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import pytest

from genom.app.backups import BackupKeys, Restored, back_up, check_backup, prune
from genom.app.backups import restore as restore_with
from genom.app.backups.frames import FrameReader, FrameWriter
from genom.app.backups.head import content_key, made_head, read_head
from genom.app.commit import now_ms
from genom.app.scanning import opened_contents
from genom.errors import BadRequest, Corrupt, UnknownFormat
from genom.privacy import Hit, scan
from tests.app.events import identify, order, track
from tests.app.house import DAY, START, House

PASSPHRASE = "correct horse battery"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def keys_in(tmp_path: Path) -> BackupKeys:
    """Where a house at `tmp_path / "d"` keeps the keys of its backups."""
    return BackupKeys([tmp_path / "d-backup-keys"])


def restore(path: Path, directory: Path, *, passphrase: str = PASSPHRASE, now: int = START, **more: Any) -> Restored:
    keys = more.pop("keys", None) or keys_in(directory.parent)
    return restore_with(path, directory, passphrase=passphrase, keys=keys, now=now, **more)


def made(house: House, tmp_path: Path, name: str = "one.backup") -> Path:
    return back_up(house.path, tmp_path / name, passphrase=PASSPHRASE, now=house.clock.now).path


def test_what_was_restored_is_what_was_there(house: House, tmp_path: Path) -> None:
    house.serve(order("u1"), identify("u1", "a-1", email="ada@mail.example"), order("u2", 7.0))
    house.consent("u1", "personalise_onsite", granted=True)
    record = house.decide("u1")
    house.send({"type": "track", "userId": "bad"})
    genome = house.genome("u1")
    backup = made(house, tmp_path)
    assert backup.stat().st_mode & 0o777 == 0o600

    done = restore(backup, tmp_path / "again", passphrase=PASSPHRASE)

    assert (done.journal_last, done.entries) == (house.node.journal.last, 1)
    with House(tmp_path / "again", clock=house.clock) as again:
        assert again.genome("u1") == genome
        assert again.get(f"/v1/decisions/{record['decision_id']}").told == record
        assert again.person("u1") == house.person("u1")
        assert again.node.bad_rows.count() == 1
        assert again.get("/v1/stats", key=house.server_key).status == 200
        assert again.verify().equal
        again.serve(order("u1"), order("new"))  # and it goes on
        assert again.orders("u1") == 2
        again.restart()
        assert again.verify().equal


def test_a_backup_while_events_arrive_is_of_some_moment(house: House, tmp_path: Path) -> None:
    chance = Random(5)
    for number in range(6):
        for _ in range(chance.randrange(1, 5)):
            house.serve(*(order(f"u{chance.randrange(9)}") for _ in range(chance.randrange(1, 9))))
        backup = made(house, tmp_path, f"{number}.backup")
        done = check_backup(backup, house.path, passphrase=PASSPHRASE, now=house.clock.now)
        assert done.journal_last == house.node.journal.last


def test_the_drill(house: House, tmp_path: Path) -> None:
    """Backup, erasure, loss of the directory, restore with the ledger that was kept apart: the person stays erased."""
    house.serve(order("canary-user"), identify("canary-user", "a-canary-device", email="canary@mail.example"))
    house.serve(track("Canary Thing", "canary-user"), order("u2"))
    house.consent("canary-user", "email", granted=False)
    backup = made(house, tmp_path)
    before = house.genome("u2")
    house.post("/v1/people:erase", {"type": "user_id", "value": "canary-user"}).told  # noqa: B018
    house.run(house.app.erasing.finish())
    house.consent("u2", "email", granted=True)
    copytree(house.path / "ledger", tmp_path / "ledger")

    done = restore(backup, tmp_path / "again", passphrase=PASSPHRASE, ledgers=tmp_path / "ledger")

    canaries = ["canary-user", "a-canary-device", "canary@mail.example", "Canary Thing"]
    assert (done.erased, done.entries) == (1, 3)
    assert list(scan(tmp_path / "again", canaries, opened=opened_contents(tmp_path / "again"))) == []
    plain = restore(backup, tmp_path / "without", passphrase=PASSPHRASE)
    opened = scan(tmp_path / "without", canaries, opened=opened_contents(tmp_path / "without"))
    assert {hit.text for hit in opened if isinstance(hit, Hit)} == set(canaries)  # it can find
    assert plain.erased == 0
    with House(tmp_path / "again", clock=house.clock) as again:
        assert again.post("/v1/people:lookup", {"type": "user_id", "value": "canary-user"}).status == 404
        assert again.genome("u2") == before
        node = again.node
        person = node.world.profiles.find("user_id", "u2")
        assert node.pipeline.permits.choice_of(person, now_ms()).grant == node.purposes.bit("email")
        again.clock.now += DAY
        assert again.send(order("canary-user", at=START - 1)).told["erased"] == 1
        again.serve(order("canary-user", at=again.clock.now))
        back = node.world.profiles.find("user_id", "canary-user")
        assert node.pipeline.permits.choice_of(back, now_ms()).deny == node.purposes.bit("email")
        assert again.verify().equal


def test_another_ledger_is_refused(house: House, tmp_path: Path) -> None:
    house.consent("u1", "email", granted=True)
    backup = made(house, tmp_path)
    with House(tmp_path / "other") as other:
        other.consent("u1", "recommend", granted=True)
        other.consent("u1", "email", granted=True)

    with pytest.raises(BadRequest, match="do not continue"):
        restore(backup, tmp_path / "again", passphrase=PASSPHRASE, ledgers=tmp_path / "other" / "ledger")
    assert not (tmp_path / "again").exists()


def test_a_cut_or_changed_backup_is_refused_and_leaves_nothing(house: House, tmp_path: Path) -> None:
    house.serve(order("u1"))
    whole = made(house, tmp_path).read_bytes()
    bad, chance = tmp_path / "bad.backup", Random(2)
    for number in range(12):
        data = bytearray(whole)
        if number % 3 == 0:
            data = data[: chance.randrange(40, len(data))]
        elif number % 3 == 1:
            data[chance.randrange(24, len(data))] ^= 1 << chance.randrange(8)
        else:
            data += b"more"
        bad.write_bytes(data)
        with pytest.raises(Corrupt):
            restore(bad, tmp_path / "again", passphrase=PASSPHRASE)
        assert not (tmp_path / "again").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else", b"GENOMBK9" + bytes(40)])
def test_what_is_no_backup_says_so(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)

    with pytest.raises(UnknownFormat):
        restore(tmp_path / "x", tmp_path / "again", passphrase=PASSPHRASE)


def test_another_passphrase_opens_nothing(house: House, tmp_path: Path) -> None:
    backup = made(house, tmp_path)

    with pytest.raises(Corrupt, match="passphrase is another"):
        restore(backup, tmp_path / "again", passphrase=PASSPHRASE + "!")
    with pytest.raises(BadRequest, match="fewer than 12"):
        back_up(house.path, tmp_path / "two", passphrase="short", now=0)
    assert not (tmp_path / "two").exists()


def test_nothing_in_a_backup_can_be_read_without_the_passphrase(house: House, tmp_path: Path) -> None:
    house.serve(track("Canary Thing", "canary-user"))
    backup = made(house, tmp_path)
    (tmp_path / "apart").mkdir()
    backup.rename(tmp_path / "apart" / "b")

    assert list(scan(tmp_path / "apart", ["canary-user", "Canary Thing", "catalogue.sqlite"])) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("../out", "file"),
        ("/tmp/out", "file"),
        ("keys/../../out", "file"),
        ("journal/link", "link"),
        ("a\\..\\b", "file"),
    ],
)
def test_a_backup_that_names_places_outside_is_refused(tmp_path: Path, name: str, kind: str) -> None:
    with (tmp_path / "x").open("wb") as file:
        head = made_head(None, day=0)
        frames = FrameWriter(file, head, content_key(head, PASSPHRASE, secret=b""))
        with tarfile.TarFile.open(fileobj=frames, mode="w|") as archive:  # type: ignore[call-overload]
            member = tarfile.TarInfo(name)
            if kind == "link":
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            else:
                member.size = 3
            archive.addfile(member, io.BytesIO(b"bad"))
        frames.close()

    with pytest.raises(Corrupt, match="place outside"):
        restore(tmp_path / "x", tmp_path / "again", passphrase=PASSPHRASE)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x"]


def test_nothing_is_replaced(house: House, tmp_path: Path) -> None:
    backup = made(house, tmp_path)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("kept")

    with pytest.raises(BadRequest, match="not empty"):
        restore(backup, tmp_path / "full", passphrase=PASSPHRASE)
    with pytest.raises(BadRequest, match="exists"):
        made(house, tmp_path)
    assert (tmp_path / "full" / "mine").read_text() == "kept"


def test_backups_of_a_directory_end_after_thirty_days(house: House, tmp_path: Path) -> None:
    kept = tmp_path / "backups"
    kept.mkdir()
    old = back_up(house.path, kept, passphrase=PASSPHRASE, now=START).path
    new = back_up(house.path, kept, passphrase=PASSPHRASE, now=START + 31 * DAY).path
    for path, at in ((old, START), (new, START + 31 * DAY)):
        os.utime(path, (at / 1000, at / 1000))

    assert prune(kept, now=START + 31 * DAY) == [old.name]
    assert [path.name for path in kept.iterdir()] == [new.name]


def test_frames_give_back_what_was_written_in_any_pieces() -> None:
    chance, data = Random(1), Random(2).randbytes(3_000_001)
    file, head = io.BytesIO(), made_head(None, day=0)
    key = content_key(head, PASSPHRASE, secret=b"")
    writer, at = FrameWriter(file, head, key), 0
    while at < len(data):
        size = chance.randrange(1, 900_000)
        writer.write(data[at : at + size])
        at += size
    writer.close()
    file.seek(0)
    reader = FrameReader(file, read_head(file), key)

    assert b"".join(iter(lambda: reader.read(chance.randrange(1, 700_000)), b"")) == data
