"""Commands about single people: on a directory that no node serves, and through the node that serves it."""

from __future__ import annotations

import asyncio
import io
import json
import sqlite3
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from genom.app import audit
from genom.app.catalogue import OPERATING
from genom.app.cli import main
from genom.app.erasing.erasing import Erasing
from genom.app.routes import erasures
from genom.app.sample import removing
from genom.app.sample.client import NodeClient
from tests.app.events import identify, order
from tests.app.house import HOUR, START, House
from tests.app.segment_house import ORDERS, define, permitted
from tests.app.served import served
from tests.node import free_port

Ran = tuple[int, str, str]  # exit status, output, errors
ADA = ("--type", "user_id", "--value", "ada")
SETTINGS = "people_max: 500\nsegment_bytes: 1048576\ndedupe_entries: 100000\nsegment_floor: 1\n"


def home(path: Path) -> Path:
    """A data directory with the settings of a house."""
    path.mkdir(mode=0o700)
    (path / "settings.yaml").write_text(SETTINGS, "utf-8")
    return path


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(home(tmp_path / "d"), segment_floor=1) as house:
        house.serve(
            permitted(order("ada", 3.0, at=START - HOUR)), permitted(identify("ada", "a-1", email="ada@canary.example"))
        )
        house.serve(permitted(order("ben", 4.0)))
        define(house, {"gene": ORDERS, "is": ">=", "value": 1})
        yield house


