"""Filters: which rows a gene looks at, compiled to predicates that the kernel evaluates once a row.

A filter becomes a list of terms, any of which must hold; a term asks for kinds, for bits that are derived from a row
once, and for ranges of its properties.  Terms are values: two filters that mean the same compile to the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any, Final

import msgspec

from genom.errors import BadConfiguration, nearest
from genom.genome.ops import PROPERTIES
from genom.genome.ops.base import UNITS
from genom.words import CHANNELS, DEVICES, Kind

__all__ = [
    "BITS",
    "KIND_SLOTS",
    "MONEY",
    "Filter",
    "Range",
    "Rows",
    "Term",
    "check_filters",
    "known",
    "present",
    "rows_of",
]

KIND_SLOTS: Final = 200  # kinds below this feed genes
BITS: Final[dict[str, int]] = {
    "discounted": 1 << 16,
    "coupon": 1 << 17,
    "weekend": 1 << 18,
    "morning": 1 << 19,  # 6 to 12 local time
    "afternoon": 1 << 20,  # 12 to 18
    "evening": 1 << 21,  # 18 to 24
    "night": 1 << 22,  # 0 to 6
    "amount": 1 << 23,  # has an amount in the reporting currency
    "clamped": 1 << 24,
    "device": 1 << 25,  # its kind of device is known
}
"""Bits that the kernel derives from a row once; bits 0 to 15 are the channels."""

MONEY: Final = frozenset({"amount", "discount"})
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_KINDS: Final = tuple(name for name, kind in Kind.__members__.items() if kind < KIND_SLOTS)
_NUMBERS: Final = frozenset({"amount", "discount", "quantity", "hour_of_day", "hour_of_week", "source"})
_NAMES: Final = frozenset({"channel", "weekday", "category_1", "category_2", "device"})
_WHOLE: Final = {"hour_of_day": 23, "hour_of_week": 167, "source": 65_535}  # property → highest number
_HIGHEST: Final = (1 << 63) - 1
_TERMS_MOST: Final = 256
_DEEPEST: Final = 64  # filters within each other


class _TooMany(Exception):
    """A filter has more alternatives than the kernel shall try."""


class Between(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A range of a property in its own unit: from (included) to below (not included)."""

    from_: float | None = msgspec.field(default=None, name="from")
    below: float | None = None


