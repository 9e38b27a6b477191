"""A node under measurement: started in a directory of its own, watched, asked and stopped over loopback."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import machine

__all__ = ["Api", "Node", "program", "scratch", "started"]

START_SECONDS = 120  # a cold start compiles the kernel
STOP_SECONDS = 60


def program() -> list[str]:
    """The installed `genom` beside this Python, or what `GENOM_PROGRAM` names."""
    named = os.environ.get("GENOM_PROGRAM")
    return named.split() if named else [str(Path(sys.executable).with_name("genom"))]


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Api:
    """One keep-alive connection with the server key."""

    def __init__(self, port: int, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any, dict[str, str]]:
        """Status, decoded body and headers (names in lower case)."""
        sent = json.dumps(body).encode("utf-8") if body is not None else None
        try:
            self.connection.request(method, path, sent, self.headers)
            answer = self.connection.getresponse()
            content = answer.read()
        except (http.client.HTTPException, OSError):
            self.connection.close()  # the next request opens it again
            raise
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return answer.status, json.loads(content) if content else None, headers

    def get(self, path: str) -> Any:
        """The body of a GET; anything but 200 is an error."""
        return self._wanted(*self.ask("GET", path)[:2], path)

    def post(self, path: str, body: object) -> Any:
        """The body of a POST's answer; anything but 200 is an error."""
        return self._wanted(*self.ask("POST", path, body)[:2], path)

    @staticmethod
    def _wanted(status: int, answer: Any, path: str) -> Any:
        if status != 200:
            raise RuntimeError(f"{path} answered {status}: {answer}")
        return answer


class Node:
    """A running node and its keys."""

    def __init__(self, data: Path, arguments: tuple[str, ...]) -> None:
        self.data, self.port, self.log = data, free_port(), data.parent / f"{data.name}.log"
        command = [*program(), "up", "--data", str(data), "--port", str(self.port), *arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def wait(self) -> float:
        """Until it says that it is ready; returns the seconds that took."""
        begun = time.monotonic()
        while time.monotonic() - begun < START_SECONDS:
            if self.process.poll() is not None:
                break
            if (self.data / "keys.json").exists() and self._ready():
                self.keys: dict[str, str] = json.loads((self.data / "keys.json").read_text("utf-8"))
                return time.monotonic() - begun
            time.sleep(0.05)
        ended, last = self.process.poll(), self.log.read_text("utf-8", "replace")[-3000:]
        self.stop()
        raise RuntimeError(
            f"The node was not ready after {START_SECONDS} s (exit status {ended}). Its log ends:\n{last}"
        )

    def _ready(self) -> bool:
        try:
            return Api(self.port, "").ask("GET", "/ready")[0] == 200
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return False

    @property
    def host(self) -> str:
        """For the Host header."""
        return f"127.0.0.1:{self.port}"

    def api(self) -> Api:
        """A new connection with the server key."""
        return Api(self.port, self.keys["server_key"])

    def cpu_seconds(self) -> float:
        """Processor time of the node and its worker so far."""
        return machine.cpu_seconds(self.process.pid)

    def resident_bytes(self) -> int:
        """Resident memory of the node and its worker now."""
        return machine.resident_bytes(self.process.pid)

    def stop(self) -> int:
        """Shut down cleanly; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            return self.process.wait()


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty directory for a node's data, on the disk that `TMPDIR` names; removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="genom-bench-") as parent:
        data = Path(parent) / "data"
        data.mkdir(mode=0o700)
        yield data


@contextmanager
def started(data: Path, *arguments: str) -> Iterator[Node]:
    """A node that is ready, stopped at the end."""
    node = Node(data, arguments or ("--no-sample",))
    try:
        node.wait()
        yield node
    finally:
        node.stop()
