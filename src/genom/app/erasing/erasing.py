"""One erasure after the other: intent → ledger → memory, and then file by file in the background.

Once `erase` has returned nothing of the person is read, decided by or shown any more.  `run` then has every holder
overwrite its files; a start goes on with what was not done, from the first step.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from genom.app import audit
from genom.app.commit import Committer, now_ms
from genom.app.erasing.intents import Intent, Intents
from genom.app.holders import whole
from genom.app.node import Node
from genom.app.state_lock import no_state_is_written
from genom.consent import ERASURE, Entry
from genom.privacy import Count, Holder, Receipt, StoreReceipt, Subject, signed

__all__ = ["ERASED", "FAILED", "LATE", "Erasing"]

log = logging.getLogger("genom.erasing")

ERASED = "person.erased"
_BEHIND: Final = 7 * 86_400_000  # ms that the clock may be behind what was known
_TRY_AGAIN = 30.0  # seconds after an erasure that could not be done
LATE: Final = 72 * 3_600_000
"""Milliseconds after which an erasure that is not done is told of, as late (P29)."""
FAILED: Final = 30 * 86_400_000
"""Milliseconds after which it has failed."""


class Erasing:
    """The erasures of a node."""

    def __init__(self, node: Node, committer: Committer, holders: Sequence[Holder]) -> None:
        self._node, self._committer, self.holders = node, committer, holders
        self.intents = Intents(node.catalogue)
        self.waiting: dict[str, int] = {}  # erasures that are not done → unix ms when they were asked for
        self._turn, self._files, self._wake = asyncio.Lock(), asyncio.Lock(), asyncio.Event()

    async def erase(self, subject: Subject, *, who: str, reason: str, at: int | None = None) -> Receipt:
        """Erase a person; returns once nobody reads anything of them any more.

        `at` (unix ms) is given where the ledger knows of the erasure already, such as after a restore.
        Raises Busy if there is no room for what has to be remembered.  What is written down by then is a promise: `run`
        tries again until it is kept, and so does a start.
        """
        now = now_ms() if at is None else at
        receipt = Receipt(id=f"e{secrets.token_hex(8)}", state="asked", asked_at=now, effective_at=0)
        async with self._turn:
            until = self._moment(subject, now=now) if at is None else at
            intent = Intent(receipt=receipt, subject=subject, who=who, reason=reason, until=until)
            await asyncio.to_thread(self.intents.keep, intent)
            self.waiting[receipt.id] = now
            intent = await self._forget(intent)
        self._wake.set()
        return intent.receipt

    def _moment(self, subject: Subject, *, now: int) -> int:
        """Up to when (unix ms) what happened is the erased person's, also where the clock is wrong.

        It lies behind each erasure of these identifiers before, so that none passes for another.  Where the clock is
        behind what the node has known already, that goes too, but no more than some days ahead: then it is rather what
        was known that is wrong.
        """
        before = max((self._node.choices.erased.get(token, -1) for token in subject.tokens), default=-1)
        return max(now, min(self._node.world.last_ts, now + _BEHIND), before + 1)

    async def _forget(self, intent: Intent) -> Intent:
        """The immediate effect; done again after a crash, it does no harm."""
        node, counts = self._node, list[Count]()
        while not counts:
            known = intent.subject
            grown = await self._drop_whole(intent, counts)
            if grown != known:
                until = self._moment(grown, now=intent.until)
                intent = msgspec.structs.replace(intent, subject=grown, until=until)
                await asyncio.to_thread(self.intents.keep, intent)
        stores = tuple(
            StoreReceipt(store=holder.name, found=count.records)
            for holder, count in zip(self.holders, counts, strict=True)
        )
        receipt = msgspec.structs.replace(intent.receipt, state="effective", effective_at=now_ms(), stores=stores)
        receipt = signed(receipt, node.signing)
        intent = msgspec.structs.replace(intent, receipt=receipt)
        await asyncio.to_thread(self._note, intent)
        return intent

    async def _drop_whole(self, intent: Intent, counts: list[Count]) -> Subject:
        """Drop the person, unless a commit has linked somebody to them who has to be written down first.

        Nothing is committed and nobody's choice recorded between ledger and memory: what the ledger has before the
        erasure is dropped, and what it has behind it is of whoever comes then.
        """
        found = [intent.subject]

        async def act() -> None:
            async with self._node.choosing:
                subject = whole(self._node, intent.subject)
                found.append(subject)
                if subject == intent.subject:
                    known = self._node.choices.erased
                    if any(known.get(token, 0) < intent.until for token in subject.tokens):
                        await self._note_in_ledger(subject, intent.until, intent.who)
                    self._drop(subject, intent.until, counts)

        await self._committer.between(act)
        return found[-1]

    async def _note_in_ledger(self, subject: Subject, at: int, who: str) -> None:
        """With what events have said of consent and the ledger had no room for: memory knows it already."""
        waiting = self._node.pipeline.permits.entries
        entry = Entry(
            at=at, subjects=subject.tokens, purpose="", granted=False, text="", mechanism="erasure",
            actor=who.partition(":")[0], act=ERASURE,
        )  # fmt: skip
        try:
            await asyncio.to_thread(self._node.ledger.append, [*waiting, entry])
        except OSError as error:  # what reached the disk is unknown
            self._committer.end(error)
        waiting.clear()

    def _drop(self, subject: Subject, at: int, counts: list[Count]) -> None:
        """Between two commits, so that no event is halfway in."""
        choices = self._node.choices
        choices.erased |= {token: max(at, choices.erased.get(token, 0)) for token in subject.tokens}
        counts.extend(holder.count(subject) for holder in self.holders)
        for holder in self.holders:
            holder.drop(subject)

    def _note(self, intent: Intent) -> None:
        self.intents.keep(intent)
        audit.record(
            self._node.catalogue, ERASED, who=intent.who, kind="erasure", name=intent.receipt.id, at=now_ms(),
            reason=intent.reason,
        )  # fmt: skip

    async def resume(self) -> None:
        """At a start, before anybody is answered: whom the journal still tells of is forgotten again."""
        await self._forget_open(lambda intent: self._in_memory(intent.subject) or not intent.receipt.effective_at)

    async def _forget_open(self, due: Callable[[Intent], bool]) -> None:
        async with self._turn:  # none is halfway
            for intent in await asyncio.to_thread(self.intents.open):
                self.waiting.setdefault(intent.receipt.id, intent.receipt.asked_at)
                if due(intent):
                    await self._forget(intent)

    async def finish(self) -> None:
        """Do all that is not done; returns when its files are overwritten, for which no other erasure waits."""
        async with self._files:
            await self._end_cleared()
            await self._forget_open(lambda intent: not intent.receipt.effective_at)
            for intent in await asyncio.to_thread(self.intents.open):
                if intent.receipt.effective_at:
                    await self._overwrite(intent)

    def _in_memory(self, subject: Subject) -> bool:
        return any(map(self._node.world.profiles.exists, subject.profiles))

    async def _overwrite(self, intent: Intent) -> None:
        """The physical effect, store by store, each noted as it is done."""
        stores = await asyncio.to_thread(self._erase_files, intent)
        await self._node.outcomes.save_now(self._committer)
        receipt = signed(msgspec.structs.replace(intent.receipt, stores=tuple(stores)), self._node.signing)
        await asyncio.to_thread(self.intents.clear, receipt, at=now_ms())
        await self._end_cleared()

    async def _end_cleared(self) -> None:
        """Tell that it is done only once no log names the person any more.

        Raises Busy if the log of the catalogue is in use.
        """
        cleared = await asyncio.to_thread(self.intents.cleared)
        if cleared:
            self.waiting |= {receipt.id: receipt.asked_at for receipt in cleared}
            await asyncio.to_thread(self._node.catalogue.shred)
        for receipt in cleared:
            done = msgspec.structs.replace(receipt, state="done", done_at=now_ms())
            await asyncio.to_thread(self.intents.end, signed(done, self._node.signing))
            self.waiting.pop(receipt.id, None)

    def _erase_files(self, intent: Intent) -> list[StoreReceipt]:
        """In a thread; a state file that is folded meanwhile from the journal as it was would bring the person back."""
        found = {one.store: one.found for one in intent.receipt.stores}
        with no_state_is_written(self._node.data.path):
            return [_erased_from(holder, intent.subject, found.get(holder.name, 0)) for holder in self.holders]

    def oldest_waits(self, *, now: int) -> int:
        """How long (ms) the oldest erasure waits that is not done; 0 = none does."""
        return max((now - at for at in self.waiting.values()), default=0)

    async def run(self) -> None:
        """Go on with what a start finds, then with each erasure as it comes; until cancelled."""
        while True:
            try:
                await self.finish()
            except Exception:
                waits = self.oldest_waits(now=now_ms())
                how = (
                    "has failed: its month is over"
                    if waits > FAILED
                    else "is late"
                    if waits > LATE
                    else "is tried again"
                )
                log.exception(
                    "an erasure could not be done whole; it %s", how, extra={"waits_hours": waits // 3_600_000}
                )
                await asyncio.sleep(_TRY_AGAIN)
                continue
            await self._wake.wait()
            self._wake.clear()


def _erased_from(holder: Holder, subject: Subject, found: int) -> StoreReceipt:
    erased = holder.erase(subject)
    return StoreReceipt(
        store=holder.name, found=found, erased=erased.records, bytes=erased.bytes, kept=erased.kept, done_at=now_ms()
    )
