"""A server that only decodes and counts: what uvicorn and msgspec cost on this machine, without a platform behind.

The ingest benchmark runs it beside the node in the same minutes, so that its ratio holds on slower and busier machines.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["started_bare"]


def serve(port: int) -> None:
    """Answer every batch with its number of events."""
    import msgspec  # noqa: PLC0415 - only the server process needs these
    import uvicorn  # noqa: PLC0415

    event = msgspec.defstruct("Event", [("type", str, ""), ("messageId", str, "")], gc=False)
    batch = msgspec.defstruct("Batch", [("batch", list[event])], gc=False)
    decode = msgspec.json.Decoder(batch).decode

    async def app(
        _scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        message = await receive()
        body = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        reply = b'{"success":true,"accepted":%d,"rejected":[]}' % len(decode(body).batch)
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(reply))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": reply})

    uvicorn.run(
        app, port=port, loop="uvloop", http="httptools", lifespan="off", access_log=False, log_level="error",
        server_header=False, date_header=False,
    )  # fmt: skip


@contextmanager
def started_bare() -> Iterator[int]:
    """The server in a process of its own; yields its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen([sys.executable, __file__, str(port)])
    try:
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
