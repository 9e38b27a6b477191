"""A real node for tests: the installed `genom up` as a process of its own, on a free loopback port."""

from __future__ import annotations

import itertools
import json
import os
import random
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

READY_SECONDS = 180  # a machine that is busy starts a node slowly
STOP_SECONDS = 60
# Below the ports that Linux gives to outgoing connections; two, because a node's shop listens on the next one.
_PORTS = itertools.count(random.Random(os.getpid()).randrange(6_000))  # processes that test at once begin apart
_CLAIMS: list[socket.socket] = []  # of ports, until this process ends


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A running node, where to reach it and its keys."""

    url: str  # such as http://127.0.0.1:40123
    data: Path
    log: Path  # what it printed
    write_key: str
    server_key: str
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> Any:
        """The JSON answer to a GET with the server key."""
        return _ask(urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.server_key}"}))

    def post(self, path: str, body: object, *, key: str = "") -> Any:
        """The JSON answer to a POST, with the server key unless another is given."""
        headers = {"Authorization": f"Bearer {key or self.server_key}", "Content-Type": "application/json"}
        return _ask(urllib.request.Request(self.url + path, json.dumps(body).encode(), headers))

    def stop(self) -> int:
        """Ask the node to end (SIGTERM) and return its exit status."""
        self.process.terminate()  # does nothing if it has ended already
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        """End the node as a power cut would (SIGKILL)."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)


def start(
    data: Path, *args: str, env: Mapping[str, str] | None = None, sample: bool = False, port: int | None = None
) -> Node:
    """Start `genom up` on a directory and wait until it is ready; on a port that it had before, if one is given."""
    port = port or free_port()
    log = data.with_name(f"{data.name}.log")
    command = [str(genom_command()), "up", "--data", str(data), "--port", str(port), *args]
    with log.open("ab") as out:
        process = subprocess.Popen(
            [*command, "--no-demo"] if sample else [*command, "--no-sample"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=clean_environment(env),
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, url, log)
        keys = json.loads((data / "keys.json").read_text("utf-8"))
    except BaseException:
        process.kill()
        process.wait()
        raise
    return Node(
        url=url, data=data, log=log, write_key=keys["write_key"], server_key=keys["server_key"], process=process
    )


def genom_command() -> Path:
    """The installed console script of this interpreter's environment."""
    path = Path(sys.executable).parent / "genom"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: the tests run the installed wheel; run them with `make test`")
    return path


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without anything that would point a node elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GENOM_", "PYTHONPATH"))}
    return kept | dict(extra or {})


def free_port() -> int:
    """A loopback port that nothing listens on, nor on the one after it, and that no other process of tests takes."""
    ports = (20_000 + 2 * n % 12_000 for n in _PORTS)
    return next(port for port in ports if _claimed(port) and _is_free(port) and _is_free(port + 1))


def _claimed(port: int) -> bool:
    """Claim a port before anything listens on it, by a name that Linux frees when this process ends."""
    claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        claim.bind(f"\0genom-tests-{port}")
    except OSError:
        claim.close()
        return False
    _CLAIMS.append(claim)
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"genom up ended with status {process.returncode}:\n{_tail(log)}")
        try:
            with urllib.request.urlopen(f"{url}/ready", timeout=5) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            pass  # not listening yet, or 503 while it replays
        time.sleep(0.05)
    raise TimeoutError(f"genom up was not ready after {READY_SECONDS} s:\n{_tail(log)}")


def _tail(log: Path) -> str:
    return log.read_text("utf-8", "replace")[-4000:]


def _ask(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=120) as reply:
        return json.loads(reply.read())
