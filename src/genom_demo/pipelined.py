"""Several requests on one connection before the first answer is read, so that a decision costs no round trip.

Source: RFC 9112, section 9.3.2 "Pipelining".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import BinaryIO

__all__ = ["Reply", "exchange"]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer."""

    status: int
    body: bytes


def exchange(connection: HTTPConnection, path: str, bodies: Sequence[bytes], headers: Mapping[str, str]) -> list[Reply]:
    """POST all bodies and read all answers, in their order; fewer if the node closes the connection.

    Raises OSError if the connection breaks before the first answer.  A row must be small enough for the
    node's buffers: the client reads nothing before all is sent.
    """
    if connection.sock is None:
        connection.connect()
    fixed = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    head = f"POST {path} HTTP/1.1\r\nHost: {connection.host}:{connection.port}\r\n{fixed}Content-Length: "
    connection.sock.sendall(b"".join(f"{head}{len(body)}\r\n\r\n".encode() + body for body in bodies))
    replies: list[Reply] = []
    with connection.sock.makefile("rb") as stream:
        while len(replies) < len(bodies) and (reply := _read(stream)) is not None:
            replies.append(reply)
    if len(replies) < len(bodies):
        connection.close()
    return replies


def _read(stream: BinaryIO) -> Reply | None:
    """The next answer; None at the end of the stream."""
    start = stream.readline(1_000).split()
    if len(start) < 2:
        return None
    length = 0
    while (line := stream.readline(10_000)) not in {b"\r\n", b""}:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = stream.read(length)
    return Reply(int(start[1]), body) if len(body) == length else None
