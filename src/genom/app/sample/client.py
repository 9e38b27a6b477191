"""A node's HTTP interface as another process uses it: kept-alive connections that wait and try again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Final
from urllib.parse import urlsplit

from genom.errors import GenomError

__all__ = ["NodeClient"]

BUSY: Final = frozenset({429, 503})
PAUSE_MAX: Final = 30.0  # seconds, longest wait that a busy node may ask for


class NodeClient:
    """Calls of a running node with a server key, from any thread; connections are kept and used again.

    While the node is busy or gone, a call waits and is repeated, until `patience` seconds have passed.
    """

    def __init__(self, url: str, server_key: str, *, patience: float = 120.0, timeout: float | None = 60.0) -> None:
        self.address = urlsplit(url).netloc
        self.headers = {"Authorization": f"Bearer {server_key}", "Content-Type": "application/json"}
        self.patience, self.timeout = patience, timeout
        self._idle: list[HTTPConnection] = []  # taking and giving back are atomic

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """The body of the node's answer; ``X_Genom_Source="sample"`` sets the header of that name.

        Raises GenomError if the node refuses the call or cannot be reached for too long.
        """
        given = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value.encode() for name, value in given.items()}  # as text, it would go as Latin-1
        why = ""
        for _ in _tries(self.patience):
            try:
                status, answer, pause = self._once(method, path, body, sent)
            except (OSError, HTTPException) as error:
                why = f"{type(error).__name__}: {error}"
                continue
            if status < 300:
                return answer
            if status not in BUSY:
                raise _refused(method, path, status, answer)
            why = "it is busy"
            time.sleep(pause)
        raise _unreachable(self.address, self.patience, why)

    def close(self) -> None:
        """Closes the connections."""
        while self._idle:
            self._idle.pop().close()

    def _once(self, method: str, path: str, body: bytes | None, headers: dict[str, bytes]) -> tuple[int, bytes, float]:
        connection = self._connection()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            answer = response.read()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)
        return response.status, answer, _pause(response)

    def _connection(self) -> HTTPConnection:
        try:
            return self._idle.pop()
        except IndexError:  # all are in use by other threads
            return HTTPConnection(self.address, timeout=self.timeout)


def _tries(patience: float) -> Iterator[None]:
    """One turn at once, then others after growing pauses, until `patience` seconds have passed."""
    end, pause = time.monotonic() + patience, 0.02
    while True:
        yield
        if time.monotonic() + pause > end:
            return
        time.sleep(pause)
        pause = min(pause * 2, 2.0)


def _pause(response: HTTPResponse) -> float:
    """Seconds that the answer asks to wait."""
    asked = response.headers.get("Retry-After", "")
    return min(float(asked), PAUSE_MAX) if asked.isdigit() else 0.0


def _refused(method: str, path: str, status: int, answer: bytes) -> GenomError:
    """The node's own words, if it answered in its form."""
    with suppress(ValueError, KeyError, TypeError):
        told = json.loads(answer)
        error = GenomError(told["message"], why=told["why"], fix=told["fix"], code=told["code"])
        error.status = status
        return error
    return GenomError(
        f"The node refused {method} {path}.",
        why=f"it answered {status}: {answer[:500].decode(errors='replace')}",
        fix="see the node's log",
        code="node.refused",
    )


def _unreachable(address: str, patience: float, why: str) -> GenomError:
    return GenomError(
        f"The node at {address} does not answer.",
        why=f"for {patience:g} seconds: {why}",
        fix="start `genom up` again; what was begun goes on where it stopped",
        code="node.unreachable",
    )
