"""What a reviewer found by using the node; each was wrong once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from genom.app.client import call_all
from genom.app.directory import open_directory
from genom.app.up import run_node
from genom.app.verifying import verify_directory
from genom.errors import BadConfiguration, GenomError, UnknownName
from tests.app.events import consenting, identify, order
from tests.app.house import House


@pytest.mark.parametrize("header", ["X-Forwarded-User", "X-Vercel-Forwarded-For", "Forwarded-For", "CDN-Loop"])
def test_any_forwarding_header_ends_the_trust_in_a_loopback_peer(tmp_path: Path, header: str) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"), headers={header: "x"})

        assert house.orders("u1") == "withheld"


def test_an_event_that_says_something_of_consent_gets_nothing_assumed(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(consenting(order("u1")), consenting(order("u2"), email=True))

        assert house.orders("u1") == "withheld"
        assert house.orders("u2") == "withheld"


def test_a_server_confirms_a_link_with_the_very_event_that_the_client_sent(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        said = identify("u1", "a-1")
        house.take(said, headers={"Via": "a proxy"})  # so that development mode does not trust it
        assert house.person("u1") != house.person("a-1", "anonymous_id")

        house.serve(said)

        assert house.person("u1") == house.person("a-1", "anonymous_id")
        assert house.get("/v1/stats").told["events"] == 1
        house.restart()
        assert house.person("u1") == house.person("a-1", "anonymous_id")


def test_a_server_that_repeats_an_old_event_does_not_undo_a_split(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        said = identify("u1", "a-1")
        house.serve(said)
        house.unlink("a-1", "anonymous_id")

        house.serve(said)

        assert house.person("u1") != house.person("a-1", "anonymous_id")


@pytest.mark.parametrize("name", ["", "two\nlines", " shop", "shop ", "x" * 61])
def test_a_source_has_a_name_that_a_header_can_carry(tmp_path: Path, name: str) -> None:
    with House(tmp_path / "d") as house:
        assert house.post("/v1/sources", {"name": name}).status == 400


def test_a_refused_command_says_what_the_node_says(tmp_path: Path) -> None:
    with House(tmp_path / "d"):
        pass

    with pytest.raises(GenomError, match=r"There is no decision point named 'foo'\.") as caught:
        call_all(tmp_path / "d", ("POST", "/v1/decide", {"point": "foo", "person": {}}))

    assert (caught.value.status, caught.value.code) == (400, "request.unknown-name")


def test_a_wrong_method_is_told_as_such(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        assert house.get("/v1/track").status == 405


def test_verify_refuses_a_directory_without_a_node(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="holds nothing to verify"):
        verify_directory(tmp_path, Console(quiet=True))


def start(directory: Path, *, port: int = 0, consents: str = "all") -> None:
    run_node(directory, port=port, sample=False, sample_only=False, consents=consents, console=Console(quiet=True))


def test_a_port_beyond_all_ports_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration, match="cannot listen on"):
        start(tmp_path / "d", port=99_999)


def test_unknown_sample_consents_are_refused_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no sample consents 'foo'"):
        start(tmp_path / "d", consents="foo")

    assert not (tmp_path / "d").exists()


def test_what_a_killed_node_announced_is_forgotten(tmp_path: Path) -> None:
    open_directory(tmp_path / "d").close()
    (tmp_path / "d" / "node.json").write_text('{"pid": 1, "url": "http://127.0.0.1:1"}')

    data = open_directory(tmp_path / "d")

    assert not (data.path / "node.json").exists()
    data.close()


def test_a_worker_whose_node_was_killed_ends_although_it_waits_for_it(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"server_key": "sk"}')
    worker = [sys.executable, "-m", "genom.app.worker", "--data", str(tmp_path), "--url", "http://127.0.0.1:9"]
    given = [*worker, "--sample", "--every", "60", "--node", str(os.getpid() + 1)]  # not its parent: as after a kill

    ended = subprocess.run(given, check=False, capture_output=True, timeout=100)  # by itself it would wait 120 s

    assert ended.returncode == 1
    assert ended.stderr == b""
