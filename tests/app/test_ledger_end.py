"""Entries that are missing at the end of the ledger are noticed at a start, and nothing else is taken for that."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app import ledgers
from genom.app.backups import BackupKeys, back_up, restore
from genom.app.catalogue import Catalogue
from genom.app.ledgers import LEDGER_HEAD, accept_ledger
from genom.consent import Entry, Ledger
from genom.errors import Corrupt
from tests.app.events import order
from tests.app.house import START, House
from tests.app.test_erasing import erase

WORDS = "correct horse battery"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"))
        house.consent("u1", "recommend", granted=True)
        house.consent("u1", "recommend", granted=False)
        yield house


def lines(house: House) -> Path:
    return house.path / "ledger" / "000001.jsonl"


def cut(house: House, count: int = 1) -> bytes:
    """Take the last whole lines away; returns what was there."""
    content = lines(house).read_bytes()
    lines(house).write_bytes(b"".join(content.splitlines(keepends=True)[:-count]))
    return content


def recommends(house: House) -> bool:
    node = house.node
    person = node.world.people.person(node.world.profiles.find("user_id", "u1"))
    return bool(node.effective(person, house.clock.now) & node.purposes.bit("recommend"))


def refused(house: House) -> Corrupt:
    with pytest.raises(Corrupt) as found:
        house.open()
    return found.value


def test_a_line_cut_off_the_end_is_noticed(house: House) -> None:
    kept = (house.path / LEDGER_HEAD).read_bytes()
    house.close()
    assert (house.path / LEDGER_HEAD).read_bytes() == kept  # also a process that was killed has left it so
    whole = cut(house)

    error = refused(house)

    assert error.code == "consent.ledger-shorter"
    assert "it has 1 entry, and 2 were acknowledged" in error.why
    assert "accept-ledger" in error.fix
    lines(house).write_bytes(whole)
    house.open()


def test_a_cut_erasure_does_not_bring_grants_back(house: House) -> None:
    house.consent("u1", "recommend", granted=True)
    erase(house)
    house.close()
    whole = cut(house)

    assert refused(house).code == "consent.ledger-shorter"
    lines(house).write_bytes(whole)
    house.open()


def test_half_a_line_of_what_was_acknowledged_is_no_torn_line(house: House) -> None:
    house.close()
    whole = lines(house).read_bytes()
    lines(house).write_bytes(whole[:-9])

    assert refused(house).code == "consent.ledger-shorter"
    assert lines(house).read_bytes() == whole[:-9]  # nothing is cut that may still be mended
    lines(house).write_bytes(whole)
    house.open()


@pytest.mark.parametrize("what", ["directory", "files"])
def test_a_lost_ledger_is_noticed_and_no_empty_one_is_made(house: House, what: str) -> None:
    house.close()
    shutil.copytree(house.path / "ledger", house.path.parent / "aside")
    if what == "directory":
        shutil.rmtree(house.path / "ledger")
    else:
        lines(house).unlink()

    error = refused(house)

    assert (error.code, "0 entries" in error.why) == ("consent.ledger-shorter", True)
    assert not lines(house).exists()
    shutil.copytree(house.path.parent / "aside", house.path / "ledger", dirs_exist_ok=True)
    house.open()


@pytest.mark.parametrize("more", [0, 1])
def test_another_ledger_in_its_place_is_noticed(house: House, more: int) -> None:
    house.close()
    whole = lines(house).read_bytes()
    lines(house).unlink()
    with Ledger(house.path / "ledger") as other:
        other.append([Entry(at=START, subjects=("ab" * 16,), purpose="email", granted=True, text="")] * (2 + more))

    assert refused(house).code == "consent.ledger-replaced"
    lines(house).write_bytes(whole)
    house.open()


@pytest.mark.parametrize("how", ["lost", "emptied", "damaged"])
def test_a_lost_end_is_noticed(house: House, how: str) -> None:
    house.close()
    place = house.path / LEDGER_HEAD
    kept = place.read_bytes()
    if how == "lost":
        place.unlink()
    else:
        place.write_bytes(b"" if how == "emptied" else kept.replace(b"0", b"1"))

    assert refused(house).code == "consent.ledger-head-lost"
    place.write_bytes(kept)
    house.open()


def test_a_torn_write_of_the_end_leaves_the_one_before(house: House) -> None:
    house.close()
    place = house.path / LEDGER_HEAD
    kept = place.read_bytes()
    newest = max((0, 512), key=lambda at: kept[at : at + 20])
    with place.open("r+b") as file:
        file.seek(newest + 10)
        file.write(b"?" * 40)
    cut(house)

    house.open()  # the last entry is beyond what is known: it cannot be missed

    assert sum(1 for _ in house.node.ledger.replay()) == 1


def test_a_crash_between_the_entry_and_its_end_is_told_apart_from_a_cut(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("genom.consent.kept_head.KeptHead.keep", lambda *_: None)  # the process ends before it
        house.consent("u1", "recommend", granted=True)
    house.restart()

    assert recommends(house)
    house.close()
    whole = cut(house)
    assert "2 entries, and 3 were acknowledged" in refused(house).why  # from the start on it is missed
    lines(house).write_bytes(whole)
    house.open()


def test_a_directory_of_before_the_end_was_kept_is_taken_once(house: House) -> None:
    house.close()
    (house.path / LEDGER_HEAD).unlink()
    catalogue = Catalogue(house.path / "catalogue.sqlite")
    catalogue.put(ledgers._KEPT, False)
    catalogue.close()
    house.open()

    house.close()
    whole = cut(house)
    assert refused(house).code == "consent.ledger-shorter"
    lines(house).write_bytes(whole)
    house.open()


@pytest.mark.parametrize("newer", [False, True])
def test_a_restore_goes_on_with_the_ledger_that_it_was_given(house: House, tmp_path: Path, newer: bool) -> None:
    backup = back_up(house.path, tmp_path / "one.backup", passphrase=WORDS, now=START).path
    house.consent("u1", "recommend", granted=True)
    keys = BackupKeys([tmp_path / "d-backup-keys"])
    given = house.path / "ledger" if newer else None
    restore(backup, tmp_path / "again", passphrase=WORDS, keys=keys, now=START, ledgers=given)

    with House(tmp_path / "again", clock=house.clock) as again:
        assert recommends(again) is newer
        again.close()
        whole = cut(again)
        assert refused(again).code == "consent.ledger-shorter"
        lines(again).write_bytes(whole)
        again.open()


@pytest.mark.parametrize("what", ["entries", "end"])
def test_a_shorter_ledger_can_be_accepted_and_that_is_on_record(house: House, what: str) -> None:
    house.close()
    if what == "entries":
        cut(house)
    else:
        (house.path / LEDGER_HEAD).unlink()

    told = accept_ledger(house.path, reason="the disk was lost")

    assert told == ((1, 2) if what == "entries" else (2, None))
    house.open()
    row = house.get("/v1/audit?action=ledger.accepted").told["rows"][0]
    assert (row["who"], row["reason"]) == ("cli", "the disk was lost")
    assert row["details"] == {"entries": told[0], "acknowledged": told[1]}
    house.restart()


def test_a_choice_waits_for_the_disk_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    synced = list[str]()
    real = os.fdatasync

    def told(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", told)
    house.consent("u1", "email", granted=True)

    assert [name for name in synced if name in {LEDGER_HEAD, "000001.jsonl"}] == ["000001.jsonl"]
