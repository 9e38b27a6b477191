"""Purposes that a record names, held against those that the node has."""

from __future__ import annotations

from collections.abc import Iterable

from genom.collect.typed_sources.reading import BadCell, Reading, shown
from genom.errors import nearest

__all__ = ["checked"]


def checked(names: Iterable[str], reading: Reading, column: str) -> None:
    """Raises BadCell for a purpose that does not exist; where nobody asked the node, it will say so itself.

    >>> checked(["email"], Reading(purposes=frozenset({"email"})), "granted")
    """
    for name in names:
        if reading.purposes is not None and name not in reading.purposes:
            fix = nearest(name, reading.purposes) or f"there are {', '.join(sorted(reading.purposes))}"
            raise BadCell(f"{shown(name)} is no purpose", fix, column)
