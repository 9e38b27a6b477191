"""The tree of a rule as the builder's form holds it: texts as they were typed, at places such as `0.2.1`.

The root is `0`, its third part `0.2`.  A group says which of its parts must hold; a condition asks about one field.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from genom.console.segments_numbers import number_in, written

__all__ = ["MATCHES", "WHERE", "Condition", "Group", "Part", "depth_of", "leaves", "plain_of", "tree_of"]

MATCHES: Final = ("all", "any", "none", "not_all")
WHERE: Final = ("channel", "category", "item", "amount_at_least", "amount_at_most", "discounted", "coupon")
_AMOUNTS: Final = ("amount_at_least", "amount_at_most")
_FLAGS: Final = ("discounted", "coupon")
_KINDS: Final = ("gene", "attribute", "event", "segment")
_DEEPEST: Final = 20  # what is deeper in an address is not read
_MOST: Final = 120  # conditions that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition; which of its texts count depends on the kind of its field."""

    field: str  # kind and id, such as gene:value.orders.sum.30d
    op: str = ""  # of an event at_least or at_most
    values: tuple[str, ...] = ()
    cell: str = ""
    days: str = ""
    times: str = ""
    where: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @property
    def kind(self) -> str:
        """gene, cell, top, attribute, event or segment."""
        return self.field.partition(":")[0]

    @property
    def id(self) -> str:
        """The field's own name."""
        return self.field.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Parts, and how many of them must hold: all, any, none, or not all."""

    match: str
    parts: tuple[Part, ...]


Part = Group | Condition


def leaves(part: Part, place: str = "0") -> Iterator[tuple[str, Condition]]:
    """The conditions with their places, in the order of the text."""
    if isinstance(part, Condition):
        yield place, part
    else:
        for number, inner in enumerate(part.parts):
            yield from leaves(inner, f"{place}.{number}")


def depth_of(part: Part) -> int:
    """How many groups of the rule lie around its deepest condition; a negation is one more."""
    if isinstance(part, Condition):
        return 0
    own = 1 if part.match in {"all", "any"} else 2
    return own + max((depth_of(inner) for inner in part.parts), default=0)


def plain_of(part: Part, language: str, *, texts: Collection[str] = ()) -> dict[str, Any]:
    """The rule as plain data; what was typed and is no number stays a text, and so do values of the fields `texts`.

    >>> plain_of(Group(match="none", parts=(Condition(field="segment:buyers"),)), "en")
    {'not': {'any': [{'segment': 'buyers'}]}}
    """
    if isinstance(part, Group):
        inner = [plain_of(each, language, texts=texts) for each in part.parts]
        if part.match in {"all", "any"}:
            return {part.match: inner}
        return {"not": {"any" if part.match == "none" else "all": inner}}
    if part.kind == "segment":
        return {"segment": part.id}
    return _event(part, language) if part.kind == "event" else _comparison(part, language, part.field in texts)


def _event(part: Condition, language: str) -> dict[str, Any]:
    plain = {"event": part.id, "days": _number(part.days, language), part.op: _number(part.times, language)}
    where = {name: _where(name, text, language) for name, text in part.where.items() if text}
    return plain | ({"where": where} if where else {})


def _comparison(part: Condition, language: str, texts: bool) -> dict[str, Any]:
    plain: dict[str, Any] = {"attribute" if part.kind == "attribute" else "gene": part.id, "is": part.op}
    if part.kind == "cell":
        plain["cell"] = part.cell
    if part.kind == "top":
        plain["top"] = True
    if part.op not in {"known", "not known"}:
        values = [text if texts else _number(text, language) for text in part.values]
        plain["value"] = values if part.op in {"in", "between"} else values[0] if values else ""
    return plain


def _number(text: str, language: str) -> float | str:
    value = number_in(text, language)
    return text if value is None else int(value) if value.is_integer() and abs(value) < 1e15 else value


def _where(name: str, text: str, language: str) -> float | str | bool:
    if name in _FLAGS:
        return text == "yes"
    return _number(text, language) if name in _AMOUNTS else text


def tree_of(plain: object, language: str) -> Group:
    """The tree of plain data, such as an address holds; what it cannot be is left out.

    >>> plain_of(tree_of({"not": {"segment": "buyers"}}, "en"), "en")
    {'not': {'any': [{'segment': 'buyers'}]}}
    """
    found = _part(plain, language, [_MOST], 0)
    if isinstance(found, Group):
        return found
    return Group(match="all", parts=(found,) if found else ())


def _part(plain: object, language: str, left: list[int], depth: int) -> Part | None:
    if not isinstance(plain, dict) or depth > _DEEPEST or left[0] <= 0:
        return None
    if "not" in plain:
        inner = _part(plain["not"], language, left, depth + 1)
        if isinstance(inner, Group) and inner.match in {"all", "any"}:
            return replace(inner, match="not_all" if inner.match == "all" else "none")
        return Group(match="none", parts=(inner,)) if inner else None
    for match in ("all", "any"):
        if isinstance(parts := plain.get(match), list):
            read = (_part(each, language, left, depth + 1) for each in parts)
            found = tuple(part for part in read if part)
            return Group(match=match, parts=found) if found else None
    left[0] -= 1
    return _condition(plain, language)


def _condition(plain: Mapping[str, Any], language: str) -> Condition | None:
    kind = next((kind for kind in _KINDS if isinstance(plain.get(kind), str)), "")
    if not kind:
        return None
    name = plain[kind][:200]
    if kind == "event":
        op = "at_most" if "at_most" in plain else "at_least"
        given = where if isinstance(where := plain.get("where"), dict) else {}
        return Condition(
            field=f"event:{name}", op=op, days=_text(plain.get("days"), language), times=_text(plain.get(op), language),
            where={key: _text(given[key], language) for key in WHERE if key in given},
        )  # fmt: skip
    if kind == "gene":
        kind = "cell" if plain.get("cell") else "top" if plain.get("top") else "gene"
    value = plain.get("value", "")
    values: Sequence[object] = value[:100] if isinstance(value, list) else [value]
    return Condition(
        field=f"{kind}:{name}", op=_text(plain.get("is", ""), language), cell=_text(plain.get("cell", ""), language),
        values=tuple(_text(each, language) for each in values),
    )  # fmt: skip


def _text(value: object, language: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return written(value, language) if isinstance(value, int | float) else str(value)[:200] if value else ""
