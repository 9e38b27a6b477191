"""The audit log: who did what to whom and why, append-only, each row chained to the one before by its hash.

The database refuses to change or delete a row, but for one thing: an erasure empties names and words, and says in a
row of its own where (`redact`).  Whoever changes the file by other means breaks the chain.  Rows hold public ids and
reasons, no personal values and no secrets.  All functions read or write the disk: call them in a thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from genom.app.catalogue import Catalogue
from genom.app.tables import audit
from genom.errors import BadRequest, NotFound
from genom.privacy import deeds
from genom.privacy.deeds import Deed

__all__ = [
    "DETAILS_BYTES",
    "REASON_LONGEST",
    "REDACTED",
    "Row",
    "Verdict",
    "actions_seen",
    "append",
    "check_reason",
    "deed",
    "numbered",
    "record",
    "redact",
    "rows",
    "verify",
]

REASON_LONGEST: Final = 500  # characters
DETAILS_BYTES: Final = 2_000  # of the JSON
_ACTION: Final = re.compile(r"[a-z][a-z_]{0,30}\.[a-z][a-z_]{0,30}")
REDACTED: Final = "audit.redacted"
"""The row that tells of rows that lost name or words."""
_ROWS_IN_ONE: Final = 200  # numbers in one such row

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
    hash: str  # as `genom.privacy.deeds` computes it
    redacted: int = 0  # number of the row that tells how this one lost its words; 0 = it did not


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
    check_reason(told)
    if not _ACTION.fullmatch(action) or len(text) > DETAILS_BYTES:
        raise ValueError(f"{action!r} is no dotted verb, or its details have more than {DETAILS_BYTES} bytes")
    newest = connection.execute(
        sa.select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    ).first()
    number, previous = (newest.number + 1, newest.hash) if newest else (1, deeds.START)
    written = deeds.seal(
        Deed(number=number, at=at, who=who, action=action, kind=kind, name=name, reason=told, details=text,
             previous=previous)
    )  # fmt: skip
    connection.execute(audit.insert().values(**msgspec.structs.asdict(written)))
    return _row(written)


def check_reason(reason: str) -> None:
    """Raises BadRequest for a reason that the log cannot keep."""
    if len(reason) > REASON_LONGEST:
        raise BadRequest(
            f"The reason has {len(reason)} characters.",
            why=f"the audit log keeps up to {REASON_LONGEST}",
            fix="say it shorter",
            code="audit.reason",
        )


def redact(
    connection: sa.Connection,
    *,
    about: Sequence[str] = (),
    texts_of: Sequence[str] = (),
    words: Sequence[str] = (),
    who: str,
    at: int,
) -> int:
    """Empty what rows say of somebody who is erased; returns how many rows it met.

    Rows about an object named in `about` lose its name and their words; rows about one in `texts_of`, and rows whose
    words name an object of `about` or hold one of `words`, lose their words.  Rows of their own tell which these are.
    Within a transaction of `Catalogue.begin`; `Catalogue.shred` afterwards takes it out of the write-ahead log, too.
    """
    said = [
        text.like(_within(one), escape="\\") for one in (*about, *words) for text in (audit.c.reason, audit.c.details)
    ]
    named, left = audit.c.name.in_(about), sa.or_(audit.c.reason != "", audit.c.details != deeds.NOTHING)
    fitting = sa.or_(named, sa.and_(sa.or_(audit.c.name.in_(texts_of), *said), left))
    query = sa.select(audit.c.number, named.label("whole")).where(fitting, audit.c.action != REDACTED)
    met = [(row.number, bool(row.whole)) for row in connection.execute(query.order_by(audit.c.number))]
    for first in range(0, len(met), _ROWS_IN_ONE):
        some = met[first : first + _ROWS_IN_ONE]
        numbers: list[str | int] = [number for number, _ in some]
        told = append(connection, REDACTED, who=who, kind="audit", name="", at=at, details={"rows": numbers})
        for number, whole in some:
            gone = deeds.without(_deed(connection, number), told_by=told.number, name=whole)
            connection.execute(audit.update().where(audit.c.number == number).values(**_redactable(gone)))
    return len(met)


def _within(text: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", text)
    return f"%{escaped}%"


def _redactable(row: Deed) -> dict[str, Any]:
    columns = ("name", "reason", "details", "name_salt", "text_salt", "redacted")
    return {column: getattr(row, column) for column in columns}


def deed(catalogue: Catalogue, number: int) -> Deed:
    """One row with its proofs; raises NotFound."""
    with catalogue.begin() as connection:
        return _deed(connection, number)


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
        return [_row(_whole(found)) for found in connection.execute(asked)]


def numbered(catalogue: Catalogue, numbers: Sequence[int]) -> list[Row]:
    """The rows with these numbers, the newest first."""
    found: list[Row] = []
    with catalogue.begin() as connection:
        for first in range(0, len(numbers), 1_000):  # SQLite takes so many in one query, and more
            some = sa.select(audit).where(audit.c.number.in_(numbers[first : first + 1_000]))
            found += [_row(_whole(one)) for one in connection.execute(some)]
    return sorted(found, key=lambda row: -row.number)


def actions_seen(catalogue: Catalogue) -> list[str]:
    """The actions of which there are rows, by name."""
    with catalogue.begin() as connection:
        return list(connection.scalars(sa.select(audit.c.action).distinct().order_by(audit.c.action)))


def verify(catalogue: Catalogue, *, head: str = "") -> Verdict:
    """Compute the whole chain again; `head` is a hash that was noted earlier and must still stand in it."""
    previous, number, met, proved = deeds.START, 0, not head, False
    with catalogue.begin() as connection:
        given, told = _given(connection), _told(connection)
        for found in map(_whole, connection.execute(sa.select(audit).order_by(audit.c.number))):
            if problem := _broken(found, number, previous, told, proved=proved):
                return Verdict(number, previous, problem)
            number, previous, proved = found.number, found.hash, bool(found.name_proof)
            met = met or found.hash == head
    if number < given:
        return Verdict(number, previous, f"rows {number + 1} to {given} were taken away at the end")
    return Verdict(number, previous, "" if met else "the noted head stands nowhere in the chain")


def _given(connection: sa.Connection) -> int:
    """The highest number that was ever given, which SQLite keeps apart from the rows."""
    text = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'audit'")
    return int(connection.scalar(text) or 0)


def _told(connection: sa.Connection) -> dict[int, int]:
    """Rows that were redacted → the row that tells of it; what was changed itself tells nothing."""
    query = sa.select(audit).where(audit.c.action == REDACTED).order_by(audit.c.number)
    tellers = [found for found in map(_whole, connection.execute(query)) if not deeds.wrong(found)]
    return {number: found.number for found in tellers for number in msgspec.json.decode(found.details).get("rows", ())}


def _broken(found: Deed, number: int, previous: str, told: Mapping[int, int], *, proved: bool) -> str:
    """What is wrong with the row that follows row `number`; `proved`: that one had proofs, so this one must."""
    if found.number != number + 1:
        return f"row {number + 1} is missing"
    if found.previous != previous:
        return f"row {found.number} does not follow the row before"
    if problem := deeds.wrong(found) or ("was changed" if proved and not found.name_proof else ""):
        return f"row {found.number} {problem}"
    if found.redacted != told.get(found.number, 0):
        return f"row {found.number} was redacted, and no row tells of it"
    return ""


def _deed(connection: sa.Connection, number: int) -> Deed:
    found = connection.execute(sa.select(audit).where(audit.c.number == number)).first()
    if found is None:
        raise NotFound(
            f"The audit log has no row {number}.", why="it is not written yet", fix="see `genom audit`",
            code="audit.not-found",
        )  # fmt: skip
    return _whole(found)


def _whole(found: sa.Row[Any]) -> Deed:
    return Deed(**dict(found._mapping))  # noqa: SLF001 -- SQLAlchemy's name for a row as a mapping


def _row(found: Deed) -> Row:
    return Row(
        found.number, found.at, found.who, found.action, found.kind, found.name, found.reason,
        msgspec.json.decode(found.details), found.previous, found.hash, found.redacted,
    )  # fmt: skip
