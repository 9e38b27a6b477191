"""The demo beside its node: the web shop answers in this process, the simulated people are one of their own."""

from __future__ import annotations

import socket
import subprocess
import threading
from pathlib import Path
from typing import Final

import uvicorn

from genom_demo.client import Client, bearer
from genom_demo.parent import orphaned
from genom_demo.prepare import prepare
from genom_demo.problems import DemoProblem
from genom_demo.shop import build_app

__all__ = ["serve"]

_PAUSES: Final = (5, 15, 60)  # seconds before people come again after their process ended
_LOOK: Final = 0.5  # seconds between looks at the processes


def serve(*, url: str, server_key: str, state: Path, port: int, driver: list[str], parent: int | None = None) -> None:
    """Serve the shop on 127.0.0.1 until a signal comes; `driver` is the command that lets people come.

    Raises DemoProblem if the port is taken, or if the node refuses what the shop needs.
    """
    with _listening(port) as listener:
        prepare(Client(url, bearer(server_key)), state)
        app = build_app(url=url, server_key=server_key, state=state)
        server = uvicorn.Server(
            uvicorn.Config(app, access_log=False, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
        )
        ended = threading.Event()
        people = threading.Thread(target=_people, args=(driver, ended))
        watch = threading.Thread(target=_watch, args=(server, ended, parent))
        people.start()
        watch.start()
        try:
            server.run(sockets=[listener])
        finally:
            ended.set()
            people.join()
            watch.join()


def _listening(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise DemoProblem(
            f"The living shop cannot listen on port {port}.",
            why=getattr(error, "strerror", None) or str(error),
            fix="stop what uses the port, or start the node on another one: the shop takes the next",
        ) from error
    return listener


def _people(driver: list[str], ended: threading.Event) -> None:
    """Keep the driver running, and take it along at the end."""
    deaths = 0
    while not ended.is_set():
        process = subprocess.Popen(driver, stdin=subprocess.DEVNULL)
        while process.poll() is None and not ended.wait(_LOOK):
            pass
        if process.poll() is None:
            process.terminate()
            process.wait()
        ended.wait(_PAUSES[min(deaths, len(_PAUSES) - 1)])
        deaths += 1


def _watch(server: uvicorn.Server, ended: threading.Event, parent: int | None) -> None:
    """Without its node the shop ends."""
    while not ended.wait(_LOOK):
        if orphaned(parent):
            server.should_exit = True
            return
