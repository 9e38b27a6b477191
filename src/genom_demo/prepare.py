"""What the node must know before anybody shops: sources, products, decision points, actions."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from genom_demo.catalogue import catalogue
from genom_demo.client import Client
from genom_demo.points import actions_of, points_of
from genom_demo.problems import DemoProblem
from genom_demo.state import keep, kept

__all__ = ["HISTORY", "LIVE", "REWARD_SECONDS", "prepare"]

LIVE: Final = "living-shop"
HISTORY: Final = "living-shop-history"
REWARD_SECONDS: Final = 20  # short, so that the policies learn while one watches


def prepare(client: Client, state: Path, *, reward_seconds: int = REWARD_SECONDS) -> dict[str, Any]:
    """Make whatever is missing; returns the write key and the secret of each source.

    A second call changes nothing.  Raises DemoProblem if the sources exist and their keys are lost.
    """
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    keys = _sources(client, state)
    shop = catalogue()
    products = [
        {"product_id": p.id, "name": p.name["en"], "category_1": p.department,
         "category_2": p.category, "brand": p.brand}
        for p in shop.products.values()
    ]  # fmt: skip
    names = {d.term: d.name for d in shop.departments.values()} | {c.term: c.name for c in shop.categories.values()}
    client.call("POST", "/v1/products", {"products": products, "names": names})
    client.call("POST", "/v1/points", {"points": points_of(shop, reward_seconds=reward_seconds)})
    client.call("POST", "/v1/actions", {"actions": actions_of(shop)})
    return keys


def _sources(client: Client, state: Path) -> dict[str, Any]:
    """Name, key and secret of both sources; a node shows a key once, so it is kept as soon as it is made."""
    keys: dict[str, Any] = kept(state, "keys.json", {})
    there = {source["name"] for source in client.call("GET", "/v1/sources")["sources"]}
    for role, history in ((LIVE, False), (HISTORY, True)):
        if role in keys and keys[role]["name"] in there:
            continue
        name = _free_name(role, there, begun=kept(state, "making", None) == role)
        keep(state, "making", role)  # a kill before the next line's end leaves a source that nobody has the key of
        keys[role] = client.call("POST", "/v1/sources", {"name": name, "history": history})
        keep(state, "keys.json", keys)
        keep(state, "making", None)
    return keys


def _free_name(role: str, there: set[str], *, begun: bool) -> str:
    """The source's name, or another one if a kill lost the key of the first."""
    if role in there and not begun:
        raise DemoProblem(
            f"The node has a source {role!r}, but the demo's directory does not know its key.",
            why="a node shows a key once; the directory was removed, or another one was used",
            fix="name the directory that was used first, or start with an empty data directory",
        )
    return next(name for number in range(1, 100) if (name := role if number == 1 else f"{role}-{number}") not in there)
