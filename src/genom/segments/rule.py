"""Rules: a tree of groups (`all`, `any`, `not`) over conditions; one schema for JSON and YAML.

A condition is about a gene, a declared attribute, events in a window, or membership of another segment.  `read_rule`
takes what JSON or YAML gives and says of every fault where it stands; `as_plain` is the way back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec

from genom.errors import BadRequest, UnknownName, nearest
from genom.typed import converted

__all__ = [
    "CONDITIONS_MOST",
    "DEPTH_MOST",
    "EVENTS_MOST",
    "All",
    "AnyOf",
    "AttributeIs",
    "Condition",
    "EventsIn",
    "GeneIs",
    "MemberOf",
    "Not",
    "Rule",
    "Where",
    "as_plain",
    "conditions",
    "read_rule",
]

DEPTH_MOST: Final = 8  # groups within groups
CONDITIONS_MOST: Final = 100
EVENTS_MOST: Final = 20  # events that a condition may ask for: so many times are kept of each person
_TEXTS_MOST: Final = 100
_SIGNS: Final = {"≥": ">=", "≤": "<=", "=>": ">=", "=<": "<=", "==": "=", "unknown": "not known"}
_NUMERIC: Final = frozenset({">", ">=", "<", "<=", "between"})
_OPERATORS: Final = (">", ">=", "<", "<=", "=", "between", "in", "known", "not known")

_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
_Number = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
_Value = _Number | _Text | list[_Number | _Text] | None


class GeneIs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A gene compared with a value; of a histogram one cell, or the largest cell."""

    gene: _Text
    is_: str = msgspec.field(name="is")
    value: _Value = None
    cell: str = ""
    top: bool = False


class AttributeIs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the person told us about an attribute."""

    attribute: _Text
    is_: str = msgspec.field(name="is")
    value: _Value = None


class Where(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which events of a kind count; all that is named must hold, of the event itself or of one of its lines."""

    channel: str = ""
    category: str = ""
    item: str = ""
    amount_at_least: _Number | None = None  # reporting currency
    amount_at_most: _Number | None = None
    discounted: bool | None = None
    coupon: bool | None = None


class EventsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Events in the days before now, at least or at most so many."""

    event: _Text
    days: Annotated[float, msgspec.Meta(gt=0, le=3650)]
    at_least: Annotated[int, msgspec.Meta(ge=1, le=EVENTS_MOST)] | None = None
    at_most: Annotated[int, msgspec.Meta(ge=0, le=EVENTS_MOST)] | None = None
    where: Where = Where()


class MemberOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Membership of another segment."""

    segment: _Text


class All(msgspec.Struct, frozen=True):
    """Every one of these holds."""

    parts: tuple[Rule, ...]


class AnyOf(msgspec.Struct, frozen=True):
    """At least one of these holds."""

    parts: tuple[Rule, ...]


class Not(msgspec.Struct, frozen=True):
    """This does not hold; what may not be read holds neither way."""

    part: Rule


Condition = GeneIs | AttributeIs | EventsIn | MemberOf
Rule = All | AnyOf | Not | Condition

_FORMS: Final[dict[str, type[Any]]] = {
    "gene": GeneIs, "attribute": AttributeIs, "event": EventsIn, "segment": MemberOf,
}  # fmt: skip
_GROUPS: Final = ("all", "any", "not")


def read_rule(given: object, place: str = "$.rule") -> Rule:
    """The rule that plain data (of JSON or YAML) describes.

    Raises BadRequest, or UnknownName with the nearest known name, that tells the path.

    >>> read_rule({"gene": "rhythm.orders.count.365d", "is": ">=", "value": 2})
    GeneIs(gene='rhythm.orders.count.365d', is_='>=', value=2.0, cell='', top=False)
    """
    rule = _read(given, place, 0)
    count = sum(1 for _ in conditions(rule))
    if count > CONDITIONS_MOST:
        raise BadRequest(
            f"{place} has {count} conditions.",
            why=f"a rule has at most {CONDITIONS_MOST}",
            fix="make segments of its parts",
        )
    return rule


def _read(given: object, place: str, depth: int) -> Rule:
    if depth > DEPTH_MOST:
        raise BadRequest(
            f"{place} stands too deep.", why=f"groups nest up to {DEPTH_MOST} deep", fix="make a segment of a part"
        )
    if not isinstance(given, Mapping) or not given:
        raise BadRequest(
            f"{place} is no rule.",
            why="a rule is an object with `all`, `any`, `not`, `gene`, `attribute`, `event` or `segment`",
            fix="see docs/how-to/segments.md",
        )
    named = [name for name in (*_GROUPS, *_FORMS) if name in given]
    if len(named) != 1:
        raise _no_form(given, named, place)
    name = named[0]
    if name in _FORMS:
        return _condition(_FORMS[name], dict(given), place)
    if len(given) > 1:
        other = next(str(key) for key in given if key != name)
        raise BadRequest(f"{place}.{other} stands beside `{name}`.", why="a group has nothing else", fix="remove it")
    if name == "not":
        return Not(_read(given["not"], f"{place}.not", depth + 1))
    parts = _parts(given[name], f"{place}.{name}", depth)
    return All(parts) if name == "all" else AnyOf(parts)


