"""The tables that gene queries read: events, what people permit, and the texts of categories.

The events are the journal's rows, each once (the journal has removed what came twice).  What is hashed is hashed in
Python and stored: databases have hash functions of their own, and no two agree.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom.genome.ops import OPS
from genom.genome.sql.literals import named

__all__ = ["EVENTS", "PERMISSIONS", "TERMS", "events_of", "hashes", "schema_sql"]

Numbers = NDArray[Any]

EVENTS: Final = {
    "person": "BIGINT",
    "ts": "BIGINT",  # unix ms, UTC: when it happened
    "known_at": "BIGINT",  # unix ms, UTC: when it was known
    "id": "UBIGINT",  # with ts and line the one order of events
    "line": "INTEGER",  # 0 = the event itself, 1… = its lines
    "kind": "INTEGER",  # a number of words.Kind
    "mask": "UBIGINT",  # purposes that the row may serve
    "flags": "INTEGER",  # bits of words.Flag
    "channel": "INTEGER",  # a number of words.Channel
    "device": "INTEGER",  # a number of words.Device, 0 = unknown
    "hour_of_week": "INTEGER",  # 0 = Monday 0 o'clock, local time
    "source": "INTEGER",
    "category_1": "INTEGER",  # code, 0 = none
    "category_2": "INTEGER",
    "item": "UBIGINT",  # keyed hash of the product, 0 = none
    "name": "UBIGINT",  # keyed hash of an event name that is not declared, 0 = none
    "amount": "BIGINT",  # millionths of the reporting currency; valid with Flag.AMOUNT
    "discount": "BIGINT",  # millionths of the reporting currency
    "quantity": "BIGINT",  # thousandths of a piece
    **{f"{name}_hash": "UBIGINT" for name in OPS["distinct"].properties},  # `hashes` of the column
}
"""Column → type of the table `events`."""

PERMISSIONS: Final = {"person": "BIGINT", "effective": "UBIGINT"}
"""What each person permits now; who is not in the table permits nothing."""

TERMS: Final = {"property": "VARCHAR", "code": "INTEGER", "term": "VARCHAR"}
"""The texts of the codes of category_1 and category_2."""


def schema_sql() -> str:
    """Statements that make the three tables.

    >>> print(schema_sql().splitlines()[0][:66])
    CREATE TABLE events ("person" BIGINT, "ts" BIGINT, "known_at" BIGI
    """
    tables = {"events": EVENTS, "permissions": PERMISSIONS, "terms": TERMS}
    return "\n".join(
        f"CREATE TABLE {table} ({', '.join(f'{named(name)} {kind}' for name, kind in columns.items())});"
        for table, columns in tables.items()
    )


def events_of(rows: NDArray[np.void], masks: NDArray[np.uint64], persons: NDArray[np.int64]) -> dict[str, Numbers]:
    """The columns of `events` from rows of the journal (ROW), the purposes that they serve, and the person of each."""
    found: dict[str, Numbers] = {"person": persons, "mask": masks, "id": rows["id_low"]}
    for name in EVENTS:
        if name.endswith("_hash"):
            found[name] = hashes(rows[name.removesuffix("_hash")])
        elif name not in found:
            found[name] = rows[name]
    return {name: np.ascontiguousarray(found[name]) for name in EVENTS}


def hashes(values: Numbers) -> NDArray[np.uint64]:
    """The finalizer of splitmix64, of which a bucket is the lowest bits.

    >>> [int(found) & 63 for found in hashes(np.array([1, 2, 3]))]
    [37, 10, 48]
    """
    x = values.astype(np.uint64)
    x = (x ^ x >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ x >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return np.asarray(x ^ x >> np.uint64(31), np.uint64)
