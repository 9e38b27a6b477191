"""A driver of the living shop as a process of its own, against a real node."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from genom_demo.diary import RECORD
from tests.node import Node, clean_environment

SECONDS = 300  # a machine that is busy takes long


def state_of(node: Node) -> Path:
    """The demo's directory."""
    return node.data.with_name(f"{node.data.name}-demo")


@contextmanager
def driver(node: Node, *arguments: str, command: str = "drive") -> Iterator[subprocess.Popen[str]]:
    """A driver, killed at the end of the block if it still runs."""
    where = ["--url", node.url, "--keys", str(node.data / "keys.json"), "--state", str(state_of(node))]
    with subprocess.Popen(
        [sys.executable, "-m", "genom_demo", command, *where, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=clean_environment(),
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def drive(node: Node, *arguments: str, command: str = "drive", seconds: float = SECONDS) -> str:
    """Drive to the end; returns what was printed."""
    with driver(node, *arguments, command=command) as process:
        printed, _ = process.communicate(timeout=seconds)
    assert process.returncode == 0, printed
    return printed


def refused(node: Node, *arguments: str) -> str:
    """What a driver that cannot drive prints."""
    with driver(node, *arguments) as process:
        printed, _ = process.communicate(timeout=SECONDS)
    assert process.returncode == 1, printed
    return printed


def put(node: Node, path: str, body: object) -> None:
    """A PUT with the server key."""
    headers = {"Authorization": f"Bearer {node.server_key}"}
    request = urllib.request.Request(node.url + path, json.dumps(body).encode(), headers, method="PUT")
    with urllib.request.urlopen(request, timeout=30):
        pass


def told(node: Node, name: str) -> Any:
    """What the driver kept under a name, None if nothing yet."""
    try:
        return json.loads((state_of(node) / name).read_bytes())
    except FileNotFoundError:
        return None


def until(reached: Callable[[], bool], *, seconds: float = SECONDS) -> None:
    """Wait for something that a process does."""
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)


def diary(node: Node) -> Any:
    """The decisions that the driver wrote down."""
    path = state_of(node) / "decisions"
    return np.fromfile(path, RECORD) if path.exists() else np.zeros(0, RECORD)
