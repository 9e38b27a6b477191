"""The node's shelf: compiled when actions change, so that no decision waits for it."""

from __future__ import annotations

import asyncio

from genom.app.decisions.deciding import Shelf
from genom.app.server import App

__all__ = ["renew_shelf", "shelf_of"]


def shelf_of(app: App) -> Shelf:
    """What decisions choose from; compiled here only if nobody has done so before."""
    shelf = app.cache.get("shelf")
    if not isinstance(shelf, Shelf):
        shelf = app.cache["shelf"] = Shelf(app.node)
    return shelf


async def renew_shelf(app: App) -> None:
    """Compile the actions beside the requests, which choose from the old shelf until the new one stands."""
    async with app.cache.setdefault("shelf.lock", asyncio.Lock()):  # a later change must not be overtaken
        app.cache["shelf"] = await asyncio.to_thread(Shelf, app.node)
        await asyncio.to_thread(app.node.models.renew_coupons)
