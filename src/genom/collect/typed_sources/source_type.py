"""A typed source: which columns its files have, and what their records say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from genom.collect.typed_sources.reading import Reading

__all__ = ["Column", "Record", "Said", "SourceType", "consent", "event", "product"]

Record = dict[str, Any]
"""The cells of a row that are not empty, read, by column in the order of the type's columns."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a file may have."""

    name: str
    kind: str  # of `cells.KINDS`
    en: str  # what stands in it
    de: str
    required: bool = field(default=False, kw_only=True)
    one_of: tuple[str, ...] = field(default=(), kw_only=True)  # what a cell may say
    also: tuple[str, ...] = field(default=(), kw_only=True)  # other names that files give it


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that records say to the node."""

    to: str  # batch, consents or products: the list of the request that takes it
    body: dict[str, Any]


Translate = Callable[[list[Record], Reading], list[Said]]
"""Records that belong together → what they say; raises BadCell, or LeftOut if they say nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceType:
    """A kind of file or feed that shops have."""

    name: str
    en: str  # what it is
    de: str
    columns: tuple[Column, ...]
    translate: Translate
    sample: str  # a small file of it, invented
    group: tuple[str, ...] = ()  # columns whose values neighbouring rows of one thing share; empty: a row is one thing
    form: str = "csv"  # of the sample: csv or log
    open: bool = False  # whether further columns are read, too: `Record["rest"]`

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(one for one in self.columns if one.name == name)


def event(**members: Any) -> Said:
    """An event in Segment's form; members that are None are left out."""
    return Said("batch", {name: value for name, value in members.items() if value is not None})


def consent(**members: Any) -> Said:
    """A choice for `POST /v1/consent`."""
    return Said("consents", members)


def product(**members: Any) -> Said:
    """A product for `POST /v1/products`."""
    return Said("products", {name: value for name, value in members.items() if value is not None})
