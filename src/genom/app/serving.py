"""Serve: listen at once, fold the journal, answer, end cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import resource
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import uvicorn

from genom.app.backups.day_keys import day_of, keys_of
from genom.app.clock import days_behind
from genom.app.commit import Committer, now_ms
from genom.app.decisions.shelves import renew_shelf
from genom.app.directory import DataDirectory
from genom.app.front import Front
from genom.app.node import Node
from genom.app.pages.mount import build_pages
from genom.app.quick import QuickProtocol
from genom.app.routes import all_routes
from genom.app.server import App
from genom.errors import BadConfiguration, Busy
from genom.settings import Settings

__all__ = ["serve"]

log = logging.getLogger("genom.serving")

Started = Callable[[App], Coroutine[Any, Any, None]]


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: the node ends by itself, with status 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(
    data: DataDirectory,
    settings: Settings,
    *,
    started: Started,
    prepare: Callable[[Node], None],
    progress: Callable[[str, int, int], None],
) -> None:
    """Run the node until a signal ends it; `started` runs beside it and ends it when it returns."""
    _allow_files()
    front = Front()
    server = _Server(_config(front, settings))
    listening = asyncio.create_task(server.serve(sockets=[_listen(settings)]))
    while not server.started and not listening.done():
        await asyncio.sleep(0.01)
    if listening.done():
        await listening
        return
    node = await asyncio.to_thread(Node, data, settings, now=now_ms(), progress=progress)
    prepare(node)
    committer = Committer(node)
    commits = asyncio.create_task(committer.run())
    commits.add_done_callback(lambda task: _died(committer, task))
    app = App(node, committer, all_routes())
    app.pages = build_pages(app)
    await renew_shelf(app)
    app.gene_changes.resume()
    await app.erasing.resume()
    if days := days_behind(node.world, now=now_ms()):
        log.warning("the clock is behind what this directory has known: set it right", extra={"days": days})
    front.app = app
    _tune()
    beside = asyncio.create_task(started(app))
    chores = [
        asyncio.create_task(chore)
        for chore in (
            _keep_house(node), _settle(node, committer), _tend(node), _settle_destinations(node), _forget(node),
            _end_backups(node), app.tagger.run(), app.erasing.run(), app.looks.run(),
            app.heads.run(node.settings.anchor_command),
        )
    ]  # fmt: skip
    try:
        await _until_ended(beside)
    finally:
        for close in app.closing:
            close()
        server.should_exit = True
        await listening
        for chore in (beside, *chores):
            chore.cancel()
        app.looks.write()
        await asyncio.gather(beside, *chores, return_exceptions=True)
        await app.gene_changes.close()
        await committer.close()
        commits.cancel()
        node.close()


def _config(front: Any, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        front,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=QuickProtocol,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        date_header=False,
        timeout_keep_alive=settings.idle_seconds,
        timeout_graceful_shutdown=10,
    )


def _died(committer: Committer, task: asyncio.Task[None]) -> None:
    """Without its committer a node would wait for ever: it ends instead."""
    if not task.cancelled() and (error := task.exception()):
        committer.end(error)


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise BadConfiguration(
            f"Genom cannot listen on {settings.host}:{settings.port}.",
            why=getattr(error, "strerror", None) or str(error),
            fix="stop what uses the port, or choose another with --port",
            code="node.port",
        ) from error
    listener.set_inheritable(False)
    return listener


async def _keep_house(node: Node) -> None:
    """What is due now and then: rejected events that are too old go."""
    while True:
        await asyncio.to_thread(node.bad_rows.expire, now_ms())
        await asyncio.sleep(600)


async def _end_backups(node: Node) -> None:
    """Backups whose days are over end though no new one is made; the first hour is for a wrong clock to be set."""
    keys = keys_of(node.data.path, node.settings)
    while True:
        await asyncio.sleep(3600)
        try:
            ended = await asyncio.to_thread(keys.end, day_of(now_ms()))
        except Exception:
            log.exception("keys of backups that have ended could not be destroyed; it is tried again")
            continue
        if ended.destroyed:
            log.info("backups have ended: the keys of their days are destroyed", extra={"keys": ended.destroyed})
        for place in ended.unreachable:
            log.warning("keys of backups that have ended could not be destroyed", extra={"place": place})


async def _settle(node: Node, committer: Committer) -> None:
    """Decisions whose reward window has passed are counted and learned from."""
    while True:
        try:
            await node.outcomes.settle(committer, now=now_ms())
        except Busy:
            log.warning("outcomes wait: the journal has no room")
        except Exception:
            log.exception("outcomes could not be settled; they are tried again")
            await asyncio.sleep(5)
        await asyncio.sleep(0.1)


async def _tend(node: Node) -> None:
    """Segments: new versions are built, people of whom nothing is heard are looked at."""
    node.segments.tended = True
    while True:
        try:
            await node.segments.tend(now=now_ms())
        except Exception:
            log.exception("segments could not be tended; it is tried again")
            await asyncio.sleep(5)
        await asyncio.sleep(0.5)


async def _settle_destinations(node: Node) -> None:
    """Who belongs to which destination; a courier takes it from there."""
    while True:
        try:
            await node.deliveries.settle(now=now_ms())
        except Exception:
            log.exception("destinations could not be settled; it is tried again")
        await asyncio.sleep(5)


async def _forget(node: Node) -> None:
    """What is past a purpose's read window goes out of people's rows."""
    while True:
        try:
            await node.forgetting.tend()
            await node.retention.tend()
        except Exception:
            log.exception("people could not be refolded; what is past a window stays withheld, and it is tried again")
        await asyncio.sleep(10)


async def _until_ended(beside: asyncio.Task[None]) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    waiting = asyncio.create_task(ended.wait())
    done, _ = await asyncio.wait({waiting, beside}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if beside in done:
        await beside


def _allow_files() -> None:
    """Each sealed segment of the journal is an open file: take as many as the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(65_536, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _tune() -> None:
    """What was read at the start stays for good: the collector need not look at it again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 50)  # a pause takes as long as what came since the last one is many: 0.7 ms
    sys.setswitchinterval(0.0005)  # the thread that syncs the journal must not wait long for its turn
