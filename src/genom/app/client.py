"""How commands reach a data directory: through its running node, or by opening it themselves."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from genom.app.commit import Committer, now_ms
from genom.app.directory import open_directory, running_node
from genom.app.node import Node
from genom.app.routes import all_routes
from genom.app.sample.client import NodeClient
from genom.app.server import App
from genom.errors import BadConfiguration, GenomError
from genom.settings import load_settings

__all__ = ["call_all", "offline", "server_key", "serving_node", "text_of"]

START_SECONDS: Final = 60  # how long a command waits for a node that is starting

Call = tuple[str, str, Any]  # method, path, body


def call_all(directory: Path, *calls: Call) -> list[Any]:
    """The answers to calls with the directory's first server key, in order.

    Raises what the node refuses, in its own words.
    """
    node = serving_node(directory)
    if node is not None:
        client = NodeClient(str(node["url"]), server_key(directory), patience=5)
        try:
            return [msgspec.json.decode(client.call(method, path, _encoded(body))) for method, path, body in calls]
        finally:
            client.close()
    return asyncio.run(_offline(directory, calls))


def text_of(directory: Path, path: str) -> str:
    """The text that an address answers, asked as `call_all` does."""
    node = serving_node(directory)
    if node is None:
        return str(asyncio.run(_offline(directory, (("GET", path, None),)))[0])
    client = NodeClient(str(node["url"]), server_key(directory), patience=5)
    try:
        return client.call("GET", path, None).decode()
    finally:
        client.close()


def serving_node(directory: Path) -> dict[str, object] | None:
    """The node that serves the directory, waited for while it starts; None if nobody holds the directory."""
    end = time.monotonic() + START_SECONDS
    while (node := running_node(directory)) is not None and "url" not in node and time.monotonic() < end:
        time.sleep(0.1)
    return node if node is not None and "url" in node else None


def server_key(directory: Path) -> str:
    """The directory's first server key; raises BadConfiguration if no node was ever started on it."""
    try:
        return str(json.loads((directory / "keys.json").read_bytes())["server_key"])
    except FileNotFoundError:
        raise BadConfiguration(
            f"{directory} has no keys.", why="no node was ever started on it", fix="start `genom up` once"
        ) from None


def _encoded(body: Any) -> bytes | None:
    return None if body is None else msgspec.json.encode(body)


@asynccontextmanager
async def offline(directory: Path, *, restoring: bool = False) -> AsyncIterator[App]:
    """The directory opened as a node without a network; erasures that were begun are finished when it closes."""
    data = open_directory(directory, create=False, restoring=restoring)
    node = Node(data, load_settings(directory), now=now_ms())
    committer = Committer(node)
    commits = asyncio.create_task(committer.run())
    app = App(node, committer, all_routes())
    try:
        await app.erasing.resume()
        yield app
        await app.erasing.finish()
        await app.tagger.finish()
    finally:
        await committer.close()
        commits.cancel()
        node.close()


async def _offline(directory: Path, calls: tuple[Call, ...]) -> list[Any]:
    key = server_key(directory)
    async with offline(directory) as app:
        return [await _call(app, key, method, path, _encoded(body) or b"") for method, path, body in calls]


async def _call(app: App, key: str, method: str, path: str, body: bytes) -> Any:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    where, _, query = path.partition("?")
    headers = [(b"authorization", f"Bearer {key}".encode())]
    scope = {
        "type": "http",
        "method": method,
        "path": where,
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 0),
    }
    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    if dict(sent[0]["headers"]).get(b"content-type", b"").startswith(b"text/"):
        return body.decode()
    answer = msgspec.json.decode(body)
    if sent[0]["status"] >= 300:
        error = GenomError(answer["message"], why=answer["why"], fix=answer["fix"], code=answer["code"])
        error.status = sent[0]["status"]
        raise error
    return answer
