"""What must not hold the loop is done in order by one thread, and whoever waits is told how it ended."""

from __future__ import annotations

import asyncio
import threading

import pytest

from genom.app.syncing import SyncThread


def fails() -> None:
    raise OSError("the disk")


def test_jobs_are_done_in_order_beside_the_loop() -> None:
    done: list[tuple[int, str]] = []

    async def run() -> None:
        thread = SyncThread()
        jobs = [thread.submit(lambda n=n: done.append((n, threading.current_thread().name))) for n in range(100)]
        assert not any(job.done() for job in jobs)  # they are told in the loop, in its next turn at the earliest
        await asyncio.gather(*jobs)
        thread.close()

    asyncio.run(run())

    assert done == [(n, "journal") for n in range(100)]


def test_what_a_job_raises_is_told_and_the_next_one_is_done() -> None:
    async def run() -> None:
        thread = SyncThread()
        with pytest.raises(OSError, match="the disk"):
            await thread.submit(fails)
        await thread.submit(list)
        thread.close()

    asyncio.run(run())


def test_closing_waits_for_what_was_submitted() -> None:
    go, done = threading.Event(), list[int]()

    async def run() -> None:
        thread = SyncThread()
        held = thread.submit(lambda: (go.wait(20), done.append(1)))
        asyncio.get_running_loop().call_soon(go.set)
        await asyncio.sleep(0)
        await asyncio.to_thread(thread.close)
        assert done == [1]
        await held

    asyncio.run(run())


def test_nobody_is_disturbed_by_who_waits_no_more() -> None:
    go = threading.Event()

    async def run() -> None:
        thread = SyncThread()
        held = thread.submit(lambda: go.wait(20))
        held.cancel()
        go.set()
        await thread.submit(list)
        thread.close()

    asyncio.run(run())


def test_a_thread_that_had_nothing_to_do_closes() -> None:
    SyncThread().close()
