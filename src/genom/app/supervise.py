"""The node starts the worker, restarts it when it dies, and takes it along when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import sys
from typing import Final

from genom.app.server import App
from genom.errors import GenomError

__all__ = ["supervise_worker", "worker_command"]

log = logging.getLogger("genom.supervise")

_PAUSES: Final = (1, 2, 5, 15, 60)  # seconds before a worker that died is started again


def worker_command(app: App, *, sample: bool, consents: str) -> list[str]:
    """How the worker is started."""
    settings = app.node.settings
    url = f"http://{settings.host}:{settings.port}"
    base = [sys.executable, "-X", "faulthandler", "-m", "genom.app.worker", "--data", str(app.node.data.path)]
    extra = ["--sample", "--consents", consents] if sample else []
    extra += ["--learn", str(settings.learn_hours)]
    return [*base, "--url", url, "--node", str(os.getpid()), "--every", str(settings.state_seconds), *extra]


async def supervise_worker(command: list[str], *, lives: float = math.inf, name: str = "worker") -> None:
    """Keep the worker (or another process) running until this task is cancelled.

    Raises GenomError once it has died `lives` times.
    """
    deaths = 0
    while deaths < lives:
        process = await asyncio.create_subprocess_exec(*command)
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            await _end(process)
            raise
        await asyncio.sleep(0.5)  # a signal to the whole group ends this task meanwhile
        log.error("the %s ended; it is started again", name, extra={"status": status})
        await asyncio.sleep(_PAUSES[min(deaths, len(_PAUSES) - 1)])
        deaths += 1
    raise GenomError(
        f"The {name} cannot do its work.",
        why=f"it ended {deaths} times",
        fix="see its messages above",
        code=f"{name}.died",
    )


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 5)
        except TimeoutError:
            process.kill()
            await process.wait()
