"""Bodies in the journal are sealed under their people's keys: files say nothing, and an erasure destroys the key."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from genom.app.directory import read_secrets
from genom.app.journals import SLOTS, read_journal
from genom.app.rerooting import change_to_given
from genom.app.scanning import opened_contents
from genom.collect import BadRow, BadRows
from genom.errors import BadConfiguration, BadRequest, DirectoryInUse
from genom.privacy import Hit, Unread, scan
from genom.words import Kind
from tests.app.events import identify, order, track
from tests.app.house import DAY, House
from tests.app.test_erasing import erase

CANARIES = ["canary-user", "a-canary-device", "Canary Thing", "canary note"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def lived(house: House) -> None:
    house.consent("canary-user", "recommend", granted=True)
    house.serve(order("canary-user"), identify("canary-user", "a-canary-device"), order("u2"))
    house.serve(track("Canary Thing", "canary-user", note="canary note"))
    house.decide("canary-user", point="next_product")


def raw(path: Path) -> set[str]:
    """Canaries that stand in the journal's bytes."""
    return {hit.text for hit in scan(path / "journal", CANARIES) if isinstance(hit, Hit)}


def read(path: Path) -> tuple[set[str], list[Unread]]:
    """Canaries that somebody with the directory's keys finds, and what they could not read."""
    found = list(scan(path, CANARIES, opened=opened_contents(path)))
    return {one.text for one in found if isinstance(one, Hit)}, [one for one in found if isinstance(one, Unread)]


def test_the_files_say_nothing_and_everything_is_read_as_before(house: House) -> None:
    lived(house)
    before = house.genome("canary-user"), house.get(f"/v1/people/{house.person('canary-user')}/events").told

    assert raw(house.path) == set()
    assert read(house.path)[0] == set(CANARIES)
    house.restart()

    events = house.get(f"/v1/people/{house.person('canary-user')}/events").told
    assert (house.genome("canary-user")["rhythm.orders.count.lifetime"], events) == (
        before[0]["rhythm.orders.count.lifetime"], before[1],
    )  # fmt: skip
    assert house.verify().equal
    rows = [row for block in house.node.journal.blocks() for row in block.rows if row["body_length"]]
    assert {bool(row["cipher"]) for row in rows if row["kind"] in {Kind.TERM, Kind.UNLINK}} <= {False}
    assert {bool(row["cipher"]) for row in rows if row["kind"] not in {Kind.TERM, Kind.UNLINK}} == {True}


def test_an_erasure_destroys_the_key_at_once(house: House) -> None:
    lived(house)

    erase(house, "canary-user", finish=False)

    bodies = [one.value or b"" for one in opened_contents(house.path) if one.file.startswith("journal/")]
    assert any(b"Order Completed" in body for body in bodies)
    assert not [canary for canary in CANARIES if any(canary.encode() in body for body in bodies)]
    assert house.orders("u2") == 1
    house.run(house.app.erasing.finish())
    stores = {one["store"]: one for one in house.get("/v1/erasures").told["erasures"][0]["stores"]}
    assert stores["keys"]["erased"] == 2


def test_with_the_old_keys_put_back_there_is_still_nothing(house: House, tmp_path: Path) -> None:
    lived(house)
    shutil.copytree(house.path / "keys", tmp_path / "kept")
    erase(house, "canary-user")
    shutil.copytree(house.path, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "keys")
    shutil.copytree(tmp_path / "kept", tmp_path / "copy" / "keys")

    assert read(tmp_path / "copy") == (set(), [])
    journal = read_journal(tmp_path / "copy")
    bodies = [block.body(row) for block in journal.blocks() for row in range(len(block.rows))]
    journal.close()
    assert any(b"Order Completed" in body for body in bodies)  # those of others open with them


@pytest.mark.parametrize("lost", [SLOTS, "keys/epochs.json", "keys/root.key", "keys/secrets.json", "keys"])
def test_lost_keys_stop_the_start_in_words(house: House, lost: str) -> None:
    lived(house)
    house.close()
    kept = house.path.with_name("kept")
    shutil.copytree(house.path / "keys", kept)
    (shutil.rmtree if lost == "keys" else Path.unlink)(house.path / lost)
    if lost == "keys":
        (house.path / "keys").mkdir(mode=0o700)
        for name in ("secrets.json", "signing.key"):  # what else is there stays
            shutil.copy(kept / name, house.path / "keys" / name)

    with pytest.raises(BadConfiguration) as refused:
        house.open()

    assert "restore" in refused.value.fix or "put the file back" in refused.value.fix
    assert lost == "keys" or not (house.path / lost).exists()  # nothing is made in its place
    shutil.rmtree(house.path / "keys")
    shutil.copytree(kept, house.path / "keys")
    house.open()
    assert house.orders("u2") == 1