@pytest.fixture
def genom(house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the program on the house's directory, or another one."""

    def run(*words: str, data: Path = house.path) -> Ran:
        monkeypatch.setattr(sys, "argv", ["genom", *words, "--data", str(data)])
        try:
            main()
        except SystemExit as end:
            status = int(end.code or 0)
        else:
            status = 0
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def left(house: House) -> Iterator[House]:
    """The house while no node serves its directory; it comes back afterwards."""
    house.close()
    yield house
    house.open()


@pytest.fixture
def port(house: House) -> Iterator[int]:
    with served(house) as port:
        yield port


def held_in(packed: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        held: dict[str, Any] = json.loads(archive.read("data.json"))
    return {name: value for name, value in held.items() if name not in {"made_at", "looked_at"}}


def test_a_copy_is_the_same_where_no_node_serves(house: House, genom: Callable[..., Ran], tmp_path: Path) -> None:
    by_node = held_in(house.get(f"/v1/people/{house.person('ada')}/export").body)
    house.close()

    status, _, errors = genom("export", *ADA, "--out", str(tmp_path / "ada.zip"), "--reason", "by post")

    assert (status, errors) == (0, "")
    assert held_in((tmp_path / "ada.zip").read_bytes()) == by_node
    assert by_node["segments"]
    house.open()
    assert [row.reason for row in audit.rows(house.node.catalogue, action="person.exported")] == ["by post", OPERATING]
    assert audit.rows(house.node.catalogue, action="person.seen")  # the look-up


def test_a_copy_is_taken_in_where_no_node_serves(house: House, genom: Callable[..., Ran], tmp_path: Path) -> None:
    (tmp_path / "ada.zip").write_bytes(house.get(f"/v1/people/{house.person('ada')}/export").body)
    genes = house.genome("ada")
    with House(home(tmp_path / "other"), clock=house.clock) as other:
        other.close()

        status, out, _ = genom("import-copy", str(tmp_path / "ada.zip"), data=other.path)

        other.open()
        assert (status, json.loads(out)["events"]) == (0, 2)
        assert other.genome("ada") == genes


@pytest.mark.parametrize("named", [False, True])
def test_an_erasure_is_done_where_no_node_serves(left: House, genom: Callable[..., Ran], named: bool) -> None:
    status, out, _ = genom("erase", *ADA, "--yes", *(["--port", str(free_port())] if named else []))

    receipt = json.loads(out)
    assert (status, receipt["state"]) == (0, "done")
    assert receipt["done_at"] >= receipt["effective_at"] > 0
    assert genom("scan", "--canary", "ada@canary.example")[0] == 0
    assert genom("erase", *ADA, "--yes")[0] == 1


def test_an_erasure_through_the_node_is_effective_at_once(house: House, port: int, genom: Callable[..., Ran]) -> None:
    status, out, errors = genom("erase", *ADA, "--yes", "--port", str(port))

    receipt = json.loads(out)
    assert (status, errors) == (0, "")
    assert (receipt["state"], receipt["done_at"]) == ("effective", 0)
    assert {store["store"] for store in receipt["stores"]} >= {"journal", "vault", "genome"}
    assert not house.node.world.profiles.find("user_id", "ada")
    status, out, errors = genom("erase", *ADA, "--yes", "--port", str(port))
    assert (status, out) == (1, "")
    assert "Nobody has this identifier." in errors


def test_a_port_where_nobody_listens_erases_nobody(house: House, port: int, genom: Callable[..., Ran]) -> None:
    status, out, errors = genom("erase", *ADA, "--yes", "--port", str(free_port()))

    assert (status, out) == (1, "")
    assert f"http://127.0.0.1:{port}" in errors
    assert house.node.world.profiles.find("user_id", "ada")


def test_the_port_of_another_node_erases_nobody(port: int, genom: Callable[..., Ran], tmp_path: Path) -> None:
    with House(home(tmp_path / "other")) as other:
        other.serve(order("ada"))

        status, out, errors = genom("erase", *ADA, "--yes", "--port", str(port), data=other.path)

        assert (status, out) == (1, "")
        assert "The key is not known." in errors
        assert other.person("ada")


def test_without_a_yes_nobody_is_erased(
    house: House, port: int, genom: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("n\n"))
    assert genom("erase", *ADA, "--port", str(port))[0] == 1
    assert house.person("ada")


def test_a_file_that_exists_is_replaced_by_force_alone(port: int, genom: Callable[..., Ran], tmp_path: Path) -> None:
    out = tmp_path / "ada.zip"
    out.write_text("something else")

    status, _, errors = genom("export", *ADA, "--out", str(out))

    assert (status, out.read_text()) == (2, "something else")
    assert "add --force" in errors
    assert genom("export", *ADA, "--out", str(out), "--force")[0] == 0
    assert held_in(out.read_bytes())["person"]
    assert out.stat().st_mode & 0o777 == 0o600


def test_of_nobody_no_copy_is_written(port: int, genom: Callable[..., Ran], tmp_path: Path) -> None:
    status, _, errors = genom("export", "--type", "user_id", "--value", "eve", "--out", str(tmp_path / "eve.zip"))

    assert status == 1
    assert "Nobody has this identifier." in errors
    assert not (tmp_path / "eve.zip").exists()


@pytest.mark.parametrize("reason", ["für Frau Öz", "本人の請求 ✉"])
def test_a_reason_in_any_script_is_on_record_as_it_was_written(
    house: House, port: int, genom: Callable[..., Ran], tmp_path: Path, reason: str
) -> None:
    assert genom("export", *ADA, "--out", str(tmp_path / "ada.zip"), "--reason", reason)[0] == 0

    (row,) = audit.rows(house.node.catalogue, action="person.exported")
    assert row.reason == reason


@pytest.mark.parametrize("reason", ["one\ntwo", "one\r\nX-Evil: 1", "\x00"])
def test_a_reason_of_several_lines_is_refused_in_words(
    house: House, port: int, genom: Callable[..., Ran], tmp_path: Path, reason: str
) -> None:
    status, _, errors = genom("export", *ADA, "--out", str(tmp_path / "ada.zip"), "--reason", reason)

    assert status == 2
    assert "one line of text" in errors
    assert not audit.rows(house.node.catalogue, action="person.exported")


def test_a_reason_of_a_program_that_writes_latin_1_is_read(house: House) -> None:
    house.get(f"/v1/people/{house.person('ada')}/export", headers={"x-reason": "für"})  # as Latin-1, says `ask`

    (row,) = audit.rows(house.node.catalogue, action="person.exported")
    assert row.reason == "für"


def test_the_removal_of_the_sample_is_waited_for_and_told_of(
    house: House, port: int, genom: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on for longer than any answer is waited for otherwise: until somebody was told how far it is."""
    sample(house, port)
    monkeypatch.setitem(NodeClient.__init__.__kwdefaults__, "timeout", 0.5)
    monkeypatch.setattr(removing, "_EVERY", 0.6)
    erase, remove, heard = Erasing.erase, removing.remove_by_command, threading.Event()

    async def slow(self: Erasing, *of: Any, **how: Any) -> Any:
        assert await asyncio.to_thread(heard.wait, 30)
        return await erase(self, *of, **how)

    def told(data: Path, *, told: Callable[[int], None]) -> int:
        return remove(data, told=lambda left: (told(left), heard.set())[0])

    monkeypatch.setattr(Erasing, "erase", slow)
    monkeypatch.setattr(removing, "remove_by_command", told)

    status, out, errors = genom("sample", "remove", "--yes")

    assert (status, out.partition(" of ")[0]) == (0, "3 people")
    assert "3 people are left.\n" in errors
    assert not house.node.world.profiles.find("card", "canary-s1")
    assert house.person("ada")


def test_the_sample_is_removed_where_no_node_serves(
    house: House, port: int, genom: Callable[..., Ran], tmp_path: Path
) -> None:
    status, out, errors = genom("sample", "remove", "--yes")
    assert (status, out) == (2, "")
    assert "There is no sample to remove." in errors

    with House(home(tmp_path / "other")) as other:
        sample(other)
        other.close()
        assert genom("sample", "remove", "--yes", data=other.path)[0] == 0
        assert genom("scan", "--canary", "canary-s1", data=other.path)[0] == 0
        other.open()


def sample(house: House, port: int = 0) -> None:
    """Three people of whom only the sample has told."""
    body = {"batch": [order(f"c-canary-s{number}") for number in (1, 2, 3)]}
    if port:
        client = NodeClient(f"http://127.0.0.1:{port}", house.server_key)
        client.call("POST", "/v1/sources", json.dumps({"name": "sample", "history": True}).encode())
        client.call("POST", "/v1/batch", json.dumps(body).encode(), X_Genom_Source="sample")
        client.close()
    else:
        house.source("sample", history=True)
        house.post("/v1/batch", body, headers={"X-Genom-Source": "sample"}).told  # noqa: B018


def test_what_each_store_holds_is_said_without_its_content(left: House, genom: Callable[..., Ran]) -> None:
    status, told, errors = genom("find", *ADA, "--reason", "case 7")

    stores = {one["store"]: {of["what"] for of in one["found"]} for one in json.loads(told)["stores"]}
    assert (status, errors) == (0, "")
    assert stores["vault"] == {"email"}
    assert stores["segments"] == {"membership"}
    assert "canary" not in told
    assert json.loads(genom("find", "--type", "user_id", "--value", "eve")[1]) == {"person": None, "stores": []}
    assert genom("find", *ADA, "--reason", "a\nb")[0] == 2


def test_a_scan_says_by_its_status_what_it_found(house: House, genom: Callable[..., Ran]) -> None:
    status, out, _ = genom("scan", "--canary", "ada@canary.example")
    assert status == 3
    assert {json.loads(line)["file"] for line in out.splitlines()} == {"vault.sqlite"}

    assert genom("scan", "--canary", "nowhere@canary.example")[:2] == (0, "")


def test_a_changed_audit_log_is_told_by_the_status(left: House, genom: Callable[..., Ran]) -> None:
    status, out, _ = genom("audit", "verify")
    assert (status, "the chain holds" in out) == (0, True)

    with closing(sqlite3.connect(left.path / "catalogue.sqlite", isolation_level=None)) as catalogue:
        for (name,) in catalogue.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            catalogue.execute(f"DROP TRIGGER {name}")
        catalogue.execute("UPDATE audit SET who = 'somebody else' WHERE number = 1")

    status, out, _ = genom("audit", "verify")
    assert (status, "the chain holds" in out) == (1, False)


def test_the_loop_is_free_while_a_person_is_gathered(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    gathered, threads = erasures.subject_of_person, list[threading.Thread]()

    def noted(*of: Any) -> Any:
        threads.append(threading.current_thread())
        return gathered(*of)

    monkeypatch.setattr(erasures, "subject_of_person", noted)
    house.post("/v1/people:erase", {"type": "user_id", "value": "ada"}).told  # noqa: B018

    assert threads
    assert threading.main_thread() not in threads
