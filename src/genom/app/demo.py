"""The living shop beside the node: a process of its own that talks HTTP only, kept running and announced."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from rich.console import Console

from genom.app.server import App
from genom.app.supervise import supervise_worker

__all__ = ["demo_state", "drive", "supervise_demo"]


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
    url, said = f"http://127.0.0.1:{port}/shop", False
    while True:
        if await _answers(port):
            app.cache["shop_url"] = url
            if not said:
                console.print(f"  The living shop (simulated people) is open on {url}", highlight=False)
            said = True
        else:
            app.cache.pop("shop_url", None)
        await asyncio.sleep(5 if said else 0.5)


async def _answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


def _demo(command: str) -> list[str]:
    return [sys.executable, "-m", "genom_demo", command]
