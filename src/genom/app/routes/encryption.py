"""The keys under which bodies lie: how they stand, a new epoch for all of them, another root key."""

from __future__ import annotations

import asyncio

import msgspec

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.rerooting import change_own_root
from genom.app.server import App
from genom.app.state_lock import no_state_is_written

__all__ = ["ROUTES"]


class Encryption(msgspec.Struct):
    """How keys stand."""

    seals: bool  # whether what is written now is sealed
    epochs: list[int]  # whose keys are there: one, but for the time of a rotation
    provided: int  # profiles that have a key, or had one


async def shown(app: App, request: Request) -> Reply:
    """Whether bodies are sealed, and under which epochs."""
    return json_reply(_now(app))


async def rotated(app: App, request: Request) -> Reply:
    """Wrap the data keys of all people under a new epoch and destroy the old one; no data are rewritten."""
    by = f"key:{app.access.server_key(request).name}"
    await asyncio.to_thread(_rotate, app, by)
    return json_reply(_now(app))


async def rooted(app: App, request: Request) -> Reply:
    """Make a new root key and wrap all keys under it anew; no data are rewritten."""
    by = f"key:{app.access.server_key(request).name}"
    await asyncio.to_thread(_change_root, app, by)
    return json_reply(_now(app))


def _now(app: App) -> Encryption:
    slots = app.node.slots
    return Encryption(app.node.settings.encrypt_bodies, slots.epochs, slots.provided + 1)


def _rotate(app: App, by: str) -> None:
    with no_state_is_written(app.node.data.path):  # no backup takes half of it, no erasure comes between
        epoch = app.node.slots.rotate()
    audit.record(
        app.node.catalogue, "keys.rotated", who=by, kind="keys", name=f"epoch {epoch}", at=now_ms(),
        details={"profiles": app.node.slots.provided + 1},
    )  # fmt: skip


def _change_root(app: App, by: str) -> None:
    node = app.node
    with no_state_is_written(node.data.path), node.day_keys.written_elsewhere():  # no backup, rotation or key of a day
        change_own_root(node.data.path / "keys")
    audit.record(node.catalogue, "root.changed", who=by, kind="keys", name="root.key", at=now_ms())


ROUTES = [
    Route("GET", "/v1/encryption", shown, "How the keys of bodies stand", None, Encryption, right="system"),
    Route("POST", "/v1/encryption:rotate", rotated, "Begin a new epoch of keys", None, Encryption, right="owner"),
    Route("POST", "/v1/encryption:root", rooted, "Change the root key", None, Encryption, right="owner"),
]