def test_a_rotation_beside_events_loses_nothing(house: House) -> None:
    lived(house)
    wrapped = (house.path / SLOTS).read_bytes()
    turns: list[int] = []

    def turn() -> None:
        turns.append(house.node.slots.rotate())

    thread = Thread(target=turn)
    thread.start()
    for number in range(30):
        house.serve(order(f"new-{number}"))
    thread.join()

    told = house.post("/v1/encryption:rotate", {}).told
    assert (turns, told["epochs"], told["seals"]) == ([2], [3], True)
    assert house.get("/v1/audit?action=keys.rotated").told["rows"][0]["name"] == "epoch 3"
    assert wrapped[128:192] not in (house.path / SLOTS).read_bytes()
    house.restart()
    assert read(house.path)[0] == set(CANARIES)
    assert all(house.orders(f"new-{number}") == 1 for number in range(30))
    assert house.verify().equal


def test_a_sequence_that_was_given_in_vain_is_not_sealed_alike_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.serve(order("u1"))
    starts = {int(row["key"]) for block in house.node.journal.blocks() for row in block.rows if row["cipher"]}
    segment, failed = house.node.journal._current, []
    write = segment.write_at

    def full(offset: int, data: bytes) -> None:
        if not failed:
            failed.append(data)
            raise OSError(28, "No space left on device")
        write(offset, data)

    monkeypatch.setattr(segment, "write_at", full)
    assert house.send(order("u1", 3.0)).status == 503
    monkeypatch.undo()
    house.serve(order("u1", 4.0))

    newest = next(house.node.journal.latest()).rows
    assert failed
    assert len(starts) == 1
    assert not starts & {int(row["key"]) for row in newest if row["cipher"]}
    assert house.orders("u1") == 2
    assert house.verify().equal


def test_plain_and_sealed_bodies_lie_beside_each_other(tmp_path: Path) -> None:
    with House(tmp_path / "d", encrypt_bodies=False) as house:
        lived(house)
        assert raw(house.path) == set(CANARIES)
        assert house.get("/v1/encryption").told["seals"] is False
    with House(tmp_path / "d") as house:
        house.serve(order("u2"))
        events = house.get(f"/v1/people/{house.person('canary-user')}/events").told["events"]
        assert "Canary Thing" in {event["event"] for event in events}
        assert house.orders("u2") == 2
        assert house.verify().equal
        erase(house, "canary-user")
        assert raw(house.path) == set()


def test_a_crash_between_key_and_rows_leaves_others_as_if_the_person_had_never_been(house: House) -> None:
    lived(house)
    erase(house, "canary-user", finish=False)
    house.restart()  # the rows are there, their key is not, and no state file knows the person

    assert house.node.world.counts["events"] == 1
    house.run(house.app.erasing.resume())
    house.run(house.app.erasing.finish())

    assert house.orders("u2") == 1
    assert house.verify().equal
    assert read(house.path) == (set(), [])


def test_secrets_behind_hashes_lie_under_the_root_key(house: House) -> None:
    plain = house.node.data.secrets
    file = house.path / "keys" / "secrets.json"
    held = [getattr(plain, name) for name in plain.__slots__]
    house.close()
    content = file.read_text()
    assert not [one for one in held if one.hex() in content]

    file.write_text(json.dumps({name: getattr(plain, name).hex() for name in plain.__slots__}))  # as they once stood
    house.open()

    assert house.node.data.secrets == plain
    assert not [one for one in held if one.hex() in file.read_text()]


def test_refused_events_lie_under_their_days_key_and_go_with_it_in_every_copy(house: House) -> None:
    house.send({"type": "track", "userId": "canary-77", "properties": "no object"})
    day = house.node.bad_rows.days()[0]
    sealed = (house.path / "badrows" / f"{day}.jsonl").read_bytes()
    assert b"canary-77" not in sealed
    assert b"canary-77" in next(house.node.bad_rows.read(day)).raw

    house.restart()
    assert b"canary-77" in next(house.node.bad_rows.read(day)).raw

    house.node.bad_rows.expire(house.clock.now + 40 * DAY)
    (house.path / "badrows" / f"{day}.jsonl").write_bytes(sealed)  # a copy of the file is put back
    house.restart()
    assert list(house.node.bad_rows.read(day)) == []


def test_refused_events_of_an_older_genom_are_read_too(house: House) -> None:
    row = BadRow(house.clock.now, "shop", 0, "m", "collect.json", "no object", b'{"userId":"old"}')
    plain = BadRows(house.path / "badrows", days=30, max_bytes=1_000_000)
    plain.add([row])
    house.send({"type": "track", "userId": "new", "properties": "no object"})

    assert [b"old" in one.raw for one in house.node.bad_rows.newest(5)] == [False, True]
    house.node.bad_rows.erase(lambda one: b"new" in one.raw)
    assert list(house.node.bad_rows.read(house.node.bad_rows.days()[0])) == [row]


