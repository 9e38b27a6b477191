"""Rejected events, which are kept as they came."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from genom.app.node import Node
from genom.collect import BadRow
from genom.privacy import Count, Erased, Subject

__all__ = ["RejectedHolder", "naming"]


class RejectedHolder:
    """Rows that name one of the person's identifiers as a whole word, in any case, plain or as JSON writes it."""

    name = "rejected"
    files: tuple[str, ...] = ("badrows/*",)

    def __init__(self, node: Node) -> None:
        self._node = node

    def count(self, subject: Subject) -> Count:
        """Rows that name the person."""
        found = list(self._of(subject))
        return Count(records=len(found), bytes=sum(len(row.raw) for row in found))

    def export(self, subject: Subject) -> Iterator[Mapping[str, Any]]:
        """These rows."""
        for row in self._of(subject):
            yield {"received_at": row.received_at, "why": row.message, "raw": row.raw.decode("utf-8", "replace")}

    def _of(self, subject: Subject) -> Iterator[BadRow]:
        store, names = self._node.bad_rows, _naming(subject)
        return (row for day in store.days() for row in store.read(day) if names(row))

    def drop(self, subject: Subject) -> None:
        """They serve nothing, and only the operator reads them."""

    def erase(self, subject: Subject) -> Erased:
        """Write the days that have such rows without them."""
        rows, size = self._node.bad_rows.erase(_naming(subject))
        return Erased(records=rows, bytes=size)


def _naming(subject: Subject) -> Callable[[BadRow], bool]:
    return naming([identifier.value for identifier in subject.identifiers])


def naming(values: Iterable[str]) -> Callable[[BadRow], bool]:
    """Whether a row has one of these values of identifiers in it.

    >>> row = BadRow(0, "shop", 0, None, "collect.json", "not JSON", b'{"userId":"U1"')
    >>> naming(["u1"])(row), naming(["u1"])(msgspec.structs.replace(row, raw=b'{"userId":"u12"}'))
    (True, False)
    """
    plain = {value for value in values if value}
    forms = {form for value in plain for form in (value, msgspec.json.encode(value)[1:-1].decode(), ascii(value)[1:-1])}
    if not forms:
        return lambda _: False
    words = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    pattern = re.compile(rf"(?<![0-9A-Za-z])(?:{words})(?![0-9A-Za-z])".encode(), re.IGNORECASE)

    def names(row: BadRow) -> bool:
        return any(map(pattern.search, (row.raw, (row.message_id or "").encode(), row.message.encode())))

    return names
