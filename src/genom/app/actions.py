"""Actions as people define them, and as decisions need them."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec

from genom.app.node import Node
from genom.app.reading import instant
from genom.decide import DO_NOTHING, FOREVER, Action
from genom.errors import BadRequest

__all__ = ["ActionDefinition", "compiled_action", "stored_form"]

_HEAVIEST: Final = 1_000_000  # weight of a category


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


def stored_form(node: Node, action: ActionDefinition) -> dict[str, Any]:
    """The definition with its products replaced by the categories that they belong to.

    Raises BadRequest for what no decision could use.
    """
    if action.id in {"", DO_NOTHING}:
        raise BadRequest(
            f"An action cannot be called {action.id!r}.", why="the name is empty or reserved", fix="give it another id"
        )
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
    }


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
        ends=stored["ends"],
        categories=tuple(sorted((code, weight) for code, weight in categories if code)),
    )
