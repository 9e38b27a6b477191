"""Signed heads of the audit log: the hash of a row at a time, signed, and handed to a command that keeps it elsewhere.

Whoever changes the file past Genom must break the chain, or sign with a key that is not the node's; whoever takes rows
away at the end is found out by the next head that was kept elsewhere.
"""

from __future__ import annotations

import asyncio
import logging
import shlex
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app import audit as log_of_deeds
from genom.app.catalogue import Catalogue
from genom.app.commit import now_ms
from genom.app.tables import audit, audit_heads
from genom.errors import NotFound
from genom.keys import SigningKey
from genom.privacy.heads import Head, Proof, head_is_genuine, proof_of, root_of, signed_head

__all__ = ["Heads"]

log = logging.getLogger("genom.audit")

_EVERY: Final = 3600.0  # seconds between two heads
_ANCHOR_SECONDS: Final = 30


class Heads:
    """The table; every method reads or writes the disk: call them in a thread."""

    def __init__(self, catalogue: Catalogue, key: SigningKey) -> None:
        self._catalogue, self._key = catalogue, key

    def sign(self, *, now: int) -> Head | None:
        """A head for the newest row; None if there is no row since the last one."""
        with self._catalogue.begin() as connection:
            newest = connection.execute(
                sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
            ).first()
            if newest is None or newest.number == connection.scalar(sa.select(sa.func.max(audit_heads.c.rows))):
                return None
            rooted = sa.select(sa.func.max(audit_heads.c.rows)).where(audit_heads.c.root != "")
            first = (connection.scalar(rooted) or 0) + 1
            head = Head(
                rows=newest.number, hash=newest.hash, at=now, public_key=self._key.public_key, first=first,
                root=root_of(_hashes(connection, first, newest.number)),
            )  # fmt: skip
            head = signed_head(head, self._key)
            connection.execute(audit_heads.insert().values(msgspec.to_builtins(head)))
        return head

    def prove(self, number: int, *, now: int) -> Proof:
        """That row `number` stands in the log, under a head that is signed now if none covers it yet.

        Raises NotFound if there is no such row.
        """
        row = log_of_deeds.deed(self._catalogue, number)
        covering = audit_heads.c.root != "", audit_heads.c.first <= number, audit_heads.c.rows >= number
        self.sign(now=now)
        with self._catalogue.begin() as connection:
            found = connection.execute(sa.select(audit_heads).where(*covering)).first()
            if found is None:  # rows were taken away and written anew under heads of before
                raise NotFound(
                    f"No head covers row {number}.", why="the log was changed past Genom",
                    fix="see `genom audit verify`", code="audit.no-head",
                )  # fmt: skip
            head = _head(found)
            return proof_of(row, _hashes(connection, head.first, head.rows), head)

    def every(self) -> list[Head]:
        """All heads, oldest first."""
        with self._catalogue.begin() as connection:
            rows = connection.execute(sa.select(audit_heads).order_by(audit_heads.c.rows)).all()
        return [_head(row) for row in rows]

    def problem(self) -> str:
        """What is wrong with the heads, or with the log that they were signed for; "" if nothing is."""
        heads = self.every()
        with self._catalogue.begin() as connection:
            hashes = {row.number: row.hash for row in connection.execute(sa.select(audit.c.number, audit.c.hash))}
        for head in heads:
            if head.public_key != self._key.public_key or not head_is_genuine(head):
                return f"the head of row {head.rows} was not signed by this node"
            under = [hashes.get(number, "") for number in range(head.first, head.rows + 1)] if head.root else []
            if hashes.get(head.rows) != head.hash or (under and root_of(under) != head.root):
                return f"row {head.rows} is another than its signed head says"
        return ""

    def anchored(self, head: Head, *, now: int) -> None:
        """The command took it."""
        with self._catalogue.begin() as connection:
            where = audit_heads.c.rows == head.rows
            connection.execute(audit_heads.update().where(where).values(anchored_at=now))

    async def run(self, command: str) -> None:
        """Sign a head every hour and hand it to the command, until cancelled."""
        while True:
            try:
                await self.note(command)
            except Exception:
                log.exception("the audit log's head could not be signed or anchored; it is tried again in an hour")
            await asyncio.sleep(_EVERY)

    async def note(self, command: str) -> Head | None:
        """Sign what is new, and hand every head to the command that it has not taken yet; a failure is only logged."""
        head = await asyncio.to_thread(self.sign, now=now_ms())
        if command:
            for waiting in [one for one in await asyncio.to_thread(self.every) if not one.anchored_at]:
                if await _handed(command, waiting):
                    await asyncio.to_thread(self.anchored, waiting, now=now_ms())
        return head


async def _handed(command: str, head: Head) -> bool:
    """Run the operator's command, without a shell, with the head as JSON on its input."""
    process = await asyncio.create_subprocess_exec(
        *shlex.split(command),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, said = await asyncio.wait_for(process.communicate(msgspec.json.encode(head)), _ANCHOR_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
        said = f"it took longer than {_ANCHOR_SECONDS} s".encode()
    if process.returncode == 0:
        return True
    why = said.decode("utf-8", "replace")[-300:]
    log.error("the audit log's head was not anchored", extra={"rows": head.rows, "why": why})
    return False


def _head(row: sa.Row[Any]) -> Head:
    return Head(**dict(row._mapping))  # noqa: SLF001 -- SQLAlchemy's name for a row as a mapping


def _hashes(connection: sa.Connection, first: int, last: int) -> list[str]:
    """Hashes of the rows from one number to another."""
    query = sa.select(audit.c.hash).where(audit.c.number.between(first, last)).order_by(audit.c.number)
    return list(connection.scalars(query))
