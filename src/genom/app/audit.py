"""The audit log: who did what to whom and why, append-only, each row chained to the one before by its hash.

The database refuses to change or delete a row; whoever changes the file by other means breaks the chain.  Rows hold
public ids and reasons, no personal values and no secrets.  All functions read or write the disk: call them in a thread.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app.catalogue import Catalogue
from genom.app.tables import audit
from genom.errors import BadRequest

__all__ = ["DETAILS_BYTES", "REASON_LONGEST", "Row", "Verdict", "actions_seen", "append", "record", "rows", "verify"]

REASON_LONGEST: Final = 500  # characters
DETAILS_BYTES: Final = 2_000  # of the JSON
_ACTION: Final = re.compile(r"[a-z][a-z_]{0,30}\.[a-z][a-z_]{0,30}")
_START: Final = "0" * 64  # what the first row is chained to

Detail = str | int | float | bool | list[str | int] | None


class Row(msgspec.Struct, frozen=True):
    """One deed."""

    number: int  # counts from 1 without gaps
    at: int  # unix ms, UTC
    who: str  # `console:NAME`, `key:NAME`, `cli` or `node`
    action: str  # dotted verb such as `person.revealed`
    kind: str  # of the object, such as `person`
    name: str  # the object's public id or name
    reason: str
    details: dict[str, Detail]
    previous: str  # hash of the row before, hexadecimal
    hash: str  # SHA-256 of all the above


class Verdict(msgspec.Struct, frozen=True):
    """What a check of the chain found."""

    rows: int
    head: str  # hash of the newest row; whoever keeps it elsewhere can prove later that nothing was taken away
    problem: str  # "" if the chain holds


def record(
    catalogue: Catalogue,
    action: str,
    *,
    who: str,
    kind: str,
    name: str,
    at: int,
    reason: str = "",
    details: Mapping[str, Detail] | None = None,
) -> Row:
    """Write one row; it is durable when this returns.

    Raises BadRequest if the reason is too long, ValueError if the caller's action or details do not fit.
    """
    with catalogue.begin() as connection:
        return append(connection, action, who=who, kind=kind, name=name, at=at, reason=reason, details=details or {})


def append(
    connection: sa.Connection,
    action: str,
    *,
    who: str,
    kind: str,
    name: str,
    at: int,
    reason: str = "",
    details: Mapping[str, Detail] | None = None,
) -> Row:
    """Write one row within a transaction of `Catalogue.begin`, so that a deed and its row are durable together."""
    told, text = reason.strip(), msgspec.json.encode(dict(details or {}), order="sorted").decode()
    if len(told) > REASON_LONGEST:
        raise BadRequest(
            f"The reason has {len(told)} characters.",
            why=f"the audit log keeps up to {REASON_LONGEST}",
            fix="say it shorter",
            code="audit.reason",
        )
    if not _ACTION.fullmatch(action) or len(text) > DETAILS_BYTES:
        raise ValueError(f"{action!r} is no dotted verb, or its details have more than {DETAILS_BYTES} bytes")
    newest = connection.execute(
        sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    ).first()
    number, previous = (newest.number + 1, newest.hash) if newest else (1, _START)
    columns = [number, at, who, action, kind, name, told, text, previous]
    columns.append(_digest(*columns))
    connection.execute(audit.insert().values(columns))
    return _row(columns)


def rows(catalogue: Catalogue, *, before: int = 0, limit: int = 50, action: str = "", name: str = "") -> list[Row]:
    """The newest rows first: those older than row number `before` (0: all), of one action or object if given."""
    asked = sa.select(audit).order_by(audit.c.number.desc()).limit(limit)
    if before:
        asked = asked.where(audit.c.number < before)
    if action:
        asked = asked.where(audit.c.action == action)
    if name:
        asked = asked.where(audit.c.name == name)
    with catalogue.begin() as connection:
        return [_row(found) for found in connection.execute(asked)]


def actions_seen(catalogue: Catalogue) -> list[str]:
    """The actions of which there are rows, by name."""
    with catalogue.begin() as connection:
        return list(connection.scalars(sa.select(audit.c.action).distinct().order_by(audit.c.action)))


def verify(catalogue: Catalogue, *, head: str = "") -> Verdict:
    """Compute the whole chain again; `head` is a hash that was noted earlier and must still stand in it."""
    previous, number, met = _START, 0, not head
    with catalogue.begin() as connection:
        given = _given(connection)
        for found in connection.execute(sa.select(audit).order_by(audit.c.number)):
            if problem := _broken(found, number, previous):
                return Verdict(number, previous, problem)
            number, previous = found.number, found.hash
            met = met or found.hash == head
    if number < given:
        return Verdict(number, previous, f"rows {number + 1} to {given} were taken away at the end")
    return Verdict(number, previous, "" if met else "the noted head stands nowhere in the chain")


def _given(connection: sa.Connection) -> int:
    """The highest number that was ever given, which SQLite keeps apart from the rows."""
    text = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
    return int(connection.scalar(text) or 0)


def _broken(found: sa.Row[tuple[object, ...]], number: int, previous: str) -> str:
    """What is wrong with the row that follows row `number`."""
    if found.number != number + 1:
        return f"row {number + 1} is missing"
    if found.previous != previous:
        return f"row {found.number} does not follow the row before"
    return "" if found.hash == _digest(*found[:-1]) else f"row {found.number} was changed"


def _digest(*values: object) -> str:
    return hashlib.sha256(msgspec.json.encode(values)).hexdigest()


def _row(columns: Sequence[Any]) -> Row:
    values = [*columns[:7], msgspec.json.decode(columns[7]), *columns[8:]]
    return Row(*values)
