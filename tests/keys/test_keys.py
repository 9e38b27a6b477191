"""Data keys: provided ahead, bound to their place, destroyed for good, wrapped anew without touching what they seal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.errors import BadConfiguration, Corrupt, UnknownFormat
from genom.keys import PLAIN, BodyCipher, DayKeys, Epochs, Slots, root_key, write_private
from genom.words import ROW, Kind

CAPACITY = 40


def slots_of(path: Path, *, writable: bool = True) -> Slots:
    path.mkdir(exist_ok=True)
    return Slots(path / "slots", Epochs(path), capacity=CAPACITY, writable=writable)


def rows_of(*kinds: int, profile: int = 3, first: int = 1, bodies: tuple[bytes, ...] = ()) -> tuple[np.ndarray, bytes]:
    rows, at = np.zeros(len(kinds), ROW), 0
    for place, (kind, body) in enumerate(zip(kinds, bodies, strict=True)):
        rows[place]["profile"], rows[place]["sequence"], rows[place]["kind"] = profile, first + place, kind
        rows[place]["body_start"], rows[place]["body_length"] = at, len(body)
        at += len(body)
    return rows, b"".join(bodies)


def test_keys_are_there_before_they_are_needed_and_stay_the_same(tmp_path: Path) -> None:
    slots = slots_of(tmp_path)
    slots.make_room(5)
    keys = [slots.key(profile) for profile in range(CAPACITY + 1)]
    slots.close()

    again = slots_of(tmp_path)

    assert len(set(keys)) == CAPACITY + 1
    assert [again.key(profile) for profile in range(CAPACITY + 1)] == keys
    assert not again.made
    assert not any(key in (tmp_path / "slots").read_bytes() for key in keys if key)


def test_starts_are_counted_for_good(tmp_path: Path) -> None:
    first = slots_of(tmp_path)
    assert [first.next_start(), first.next_start()] == [1, 2]
    first.close()

    assert slots_of(tmp_path).next_start() == 3


def test_a_destroyed_key_is_gone_from_memory_file_and_every_later_reader(tmp_path: Path) -> None:
    slots = slots_of(tmp_path)
    slots.make_room(0)
    key, place = slots.key(7), 2 * 64 + 7 * 64
    wrapped = (tmp_path / "slots").read_bytes()[place : place + 64]
    assert (slots.destroy([7, 8]), slots.destroy([7])) == (2, 0)
    slots.sync()

    assert key is not None
    assert slots.key(7) is None
    assert not slots.has(7)
    assert wrapped not in (tmp_path / "slots").read_bytes()
    assert slots_of(tmp_path, writable=False).key(7) is None
    slots.make_room(CAPACITY)
    assert slots.key(7) is None
    assert slots.key(9) is not None


def test_a_rotation_changes_the_wrapping_alone_and_the_old_keys_open_nothing(tmp_path: Path) -> None:
    slots = slots_of(tmp_path)
    slots.make_room(0)
    keys = [slots.key(profile) for profile in range(CAPACITY + 1)]
    slots.destroy([4])
    keys[4] = None
    old_epochs, old_slots = (tmp_path / "epochs.json").read_bytes(), (tmp_path / "slots").read_bytes()
    reader = slots_of(tmp_path, writable=False)
    told: list[tuple[int, int]] = []

    assert slots.rotate(lambda done, of: told.append((done, of))) == 2

    assert told[-1] == (CAPACITY + 1, CAPACITY + 1)
    assert [slots_of(tmp_path).key(profile) for profile in range(CAPACITY + 1)] == keys
    assert [reader.key(profile) for profile in range(CAPACITY + 1)] == keys  # one that was open meanwhile
    assert Epochs(tmp_path).numbers == [2]
    (tmp_path / "epochs.json").write_bytes(old_epochs)  # whoever kept the old key opens nothing of now
    with pytest.raises(Corrupt, match="does not open"):
        slots_of(tmp_path).key(1)
    (tmp_path / "slots").write_bytes(old_slots)  # both of before are one backup, and open
    assert slots_of(tmp_path).key(1) == keys[1]


def test_a_rotation_that_was_killed_goes_on_with_both_epochs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slots = slots_of(tmp_path)
    slots.make_room(0)
    keys = [slots.key(profile) for profile in range(CAPACITY + 1)]
    rewrap, done = slots._rewrap, []

    def dies(profile: int, epoch: int) -> None:
        if profile == 20:
            raise KeyboardInterrupt
        done.append(profile)
        rewrap(profile, epoch)

    monkeypatch.setattr(slots, "_rewrap", dies)
    with pytest.raises(KeyboardInterrupt):
        slots.rotate()

    again = slots_of(tmp_path)
    assert done == list(range(20))
    assert again._epochs.numbers == [1, 2]
    assert [again.key(profile) for profile in range(CAPACITY + 1)] == keys
    assert again.rotate() == 3
    assert Epochs(tmp_path).numbers == [3]
    assert [slots_of(tmp_path).key(profile) for profile in range(CAPACITY + 1)] == keys


def test_a_key_belongs_to_its_place(tmp_path: Path) -> None:
    slots = slots_of(tmp_path)
    slots.make_room(0)
    content = bytearray((tmp_path / "slots").read_bytes())
    content[128 + 64 : 128 + 128], content[128 + 128 : 128 + 192] = (
        content[128 + 128 : 128 + 192], content[128 + 64 : 128 + 128],
    )  # fmt: skip
    (tmp_path / "slots").write_bytes(content)

    with pytest.raises(Corrupt, match="profile 1"):
        slots_of(tmp_path).key(1)


@pytest.mark.parametrize("damage", ["one", "both", "format"])
def test_a_damaged_head_is_told_or_the_other_counts(tmp_path: Path, damage: str) -> None:
    slots = slots_of(tmp_path)
    slots.make_room(0)
    slots.next_start()
    key = slots.key(1)
    slots.close()
    content = bytearray((tmp_path / "slots").read_bytes())
    for at in (0,) if damage == "one" else (0, 64):
        content[at + 20] ^= 1
        if damage == "format":
            content[at + 20] ^= 1
            content[at + 8] = 9

            content[at + 60 : at + 64] = crc32(content[at : at + 60]).to_bytes(4, "little")
    (tmp_path / "slots").write_bytes(content)

    if damage == "one":
        assert slots_of(tmp_path).key(1) == key
    else:
        with pytest.raises(Corrupt if damage == "both" else UnknownFormat):
            slots_of(tmp_path)


WAYS: dict[str, Mapping[str, str]] = {
    "file": {}, "digits": {"GENOM_KEY": "ab" * 32}, "passphrase": {"GENOM_KEY_PASSPHRASE": "correct horse battery"}
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_the_root_key_may_come_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    for name, value in WAYS[way].items():
        monkeypatch.setenv(name, value)
    slots = slots_of(tmp_path)
    slots.make_room(0)
    key = slots.key(1)

    assert slots_of(tmp_path).key(1) == key
    assert (tmp_path / "root.key").exists() == (way == "file")
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())
    monkeypatch.setenv("GENOM_KEY", "cd" * 32)
    with pytest.raises(BadConfiguration, match="do not open"):
        slots_of(tmp_path)


def test_a_key_file_elsewhere_that_is_not_mounted_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENOM_KEY_FILE", str(tmp_path / "mount" / "key"))
    with pytest.raises(BadConfiguration, match="cannot be read"):
        slots_of(tmp_path)
    (tmp_path / "mount").mkdir()
    (tmp_path / "mount" / "key").write_bytes(os.urandom(31))
    with pytest.raises(BadConfiguration, match="31 bytes"):
        slots_of(tmp_path)


@pytest.mark.parametrize("environment", [{"GENOM_KEY": "xy"}, {"GENOM_KEY": "00"}, {"GENOM_KEY_PASSPHRASE": "short"}])
def test_a_key_that_is_none_is_refused_in_words(tmp_path: Path, environment: Mapping[str, str]) -> None:
    with pytest.raises(BadConfiguration, match="cannot be used"):
        root_key(tmp_path, environment)


@given(bodies=st.lists(st.binary(max_size=60), min_size=1, max_size=30), first=st.integers(1, 2**63))
def test_what_was_sealed_opens_to_the_same_and_nothing_of_it_is_plain(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[bytes], first: int
) -> None:
    slots = slots_of(tmp_path_factory.mktemp("keys"))
    cipher = BodyCipher(slots, start=slots.next_start())
    rows, whole = rows_of(*[1] * len(bodies), first=first, bodies=tuple(bodies))
    before = rows.copy()

    sealed, data = cipher.seal(rows, whole)

    assert (rows == before).all()  # whoever folds the rows meanwhile sees plain ones
    for row, body in zip(sealed, bodies, strict=True):
        piece = data[int(row["body_start"]) : int(row["body_start"]) + int(row["body_length"])]
        assert cipher.open(row, piece) == body if body else not piece
        assert len(body) < 6 or body not in data


@pytest.mark.parametrize("change", ["bit", "row", "profile", "start", "cut", "cipher"])
def test_a_body_is_bound_to_its_row(tmp_path: Path, change: str) -> None:
    slots = slots_of(tmp_path)
    cipher = BodyCipher(slots, start=slots.next_start())
    sealed, data = cipher.seal(*rows_of(1, bodies=(b"what somebody did",)))
    row = sealed[0].copy()
    if change == "bit":
        data = bytes([data[0] ^ 1]) + data[1:]
    elif change == "cut":
        data = data[:10]
    else:
        row[{"row": "sequence", "profile": "profile", "start": "key", "cipher": "cipher"}[change]] += 1

    with pytest.raises(UnknownFormat if change == "cipher" else Corrupt):
        cipher.open(row, data)


def test_without_its_key_a_body_is_nothing_and_none_is_sealed(tmp_path: Path) -> None:
    slots = slots_of(tmp_path)
    cipher = BodyCipher(slots, start=slots.next_start())
    sealed, data = cipher.seal(*rows_of(1, bodies=(b"what somebody did",)))
    slots.destroy([3])

    assert cipher.open(sealed[0], data) == b""
    assert cipher.seal(*rows_of(1, bodies=(b"what somebody did",)))[1] == b""


@pytest.mark.parametrize("kind", sorted(PLAIN))
def test_what_is_of_no_person_stays_plain(tmp_path: Path, kind: int) -> None:
    cipher = BodyCipher(slots_of(tmp_path), start=1)

    sealed, data = cipher.seal(*rows_of(kind, bodies=(b"TEA",)))

    assert (data, int(sealed[0]["cipher"]), Kind(kind) in {Kind.TERM, Kind.UNLINK}) == (b"TEA", 0, True)


def test_the_same_sequence_in_two_starts_has_two_nonces(tmp_path: Path) -> None:
    slots = slots_of(tmp_path)
    rows, body = rows_of(1, bodies=(bytes(40),))
    one, two = (BodyCipher(slots, start=slots.next_start()).seal(rows, body)[1] for _ in range(2))

    assert one[:40] != two[:40]


def test_a_crash_while_an_epoch_ends_leaves_the_old_file_or_the_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs = Epochs(tmp_path)
    wrapped = epochs.wrap(1, b"k" * 32, about=b"7")
    epochs.begin()
    old = (tmp_path / "epochs.json").stat().st_ino

    def cut(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "pwrite", cut)  # the machine stops where the old file's bytes would be overwritten
    with pytest.raises(KeyboardInterrupt):
        epochs.end_before(2)
    monkeypatch.undo()

    assert (tmp_path / "epochs.json").stat().st_ino != old
    assert Epochs(tmp_path).numbers == [2]
    assert Epochs(tmp_path).unwrap(1, wrapped, about=b"7") is None


def test_a_file_that_is_replaced_for_good_leaves_no_bytes(tmp_path: Path) -> None:
    write_private(tmp_path / "f", b"secret" * 100)
    with (tmp_path / "f").open("rb") as before:
        write_private(tmp_path / "f", b"new", shred=True)
        assert before.read() == bytes(600)

    assert (tmp_path / "f").read_bytes() == b"new"


def test_the_key_of_a_day_is_its_own_and_is_lost_with_another_root(tmp_path: Path) -> None:
    days = DayKeys(tmp_path)
    one, other = days.seal("2026-11-26", b"row"), days.seal("2026-11-27", b"row")
    assert (days.open("2026-11-26", one), days.open("2026-11-26", other)) == (b"row", None)
    assert days.open("2026-11-26", one[:-4]) is days.open("2026-11-26", b"{}") is None

    days.end(["2026-11-26", "2026-01-01"])
    again = DayKeys(tmp_path)
    assert (again.days(), again.open("2026-11-27", other)) == (["2026-11-27"], b"row")

    (tmp_path / "root.key").write_bytes(bytes(32))
    with pytest.raises(BadConfiguration, match="do not open"):
        DayKeys(tmp_path)
    (tmp_path / "root.key").unlink()
    with pytest.raises(BadConfiguration):
        DayKeys(tmp_path)
    assert not (tmp_path / "root.key").exists()
