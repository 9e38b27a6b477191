"""The builder's form: its fields become a tree, and its buttons change it.

Fields are named `match:0` for a group and `field:0.1`, `op:0.1`, `val:0.1` … for a condition; the pressed button sends
`act`, such as `remove:0.1`, `condition:0` (add one) or `group:0.2`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from genom.console.segments_fields import Field, Fields, fresh
from genom.console.segments_tree import MATCHES, WHERE, Condition, Group, Part
from genom.web import Form

__all__ = ["LEVELS", "changed", "opening", "tree_from"]

LEVELS: Final = 5  # of groups that the page offers; addresses may hold deeper trees
_PLACE: Final = re.compile(r"0(\.\d{1,3}){0,12}")
_OPENING: Final = (
    (("gene:rhythm.orders.count.lifetime", "1"), ("event:Product Viewed", "90")),
    (("gene:rhythm.order.recency", "30"), ("event:Product Added", "30")),
)


def tree_from(form: Form, fields: Fields) -> Group:
    """The tree that a form holds; a field that was chosen anew begins as it does when it is added."""
    root = _read("0", form, fields, _children(form))
    return root if isinstance(root, Group) else opening(fields)


def _children(form: Form) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in form:
        kind, _, place = name.partition(":")
        if kind in {"match", "field"} and _PLACE.fullmatch(place) and "." in place:
            found.setdefault(place.rpartition(".")[0], []).append(place)
    for places in found.values():
        places.sort(key=lambda place: int(place.rpartition(".")[2]))
    return found


def _read(place: str, form: Form, fields: Fields, children: dict[str, list[str]]) -> Part | None:
    match = form.get(f"match:{place}")
    if match is None:
        return _condition(place, form, fields)
    read = (_read(inner, form, fields, children) for inner in children.get(place, []))
    parts = tuple(part for part in read if part)
    return Group(match=match if match in MATCHES else "all", parts=parts) if parts else None


def _condition(place: str, form: Form, fields: Fields) -> Condition:
    key, was = form.get(f"field:{place}", "")[:210], form.get(f"was:{place}", "")
    family = form.get(f"family:{place}")
    field = fields.by_key.get(key)
    if family is not None and field is not None and field.family != family:
        field = next((each.fields[0] for each in fields.families if each.id == family and each.fields), field)
    if field is not None and field.key != was:
        return fresh(field)
    return Condition(
        field=field.key if field else key,
        op=form.get(f"op:{place}", "")[:20],
        values=tuple(value[:200] for value in form.all(f"val:{place}")[:100]),
        cell=form.get(f"cell:{place}", "")[:200],
        days=form.get(f"days:{place}", "")[:30],
        times=form.get(f"times:{place}", "")[:30],
        where={name: text[:200].strip() for name in WHERE if (text := form.get(f"{name}:{place}", ""))},
    )


def opening(fields: Fields) -> Group:
    """What the builder begins with: four conditions in two groups."""
    outer, inner = (tuple(_begun(key, value, fields) for key, value in pairs) for pairs in _OPENING)
    return Group(match="all", parts=(*outer, Group(match="any", parts=inner)))


def _begun(key: str, value: str, fields: Fields) -> Condition:
    condition = fresh(fields.by_key.get(key) or _first(fields))
    if condition.kind == "event":
        return replace(condition, days=value)
    return replace(condition, values=(value,)) if condition.field == key else condition


def _first(fields: Fields) -> Field:
    """What a new condition is about: orders, else whatever there is (every purpose has events)."""
    known = (fields.by_key.get(key) for key in ("gene:rhythm.orders.count.lifetime", "event:Order Completed"))
    return next((field for field in known if field), None) or next(iter(fields.by_key.values()))


def changed(tree: Group, act: str, fields: Fields) -> tuple[Group, str]:
    """The tree after a button was pressed, and the place to go on at; an unknown button changes nothing."""
    what, _, place = act.partition(":")
    if what in {"condition", "group"} and isinstance(group := _at(tree, place), Group):
        added: Part = fresh(_first(fields))
        if what == "group":
            if place.count(".") >= LEVELS - 1:
                return tree, place
            added = Group(match="all", parts=(added,))
        larger = replace(group, parts=(*group.parts, added))
        focus = f"{place}.{len(group.parts)}"
        return _put(tree, place, larger), f"{focus}.0" if what == "group" else focus
    if what == "remove" and "." in place and _at(tree, place) is not None:
        return _without(tree, place)
    return tree, ""


def _at(tree: Group, place: str) -> Part | None:
    if not _PLACE.fullmatch(place):
        return None
    part: Part = tree
    for step in place.split(".")[1:]:
        if not isinstance(part, Group) or int(step) >= len(part.parts):
            return None
        part = part.parts[int(step)]
    return part


def _put(tree: Group, place: str, part: Part) -> Group:
    if "." not in place:
        return part if isinstance(part, Group) else tree
    above, _, step = place.rpartition(".")
    group = _at(tree, above)
    assert isinstance(group, Group), "the place was found before"
    parts = tuple(part if number == int(step) else each for number, each in enumerate(group.parts))
    return _put(tree, above, replace(group, parts=parts))


def _without(tree: Group, place: str) -> tuple[Group, str]:
    """Without a part; a group that it leaves empty goes too, and the root keeps its last part."""
    above, _, step = place.rpartition(".")
    group = _at(tree, above)
    assert isinstance(group, Group), "the place was found before"
    if len(group.parts) == 1:
        return (tree, place) if above == "0" else _without(tree, above)
    parts = tuple(each for number, each in enumerate(group.parts) if number != int(step))
    return _put(tree, above, replace(group, parts=parts)), above
