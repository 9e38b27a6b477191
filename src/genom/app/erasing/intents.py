"""Erasures in the catalogue: what has to be done still, and the receipts of what was done.

An intent is durable before anything is erased, so that a start goes on where a crash ended it.  Once everything is
overwritten, nothing is left of it but the receipt, which names nobody; and only when the write-ahead log has been
emptied of the intent, too, is the erasure told of as done.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.app.tables import erasures
from genom.errors import NotFound
from genom.privacy import Receipt, Subject
from genom.typed import from_json

__all__ = ["Intent", "Intents"]


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure that is not done."""

    receipt: Receipt
    subject: Subject
    who: str  # who erases, as in the audit log
    reason: str
    until: int  # unix ms: what happened up to then is the erased person's; the time of the ledger's entry


class _Work(msgspec.Struct, frozen=True, kw_only=True):
    subject: Subject
    who: str
    reason: str
    until: int = 0  # 0 = when it was asked for


_DONE: Final = ""
_CLEARED: Final = "-"  # but perhaps not out of the write-ahead log


class Intents:
    """The table; every method writes or reads the disk: call them in a thread."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def keep(self, intent: Intent) -> None:
        """Write a new intent down, or what has become of it; durable when it returns."""
        work = _Work(subject=intent.subject, who=intent.who, reason=intent.reason, until=intent.until)
        with self._catalogue.begin() as connection:
            _put(connection, intent.receipt, msgspec.json.encode(work).decode())

    def clear(self, receipt: Receipt, *, at: int) -> None:
        """Every store is overwritten: only the receipt stays, and why the erasure was asked for goes."""
        with self._catalogue.begin() as connection:
            audit.redact(connection, texts_of=[receipt.id], who="node", at=at)
            _put(connection, receipt, _CLEARED)

    def cleared(self) -> list[Receipt]:
        """The receipts of what is cleared and has not ended, oldest first."""
        query = sa.select(erasures.c.receipt).where(erasures.c.work == _CLEARED).order_by(erasures.c.at)
        with self._catalogue.begin() as connection:
            kept = connection.scalars(query).all()
        return [from_json(one, Receipt) for one in kept]

    def end(self, receipt: Receipt) -> None:
        """The erasure is done."""
        with self._catalogue.begin() as connection:
            _put(connection, receipt, _DONE)

    def open(self) -> list[Intent]:
        """What has to be erased still, oldest first."""
        query = sa.select(erasures).where(erasures.c.work.not_in([_DONE, _CLEARED])).order_by(erasures.c.at)
        with self._catalogue.begin() as connection:
            rows = connection.execute(query).all()
        found = []
        for row in rows:
            work = from_json(row.work, _Work)
            receipt = from_json(row.receipt, Receipt)
            until = work.until or receipt.asked_at
            found.append(Intent(receipt=receipt, subject=work.subject, who=work.who, reason=work.reason, until=until))
        return found

    def receipt(self, name: str) -> Receipt:
        """The receipt with this id; raises NotFound."""
        with self._catalogue.begin() as connection:
            kept = connection.scalar(sa.select(erasures.c.receipt).where(erasures.c.id == name))
        if kept is None:
            raise NotFound(
                "There is no such receipt.",
                why=f"no erasure has the id {name[:40]!r}",
                fix="see GET /v1/erasures",
                code="erasure.not-found",
            )
        return from_json(kept, Receipt)

    def receipts(self, *, most: int) -> list[Receipt]:
        """The newest receipts, newest first."""
        query = sa.select(erasures.c.receipt).order_by(erasures.c.at.desc()).limit(most)
        with self._catalogue.begin() as connection:
            kept = connection.scalars(query).all()
        return [from_json(one, Receipt) for one in kept]


def _put(connection: sa.Connection, receipt: Receipt, work: str) -> None:
    values: dict[str, Any] = {"at": receipt.asked_at, "work": work}
    values["receipt"] = msgspec.json.encode(receipt).decode()
    known = connection.execute(erasures.update().where(erasures.c.id == receipt.id).values(**values))
    if not known.rowcount:
        connection.execute(erasures.insert().values(id=receipt.id, **values))
