"""A segment: a rule with a name, a purpose and the number of its version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

import msgspec

from genom.errors import BadRequest, nearest
from genom.segments.rule import MemberOf, Rule, as_plain, conditions, read_rule
from genom.typed import converted

__all__ = ["Segment", "in_order", "kept_form", "read_segment"]


class Label(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text in the two languages of the console."""

    en: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]
    de: Annotated[str, msgspec.Meta(min_length=1, max_length=120)]


class Definition(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A segment as a person writes it."""

    id: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,59}$")]
    label: Label
    purpose: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    rule: dict[str, Any]
    description: Annotated[str, msgspec.Meta(max_length=500)] = ""


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A segment, checked in its form; `number` is that of this version for ever."""

    id: str
    label: Mapping[str, str]
    purpose: str
    rule: Rule
    description: str = ""
    version: int = 0
    number: int = 0
    author: str = ""
    at: int = 0  # unix ms, when this version was defined

    @property
    def members_of(self) -> tuple[str, ...]:
        """The segments that the rule asks about."""
        return tuple(dict.fromkeys(c.segment for _, c in conditions(self.rule) if isinstance(c, MemberOf)))


def read_segment(given: object, place: str = "$") -> Segment:
    """The segment that plain data describes; raises BadRequest with the path."""
    if isinstance(given, dict):
        for key in given:
            if key not in Definition.__struct_fields__:
                hint = nearest(str(key), Definition.__struct_fields__) or "remove it"
                why = f"known are {', '.join(Definition.__struct_fields__)}"
                raise BadRequest(f"{place} has the unknown key {str(key)[:60]!r}.", why=why, fix=hint)
    try:
        found = converted(given, Definition)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        raise BadRequest(
            f"{place}{where.rstrip('`')} cannot be used.", why=what, fix="see docs/how-to/segments.md"
        ) from None
    return Segment(
        id=found.id, label={"en": found.label.en, "de": found.label.de}, purpose=found.purpose,
        rule=read_rule(found.rule, f"{place}.rule"), description=found.description,
    )  # fmt: skip


def kept_form(segment: Segment) -> dict[str, Any]:
    """The definition as it is kept and shown; reading it gives the segment again."""
    return {
        "id": segment.id, "label": dict(segment.label), "purpose": segment.purpose, "rule": as_plain(segment.rule),
        "description": segment.description,
    }  # fmt: skip


def in_order(segments: Iterable[Segment]) -> list[Segment]:
    """The segments, each behind those that its rule asks about; names that are not among them are ignored.

    Raises BadRequest that names the circle.
    """
    known = {segment.id: segment for segment in segments}
    ordered: dict[str, Segment] = {}

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            circle = " → ".join((*way[way.index(name) :], name))
            raise BadRequest(
                f"The segment {name!r} rests on itself.",
                why=f"{circle} is a circle, so nobody could say who belongs",
                fix="take one of these conditions out",
                code="segments.circle",
            )
        if name in ordered or name not in known:
            return
        for other in known[name].members_of:
            visit(other, (*way, name))
        ordered[name] = known[name]

    for name in sorted(known):
        visit(name, ())
    return list(ordered.values())