def test_with_a_wrong_root_key_the_secrets_of_an_older_genom_stay_as_they_are(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, file = house.node.data.secrets, house.path / "keys" / "secrets.json"
    house.close()
    old = json.dumps({name: getattr(plain, name).hex() for name in plain.__slots__})
    file.write_text(old)
    monkeypatch.setenv("GENOM_KEY", "11" * 32)

    with pytest.raises(BadConfiguration, match="do not open"):
        house.open()

    assert file.read_text() == old
    monkeypatch.delenv("GENOM_KEY")
    house.open()
    assert house.node.data.secrets == plain


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"wrapped": "zz"}', '{"message": "00"'])
def test_damaged_secrets_stop_the_start_in_words(house: House, content: str) -> None:
    file = house.path / "keys" / "secrets.json"
    kept = file.read_bytes()
    house.close()
    file.write_text(content)

    with pytest.raises(BadConfiguration, match="is damaged") as refused:
        house.open()

    assert "restore" in refused.value.fix
    file.write_bytes(kept)
    house.open()


def test_a_key_whose_file_went_in_a_crash_is_ended_at_the_next_start(house: House) -> None:
    house.send({"type": "track", "userId": "u", "properties": "no object"})
    day = house.node.bad_rows.days()[0]
    file = house.path / "badrows" / f"{day}.jsonl"
    sealed = file.read_bytes()
    house.close()
    file.unlink()
    house.open()
    house.close()
    file.write_bytes(sealed)
    house.open()

    assert list(house.node.bad_rows.read(day)) == []


def test_root_and_epochs_change_under_load_and_no_reading_fails(house: House) -> None:
    """Requests are answered, and another process' readers read, while keys change; the old ones open nothing (P41)."""
    lived(house)
    before, plain = house.genome("canary-user"), house.node.data.secrets
    old = shutil.copytree(house.path / "keys", house.path.parent / "old-keys")
    ended, reads, failed = Event(), Counter[str](), list[BaseException]()

    def beside() -> None:
        while not ended.is_set():
            try:
                assert read_secrets(house.path) == plain
                journal = read_journal(house.path)
                reads["bodies"] += sum(bool(block.body(row)) for block in journal.blocks() for row in range(1))
                journal.close()
            except BaseException as error:  # noqa: BLE001 -- whatever it is, it is a reading that failed
                failed.append(error)

    async def asked() -> None:
        while not ended.is_set():
            answers = [
                await house.ask("POST", "/v1/people:lookup", {"type": "user_id", "value": "canary-user"}),
                await house.ask("POST", "/v1/batch", {"batch": [order("u3")]}),
                await house.ask("POST", "/v1/decide", {"point": "next_product", "person": {"user_id": "u2"}}),
            ]
            failed.extend(AssertionError(one.body) for one in answers if one.status != 200)
            reads["answers"] += len(answers)

    async def changed() -> None:
        try:
            for number in range(6):
                path = "/v1/encryption:root" if number % 2 else "/v1/encryption:rotate"
                assert (await house.ask("POST", path, {})).status == 200
                await asyncio.sleep(0.05)
        finally:
            ended.set()

    async def together() -> None:
        await asyncio.gather(asked(), changed())

    thread = Thread(target=beside)
    thread.start()
    try:
        house.run(together())
    finally:
        ended.set()
        thread.join()

    assert failed == []
    assert min(reads["bodies"], reads["answers"]) > 10, reads
    house.restart()
    assert house.genome("canary-user") == before
    assert len(house.get("/v1/audit?action=root.changed").told["rows"]) == 3
    assert house.verify().equal
    house.close()
    for name in ("root.key", "epochs.json", "profiles.keys", "secrets.json"):  # one file of before opens nothing of now
        kept = (house.path / "keys" / name).read_bytes()
        shutil.copy(old / name, house.path / "keys" / name)
        if name == "secrets.json":
            with pytest.raises(BadConfiguration, match="do not open"):
                read_secrets(house.path)
        else:
            assert read(house.path)[0] == set(), name
        (house.path / "keys" / name).write_bytes(kept)
    house.open()
    assert read(house.path)[0] == set(CANARIES)


def test_a_root_key_from_the_environment_is_changed_while_no_node_runs(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lived(house)
    monkeypatch.setenv("GENOM_NEW_KEY_PASSPHRASE", "correct horse battery")
    with pytest.raises(DirectoryInUse):
        change_to_given(house.path)
    house.close()

    change_to_given(house.path)

    assert not (house.path / "keys" / "root.key").exists()
    with pytest.raises(BadConfiguration, match="cannot be read"):
        house.open()
    monkeypatch.delenv("GENOM_NEW_KEY_PASSPHRASE")
    monkeypatch.setenv("GENOM_KEY_PASSPHRASE", "correct horse battery")
    house.open()
    assert read(house.path)[0] == set(CANARIES)
    refused = house.post("/v1/encryption:root", {})
    assert (refused.status, refused.json["code"]) == (400, "keys.root-given")
    house.close()

    for new in ("another horse battery", "another horse battery"):  # the second time it is the same
        monkeypatch.setenv("GENOM_NEW_KEY_PASSPHRASE", new)
        change_to_given(house.path)
        with pytest.raises(BadConfiguration, match="do not open"):
            house.open()
    monkeypatch.setenv("GENOM_KEY_PASSPHRASE", "another horse battery")
    with pytest.raises(BadRequest, match="is the same"):
        change_to_given(house.path)
    house.open()
    assert house.orders("u2") == 1
