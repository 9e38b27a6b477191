"""A row of the audit log as a line of the terminal."""

from __future__ import annotations

from genom.app.show.clean import clean
from genom.app.show.page import Json

__all__ = ["deed_line"]


def deed_line(row: Json, at: str) -> str:
    """Number, time, who, what, to what, why.

    >>> row = {"number": 7, "who": "console:ada", "action": "person.split", "kind": "person", "name": "p1"}
    >>> deed_line(row | {"reason": "two siblings", "details": {"people": 2}}, "2026-03-02T12:00:00.000Z")
    '7  2026-03-02T12:00:00.000Z  console:ada  person.split  person p1  people=2  two siblings'
    """
    lost = f"(erased with the person, see row {row['redacted']})" if row.get("redacted") else ""
    details = " ".join(f"{name}={value}" for name, value in row["details"].items())
    parts = [
        str(row["number"]),
        at,
        row["who"],
        row["action"],
        f"{row['kind']} {row['name']}",
        details,
        row["reason"],
        lost,
    ]
    return "  ".join(clean(part, most=600) for part in parts if part)
