"""`genom up --demo`: the shop and its people beside the node, and gone with it."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from starlette.requests import Request

from genom.app.demo import is_shop
from genom_demo.shop.proof import Proof
from tests import node as nodes
from tests.demo.driving import told, until
from tests.node import clean_environment, genom_command


def shop_of(node) -> str:
    """The shop listens on the port after the node's."""
    return f"http://127.0.0.1:{int(node.url.rsplit(':', 1)[1]) + 1}/shop"


def children_of(state: Path) -> dict[int, list[str]]:
    """Processes that name the demo's directory in their command: number and words."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().decode(errors="replace").split("\0")
        except OSError:
            continue  # it ended meanwhile
        if str(state) in words:
            found[int(entry.parent.name)] = words
    return found


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


@pytest.fixture
def open_shop(tmp_path):
    node = nodes.start(tmp_path / "data", "--demo")
    try:
        until(lambda: answers(shop_of(node)), seconds=180)
        until(lambda: told(node, "status.json") is not None, seconds=180)
        yield node
    finally:
        node.kill()
        until(lambda: not children_of(tmp_path / "data-demo"), seconds=180)


def test_the_shop_is_announced_and_its_pages_say_simulated(open_shop):
    with urllib.request.urlopen(shop_of(open_shop), timeout=10) as reply:
        page = reply.read().decode()

    until(lambda: "The living shop (simulated people) is open on" in open_shop.log.read_text())
    assert shop_of(open_shop) in open_shop.log.read_text()
    assert "imulated" in page


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_shop_and_people_end_with_the_node(open_shop, number):
    state = open_shop.data.with_name("data-demo")
    assert len(children_of(state)) == 2

    open_shop.process.send_signal(number)
    open_shop.process.wait(60)

    until(lambda: not children_of(state), seconds=60)


def test_a_shop_that_was_killed_takes_its_people_along_and_is_opened_again(open_shop):
    state = open_shop.data.with_name("data-demo")
    before = children_of(state)

    os.kill(next(number for number, words in before.items() if "serve" in words), signal.SIGKILL)

    until(lambda: not before.keys() & children_of(state).keys(), seconds=60)
    until(lambda: answers(shop_of(open_shop)), seconds=180)


def test_a_taken_port_is_explained_and_the_node_goes_on(tmp_path, monkeypatch):
    port = nodes.free_port()
    monkeypatch.setattr(nodes, "free_port", lambda: port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        node = nodes.start(tmp_path / "data", "--demo")
        try:
            until(lambda: "The living shop cannot listen on port" in node.log.read_text(), seconds=180)
            assert node.get("/v1/stats")["events"] == 0
            assert "The living shop (simulated people) is open" not in node.log.read_text()
        finally:
            node.stop()


class Foreign(BaseHTTPRequestHandler):
    """A server that answers every address, also by repeating what it was asked."""

    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.path.rpartition("/")[2].encode() * 2)

    def log_message(self, *_):
        pass


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def keys(tmp_path):
    (tmp_path / "keys.json").write_text('{"server_key": "sk_1"}')
    (tmp_path / "other.json").write_text('{"server_key": "sk_2"}')
    return tmp_path / "keys.json"


def test_a_foreign_server_is_not_taken_for_the_shop(keys):
    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Foreign)) as port:
        assert not is_shop(port, keys)
    assert not is_shop(port, keys)


def test_a_shop_is_taken_for_the_shop_of_its_own_node_alone(keys):
    shop = Proof("sk_1")

    class Shop(Foreign):
        def do_GET(self):
            asked = Request({"type": "http", "path_params": {"asked": self.path.rpartition("/")[2]}})
            self.send_response(200)
            self.end_headers()
            self.wfile.write(asyncio.run(shop.show(asked)).body)

    with serving(ThreadingHTTPServer(("127.0.0.1", 0), Shop)) as port:
        assert is_shop(port, keys)
        assert not is_shop(port, keys.with_name("other.json"))
        assert not is_shop(port, keys.with_name("none.json"))


def test_without_the_sample_there_is_no_demo(tmp_path):
    node = nodes.start(tmp_path / "data")
    time.sleep(1)

    assert not children_of(tmp_path / "data-demo")
    assert not (tmp_path / "data-demo").exists()
    node.stop()


def test_genom_demo_needs_a_running_node(tmp_path):
    done = subprocess.run(
        [genom_command(), "demo", "--data", tmp_path / "none"],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=180,
        check=False,
    )

    assert done.returncode == 1
    assert "No node serves" in done.stderr


def test_genom_demo_steers_the_people_of_a_running_shop(open_shop):
    done = subprocess.run(
        [genom_command(), "demo", "--data", open_shop.data, "--pace", "0", "--decisions", "0"],
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "living shop:" in done.stdout
    assert told(open_shop, "pace.json") == {"pace": 0}
