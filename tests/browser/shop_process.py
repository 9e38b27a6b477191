"""The living shop as a process of its own, beside a node."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.node import Node, clean_environment, free_port

READY_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """A running shop."""

    url: str  # such as http://127.0.0.1:40124
    state: Path
    log: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ask it to end."""
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(15)


_SERVE = """
import json, sys
from pathlib import Path
from genom_demo.serving import serve
url, keys, state, port = sys.argv[1:]
nobody = [sys.executable, "-c", "import time; time.sleep(86400)"]
key = json.loads(Path(keys).read_bytes())["server_key"]
serve(url=url, server_key=key, state=Path(state), port=int(port), driver=nobody)
"""


def start(node: Node, state: Path, *, env: Mapping[str, str] | None = None) -> Shop:
    """Start the shop without simulated visitors and wait until it answers."""
    port, log = free_port(), state.with_name(f"{state.name}.log")
    command = [sys.executable, "-c", _SERVE, node.url, str(node.data / "keys.json"), str(state), str(port)]
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, env=clean_environment(env)
        )
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/shop", timeout=5):
                return Shop(url=url, state=state, log=log, process=process)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    process.kill()
    process.wait()
    raise RuntimeError(f"the shop did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")
