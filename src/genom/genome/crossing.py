"""Crosses: one template that stands for a gene of each member of an axis, such as each channel or each department.

`axes` name things and say what they are called; a cross names the axes in `each` and gives `filters` and `genes` in
which `<axis>` is a member's name, `<axis.field>` one of its fields and, in words, `<axis>` its label in that language.
`<each axis: text>` is the text once for each member, its name in the place of `*`, with commas between.
The result is an ordinary declaration: the same text gives the same genes in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

import msgspec

from genom.errors import BadConfiguration, nearest
from genom.typed import converted

__all__ = ["crossed"]

_PLACE: Final = re.compile(r"<([a-z_]+)(?:\.([a-z_]+))?>")
_EACH: Final = re.compile(r"<each ([a-z_]+): ([^<>]+)>")
_LANGUAGES: Final = ("en", "de")


class Cross(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Templates, and the axes whose members they are written for."""

    each: tuple[str, ...]  # axes; of several, each pair
    filters: dict[str, Any] = {}
    genes: list[Any] = []


Axes = dict[str, dict[str, dict[str, Any]]]  # axis → member → field → a text, a number, a list or a text by language
Members = Mapping[str, tuple[str, Mapping[str, Any]]]  # axis → name and fields


def crossed(said: Any, file: str) -> Any:
    """A declaration without `axes` and `crosses`: what they stand for is among its filters and genes.

    Raises BadConfiguration for an axis or a field that is not there.

    >>> said = {
    ...     "axes": {"channel": {"pos": {"label": {"en": "till", "de": "Kasse"}}, "web": {"label": {"en": "site"}}}},
    ...     "crosses": [{"each": ["channel"], "filters": {"on_<channel>": {"channel": "<channel>"}},
    ...                  "genes": [{"name": "<channel>", "of": "on_<channel>", "label": {"en": "At the <channel>"}}]}],
    ... }
    >>> found = crossed(said, "mine.yaml")
    >>> found["filters"], [gene["label"]["en"] for gene in found["genes"]]
    ({'on_pos': {'channel': 'pos'}, 'on_web': {'channel': 'web'}}, ['At the till', 'At the site'])
    """
    if not isinstance(said, Mapping) or not {"axes", "crosses"} & set(said):
        return said
    rest = {key: value for key, value in said.items() if key not in {"axes", "crosses"}}
    axes = converted(said.get("axes", {}), Axes)
    filters, genes = dict(rest.get("filters") or {}), list(rest.get("genes") or [])
    for number, cross in enumerate(converted(said.get("crosses", []), list[Cross]), 1):
        where = f"{file}: cross {number}"
        templates = _listed(cross.genes, axes, where)
        for members in _members(cross, axes, where):
            for name, chosen in cross.filters.items():
                filters[_text(name, members, where)] = _filled(chosen, members, where)
            genes += [_filled(gene, members, where) for gene in templates]
    return {**rest, "filters": filters, "genes": genes}


def _members(cross: Cross, axes: Axes, where: str) -> Iterator[Members]:
    for chosen in product(*(_axis(axis, axes, where).items() for axis in cross.each)):
        yield dict(zip(cross.each, chosen, strict=True))


def _axis(name: str, axes: Axes, where: str) -> Mapping[str, Mapping[str, Any]]:
    if name in axes:
        return axes[name]
    what, why = f"{where} has the unknown axis {name!r}.", f"known are {', '.join(sorted(axes)) or 'none'}"
    raise BadConfiguration(what, why=why, fix=nearest(name, axes) or "declare it under `axes`")


def _listed(part: Any, axes: Axes, where: str) -> Any:
    """A template with the lists of all members in the place of `<each …>`."""
    if isinstance(part, str):
        return _EACH.sub(
            lambda found: ", ".join(found[2].replace("*", member) for member in _axis(found[1], axes, where)), part
        )
    if isinstance(part, Mapping):
        return {key: _listed(value, axes, where) for key, value in part.items()}
    return [_listed(one, axes, where) for one in part] if isinstance(part, list) else part


def _filled(part: Any, members: Members, where: str) -> Any:
    """A template with the members in the place of their axes."""
    if isinstance(part, str):
        found = _PLACE.fullmatch(part)
        return _value(found, members, where) if found else _text(part, members, where)
    if isinstance(part, Mapping):
        return {
            _text(str(key), members, where): _worded(value, members, str(key), where)
            if key in _LANGUAGES and isinstance(value, str)
            else _filled(value, members, where)
            for key, value in part.items()
        }
    return [_filled(one, members, where) for one in part] if isinstance(part, list) else part


def _value(found: re.Match[str], members: Members, where: str) -> Any:
    name, fields = _member(found[1], members, where)
    return _field(fields, found[2], found[1], where) if found[2] else name


def _text(text: str, members: Members, where: str) -> str:
    return _PLACE.sub(lambda found: str(_value(found, members, where)), text)


def _worded(text: str, members: Members, language: str, where: str) -> str:
    """A text for people: members are called by their label, and fields speak its language."""

    def word(found: re.Match[str]) -> str:
        _, fields = _member(found[1], members, where)
        value = _field(fields, found[2] or "label", found[1], where)
        return str(value[language]) if isinstance(value, Mapping) and language in value else str(value)

    worded = _PLACE.sub(word, text)
    return worded[:1].upper() + worded[1:]


def _member(axis: str, members: Members, where: str) -> tuple[str, Mapping[str, Any]]:
    if axis in members:
        return members[axis]
    what = f"{where} has <{axis}>."
    raise BadConfiguration(what, why=f"its axes are {', '.join(members)}", fix=nearest(axis, members) or "add the axis")


def _field(fields: Mapping[str, Any], name: str, axis: str, where: str) -> Any:
    if name in fields:
        return fields[name]
    what = f"{where} asks for <{axis}.{name}>."
    why = f"a member of {axis} has {', '.join(sorted(fields)) or 'no fields'}"
    fix = nearest(name, fields) or f"give every member of {axis} the field {name!r}"
    raise BadConfiguration(what, why=why, fix=fix)
