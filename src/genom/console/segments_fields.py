"""What conditions may be about, and how a typed tree is made to fit it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from genom.console.segments_numbers import number_in
from genom.console.segments_tree import Condition, Group, Part, depth_of, leaves

__all__ = ["EVENTS", "Family", "Field", "Fields", "faults_of", "fresh", "settled"]

EVENTS: Final = ("at_least", "at_most")
_DEPTH_MOST: Final = 8
_CONDITIONS_MOST: Final = 100
_TIMES_MOST: Final = 20
_DAYS_MOST: Final = 3650
_BARE: Final = frozenset({"known", "not known"})
_AMOUNTS: Final = ("amount_at_least", "amount_at_most")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """Something that a condition may be about; texts in the reader's language."""

    key: str  # kind:id
    label: str
    family: str
    unit: str = ""
    form: str = ""  # number, days or text; empty: events and segments
    operators: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()  # value and what it is called; empty = any
    needs: tuple[str, ...] = ()  # purposes that must be permitted beside
    begins: str = ""  # the number that a condition begins with; empty: 30 days, or 1
    days: int = 0  # for so many the purpose may read an event; 0 = for ever

    @property
    def kind(self) -> str:
        """gene, cell, top, attribute, event or segment."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Fields that belong together."""

    id: str
    label: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, kw_only=True)
class Fields:
    """All that rules for a purpose may be about."""

    purpose: str
    purposes: tuple[tuple[str, str], ...]
    families: tuple[Family, ...]
    channels: tuple[tuple[str, str], ...]
    floor: int  # a smaller number of people is not told

    @cached_property
    def by_key(self) -> dict[str, Field]:
        """Every field."""
        return {field.key: field for family in self.families for field in family.fields}

    @cached_property
    def texts(self) -> frozenset[str]:
        """The fields whose values are texts."""
        return frozenset(key for key, field in self.by_key.items() if field.form == "text")


def fresh(field: Field) -> Condition:
    """A condition about a field, as it begins."""
    if field.kind == "event":
        return Condition(field=field.key, op="at_least", days=str(min(30, field.days or 30)), times="1")
    if field.form == "text":
        first = field.values[0][0] if field.values else ""
        return Condition(field=field.key, op="=", values=(first,))
    cell = field.values[0][0] if field.kind == "cell" and field.values else ""
    op = field.operators[0] if field.operators else ""
    begun = field.begins or ("30" if field.form == "days" else "1")
    return Condition(field=field.key, op=op, cell=cell, values=(begun,))


def settled(part: Part, fields: Fields) -> Part:
    """The tree with as many values and such comparisons as each field takes."""
    if isinstance(part, Group):
        match = part.match
        if len(part.parts) == 1:  # "and" and "or" of one part are the same
            match = {"any": "all", "not_all": "none"}.get(match, match)
        return replace(part, match=match, parts=tuple(settled(inner, fields) for inner in part.parts))
    field = fields.by_key.get(part.field)
    if field is None or field.kind == "segment":
        return part
    if field.kind == "event":
        return part if part.op in EVENTS else replace(part, op=EVENTS[0])
    op = part.op if part.op in field.operators else field.operators[0]
    wanted = 0 if op in _BARE else 2 if op == "between" else 100 if op == "in" else 1
    given = tuple(value.strip() for value in part.values)
    if wanted < 100:
        first = field.values[0][0] if field.form == "text" and field.values else ""
        values = (*given, *([first] * wanted))[:wanted]
    else:
        given = tuple(value for each in given for value in (each.split(",") if not field.values else [each]))
        values = tuple(dict.fromkeys(value.strip() for value in given if value.strip()))
    return replace(part, op=op, values=values)


def faults_of(tree: Group, fields: Fields, language: str) -> dict[str, str]:
    """Place of a condition → what is wrong with it, as a word that the page has a sentence for."""
    found = {place: fault for place, part in leaves(tree) if (fault := _fault(part, fields, language))}
    if depth_of(tree) > _DEPTH_MOST:
        found["0"] = "deep"
    if sum(1 for _ in leaves(tree)) > _CONDITIONS_MOST:
        found["0"] = "many"
    return found


def _fault(part: Condition, fields: Fields, language: str) -> str:
    field = fields.by_key.get(part.field)
    if field is None:
        return "gone"
    if part.kind == "segment":
        return ""
    if part.kind == "event":
        return _event_fault(part, field, language)
    if part.kind == "cell" and not part.cell:
        return "cell"
    if part.op in _BARE:
        return ""
    if field.form == "text":
        return "" if part.values and all(part.values) else "value"
    numbers = [number_in(value, language) for value in part.values]
    if not numbers or any(number is None or abs(number) > 1e15 for number in numbers):
        return "number"
    known = [number for number in numbers if number is not None]
    return "order" if known != sorted(known) else ""


def _event_fault(part: Condition, field: Field, language: str) -> str:
    days, times = number_in(part.days, language), number_in(part.times, language)
    if days is None or not 0 < days <= _DAYS_MOST:
        return "days"
    if field.days and days > field.days:
        return "window"
    least = 1 if part.op == "at_least" else 0
    if times is None or not times.is_integer() or not least <= times <= _TIMES_MOST:
        return "times"
    amounts = [part.where.get(name, "") for name in _AMOUNTS]
    return "amount" if any(text and number_in(text, language) is None for text in amounts) else ""
