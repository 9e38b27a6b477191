"""What tests of segments do with a house."""

from __future__ import annotations

from typing import Any

from tests.app.events import consenting
from tests.app.house import House

PURPOSE = "personalise_onsite"
ORDERS = "rhythm.orders.count.lifetime"
BUYERS = {"gene": ORDERS, "is": ">=", "value": 2}


def permitted(event: dict[str, Any]) -> dict[str, Any]:
    """The event of somebody who permits the purpose."""
    return consenting(event, personalise_onsite=True)


def body(rule: dict[str, Any], name: str = "buyers", **more: Any) -> dict[str, Any]:
    """A definition."""
    return {"id": name, "label": {"en": name, "de": name}, "purpose": PURPOSE, "rule": rule} | more


def define(house: House, rule: dict[str, Any], name: str = "buyers", **more: Any) -> int:
    """Define a segment and build it; returns its version."""
    version: int = house.post("/v1/segments", body(rule, name, **more)).told["segments"][0]["version"]
    tend(house)
    return version


def tend(house: House) -> None:
    """A turn of the work beside the commits."""
    house.run(house.node.segments.tend(now=house.clock.now))


def pass_time(house: House, ms: int) -> None:
    """Nothing happens for a while."""
    house.clock.now += ms
    tend(house)


def members(house: House, name: str = "buyers") -> set[str]:
    """Public ids of a segment's people; nobody if it has none."""
    told = house.get(f"/v1/segments/{name}/members?reason=test")
    return set(told.told["people"]) if told.status == 200 else set()


def people(house: House, *users: str) -> set[str]:
    """Public ids of users."""
    return {house.person(user) for user in users}


def changes(house: House, name: str = "buyers") -> list[tuple[str, str | None, str]]:
    """What, who and why of each record."""
    told = house.get(f"/v1/segments/{name}/changes").told["changes"]
    return [(change["what"].removeprefix("segment."), change["person"], change["reason"]) for change in told]
