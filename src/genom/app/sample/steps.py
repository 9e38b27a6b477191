"""What is sent to the node, in which order: first what the events refer to, then the events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from genom.app.sample.catalogue import actions_as_json, products_as_json
from genom.app.sample.events import event_slices, lines_before, timeline
from genom.app.sample.people import consents_as_json, identifies_as_json
from genom.app.sample.shop import Shop

__all__ = ["Step", "steps_from"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Items of one kind, sent to one path in an order that is always the same."""

    name: str
    path: str
    field: str  # of the request; it holds the items
    total: int
    slices: Callable[[int], Iterator[Any]]  # Arrow arrays of the items after the first n
    lines: Callable[[int], int]  # receipt lines in the first n items


def steps_from(begun: str, shop: Shop, *, shift: int, consents: str) -> Iterator[Step]:
    """The steps from the one that was begun (or all), each made when its turn comes.

    Consents come before the events that they permit, and products before the coupons that cover them.
    """
    steps: dict[str, Callable[[], Step]] = {
        "consents": lambda: _whole(
            "consents", "consents", consents_as_json(shop, consents=consents), path="/v1/consent"
        ),
        "households": lambda: _whole("households", "batch", identifies_as_json(shop, shift=shift)),
        "products": lambda: _whole("products", "products", products_as_json(shop.folder)),
        "coupons": lambda: _whole("coupons", "actions", actions_as_json(shop.folder, shift=shift)),
        "events": lambda: _events(shop, shift),
    }
    names = list(steps)
    for name in names[names.index(begun) if begun in steps else 0 :]:
        yield steps[name]()


def _whole(name: str, field: str, items: Any, *, path: str = "") -> Step:
    """A step whose items are few enough to be made at once."""
    return Step(
        name=name,
        path=path or f"/v1/{field}",
        field=field,
        total=len(items),
        slices=lambda done: iter([items.slice(done)]),
        lines=lambda _: 0,
    )


def _events(shop: Shop, shift: int) -> Step:
    kinds = timeline(shop)
    return Step(
        name="events",
        path="/v1/batch",
        field="batch",
        total=len(kinds),
        slices=lambda done: event_slices(shop, kinds, done, shift=shift),
        lines=lambda done: lines_before(shop, kinds, done),
    )
