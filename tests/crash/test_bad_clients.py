"""Clients that stop in the middle, or never come to an end, harm nobody else."""

from __future__ import annotations

import gzip
import json
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import StartNode
from tests.contract.http.black_box import Door, basic, order, unique
from tests.node import Node

BODY_SECONDS = 2
MANY = 50


@pytest.fixture(scope="module")
def body() -> bytes:
    return json.dumps({"batch": [order(unique("half")) for _ in range(20)]}).encode()


@pytest.fixture
def impatient(start_node: StartNode, tmp_path: Path) -> Node:
    """A node that waits for a body two seconds at most."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "settings.yaml").write_text(f"body_seconds: {BODY_SECONDS}\n", "utf-8")
    return start_node(data)


def head(node: Node, length: int, **more: str) -> bytes:
    lines = basic(node.write_key) | {"Host": "127.0.0.1", "Content-Length": str(length)} | more
    text = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items())
    return f"POST /v1/batch HTTP/1.1\r\n{text}\r\n".encode()


def connected(node: Node) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(node.url).port or 0), timeout=30)


def answer(connection: socket.socket) -> bytes:
    """What arrives until the node closes, or says all."""
    connection.settimeout(30)
    try:
        return connection.recv(65_536)
    except ConnectionError:
        return b""


def still_serves(node: Node) -> None:
    with Door(node) as door:
        door.take(order(unique()))
    assert node.process.poll() is None


def people(node: Node) -> int:
    with Door(node) as door:
        return int(door.told("/v1/stats")["people"])


def test_clients_that_stop_mid_body_leave_nothing_behind(node: Node, body: bytes) -> None:
    before = people(node)

    for cut in range(MANY):
        with connected(node) as connection:
            connection.sendall(head(node, len(body)) + body[: len(body) * cut // MANY])

    assert people(node) == before
    still_serves(node)


def test_clients_that_stop_mid_head_harm_nobody(node: Node, body: bytes) -> None:
    whole = head(node, len(body))

    for cut in range(1, len(whole), 7):
        with connected(node) as connection:
            connection.sendall(whole[:cut])

    still_serves(node)


@pytest.mark.parametrize("cut", [5, 20, 100, -1])
def test_half_a_gzip_stream_is_answered_400_on_a_connection_that_goes_on(node: Node, body: bytes, cut: int) -> None:
    half = gzip.compress(body)[:cut]

    with connected(node) as connection:
        connection.sendall(head(node, len(half), Content_Encoding="gzip") + half)
        first = answer(connection)

    assert first.startswith(b"HTTP/1.1 400")
    still_serves(node)


def test_a_body_that_drips_is_cut_off_while_others_are_served(impatient: Node, body: bytes) -> None:
    began = time.monotonic()
    with connected(impatient) as connection:
        connection.sendall(head(impatient, len(body)))
        connection.settimeout(0.1)
        while time.monotonic() - began < BODY_SECONDS * 10:
            try:
                connection.sendall(body[:1])
                if connection.recv(1_000)[:12] != b"HTTP/1.1 200":
                    break  # refused or closed
            except TimeoutError:
                still_serves(impatient)
            except ConnectionError:
                break
        else:
            pytest.fail("the node waited on")


def test_many_connections_that_send_nothing_do_not_keep_others_out(node: Node) -> None:
    silent = [connected(node) for _ in range(200)]

    still_serves(node)

    for connection in silent:
        connection.close()


def test_a_chunked_body_counts_like_any_other(node: Node) -> None:
    whole = json.dumps({"batch": [order(user := unique())]}).encode()
    lines = basic(node.write_key) | {"Host": "127.0.0.1", "Transfer-Encoding": "chunked"}
    text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (whole[:10], whole[10:])) + b"0\r\n\r\n"

    with connected(node) as connection:
        connection.sendall(f"POST /v1/batch HTTP/1.1\r\n{text}\r\n".encode() + chunks)
        first = answer(connection)

    assert first.startswith(b"HTTP/1.1 200")
    with Door(node) as door:
        assert len(door.events(door.person(user))) == 1