Values = tuple[str | int | float, ...]


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows a gene looks at; all that is said must hold."""

    kinds: tuple[str, ...] = ()  # empty = every kind
    lines: bool = False  # the order lines instead of the events
    channel: str = ""
    bits: tuple[str, ...] = ()  # such as discounted, coupon, weekend, morning
    where: dict[str, Between | Values] = {}  # property → a range, or the values that it may have
    all: tuple[str, ...] = ()  # names of filters that must hold too
    any: tuple[str, ...] = ()  # … of which one must hold
    not_: tuple[str, ...] = msgspec.field(default=(), name="not")  # … of which none may hold


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """A property lies between two numbers (both included), or outside them; or has the code of a name."""

    property: int
    low: int
    high: int
    inside: bool = True
    name: str = ""  # of a category: its code is known when the journal has learnt it


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """Conditions that must all hold."""

    kinds: tuple[int, ...] | None = None  # sorted; None = every kind
    need: int = 0  # (bits & care) == need
    care: int = 0
    ranges: tuple[Range, ...] = ()  # sorted


@dataclass(frozen=True, slots=True)
class Rows:
    """A compiled filter: events or lines that meet any of the terms."""

    lines: bool
    terms: tuple[Term, ...]  # sorted

    @property
    def names(self) -> frozenset[tuple[int, str]]:
        """Number of the property and name of each category that such rows must have."""
        return frozenset(
            (one.property, one.name) for term in self.terms for one in term.ranges if one.name and one.inside
        )

    def within(self, other: Rows) -> Rows:
        """The rows that are in both."""
        return Rows(self.lines, _both(self.terms, other.terms))


EVERYTHING: Final = (Term(),)


def rows_of(name: str, filters: Mapping[str, Filter]) -> Rows:
    """The filter of this name, compiled.

    >>> filters = {"web": Filter(channel="web"), "late": Filter(bits=("night",), not_=("web",))}
    >>> [(term.need == BITS["night"], bin(term.care & 0xFFFF)) for term in rows_of("late", filters).terms]
    [(True, '0b10')]
    """
    return Rows(filters[name].lines, _terms(name, filters, {}))


def present(rows: Rows, property: str) -> Rows:
    """Of these rows those that have the property: an amount in the reporting currency, a quantity."""
    if property in MONEY:
        return Rows(rows.lines, _both(rows.terms, (Term(need=BITS["amount"], care=BITS["amount"]),)))
    if property == "device":
        return Rows(rows.lines, _both(rows.terms, (Term(need=BITS["device"], care=BITS["device"]),)))
    if property == "quantity":
        some = Range(PROPERTIES["quantity"], 0, 0, inside=False)
        return Rows(rows.lines, _both(rows.terms, (Term(ranges=(some,)),)))
    return rows


def _terms(name: str, filters: Mapping[str, Filter], found: dict[str, tuple[Term, ...]]) -> tuple[Term, ...]:
    """`found` has those of filters that were worked out before."""
    if name not in found:
        chosen, terms_of = filters[name], partial(_terms, filters=filters, found=found)
        terms = _both((_own(chosen),), *(_where(prop, asked) for prop, asked in chosen.where.items()))
        terms = _both(terms, *map(terms_of, chosen.all))
        if chosen.any:
            terms = _both(terms, tuple(term for other in chosen.any for term in terms_of(other)))
        for other in chosen.not_:
            terms = _both(terms, *map(_negated, terms_of(other)))
        found[name] = terms
    return found[name]


def _own(chosen: Filter) -> Term:
    need = 1 << int(CHANNELS[chosen.channel]) if chosen.channel else 0
    for bit in chosen.bits:
        need |= BITS[bit]
    return Term(tuple(sorted({int(Kind[kind]) for kind in chosen.kinds})) or None, need, need)


def _where(property: str, asked: Between | Values) -> tuple[Term, ...]:
    """A range, or a term for each value; a range of money asks for money that is there."""
    number, unit = PROPERTIES[property], UNITS.get(property, 1)
    there = BITS["amount"] if property in MONEY else 0
    if isinstance(asked, Between):
        low = -_HIGHEST if asked.from_ is None else round(asked.from_ * unit)
        high = _HIGHEST if asked.below is None else round(asked.below * unit) - 1
        return (Term(None, there, there, (Range(number, low, high),)),)
    return tuple(_value(property, number, unit, there, value) for value in asked)


def _value(property: str, number: int, unit: int, there: int, value: str | float) -> Term:
    if property == "channel":
        bit = 1 << int(CHANNELS[str(value)])
        return Term(None, bit, bit)
    if property in {"category_1", "category_2"}:
        return Term(ranges=(Range(number, 1, 0, name=str(value)),))
    if property == "device":
        device = int(DEVICES[str(value)])
        return Term(ranges=(Range(number, device, device),))
    whole = WEEKDAYS.index(str(value)) if property == "weekday" else round(float(value) * unit)
    return Term(None, there, there, (Range(number, whole, whole),))


def _both(*parts: Iterable[Term]) -> tuple[Term, ...]:
    """Terms of which one holds if and only if one of each part holds."""
    found: tuple[Term, ...] = EVERYTHING
    for part in parts:
        joined = {_joined(a, b) for a, b in product(found, part)} - {None}
        found = tuple(sorted((term for term in joined if term is not None), key=_order))
        if len(found) > _TERMS_MOST:
            raise _TooMany
    return found


def _joined(a: Term, b: Term) -> Term | None:
    """Both terms at once; None if they contradict each other."""
    shared = a.care & b.care
    if a.need & shared != b.need & shared:
        return None
    kinds = a.kinds if b.kinds is None else b.kinds
    if a.kinds is not None and b.kinds is not None:
        kinds = tuple(sorted(set(a.kinds) & set(b.kinds)))
    if kinds == ():
        return None
    return Term(kinds, a.need | b.need, a.care | b.care, tuple(sorted({*a.ranges, *b.ranges})))


def _negated(term: Term) -> tuple[Term, ...]:
    """Terms of which one holds if and only if this one does not."""
    found: list[Term] = []
    if term.kinds is not None:
        found.append(Term(tuple(kind for kind in range(KIND_SLOTS) if kind not in term.kinds)))
    bits = (1 << n for n in range(term.care.bit_length()) if term.care >> n & 1)
    found += [Term(None, bit & ~term.need, bit) for bit in bits]
    found += [Term(ranges=(replace(one, inside=not one.inside),)) for one in term.ranges]
    return tuple(found)


def _order(term: Term) -> tuple[Any, ...]:
    return term.kinds or (), term.need, term.care, term.ranges


def check_filters(filters: Mapping[str, Filter], file: str) -> None:
    """Raises BadConfiguration for what filters cannot say."""
    depths, terms = dict[str, int](), dict[str, tuple[Term, ...]]()
    for name in filters:
        _check_parts(filters[name], filters, f"{file}: filter {name}")
    for name in filters:
        where = f"{file}: filter {name}"
        if _depth(name, filters, where, depths) > _DEEPEST:
            raise _too_deep(where)
        _check_terms(name, filters, where, terms)


def _check_parts(chosen: Filter, filters: Mapping[str, Filter], where: str) -> None:
    for kind in chosen.kinds:
        known(kind, _KINDS, "kind", where)
    for bit in chosen.bits:
        known(bit, BITS, "bit", where)
    if chosen.channel:
        known(chosen.channel, CHANNELS, "channel", where)
    for property, asked in chosen.where.items():
        known(property, _NUMBERS | _NAMES, "property", where)
        _check_where(property, asked, where)
    for other in (*chosen.all, *chosen.any, *chosen.not_):
        known(other, filters, "filter", where)
        if filters[other].lines and not chosen.lines:
            what = f"{where} looks at events, and its part {other!r} at order lines."
            raise BadConfiguration(what, why="a row is one of the two", fix="give both `lines: true`, or neither")


def _depth(
    name: str, filters: Mapping[str, Filter], where: str, found: dict[str, int], path: tuple[str, ...] = ()
) -> int:
    """How many filters stand within each other; `found` has the depths of those that were looked at before."""
    if name in path:
        what = f"{where} is defined by itself: {' → '.join((*path[path.index(name) :], name))}."
        raise BadConfiguration(what, why="it would never end", fix="leave one of them out")
    if name not in found:
        if len(path) >= _DEEPEST:
            raise _too_deep(where)
        chosen, inner = filters[name], (*path, name)
        parts = (*chosen.all, *chosen.any, *chosen.not_)
        found[name] = 1 + max((_depth(other, filters, where, found, inner) for other in parts), default=0)
    return found[name]


def _too_deep(where: str) -> BadConfiguration:
    what = f"{where} nests filters more than {_DEEPEST} deep."
    return BadConfiguration(what, why="nobody could say what it lets through", fix="say it with fewer levels")


def _check_terms(name: str, filters: Mapping[str, Filter], where: str, found: dict[str, tuple[Term, ...]]) -> None:
    try:
        terms = _terms(name, filters, found)
    except _TooMany:
        raise BadConfiguration(
            f"{where} is too intricate.",
            why=f"written as alternatives it has more than {_TERMS_MOST}",
            fix="name fewer values, or nest fewer filters",
        ) from None
    if not terms:
        raise BadConfiguration(f"{where} lets no row through.", why="it contradicts itself", fix="mend it")


def _check_where(property: str, asked: Between | Values, where: str) -> None:
    if isinstance(asked, Between):
        _check_range(property, asked, where)
        return
    if not asked:
        what = f"{where} lists no value of {property}."
        raise BadConfiguration(what, why="no row could pass", fix="name one, or a range `{from: …, below: …}`")
    for value in asked:
        if property == "channel":
            known(str(value), CHANNELS, "channel", where)
        elif property == "device":
            known(str(value), DEVICES, "device", where)
        elif property == "weekday":
            known(str(value), WEEKDAYS, "weekday", where)
        elif property in _NUMBERS:
            _check_number(property, value, where)
        elif value == "":
            what = f"{where} asks for {property} ''."
            raise BadConfiguration(what, why="no category is called so", fix="name one")


def _check_range(property: str, asked: Between, where: str) -> None:
    if property in _NAMES:
        what = f"{where} asks for a range of {property}."
        raise BadConfiguration(what, why="its values are names without an order", fix="list the names")
    if asked.from_ is not None:
        _check_number(property, asked.from_, where, word="from ")
    if asked.below is not None:
        _check_number(property, asked.below, where, word="below ", more=1)
    (one,) = _where(property, asked)[0].ranges
    if one.low > one.high:
        what = f"{where} asks for {property} from {asked.from_} to below {asked.below}."
        raise BadConfiguration(what, why="no number lies there", fix="exchange them")


def _check_number(property: str, value: str | float, where: str, *, word: str = "", more: int = 0) -> None:
    """A row can have the number, or (`more` = 1) the one before it."""
    what = f"{where} asks for {property} {word}{str(value)[:40] if not isinstance(value, str) else repr(value)}."
    if isinstance(value, str):
        raise BadConfiguration(what, why=f"{property} is a number", fix="give a number")
    if property in _WHOLE:
        low, high = more, _WHOLE[property] + more
        fits, said = low <= value <= high and value == int(value), f"a whole number, here of {low} to {high}"
    else:
        high = _HIGHEST // UNITS[property] - 1
        fits, said = -high <= value <= high, f"a number of -{high:,} to {high:,}"
    if not fits:
        raise BadConfiguration(what, why=f"it is {said}", fix="use one of these")


def known(name: str, names: Iterable[str], what: str, where: str) -> None:
    """Raises BadConfiguration with the nearest name if a name is not one of those."""
    names = sorted(names)
    if name not in names:
        raise BadConfiguration(
            f"{where} has the unknown {what} {name!r}.",
            why=f"known are {', '.join(names)}",
            fix=nearest(name, names) or "use a known name",
        )
