"""The living shop beside the node: a process of its own that talks HTTP only, kept running and announced."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import http.client
import json
import os
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Final

from rich.console import Console

from genom.app.server import App
from genom.app.supervise import supervise_worker

__all__ = ["demo_state", "drive", "is_shop", "supervise_demo"]

_PATIENCE: Final = 2.0  # seconds


def demo_state(data: Path) -> Path:
    """Where the demo keeps its truth and progress: beside the data directory, never in it.

    >>> demo_state(Path("/srv/genom-data")).name
    'genom-data-demo'
    """
    return data.with_name(f"{data.resolve().name}-demo")


def drive(data: Path, url: str, *, pace: float | None, decisions: int | None) -> int:
    """Start the simulated people, or steer them if they run already, and watch; returns the exit status."""
    command = [*_demo("steer"), "--url", url, "--keys", str(data / "keys.json"), "--state", str(demo_state(data))]
    asked = {"--pace": pace, "--decisions": decisions}
    command += [word for name, value in asked.items() if value is not None for word in (name, str(value))]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own command


async def supervise_demo(app: App, console: Console, *, after_sample: bool) -> None:
    """Keep the shop running on the next port until this task is cancelled; say where it is once it answers."""
    settings, data = app.node.settings, app.node.data.path
    port = settings.port + 1
    command = [*_demo("serve"), "--url", f"http://{settings.host}:{settings.port}", "--keys", str(data / "keys.json")]
    command += ["--state", str(demo_state(data)), "--port", str(port), "--parent", str(os.getpid())]
    watching = asyncio.create_task(_announce(app, console, port))
    try:
        await supervise_worker([*command, *(["--after-sample"] if after_sample else [])], name="demo")
    finally:
        watching.cancel()
        app.cache.pop("shop_url", None)


async def _announce(app: App, console: Console, port: int) -> None:
    """Pages link to the shop while it answers."""
    url, keys, said = f"http://127.0.0.1:{port}/shop", app.node.data.path / "keys.json", False
    while True:
        if await asyncio.to_thread(is_shop, port, keys):
            app.cache["shop_url"] = url
            if not said:
                console.print(f"  The living shop (simulated people) is open on {url}", highlight=False)
            said = True
        else:
            app.cache.pop("shop_url", None)
        await asyncio.sleep(5 if said else 0.5)


def is_shop(port: int, keys: Path) -> bool:
    """Whether this node's shop answers on the port, and not whatever else may have it: only the shop has the key."""
    asked, connection = secrets.token_hex(16), http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        key = str(json.loads(keys.read_bytes())["server_key"]).encode()
        connection.request("GET", f"/shop/proof/{asked}")
        told = connection.getresponse().read(64)
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    proof = hmac.new(key, b"living shop\0" + asked.encode(), hashlib.sha256).hexdigest()
    return hmac.compare_digest(told, proof.encode())


def _demo(command: str) -> list[str]:
    return [sys.executable, "-m", "genom_demo", command]
