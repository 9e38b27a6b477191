"""The demo's client against real sockets: answers in order, patience while the node is busy, words when it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from genom_demo.client import Client, basic, bearer
from genom_demo.problems import DemoProblem

Answer = Callable[[int, dict], tuple[int, dict]]


@contextmanager
def answering(answer: Answer, *, closes_after: int = 10**9) -> Iterator[tuple[str, list[BaseHTTPRequestHandler]]]:
    """A server whose answers a test decides by the number and the body of a request."""
    seen: list[BaseHTTPRequestHandler] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
            seen.append(self)
            status, told = answer(len(seen), body)
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            self.close_connection = len(seen) == closes_after

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def client_of(url: str, **how: float) -> Iterator[Client]:
    client = Client(url, bearer("sk_1"), **how)
    try:
        yield client
    finally:
        client.close()


def echo(_number, body):
    return 200, body


def test_answers_come_in_the_order_of_the_questions():
    with answering(echo) as (url, _), client_of(url) as client:
        assert client.ask_all("/x", [{"n": n} for n in range(100)]) == [{"n": n} for n in range(100)]


def test_a_row_goes_over_one_connection():
    with answering(echo) as (url, seen), client_of(url) as client:
        client.ask_all("/x", [{"n": n} for n in range(100)])

        assert len({handler.client_address for handler in seen}) == 1


def test_what_a_closed_connection_left_open_is_asked_again():
    with answering(echo, closes_after=5) as (url, _), client_of(url) as client:
        assert client.ask_all("/x", [{"n": n} for n in range(20)]) == [{"n": n} for n in range(20)]


def test_a_busy_node_is_asked_again():
    busy = answering(lambda number, body: (503, {}) if number < 3 else (200, body))
    with busy as (url, seen), client_of(url) as client:
        assert client.call("POST", "/x", {"a": 1}) == {"a": 1}
        assert len(seen) == 3


def test_a_busy_answer_within_a_row_is_asked_again():
    busy = answering(lambda number, body: (503, {}) if number == 2 else (200, body))
    with busy as (url, _), client_of(url) as client:
        assert client.ask_all("/x", [{"n": n} for n in range(4)]) == [{"n": n} for n in range(4)]


def test_a_refusal_comes_in_the_nodes_own_words():
    told = {"code": "x", "message": "No such point.", "why": "nobody made it", "fix": "make it"}
    words = pytest.raises(DemoProblem, match=r"No such point\.\n  why: nobody made it\n  fix: make it")
    with answering(lambda *_: (404, told)) as (url, _), client_of(url) as client, words:
        client.call("POST", "/x", {})


def test_a_node_that_is_gone_is_explained_after_a_while():
    with client_of("http://127.0.0.1:9", patience=0.1) as client, pytest.raises(DemoProblem, match="does not answer"):
        client.call("POST", "/x", {})


def test_keys_go_out_as_the_node_wants_them():
    with answering(echo) as (url, seen):
        browser = Client(url, basic("wk_1"))
        browser.call("POST", "/x", {}, source="shop")
        browser.close()

        assert seen[0].headers["Authorization"] == "Basic d2tfMTo="
        assert seen[0].headers["X-Genom-Source"] == "shop"
