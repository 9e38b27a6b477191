"""The gene set of a running node changes: validate, compile and fold in another process, follow, take over.

One change at a time.  What is under way is kept in the catalogue: after a crash the node goes on with it, or says why
it does not.  Whatever fails before the take-over leaves the old version serving.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import msgspec

from genom.app import audit
from genom.app.commit import Committer, now_ms
from genom.app.genes.job import Told
from genom.app.genes.meanings import agree_genes
from genom.app.genes.plans import Plan, Planned, plan_of_adding, plan_of_rollback
from genom.app.genes.sets import ACTIVE, AddedFile, define_set, gene_sets, genes_of, layout_for
from genom.app.genes.states import settle_states
from genom.app.genes.successor import LAST_ROWS, Successor, successor_of, take_over
from genom.app.genes.users import check_unused
from genom.app.journals import read_journal
from genom.app.state_lock import no_state_is_written
from genom.app.tables import meta
from genom.errors import BadConfiguration, BadRequest, GenomError
from genom.genome import Layout
from genom.genome.generated import serving
from genom.journal import Journal
from genom.typed import converted, from_json

if TYPE_CHECKING:
    from genom.app.node import Node

__all__ = ["Change", "GeneChanges"]

log = logging.getLogger("genom.genes")

_CHANGE: Final = "gene_change"  # name in `meta` of the newest change
_TRIES: Final = 3  # starts of a node that go on with the same change
_ROUNDS: Final = 200  # attempts to take over while events flow
_WORDS: Final = {"add": "adding of", "rollback": "rollback to"}

Kind = Literal["add", "rollback"]


class Change(msgspec.Struct, kw_only=True):
    """The newest change, under way or ended."""

    kind: str  # add or rollback
    version: int  # that it leads to
    before: int  # that was active
    by: str
    at: int  # when it was asked for, unix ms, UTC
    reason: str = ""
    state: str = "running"  # then done or failed
    step: str = "compile"  # then fold, write, follow, take_over
    done: int = 0  # rows of the journal
    of: int = 0
    why: str = ""  # it failed
    tries: int = 1


@dataclass(slots=True)
class _Failed(Exception):
    why: str


class GeneChanges:
    """Adds genes to a node that serves, and takes them back."""

    def __init__(self, node: Node, committer: Committer) -> None:
        self._node, self._committer = node, committer
        self._task: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()
        kept = node.catalogue.get(_CHANGE)
        self.newest = converted(kept, Change) if kept else None

    @property
    def active(self) -> int:
        """The number of the version that serves."""
        return int(self._node.catalogue.get(ACTIVE) or 0)

    @property
    def running(self) -> bool:
        """Whether a change is under way."""
        return self.newest is not None and self.newest.state == "running"

    async def add(self, file: AddedFile, *, by: str, dry: bool = False) -> Plan:
        """Begin to add the genes of a file (`dry`: only say what it would do).

        Raises BadRequest for a file that cannot be used, or while another change runs.
        """
        return await self._begin("add", lambda active: plan_of_adding(self._node, file, active=active), by=by, dry=dry)

    async def roll_back(self, *, by: str, reason: str = "", dry: bool = False) -> Plan:
        """Begin to go back to the version before.  Raises BadRequest, also if somebody uses a gene that would go."""
        return await self._begin(
            "rollback", lambda active: plan_of_rollback(self._node, active=active), by=by, dry=dry, reason=reason
        )

    async def finished(self) -> Change | None:
        """Wait for the change that runs; the newest one."""
        if self._task is not None:
            await asyncio.wait([self._task])
        return self.newest

    def resume(self) -> None:
        """After a start: go on with a change that the last run of the node did not end."""
        change = self.newest
        if change is None or change.state != "running":
            return
        if self.active == change.version:
            change.state = "done"
        elif change.tries >= _TRIES:
            change.state, change.why = "failed", f"the node ended {change.tries} times while it ran"
        else:
            change.tries += 1
        self._keep(change)
        if change.state == "running":
            self._start(change)

    async def close(self) -> None:
        """The node ends: its next start goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    # asking

    async def _begin(self, kind: Kind, plan: Callable[[int], Planned], *, by: str, dry: bool, reason: str = "") -> Plan:
        async with self._asking:
            if not dry:
                self._check_idle()
            active = await asyncio.to_thread(lambda: self.active)
            try:
                planned = await asyncio.to_thread(plan, active)
            except BadConfiguration as error:
                raise BadRequest(error.what, why=error.why, fix=error.fix, code="genes.refused") from error
            if dry:
                return planned.plan
            change = await asyncio.to_thread(self._kept, kind, planned, active, by, reason)
            self._start(change)
            return planned.plan

    def _check_idle(self) -> None:
        change = self.newest
        if change is not None and self.running:
            raise BadRequest(
                "The genes are being changed already.",
                why=f"{change.by} began the {_WORDS[change.kind]} version {change.version}; it is at: {change.step}",
                fix="wait for it: `genom genes versions` shows how far it is",
                code="genes.changing",
            )

    def _kept(self, kind: Kind, planned: Planned, active: int, by: str, reason: str) -> Change:
        now = now_ms()
        if kind == "add":
            planned.plan.version = define_set(self._node.catalogue, planned.set, by=by, at=now)
        change = Change(
            kind=kind, version=planned.plan.version, before=active, by=by, at=now, reason=reason, of=planned.plan.rows
        )
        self._keep(change)
        self.newest = change
        return change

    def _keep(self, change: Change) -> None:
        self._node.catalogue.put(_CHANGE, msgspec.to_builtins(change))

    # doing

    def _start(self, change: Change) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(change))

    async def _run(self, change: Change) -> None:
        try:
            async with _files_rest(self._node.data.path) as lock:
                file = await self._job(change, lock)
                change.step = "follow"
                held = await self._change_over(change, file)
                await self._settle(change)
            await asyncio.to_thread(held.clear)  # the old genome's memory is given back beside the loop
        except _Failed as error:
            await self._fail(change, error.why)
        except GenomError as error:
            await self._fail(change, f"{error.what} {error.why}.")
        except OSError as error:
            await self._fail(change, f"{error.strerror or error}: {error.filename or 'the data directory'}")
        except Exception as error:
            log.exception("genes could not be changed")
            await self._fail(change, repr(error))

    async def _fail(self, change: Change, why: str) -> None:
        log.error("the genes stay as they are", extra={"version": change.version, "why": why})
        change.state, change.why = "failed", why
        try:
            await asyncio.to_thread(self._keep, change)
        except Exception:
            log.exception("that genes could not be changed is kept in memory alone")

    async def _job(self, change: Change, lock: int) -> Path:
        """The state file that another process makes, which holds the lock of state files as long as it lives."""
        job = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "genom.app.genes.job", str(self._node.data.path), str(change.version),
            str(now_ms()),
            stdout=asyncio.subprocess.PIPE, pass_fds=[lock],
        )  # fmt: skip
        assert job.stdout is not None, "it is a pipe"
        told = Told()
        try:
            async for line in job.stdout:
                told = from_json(line, Told)
                change.step, change.done, change.of = told.step, told.at or change.done, told.of or change.of
            status = await job.wait()
        except asyncio.CancelledError:
            job.kill()
            await job.wait()
            raise
        if told.file:
            return Path(told.file)
        raise _Failed(told.why or f"the process that folds the journal ended with status {status} at: {told.step}")

    async def _change_over(self, change: Change, file: Path) -> list[object]:
        """Returns the genome that served before, for somebody to let go of."""
        node = self._node
        layout = await asyncio.to_thread(self._layout, change.version)
        journal = await asyncio.to_thread(read_journal, node.data.path)
        try:
            successor = await asyncio.to_thread(successor_of, node, layout, file)
            for _ in range(_ROUNDS):
                await self._follow(change, successor, journal)
                if node.journal.last - successor.position <= LAST_ROWS // 2:
                    break
            await asyncio.to_thread(self._check_users, layout)
            await asyncio.to_thread(self._activate, change, layout)
            change.step, held = "take_over", list[object]([node.world.matrix])
            try:
                await self._take_over(change, successor, journal)
            except BaseException:
                await asyncio.to_thread(self._activate, change, node.world.layout, back=True)
                raise
        finally:
            await asyncio.to_thread(journal.close)
        return held

    def _layout(self, version: int) -> Layout:
        layout = layout_for(genes_of(self._node.data.path, version), self._node.purposes)
        serving(layout, again=True)  # loads the kernel that the job has compiled
        return layout

    def _check_users(self, layout: Layout) -> None:
        """Somebody may have begun to use a gene since the change was asked for."""
        gone = {gene.id for gene in self._node.world.layout.genes} - {gene.id for gene in layout.genes}
        check_unused(self._node, frozenset(gone))

    async def _follow(self, change: Change, successor: Successor, journal: Journal) -> None:
        def follow() -> None:
            gone = successor.erased_since()
            journal.refresh()
            successor.follow_journal(journal, gone=gone, now=now_ms())

        await asyncio.to_thread(follow)
        change.done, change.of = successor.position, self._node.journal.last

    async def _take_over(self, change: Change, successor: Successor, journal: Journal) -> None:
        for _ in range(_ROUNDS):
            models = await asyncio.to_thread(self._node.models.moved, successor.layout)
            turn = partial(take_over, self._node, successor, models)
            await self._committer.between(turn)
            if self._node.world.matrix is successor.matrix:
                return
            await self._follow(change, successor, journal)
        raise _Failed("the new genes could not be brought up to date with the newest events")

    def _activate(self, change: Change, layout: Layout, *, back: bool = False) -> None:
        """The version that a start uses from now on, and who has wished so, durable together."""
        node, now = self._node, now_ms()
        version = change.before if back else change.version
        agree_genes(node.catalogue, layout.genes, now=now, file=change.by)
        added = change.kind == "add" and not back
        details: dict[str, audit.Detail] = {"before": change.version if back else change.before}
        details["genes"] = len(layout.genes)
        with node.catalogue.begin() as connection:
            value = msgspec.json.encode(version).decode()
            connection.execute(meta.insert().prefix_with("OR REPLACE").values(key=ACTIVE, value=value))
            audit.append(
                connection, "genes.added" if added else "genes.rolled_back", who=change.by, kind="genes",
                name=f"version {version}", at=now, reason=change.reason, details=details,
            )  # fmt: skip

    async def _settle(self, change: Change) -> None:
        """What may take its time: segments are judged anew, state files stand where the next start looks."""
        node = self._node
        try:
            await node.segments.tend(now=now_ms())
            before = await asyncio.to_thread(self._layout_version, change.before)
            await asyncio.to_thread(
                settle_states, node.data.path / "state", active=node.world.layout.version, before=before
            )
        except Exception:
            log.exception("the genes are changed; something beside them is not in order yet")
        change.state, change.step = "done", "done"
        await asyncio.to_thread(self._keep, change)

    def _layout_version(self, version: int) -> str:
        found = gene_sets(self._node.catalogue).get(version)
        return found.layout if found else layout_for(genes_of(self._node.data.path, 0), self._node.purposes).version


@asynccontextmanager
async def _files_rest(directory: Path) -> AsyncIterator[int]:
    """No erasure overwrites files inside: whoever is erased meanwhile is taken out by the rows that tell of them."""
    with ExitStack() as stack:
        yield await asyncio.to_thread(stack.enter_context, no_state_is_written(directory))
