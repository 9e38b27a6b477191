"""One thread that does what must not hold the loop, in order: syncs of the journal, the vault, the ledger.

A pool of the standard library does the same and costs the loop a sixth of a commit more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread

__all__ = ["SyncThread"]

_Job = tuple[Callable[[], object], asyncio.AbstractEventLoop, asyncio.Future[None]]


class SyncThread:
    """Does one thing after the other; starts with the first."""

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._thread: Thread | None = None

    def submit(self, job: Callable[[], object]) -> asyncio.Future[None]:
        """Have it done; the future is done when it is, with the exception that it raised."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        if self._thread is None:
            self._thread = Thread(target=self._work, name="journal", daemon=True)
            self._thread.start()
        self._jobs.put((job, loop, future))
        return future

    def close(self) -> None:
        """Let what was submitted be done, then stop."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        while (given := self._jobs.get()) is not None:
            job, loop, future = given
            error: BaseException | None = None
            try:
                job()
            except BaseException as raised:  # noqa: BLE001 -- it is told to whoever waits
                error = raised
            loop.call_soon_threadsafe(_end, future, error)


def _end(future: asyncio.Future[None], error: BaseException | None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)
