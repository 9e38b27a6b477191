"""Who stood in a list of people that somebody read: what the audit log says of a segment reaches its people, too.

A row of the audit log names the segment; beside it a bitmap of the people is kept, in pieces of 65,536 profiles, so
that a person's own page reads one piece of each list and an erasure rewrites no more.  All functions read or write the
disk: call them in a thread.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from genom.app import audit
from genom.app.catalogue import Catalogue
from genom.app.tables import list_reads

__all__ = ["erase", "held_of", "note", "note_hourly", "rows_about"]

_BITS: Final = 16
_BYTES: Final = (1 << _BITS) // 8  # of one piece
_HOUR: Final = 3_600_000  # ms
_LATELY: Final = 100  # rows in which `note_hourly` looks for one of the same reader


def note(
    catalogue: Catalogue, action: str, *, who: str, segment: str, reason: str, at: int, people: NDArray[np.int64]
) -> None:
    """Put on record that somebody reads a list of these people (numbers of persons); durable when it returns."""
    with catalogue.begin() as connection:
        row = audit.append(connection, action, who=who, kind="segment", name=segment, at=at, reason=reason)
        _add(connection, row.number, people)


def note_hourly(
    catalogue: Catalogue,
    action: str,
    *,
    who: str,
    segment: str,
    reason: str,
    at: int,
    people: NDArray[np.int64],
    details: Mapping[str, str],
) -> None:
    """The same for what is asked for all the time: one row an hour for the same reader, and all people in it."""
    lately = audit.rows(catalogue, action=action, name=segment, limit=_LATELY)
    same = (row for row in lately if (row.who, row.reason) == (who, reason) and row.details == details)
    number = next((row.number for row in same if at - row.at < _HOUR), 0)
    if number and not len(people):
        return
    with catalogue.begin() as connection:
        if not number:
            number = audit.append(
                connection, action, who=who, kind="segment", name=segment, at=at, reason=reason, details=details
            ).number
        _add(connection, number, people)


def rows_about(catalogue: Catalogue, profiles: Collection[int], *, limit: int) -> list[audit.Row]:
    """The newest rows of the audit log about lists in which one of the profiles stood, newest first."""
    numbers: set[int] = set()
    for profile in profiles:
        piece = sa.select(list_reads).where(list_reads.c.piece == profile >> _BITS)
        with catalogue.begin() as connection:
            found = connection.execute(piece.order_by(list_reads.c.row.desc()).execution_options(yield_per=100))
            mine = 0
            for one in found:
                if _unpacked(one.people)[profile & (1 << _BITS) - 1]:
                    numbers.add(one.row)
                    mine += 1
                if mine == limit:
                    break
            found.close()
    return audit.numbered(catalogue, sorted(numbers, reverse=True)[:limit])


def held_of(catalogue: Catalogue, profiles: Collection[int]) -> int:
    """In how many lists the profiles stood."""
    with catalogue.begin() as connection:
        return sum(len(_holding(connection, profile)) for profile in profiles)


def erase(connection: sa.Connection, profiles: Collection[int]) -> int:
    """Take the profiles out of all lists; returns in how many they stood.  Within a transaction."""
    gone = 0
    for profile in profiles:
        for row, bits in _holding(connection, profile).items():
            bits[profile & (1 << _BITS) - 1] = False
            _put(connection, row, profile >> _BITS, bits)
            gone += 1
    return gone


def _holding(connection: sa.Connection, profile: int) -> dict[int, NDArray[np.bool_]]:
    """Row of the audit log → the piece that holds the profile."""
    found = connection.execute(sa.select(list_reads).where(list_reads.c.piece == profile >> _BITS)).all()
    pieces = {one.row: _unpacked(one.people) for one in found}
    return {row: bits for row, bits in pieces.items() if bits[profile & (1 << _BITS) - 1]}


def _add(connection: sa.Connection, row: int, people: NDArray[np.int64]) -> None:
    where = people >> _BITS
    for piece in np.unique(where).tolist():
        old = sa.select(list_reads.c.people).where(list_reads.c.row == row, list_reads.c.piece == piece)
        held = connection.scalar(old)
        bits = np.zeros(8 * _BYTES, np.bool_) if held is None else _unpacked(held)
        bits[people[where == piece] & (1 << _BITS) - 1] = True
        _put(connection, row, piece, bits)


def _put(connection: sa.Connection, row: int, piece: int, bits: NDArray[np.bool_]) -> None:
    connection.execute(list_reads.delete().where(list_reads.c.row == row, list_reads.c.piece == piece))
    if bits.any():
        packed = zlib.compress(np.packbits(bits).tobytes(), 1)
        connection.execute(list_reads.insert().values(row=row, piece=piece, people=packed))


def _unpacked(people: bytes) -> NDArray[np.bool_]:
    return np.unpackbits(np.frombuffer(zlib.decompress(people), np.uint8)).astype(np.bool_)
