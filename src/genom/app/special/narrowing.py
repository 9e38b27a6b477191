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

Words = NDArray[np.uint64]

_FACTS: Final = int(Kind.IDENTIFIER)  # kinds from here on are no events
_AT_ONCE: Final = 65_536  # rows
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
    known = {part: np.zeros(1 << 16, np.bool_) for part in _TERMS}  # code → whether it is tagged
    items_tagged, names_tagged = (_hashes(items, texts) for texts in (tags.items, tags.events))
    found, waiting, held = [np.zeros(0, np.uint64)], list[NDArray[np.void]](), 0
    for block in journal.blocks():
        if until is not None and block.header.first_sequence > until:
            break
        _learn_terms(block, tags, known)
        waiting.append(block.rows[block.rows["kind"] < _FACTS])
        held += len(waiting[-1])
        if held >= _AT_ONCE:  # small blocks go together: each look costs as much as a thousand rows
            found.append(_left(np.concatenate(waiting), known, items_tagged, names_tagged, kept))
            waiting, held = [], 0
            progress(block.header.first_sequence)
    if waiting:
        found.append(_left(np.concatenate(waiting), known, items_tagged, names_tagged, kept))
    return np.concatenate(found)


def _left(
    rows: NDArray[np.void], known: dict[str, NDArray[np.bool_]], items: Words, names: Words, kept: int
) -> Words:  # fmt: skip
    """Of rows of whole events: the numbers of those about something tagged that are not narrowed yet."""
    about = _within(rows["item"], items) | _within(rows["name"], names)
    about |= known["wide"][rows["category_1"]] | known["narrow"][rows["category_2"]]
    about |= (rows["category_1"] == 0) & known["barred"][rows["category_2"]]
    if not about.any():
        return np.zeros(0, np.uint64)
    begins = np.cumsum(rows["line"] == 0)  # an event and its lines share a number
    special = np.zeros(int(begins[-1]) + 1, np.bool_)
    special[begins[about]] = True
    left = (rows["mask"] | rows["assumed"]) & ~np.uint64(kept) != 0
    left |= rows["flags"] & np.uint16(Flag.SPECIAL) == 0
    numbers: Words = rows["sequence"][special[begins] & left]
    return numbers


def _within(values: Words, among: Words) -> NDArray[np.bool_]:
    """Which of these stand in a sorted array."""
    if not len(among):
        return np.zeros(len(values), np.bool_)
    return np.asarray(among[np.minimum(np.searchsorted(among, values), len(among) - 1)] == values)


def _hashes(items: Hasher, names: frozenset[str]) -> Words:
    """As rows have products and names of events, sorted."""
    texts = [name.encode() for name in names]
    return np.sort(items.hash64(texts)) if texts else np.zeros(0, np.uint64)


def _learn_terms(block: Block, tags: Tags, known: dict[str, NDArray[np.bool_]]) -> None:
    for index in np.flatnonzero(block.rows["kind"] == Kind.TERM).tolist():
        row, term = block.rows[index], block.body(index).decode()
        for part, vocabulary in _TERMS.items():
            if row["line"] == vocabulary and term in getattr(tags, part):
                known[part][row["category_2"]] = True