def _parts(given: object, place: str, depth: int) -> tuple[Rule, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or not given:
        raise BadRequest(f"{place} is no list of rules.", why="a group has one part or more", fix="name its parts")
    return tuple(_read(part, f"{place}[{number}]", depth + 1) for number, part in enumerate(given))


def _no_form(given: Mapping[Any, Any], named: list[str], place: str) -> BadRequest:
    if named:
        why = "`" + "` and `".join(named) + "` stand side by side"
        return BadRequest(f"{place} is several rules at once.", why=why, fix="join them under `all` or `any`")
    first = str(next(iter(given)))[:60]
    hint = next((nearest(str(key), (*_GROUPS, *_FORMS)) for key in given if isinstance(key, str)), "")
    return UnknownName(
        f"{place} has the unknown key {first!r}.",
        why="a rule has one of `all`, `any`, `not`, `gene`, `attribute`, `event`, `segment`",
        fix=hint or "use one of these",
    )


def _condition(form: type[Any], given: dict[Any, Any], place: str) -> Rule:
    known = {field.encode_name for field in msgspec.structs.fields(form)}
    for key in given:
        if key not in known:
            raise UnknownName(
                f"{place} has the unknown key {str(key)[:60]!r}.",
                why=f"known are {', '.join(sorted(known))}",
                fix=nearest(str(key), known) or "remove it",
            )
    if isinstance(given.get("is"), str):
        given["is"] = _SIGNS.get(given["is"], given["is"])
    try:
        found: Condition = converted(given, form)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise BadRequest(
            f"{place}{where.rstrip('`')} cannot be used.", why=what, fix="see docs/how-to/segments.md"
        ) from None
    _check(found, place)
    return found


def _check(condition: Condition, place: str) -> None:
    if isinstance(condition, GeneIs | AttributeIs):
        _check_comparison(condition, place)
    elif isinstance(condition, EventsIn) and (condition.at_least is None) == (condition.at_most is None):
        why = "it asks for `at_least` or for `at_most`, and not for both"
        raise BadRequest(f"{place} cannot be used.", why=why, fix="name one; join two conditions under `all`")


def _check_comparison(condition: GeneIs | AttributeIs, place: str) -> None:
    op, value = condition.is_, condition.value
    if op not in _OPERATORS:
        raise UnknownName(
            f"{place}.is has the unknown comparison {op[:40]!r}.",
            why=f"known are {', '.join(_OPERATORS)}",
            fix=nearest(op, _OPERATORS) or "use one of these",
        )
    if op in {"known", "not known"}:
        good, wanted = value is None, "no value"
    elif op == "between":
        good = isinstance(value, list) and len(value) == 2 and all(isinstance(v, float | int) for v in value)
        wanted = "two numbers"
    elif op == "in":
        good = isinstance(value, list) and 0 < len(value) <= _TEXTS_MOST and all(isinstance(v, str) for v in value)
        wanted = f"a list of 1 to {_TEXTS_MOST} texts"
    elif op in _NUMERIC:
        good, wanted = isinstance(value, float | int), "a number"
    else:
        good, wanted = isinstance(value, float | int | str), "a number or a text"
    if not good:
        raise BadRequest(f"{place}.value cannot be used.", why=f"the comparison {op!r} takes {wanted}", fix="change it")
    if op == "between" and isinstance(value, list) and value[0] > value[1]:  # type: ignore[operator]  # two numbers
        raise BadRequest(f"{place}.value is empty.", why="its first number is above its second", fix="swap them")


def conditions(rule: Rule, place: str = "$.rule") -> Iterator[tuple[str, Condition]]:
    """Path and condition, in the order of the text.

    >>> [place for place, _ in conditions(read_rule({"not": {"any": [{"segment": "a"}, {"segment": "b"}]}}))]
    ['$.rule.not.any[0]', '$.rule.not.any[1]']
    """
    if isinstance(rule, All | AnyOf):
        name = "all" if isinstance(rule, All) else "any"
        for number, part in enumerate(rule.parts):
            yield from conditions(part, f"{place}.{name}[{number}]")
    elif isinstance(rule, Not):
        yield from conditions(rule.part, f"{place}.not")
    else:
        yield place, rule


def as_plain(rule: Rule) -> dict[str, Any]:
    """The rule as plain data for JSON or YAML; equal rules give equal data."""
    if isinstance(rule, All | AnyOf):
        return {"all" if isinstance(rule, All) else "any": [as_plain(part) for part in rule.parts]}
    if isinstance(rule, Not):
        return {"not": as_plain(rule.part)}
    plain: dict[str, Any] = msgspec.to_builtins(rule)
    return plain
