"""The consent ledger: what it acknowledged it keeps, and what it keeps it can prove."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from genom.consent import GENESIS, Entry, Head, Ledger
from genom.errors import Busy, Corrupt, UnknownFormat


def entry(purpose: str = "email", *, granted: bool = True, subjects: tuple[str, ...] = ("a1", "b2")) -> Entry:
    return Entry(
        at=1_700_000_000_000,
        subjects=subjects,
        purpose=purpose,
        granted=granted,
        text="cd",
        mechanism="api",
        source="Läden",
        actor="person",
    )


def written(directory: Path, count: int) -> Path:
    """A ledger with so many entries, closed; its only file."""
    with Ledger(directory) as ledger:
        ledger.append([entry(f"p{number}") for number in range(count)])
    return directory / "000001.jsonl"


def purposes_in(directory: Path) -> list[str]:
    with Ledger(directory) as ledger:
        return [each.purpose for each in ledger.replay()]


def test_what_was_appended_is_replayed_after_a_restart(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        first = ledger.append([entry("email"), entry("recommend", granted=False)])
        second = ledger.append([entry("price")])

    with Ledger(tmp_path) as ledger:
        assert list(ledger.replay()) == first + second
        assert [each.n for each in first + second] == [1, 2, 3]
        assert ledger.head == Head(3, second[0].hash)


def test_an_empty_ledger_has_an_empty_chain(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger") as ledger:
        assert ledger.append([]) == []
        assert (ledger.head, list(ledger.replay()), ledger.torn) == (GENESIS, [], 0)


def test_anyone_can_check_the_chain_with_standard_tools(tmp_path: Path) -> None:
    path = written(tmp_path, 3)

    before = "0" * 64
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        members = json.loads(line)
        own = members.pop("hash")
        canonical = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert (members["n"], members["prev"]) == (number, before)
        assert hashlib.sha256(canonical.encode()).hexdigest() == own
        before = own


def test_a_line_has_exactly_these_members(tmp_path: Path) -> None:
    line = written(tmp_path, 1).read_text("utf-8")

    members = "n at subjects purpose granted text mechanism source actor prev hash"
    assert list(json.loads(line)) == members.split()


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    (tmp_path / "ledger").mkdir(mode=0o755)

    path = written(tmp_path / "ledger", 1)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_torn_last_line_is_cut_at_every_byte(tmp_path: Path) -> None:
    path = written(tmp_path, 3)
    whole = path.read_bytes()
    start = whole.rfind(b"\n", 0, -1) + 1

    for end in range(start, len(whole)):
        path.write_bytes(whole[:end])
        with Ledger(tmp_path) as ledger:
            assert ledger.torn == (end > start)
            assert [each.n for each in ledger.replay()] == [1, 2]
        assert path.read_bytes() == whole[:start]


def test_the_ledger_goes_on_after_a_cut(tmp_path: Path) -> None:
    path = written(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:-5])

    with Ledger(tmp_path) as ledger:
        ledger.append([entry("again")])

    assert purposes_in(tmp_path) == ["p0", "again"]


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80])
def test_a_flipped_byte_is_found_wherever_it_is(tmp_path: Path, flip: int) -> None:
    path = written(tmp_path, 3)
    whole = path.read_bytes()

    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ flip]) + whole[place + 1 :])
        with pytest.raises(Corrupt, match=r"000001\.jsonl"):
            purposes_in(tmp_path)


def test_damage_in_the_middle_is_named_with_its_line_and_the_way_out(tmp_path: Path) -> None:
    path = written(tmp_path, 3)
    path.write_bytes(path.read_bytes().replace(b'"p1"', b'"p7"'))

    with pytest.raises(Corrupt, match=r"(?s)000001.jsonl, line 2.*restore this file.*backup"):
        purposes_in(tmp_path)


def test_a_line_written_in_another_way_is_not_what_was_written(tmp_path: Path) -> None:
    path = written(tmp_path, 2)
    path.write_bytes(path.read_bytes().replace(b'{"n":1,', b'{"n": 1,'))

    with pytest.raises(Corrupt, match="line 1"):
        purposes_in(tmp_path)


@pytest.mark.parametrize(
    "lines", [[0, 2], [1, 2], [0, 2, 1], [0, 1, 1, 2]], ids=["gap", "no start", "swapped", "twice"]
)
def test_whole_lines_that_are_missing_moved_or_doubled_break_the_chain(tmp_path: Path, lines: list[int]) -> None:
    path = written(tmp_path, 3)
    whole = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(whole[number] for number in lines))

    with pytest.raises(Corrupt, match="does not continue"):
        purposes_in(tmp_path)


def test_a_record_of_a_newer_format_is_refused_as_such(tmp_path: Path) -> None:
    path = written(tmp_path, 1)
    members = json.loads(path.read_text("utf-8")) | {"later": "eu"}
    del members["hash"]
    canonical = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    members["hash"] = hashlib.sha256(canonical.encode()).hexdigest()
    path.write_text(json.dumps(members, separators=(",", ":"), ensure_ascii=False) + "\n", "utf-8")

    with pytest.raises(UnknownFormat, match=r"(?s)newer format.*upgrade Genom"):
        Ledger(tmp_path)


def test_files_rotate_and_the_chain_runs_through_them(tmp_path: Path) -> None:
    for number in range(6):
        with Ledger(tmp_path, file_bytes=800) as ledger:
            ledger.append([entry(f"p{number}")])

    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["000001.jsonl", "000002.jsonl", "000003.jsonl"]
    assert all(path.stat().st_size <= 800 for path in tmp_path.iterdir())
    assert purposes_in(tmp_path) == [f"p{number}" for number in range(6)]


def test_a_new_file_that_is_still_empty_changes_nothing(tmp_path: Path) -> None:
    written(tmp_path, 2)
    (tmp_path / "000002.jsonl").touch()

    with Ledger(tmp_path) as ledger:
        ledger.append([entry("p2")])

    assert purposes_in(tmp_path) == ["p0", "p1", "p2"]


def test_only_the_last_file_may_be_torn(tmp_path: Path) -> None:
    path = written(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:-5])
    (tmp_path / "000002.jsonl").touch()

    with pytest.raises(Corrupt, match="although later files exist"):
        Ledger(tmp_path)


def test_a_file_taken_out_or_cut_short_in_the_middle_is_found(tmp_path: Path) -> None:
    with Ledger(tmp_path, file_bytes=1) as ledger:
        for number in range(3):
            ledger.append([entry(f"p{number}")])
    middle = tmp_path / "000002.jsonl"
    whole = middle.read_bytes()

    for damage in (whole[:-1], whole[:-1] + b" ", b""):
        middle.write_bytes(damage)
        with pytest.raises(Corrupt, match=r"00000[23].jsonl"):
            purposes_in(tmp_path)


def test_a_batch_is_one_write_and_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def count(name: str) -> None:
        real = getattr(os, name)

        def counted(*args: object) -> object:
            calls.append(name)
            return real(*args)

        monkeypatch.setattr(os, name, counted)

    with Ledger(tmp_path) as ledger:
        count("write")
        count("fdatasync")
        ledger.append([entry() for _ in range(100)])

    assert calls == ["write", "fdatasync"]


def half_then_full(descriptor: int, data: bytes, *, real: Callable[[int, bytes], int] = os.write) -> int:
    """A disk with room for a line and a half, and then for none."""
    if len(data) < 600:
        raise OSError(errno.ENOSPC, "No space left on device")
    return real(descriptor, data[:500])


def test_a_full_disk_leaves_nothing_half_written_and_goes_on_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, 2)
    before = path.read_bytes()

    with Ledger(tmp_path) as ledger:
        with monkeypatch.context() as full:
            full.setattr(os, "write", half_then_full)
            with pytest.raises(Busy, match="no room"):
                ledger.append([entry("lost")] * 3)
        assert path.read_bytes() == before
        ledger.append([entry("later")])

    assert purposes_in(tmp_path) == ["p0", "p1", "later"]


def test_no_room_for_a_new_file_is_busy_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def full(path: Path, flags: int, *args: int) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(path, flags, *args)

    with Ledger(tmp_path, file_bytes=1) as ledger:
        ledger.append([entry("p0")])
        with monkeypatch.context() as disk:
            disk.setattr(os, "open", full)
            with pytest.raises(Busy):
                ledger.append([entry("lost")])
        ledger.append([entry("p1")])

    assert purposes_in(tmp_path) == ["p0", "p1"]


def test_a_failed_sync_is_fatal_and_never_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with Ledger(tmp_path) as ledger:
        acknowledged = ledger.append([entry("p0")])
        with monkeypatch.context() as disk:
            disk.setattr(os, "fdatasync", broken)
            with pytest.raises(OSError, match="Input/output"):
                ledger.append([entry("unknown")])
        with pytest.raises(OSError, match="restart the node"):
            ledger.append([entry("refused")])
        assert list(ledger.replay()) == acknowledged

    assert purposes_in(tmp_path) in (["p0"], ["p0", "unknown"])


def test_text_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        with pytest.raises(UnicodeEncodeError):
            ledger.append([entry("p0"), entry("\ud800")])
        ledger.append([entry("p1")])

    assert purposes_in(tmp_path) == ["p1"]


def test_a_closed_ledger_takes_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.close()

    with pytest.raises(ValueError, match="closed"):
        ledger.append([entry()])


def test_watchers_are_told_of_what_was_written(tmp_path: Path) -> None:
    told: list[Entry] = []
    with Ledger(tmp_path) as ledger:
        ledger.watchers.append(told.extend)
        written = ledger.append([entry("email"), entry("price")])
        ledger.append([])

    assert told == written
