"""Rows about special categories of data serve no purpose that may not know them, whenever they were tagged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom.app.special.tags import Tags
from genom.journal import Block, Journal
from genom.tables import Hasher
from genom.words import Flag, Kind

__all__ = ["narrow", "rows_about"]

_FACTS: Final = int(Kind.IDENTIFIER)  # kinds from here on are no events
_TERMS: Final = {"wide": 1, "narrow": 2, "barred": 2}  # tags → their vocabulary


def narrow(rows: NDArray[np.void], which: NDArray[np.bool_], kept: int) -> None:
    """Take from some of these rows (in place) all purposes but `kept`, and mark them.

    >>> from genom.words import ROW
    >>> rows = np.zeros(2, ROW)
    >>> rows["mask"] = 0b111
    >>> narrow(rows, np.array([True, False]), 0b101)
    >>> rows["mask"].tolist(), rows["flags"].tolist()
    ([5, 7], [512, 0])
    """
    for column in ("mask", "assumed"):
        rows[column][which] &= np.uint64(kept)
    rows["flags"][which] |= np.uint16(Flag.SPECIAL)


def rows_about(
    journal: Journal, tags: Tags, items: Hasher, *, kept: int, until: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> NDArray[np.uint64]:  # fmt: skip
    """Sequences of the rows of events about something tagged that serve more than `kept`, or are not marked so.

    An event with several lines is about something tagged if one of its lines is; its rows follow each other.
    Of a category that came when its vocabulary was full only the products are known, from the catalogue.
    """
    known = {part: set[int]() for part in _TERMS}
    hashes = np.array([*_hashes(items, tags.items)], np.uint64)
    names = np.array([*_hashes(items, tags.events)], np.uint64)
    found = [np.zeros(0, np.uint64)]
    for block in journal.blocks():
        if until is not None and block.header.first_sequence > until:
            break
        _learn_terms(block, tags, known)
        rows = block.rows[block.rows["kind"] < _FACTS]
        about = np.isin(rows["item"], hashes) | np.isin(rows["name"], names)
        about |= np.isin(rows["category_1"], list(known["wide"])) | np.isin(rows["category_2"], list(known["narrow"]))
        about |= (rows["category_1"] == 0) & np.isin(rows["category_2"], list(known["barred"]))
        if about.any():
            begins = np.cumsum(rows["line"] == 0)  # an event and its lines share a number
            about = np.isin(begins, begins[about])
            left = (rows["mask"] | rows["assumed"]) & ~np.uint64(kept) != 0
            left |= rows["flags"] & np.uint16(Flag.SPECIAL) == 0
            found.append(rows["sequence"][about & left].copy())
        progress(block.header.first_sequence)
    return np.concatenate(found)


def _hashes(items: Hasher, names: frozenset[str]) -> list[int]:
    """As rows have products and names of events."""
    texts = [name.encode() for name in sorted(names)]
    return items.hash64(texts).tolist() if texts else []


def _learn_terms(block: Block, tags: Tags, known: dict[str, set[int]]) -> None:
    for index in np.flatnonzero(block.rows["kind"] == Kind.TERM).tolist():
        row, term = block.rows[index], block.body(index).decode()
        for part, vocabulary in _TERMS.items():
            if row["line"] == vocabulary and term in getattr(tags, part):
                known[part].add(int(row["category_2"]))
