"""Group commit: requests that arrive while one commit is under way form the next."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from time import sleep
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from genom.app.batch import Batch
from genom.app.hub import Hub
from genom.app.pace import Pace
from genom.app.pipeline import Staged
from genom.app.syncing import SyncThread
from genom.errors import BadRequest, Busy

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Committer", "Receipt", "now_ms"]

log = logging.getLogger("genom.commit")

_FOLD_ROWS = 256  # rows folded before other requests get a turn: about 0.3 ms
_RECORDS_WAIT = 0.005  # seconds that written records may wait for a commit to become durable with
_COMPANY = 8  # requests that share the cost of a commit well enough
_FATAL = 74  # exit status of a node that could not make its journal durable


def now_ms() -> int:
    """Unix ms, UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """What an acknowledgement stands on."""

    position: int  # sequence of the last row that is folded


Act = Callable[[], Awaitable[None] | None]


class _Turn:
    """Something that is done between two commits."""

    def __init__(self, act: Act) -> None:
        self.act = act


_Item = Batch | Callable[[], Staged] | _Turn
_Group = list[tuple[_Item, asyncio.Future[Receipt]]]


class Committer:
    """Takes batches, writes them as one block, makes it durable, folds it, and only then answers."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._waiting: deque[tuple[_Item, asyncio.Future[Receipt]]] = deque()
        self._bytes = 0
        self._wake, self._unsynced = asyncio.Event(), False
        self._together, self._wanted = asyncio.Event(), 1  # set as soon as so many requests wait
        self._pace = Pace()
        self._syncs = SyncThread()
        self._keeps = ThreadPoolExecutor(1, "upkeep")
        self._upkeeps: Future[None] = self._keeps.submit(lambda: None)
        self._closing = False
        self.commits = 0
        self.hub = Hub()  # who wants to see what was committed

    @property
    def waiting_bytes(self) -> int:
        """Bytes of the events that wait."""
        return self._bytes

    def submit(self, batch: Batch) -> asyncio.Future[Receipt]:
        """Queue a request's events; the future is done when they are durable and visible.

        Raises Busy if too much is waiting.
        """
        if self._bytes + batch.size > self._node.settings.queue_bytes or self._closing:
            raise Busy(
                "The node has too much to do.",
                why="the queue of events is full",
                fix="send again after the pause",
                code="node.queue-full",
            )
        self._bytes += batch.size
        return self._queue(batch)

    def submit_facts(self, make: Callable[[], Staged]) -> asyncio.Future[Receipt]:
        """Queue rows that are made when their turn comes: new profiles, splits, categories."""
        return self._queue(make)

    def between(self, act: Act) -> asyncio.Future[Receipt]:
        """Have something done between two commits, when all that was queued before it is folded.

        It writes no rows, so no sync is spent on it; it must be short, for others wait.  Where it has to wait itself,
        such as for the ledger, nothing is committed meanwhile.
        """
        return self._queue(_Turn(act))

    def _queue(self, item: _Item) -> asyncio.Future[Receipt]:
        future: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._wake.set()
        if len(self._waiting) >= self._wanted and not isinstance(item, _Turn):
            self._together.set()
        return future

    def write_now(self, rows: NDArray[np.void], body: bytes) -> int:
        """Give a record its place in the journal at once; it becomes durable with the next sync.

        Returns its sequence.  Raises Busy if there is no room.
        """
        sequence = self._node.journal.hold(rows, body, now=now_ms())
        self._unsynced = True
        self._wake.set()
        self.hub.committed(rows, body)
        return sequence

    async def run(self) -> None:
        """Commit until `close`; ends the process if the journal cannot be made durable."""
        while not self._closing or self._waiting or self._unsynced:
            await self._wake.wait()
            self._wake.clear()
            await self._take_turns()
            while self._waiting or self._unsynced:
                if not self._closing:
                    await self._company()
                    await self._take_turns()
                self._pace.begin()
                await self._commit(self._take())
                await self._take_turns()

    async def _take_turns(self) -> None:
        while self._waiting and isinstance(turn := self._waiting[0][0], _Turn):
            future, refused = self._waiting[0][1], None
            try:
                if isinstance(done := turn.act(), Awaitable):
                    await done
            except Exception as error:  # noqa: BLE001 -- it is told to whoever asked for the turn
                refused = error
            self._waiting.popleft()  # only now, so that `close` waits for it
            if refused is None:
                self._answer([(turn, future)])
            else:
                _refuse([(turn, future)], refused)

    async def _company(self) -> None:
        """Records wait a moment for events to share the sync with; in a busy node few requests wait for more of them.

        A commit for each of them would cost more than they do.
        """
        if not self._waiting:
            await self._until(1, _RECORDS_WAIT)
        if 0 < len(self._waiting) < _COMPANY and (rest := self._pace.rest()):
            await self._until(_COMPANY, rest)

    async def _until(self, wanted: int, seconds: float) -> None:
        """Let so many requests come, but wait no longer than this."""
        self._wanted = wanted
        self._together.clear()
        timer = asyncio.get_running_loop().call_later(seconds, self._together.set)
        await self._together.wait()
        timer.cancel()

    async def close(self) -> None:
        """Let everything that waits be committed, then stop."""
        self._closing = True
        self._wake.set()
        self._together.set()
        while self._waiting or self._unsynced:
            await asyncio.sleep(0.005)
        self._syncs.close()
        self._keeps.shutdown()

    def _take(self) -> _Group:
        """The batches that wait, up to so many events; facts are committed alone, in their turn."""
        group, events = _Group(), 0
        while self._waiting and events < self._node.settings.group_events:
            item = self._waiting[0][0]
            if not isinstance(item, Batch):
                return group or [self._waiting.popleft()]
            events += len(item)
            self._bytes -= item.size
            group.append(self._waiting.popleft())
        return group

    async def _commit(self, group: _Group) -> None:
        try:
            await self._write(group)
        except (Busy, BadRequest) as error:  # no room, or the maker of the rows finds them to be none
            _refuse(group, error)
        except OSError as error:
            self.end(error)
        except Exception as error:
            log.exception("a commit failed")
            _refuse(group, error)

    async def _write(self, group: _Group) -> None:
        if (staged := self._stage(group)) is not None:
            try:
                await self._keep_elsewhere(staged)
                await asyncio.sleep(0)  # decisions that came meanwhile do not wait for sealing and writing, too
                if len(staged.rows):
                    self._node.journal.stage(staged.rows, staged.bodies, now=now_ms())
            except Busy:
                self._node.pipeline.unwritten(staged)
                raise
        self._node.journal.write_held(now=now_ms())
        self._unsynced = False
        durable = self._syncs.submit(self._node.journal.sync)
        try:
            if staged is not None:
                await asyncio.sleep(0)
                await self._fold(staged.rows)
                self._node.outcomes.take(staged.rows)
                self._node.segments.after_group(staged.rows, now=now_ms())
        except Exception as error:  # noqa: BLE001 -- memory and journal differ from here on: a start sets it right
            self.end(error)
        await durable
        self.commits += 1
        self._answer(group)
        if staged is not None and len(staged.rows):
            self.hub.committed(staged.rows, staged.bodies)
        self._look_ahead()

    def _answer(self, group: _Group) -> None:
        receipt = Receipt(self._node.world.position)  # what the next decision has read
        for _, future in group:
            if not future.done():
                future.set_result(receipt)

    def _stage(self, group: _Group) -> Staged | None:
        if not group:
            return None
        make = group[0][0]
        if callable(make):
            return make()
        return self._node.pipeline.stage([item for item, _ in group if isinstance(item, Batch)], now=now_ms())

    async def _keep_elsewhere(self, staged: Staged) -> None:
        """Vault and ledger before the journal."""
        entries = self._node.pipeline.permits.entries
        if staged.vault:
            await self._syncs.submit(lambda: self._node.vault.put(staged.vault))
        if entries:
            kept = entries[:]
            await self._syncs.submit(lambda: self._node.ledger.append(kept))
            del entries[: len(kept)]

    async def _fold(self, rows: NDArray[np.void]) -> None:
        world, now = self._node.world, now_ms()
        for start in range(0, len(rows), _FOLD_ROWS):
            some = rows[start : start + _FOLD_ROWS]
            world.fold(some, now=now)
            world.position = int(some["sequence"][-1])  # who refolds meanwhile stops here
            if start + _FOLD_ROWS < len(rows):
                await asyncio.sleep(0)

    def _look_ahead(self) -> None:
        world = self._node.world
        wanted = self._node.journal.wants_upkeep or world.wants_room or world.matrix.wants_kernel
        wanted = wanted or self._node.slots.wants_room(world.profiles.count)
        if self._upkeeps.done() and wanted:
            self._upkeeps = self._keeps.submit(self._upkeep)

    def _upkeep(self) -> None:
        try:
            if self._node.world.wants_room:
                self._node.world.make_room()
            self._node.slots.make_room(self._node.world.profiles.count, pause=_yield)
            if self._node.world.matrix.wants_kernel:
                self._node.world.matrix.adopt_kernel()
            self._node.journal.upkeep(now=now_ms())
        except Busy:
            return  # there is no room now; a commit that needs the segment says so
        except OSError as error:
            self.end(error)

    def end(self, error: BaseException) -> None:
        """A failed sync is never retried: what is on disk is unknown, so the node ends and rebuilds from the log."""
        log.critical(
            "memory and journal may differ; the node ends and rebuilds at its next start", extra={"why": str(error)}
        )
        logging.shutdown()
        os._exit(_FATAL)


def _yield() -> None:
    """Let whoever answers have the interpreter."""
    sleep(0.0005)


def _refuse(group: _Group, error: Exception) -> None:
    for _, future in group:
        if not future.done():
            future.set_exception(error)
