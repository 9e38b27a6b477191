"""Actions as people define them, and as decisions need them."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
import numpy as np

from genom.app.decisions.asking import asked_point
from genom.app.node import Node
from genom.app.reading import instant
from genom.decide import DO_NOTHING, FOREVER, Action
from genom.errors import BadRequest, UnknownName, nearest

__all__ = ["LEARNED_ACTIONS", "ActionDefinition", "check_room", "compiled_action", "stored_form"]

_HEAVIEST: Final = 1_000_000  # weight of a category
LEARNED_ACTIONS: Final = 200  # of a point
_WORTH: Final = 100_000  # EUR of a success


class ActionDefinition(msgspec.Struct, omit_defaults=True):
    """Something that a decision point can offer."""

    id: str
    point: str = "next_offer"
    label: dict[str, str] = msgspec.field(default_factory=dict)
    campaign: str | None = None  # persons who received this campaign get its actions first
    starts: str | None = None  # RFC 3339
    ends: str | None = None  # RFC 3339
    products: list[str] = msgspec.field(default_factory=list)
    categories: dict[str, float] | list[str] = msgspec.field(
        default_factory=list
    )  # narrow categories, with weights if given
    value: float = 1.0  # EUR that a success is worth
    attributes: dict[str, list[str]] = msgspec.field(default_factory=dict)  # the answers that it is for, by attribute
    enabled: bool = True  # false: it is no candidate, and keeps what was learned of it


def stored_form(node: Node, action: ActionDefinition) -> dict[str, Any]:
    """The definition with its products replaced by the categories that they belong to.

    Raises BadRequest for what no decision could use.
    """
    if action.id in {"", DO_NOTHING}:
        raise BadRequest(
            f"An action cannot be called {action.id!r}.", why="the name is empty or reserved", fix="give it another id"
        )
    if not 0 <= action.value <= _WORTH:
        why = f"a success is worth 0 to {_WORTH:,} EUR, not {action.value:g}"
        raise BadRequest(f"The value of the action {action.id!r} cannot be used.", why=why, fix="correct `value`")
    weights: Counter[str] = Counter()
    for product in action.products:
        weights[node.desk.products.get(product, ("", ""))[1]] += 1
    given = action.categories if isinstance(action.categories, dict) else dict.fromkeys(action.categories, 1.0)
    if not all(0 <= weight <= _HEAVIEST for weight in given.values()):
        why = f"weights are numbers from 0 to {_HEAVIEST:,}"
        raise BadRequest(f"The categories of the action {action.id!r} cannot be used.", why=why, fix="correct them")
    weights.update({name: weight for name, weight in given.items() if weight > 0})
    del weights[""]
    total = sum(weights.values())
    return {
        "id": action.id,
        "point": action.point,
        "label": {"en": next(iter(action.label.values()), action.id)} | action.label,
        "campaign": action.campaign or "",
        "starts": instant(action.starts) if action.starts else 0,
        "ends": instant(action.ends) if action.ends else FOREVER,
        "products": action.products,
        "categories": {name: weight / total for name, weight in weights.items()},
        "value": action.value,
        "enabled": action.enabled,
        "attributes": _attributes(node, action),
    }


def _attributes(node: Node, action: ActionDefinition) -> dict[str, list[str]]:
    known = node.world.layout.genes.attributes
    for name, values in action.attributes.items():
        if name not in known:
            raise UnknownName(
                f"There is no attribute named {name[:60]!r} in the action {action.id!r}.",
                why=f"what a person may answer is {', '.join(known) or 'nothing'}",
                fix=nearest(name, list(known)) or "use one of these, or declare it in genes.yaml",
            )
        for value in values:
            if not value or not known.number(f"{name}={value}"):
                raise UnknownName(
                    f"The attribute {name!r} of the action {action.id!r} has no value {value[:60]!r}.",
                    why=f"its values are {', '.join(known[name].values)}",
                    fix=nearest(value, list(known[name].values)) or "use one of these",
                )
    return action.attributes


def check_room(node: Node, given: list[ActionDefinition]) -> None:
    """Raises BadRequest if a learned point would get more actions than it keeps statistics of."""
    learned = {action.point for action in given if asked_point(node, action.point).model == "learned"}
    if not learned:
        return
    ids = {
        point: {stored["id"] for stored in node.catalogue.actions() if stored["point"] == point} for point in learned
    }
    for action in given:
        if action.point in learned:
            ids[action.point].add(action.id)
    for point, names in ids.items():
        if len(names) > LEARNED_ACTIONS:
            why = f"it would have {len(names)}, and each needs statistics of its own"
            what = f"The point {point!r} learns at most {LEARNED_ACTIONS} actions."
            raise BadRequest(what, why=why, fix="divide them between two points, or replace old ones under their ids")


def compiled_action(node: Node, stored: dict[str, Any]) -> Action:
    """A stored definition, its names replaced by codes and hashes."""
    terms = node.world.terms[2]
    campaign = int(node.desk.items.hash64([stored["campaign"].encode()])[0]) if stored["campaign"] else 0
    categories = [(terms.find(name), weight) for name, weight in stored["categories"].items()]
    return Action(
        id=stored["id"],
        label=stored["label"]["en"],
        campaign=campaign,
        starts=stored["starts"],
        ends=stored["ends"] if stored.get("enabled", True) else stored["starts"],
        items=_hashes(node, stored["products"]),
        attributes=tuple((name, frozenset(values)) for name, values in stored.get("attributes", {}).items() if values),
        value=float(stored.get("value", 1.0)),
        categories=tuple(sorted((code, weight) for code, weight in categories if code)),
    )


def _hashes(node: Node, products: list[str]) -> tuple[int, ...]:
    """As events have them."""
    if not products:
        return ()
    return tuple(np.unique(node.desk.items.hash64([product.encode() for product in products])).tolist())
