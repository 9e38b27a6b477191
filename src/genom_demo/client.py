"""The node's HTTP interface as the demo uses it: kept-alive connections, requests in a row, patience."""

from __future__ import annotations

import json
import time
from base64 import b64encode
from collections.abc import Sequence
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any, Final
from urllib.parse import urlsplit

from genom_demo.pipelined import Reply, exchange
from genom_demo.problems import DemoProblem, NodeGone

__all__ = ["Client", "basic", "bearer"]

_BUSY: Final = frozenset({429, 503})
_ROW: Final = 32  # requests that are under way on one connection at once


def bearer(server_key: str) -> str:
    """The Authorization header of a server key."""
    return f"Bearer {server_key}"


def basic(write_key: str) -> str:
    """The Authorization header of a write key, as a browser sends it.

    >>> basic("wk_1")
    'Basic d2tfMTo='
    """
    return "Basic " + b64encode(f"{write_key}:".encode()).decode()


class Client:
    """Calls of a running node, from any thread; while it is busy or gone, a call waits and is repeated."""

    def __init__(self, url: str, authorization: str, *, patience: float = 120.0) -> None:
        self.address, self.authorization, self.patience = urlsplit(url).netloc, authorization, patience
        self._idle: list[HTTPConnection] = []  # taking and giving back are atomic

    def call(self, method: str, path: str, body: object = None, *, source: str = "") -> Any:
        """The decoded answer; `body` is JSON, or bytes that are.

        Raises DemoProblem if the node refuses the call, or does not answer for `patience` seconds.
        """
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        end, why, pause = time.monotonic() + self.patience, "", 0.02
        while time.monotonic() < end:
            try:
                status, answer, wait = self._once(method, path, content, source)
            except (OSError, HTTPException) as error:
                why, wait = f"{type(error).__name__}: {error}", 0.0
            else:
                if status < 300:
                    return json.loads(answer)
                if status not in _BUSY:
                    raise _refused(method, path, status, answer)
                why = "it is busy"
            time.sleep(max(wait, pause))
            pause = min(2 * pause, 2.0)
        raise _unreachable(self.address, self.patience, why)

    def ask_all(self, path: str, bodies: Sequence[object]) -> list[Any]:
        """Many POSTs to one path, sent in a row without waiting for each answer; the answers in their order."""
        answers: list[Any] = []
        for at in range(0, len(bodies), _ROW):
            row = [json.dumps(body, separators=(",", ":")).encode() for body in bodies[at : at + _ROW]]
            answers += self._row(path, row)
        return answers

    def close(self) -> None:
        """Close the connections."""
        while self._idle:
            self._idle.pop().close()

    def _row(self, path: str, row: list[bytes]) -> list[Any]:
        """Answers to a row; what was answered badly or not at all is asked again by itself."""
        connection = self._connection()
        replies: list[Reply] = []
        try:
            replies = exchange(connection, path, row, self._headers(""))
        except OSError:
            connection.close()
        else:
            self._idle.append(connection)
        good = [json.loads(reply.body) if reply.status < 300 else None for reply in replies]
        good += [None] * (len(row) - len(good))
        return [
            self.call("POST", path, body) if answer is None else answer for answer, body in zip(good, row, strict=True)
        ]

    def _headers(self, source: str) -> dict[str, str]:
        named = {"X-Genom-Source": source} if source else {}
        return {"Authorization": self.authorization, "Content-Type": "application/json", **named}

    def _once(self, method: str, path: str, content: bytes, source: str) -> tuple[int, bytes, float]:
        connection = self._connection()
        try:
            connection.request(method, path, content or None, self._headers(source))
            response = connection.getresponse()
            answer = response.read()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return response.status, answer, _asked_pause(response)

    def _connection(self) -> HTTPConnection:
        try:
            return self._idle.pop()
        except IndexError:  # all are in use by other threads
            return HTTPConnection(self.address, timeout=60.0)


def _asked_pause(response: HTTPResponse) -> float:
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), 30.0) if asked.isdigit() else 0.0


def _refused(method: str, path: str, status: int, answer: bytes) -> DemoProblem:
    """The node's own words, if it answered in its form."""
    with suppress(ValueError, KeyError, TypeError):
        told = json.loads(answer)
        return DemoProblem(str(told["message"]), why=str(told["why"]), fix=str(told["fix"]), code=str(told["code"]))
    why = f"it answered {status}: {answer[:300].decode(errors='replace')}"
    return DemoProblem(f"The node refused {method} {path}.", why=why, fix="see the node's log")


def _unreachable(address: str, patience: float, why: str) -> NodeGone:
    return NodeGone(
        f"The node at {address} does not answer.",
        why=f"for {patience:g} seconds: {why}",
        fix="start `genom up` again; the demo goes on where it stopped",
    )
