"""Ledgers are backed up on their own, often, and a restore takes the newest: or says why it does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from genom.app.backups import BackupKeys, Restored, back_up, back_up_ledgers, check_ledgers, prune, restore
from genom.app.directory import RESTORING, open_directory
from genom.app.scanning import opened_contents
from genom.errors import BadConfiguration, BadRequest, Corrupt
from genom.privacy import scan
from tests.app.events import identify, order, track
from tests.app.house import DAY, START, House
from tests.app.test_erasing import erase

WORDS = "correct horse battery"
CANARIES = ["canary-user", "a-canary-device", "Canary Thing"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.consent("u2", "recommend", granted=True)
        yield house


def ledgers_of(house: House, out: Path) -> Path:
    return back_up_ledgers(house.path, out, passphrase=WORDS, now=house.clock.now).path


def restored(tmp_path: Path, backup: Path, ledgers: Path | None) -> Restored:
    keys = BackupKeys([tmp_path / "d-backup-keys"])
    return restore(backup, tmp_path / "again", passphrase=WORDS, keys=keys, now=START, ledgers=ledgers)


def made(house: House, tmp_path: Path) -> Path:
    return back_up(house.path, tmp_path / "one.backup", passphrase=WORDS, now=house.clock.now).path


def test_the_drill_with_a_file_of_newer_ledgers(house: House, tmp_path: Path) -> None:
    """Backup, erasure, withdrawal, ledgers; everything else is lost: the erased stay erased, the withdrawal counts."""
    house.serve(order("canary-user"), identify("canary-user", "a-canary-device"), track("Canary Thing", "canary-user"))
    house.serve(order("u2"))
    backup = made(house, tmp_path)
    erase(house, "canary-user")
    house.consent("u2", "recommend", granted=False)
    house.clock.now += 60_000
    ledgers = ledgers_of(house, tmp_path / "ledgers")

    done = restored(tmp_path, backup, ledgers)

    assert (done.erased, done.entries, done.newer, done.old) == (1, 3, 2, False)
    again = tmp_path / "again"
    assert list(scan(again, CANARIES, opened=opened_contents(again))) == []
    with House(again, clock=house.clock) as second:
        assert second.post("/v1/people:lookup", {"type": "user_id", "value": "canary-user"}).status == 404
        assert second.orders("u2") == 1
        assert second.verify().equal
        genes = second.get(f"/v1/people/{second.person('u2')}/genome?purpose=recommend").told["genes"]
        assert {gene["state"] for gene in genes} == {"withheld"}


def test_ledgers_without_anything_new_do(house: House, tmp_path: Path) -> None:
    backup = made(house, tmp_path)

    done = restored(tmp_path, backup, ledgers_of(house, tmp_path / "ledgers"))

    assert (done.entries, done.newer) == (1, 0)


def test_ledgers_outlast_the_keys_of_days(house: House, tmp_path: Path) -> None:
    ledgers = ledgers_of(house, tmp_path / "ledgers")

    assert check_ledgers(ledgers, house.path, passphrase=WORDS, now=START + 400 * DAY) == 1
    with pytest.raises(Corrupt, match="passphrase is another"):
        check_ledgers(ledgers, house.path, passphrase=WORDS + "!", now=START)


@pytest.mark.parametrize("how", ["fewer entries", "earlier"])
def test_older_ledgers_are_refused(house: House, tmp_path: Path, how: str) -> None:
    ledgers = ledgers_of(house, tmp_path / "ledgers")
    house.clock.now += 1
    if how == "fewer entries":
        house.consent("u3", "email", granted=True)
    backup = made(house, tmp_path)

    with pytest.raises(BadRequest, match="older than the backup") as refused:
        restored(tmp_path, backup, ledgers)

    assert ("entry 1, and the backup knows 2" in refused.value.why) == (how == "fewer entries")
    assert not (tmp_path / "again").exists()


def test_ledgers_of_another_installation_are_refused(house: House, tmp_path: Path) -> None:
    backup = made(house, tmp_path)
    with House(tmp_path / "other") as other:
        other.consent("u1", "email", granted=True)
        other.consent("u1", "recommend", granted=True)
        ledgers = ledgers_of(other, tmp_path / "ledgers")

    with pytest.raises(BadRequest, match="another installation"):
        restored(tmp_path, backup, ledgers)


def test_damaged_ledgers_are_refused(house: House, tmp_path: Path) -> None:
    backup, ledgers, chance = made(house, tmp_path), ledgers_of(house, tmp_path / "ledgers"), Random(3)
    whole = ledgers.read_bytes()
    for number in range(6):
        data = bytearray(whole)
        if number % 2:
            data[chance.randrange(40, len(data))] ^= 1 << chance.randrange(8)
        else:
            data = data[: chance.randrange(40, len(data))]
        ledgers.write_bytes(data)
        with pytest.raises(Corrupt):
            restored(tmp_path, backup, ledgers)
        assert not (tmp_path / "again").exists()

    copied = tmp_path / "copied"
    copied.mkdir()
    line = (house.path / "ledger" / "000001.jsonl").read_bytes()
    (copied / "000001.jsonl").write_bytes(line.replace(b"recommend", b"recommenD"))
    with pytest.raises(Corrupt, match="ledger is damaged"):
        restored(tmp_path, backup, copied)


def test_what_is_no_ledger_says_so(house: House, tmp_path: Path) -> None:
    backup, ledgers = made(house, tmp_path), ledgers_of(house, tmp_path / "ledgers")
    (tmp_path / "empty").mkdir()
    for given in (backup, tmp_path / "empty", tmp_path / "none"):
        with pytest.raises(BadRequest, match="holds no ledgers"):
            restored(tmp_path, backup, given)

    with pytest.raises(BadRequest, match="holds ledgers alone"):
        restored(tmp_path, ledgers, None)


def test_a_ledger_that_lost_entries_comes_not_in_the_place_of_the_last(house: House, tmp_path: Path) -> None:
    place = tmp_path / "ledgers"
    place.mkdir()
    for number in range(4):
        house.consent(f"u{number}", "email", granted=True)
        house.clock.now += 1_000
        ledgers_of(house, place)
    assert len(prune(place, now=house.clock.now)) == 2
    newest = sorted(place.iterdir())
    assert len(newest) == 2
    house.close()
    file = house.path / "ledger" / "000001.jsonl"
    content = file.read_bytes()
    file.write_bytes(content[: content.rindex(b"\n", 0, -1) + 1])
    house.clock.now += 1_000

    with pytest.raises(BadRequest, match="do not continue") as refused:
        ledgers_of(house, place)

    assert str(newest[-1]) in refused.value.why
    assert sorted(place.iterdir()) == newest
    file.write_bytes(content)
    house.open()


def test_a_directory_whose_restore_did_not_end_is_not_opened_and_may_be_restored_anew(
    house: House, tmp_path: Path
) -> None:
    backup, again = made(house, tmp_path), tmp_path / "again"
    restored(tmp_path, backup, None)
    (again / RESTORING).touch()

    with pytest.raises(BadConfiguration, match="did not end"):
        open_directory(again)

    (again / "journal" / "left").write_text("of the first try")
    assert restored(tmp_path, backup, house.path / "ledger").entries == 1
    assert not (again / "journal" / "left").exists()
    open_directory(again).close()


def test_whoever_was_split_off_before_an_erasure_stays(house: House, tmp_path: Path) -> None:
    """In the backup they are one person; split since, one of them was erased, and the ledger names that one alone."""
    house.serve(identify("u8", "a-8"), order("u8"), identify("u9", "a-9"), order("u9"))
    house.serve({"type": "alias", "previousId": "u8", "userId": "u9", "messageId": "one"})
    assert house.person("u8") == house.person("u9") == house.person("a-8", "anonymous_id")
    backup = made(house, tmp_path)
    house.unlink("u9")
    house.unlink("u8")
    house.serve(identify("u8", "a-8"), identify("u9", "a-9"))
    assert house.person("u8") == house.person("a-8", "anonymous_id") != house.person("u9")
    erase(house, "u8")
    house.clock.now += 60_000

    done = restored(tmp_path, backup, ledgers_of(house, tmp_path / "ledgers"))

    assert done.erased == 1
    with House(tmp_path / "again", clock=house.clock) as again:
        for kind, gone in (("user_id", "u8"), ("anonymous_id", "a-8")):
            assert again.post("/v1/people:lookup", {"type": kind, "value": gone}).status == 404
        assert again.orders("u9") == 1
        assert again.person("u9") == again.person("a-9", "anonymous_id")
        assert again.node.choices.erased.keys() == house.node.choices.erased.keys()
        assert again.verify().equal
