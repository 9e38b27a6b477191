"""How commands reach a data directory: through its running node, or by opening it themselves."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping, MutableMapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from genom.app.commit import Committer, now_ms
from genom.app.directory import open_directory, running_node
from genom.app.node import Node
from genom.app.routes import all_routes
from genom.app.sample.client import NodeClient
from genom.app.server import App
from genom.errors import BadConfiguration, GenomError
from genom.settings import load_settings

__all__ = ["Opened", "call_all", "listed_in", "offline", "reached", "server_key", "serving_node", "text_of"]

START_SECONDS: Final = 60  # how long a command waits for a node that is starting

Call = tuple[str, str, Any]  # method, path, body


def listed_in(file: Path, name: str) -> list[Any]:
    """What a file of YAML or JSON lists, under its name or by itself; raises BadConfiguration.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "d.yaml")
    ...     _ = file.write_text("destinations: [{id: crm}]")
    ...     listed_in(file, "destinations")
    [{'id': 'crm'}]
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "d.yaml")
    ...     _ = file.write_text("destinations: [{id: crm")
    ...     try:
    ...         listed_in(file, "destinations")
    ...     except BadConfiguration as error:
    ...         "line 1, column 24" in error.why
    True
    """
    try:
        told = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadConfiguration(
            f"{file} cannot be read.", why=" ".join(str(error).split())[:300], fix="give a file of YAML or JSON"
        ) from error
    if isinstance(told, dict) and name in told:
        told = told[name]
    return told if isinstance(told, list) else [told]


def call_all(directory: Path, *calls: Call) -> list[Any]:
    """The answers to calls with the directory's first server key, in order.

    Raises what the node refuses, in its own words.
    """
    with reached(directory) as way:
        return [msgspec.json.decode(way.call(method, path, _encoded(body))) for method, path, body in calls]


def text_of(directory: Path, path: str) -> str:
    """The text that an address answers, asked as `call_all` does."""
    with reached(directory) as way:
        return way.call("GET", path).decode()


@contextmanager
def reached(directory: Path, *, port: int | None = None) -> Iterator[NodeClient | Opened]:
    """A way to call the node of a directory: through the one that serves it, else by opening the directory.

    `port`: where that node listens, if not where it has announced.  Raises BadConfiguration if it serves elsewhere.
    """
    url = _url_of(directory, port)
    key = server_key(directory)
    if url:
        client = NodeClient(url, key, patience=5)
        try:
            yield client
        finally:
            client.close()
        return
    with asyncio.Runner() as runner:
        opened = offline(directory)
        app = runner.run(opened.__aenter__())
        try:
            yield Opened(runner, app, key)
        except BaseException as error:
            if not runner.run(opened.__aexit__(type(error), error, error.__traceback__)):
                raise
        else:
            runner.run(opened.__aexit__(None, None, None))


class Opened:
    """A directory that this process has opened, called as a node would be."""

    def __init__(self, runner: asyncio.Runner, app: App, key: str) -> None:
        self._runner, self._app, self._key = runner, app, key

    def call(self, method: str, path: str, body: bytes | None = None, **headers: str) -> bytes:
        """The body of the answer; headers as for `NodeClient.call`.  Raises what the node refuses."""
        return self._runner.run(_call(self._app, self._key, method, path, body or b"", further=headers))

    def finish(self) -> None:
        """Return when what was begun in the background is done."""
        self._runner.run(_finish(self._app))


def _url_of(directory: Path, port: int | None) -> str:
    """Where the node of a directory listens; empty if there is none."""
    if port is not None and _listens(port):
        return f"http://127.0.0.1:{port}"
    node = serving_node(directory)
    if node is None:
        return ""
    if port is not None:
        raise BadConfiguration(
            f"Nobody listens on port {port}.",
            why=f"the node that serves {directory} is at {node['url']}",
            fix="leave --port out, or name its port",
        )
    return str(node["url"])


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except (OSError, OverflowError):
        return False


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
        await _finish(app)
    finally:
        await committer.close()
        commits.cancel()
        node.close()


async def _finish(app: App) -> None:
    await app.erasing.finish()
    await app.tagger.finish()
    await asyncio.to_thread(app.looks.write)


async def _call(app: App, key: str, method: str, path: str, body: bytes, *, further: Mapping[str, str]) -> bytes:
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    where, _, query = path.partition("?")
    headers = [(b"authorization", f"Bearer {key}".encode())]
    headers += [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in further.items()]
    scope = {
        "type": "http",
        "method": method,
        "path": where,
        "query_string": query.encode(),
        "headers": headers,
        "client": ("127.0.0.1", 0),
    }
    await app(scope, receive, send)
    answer = b"".join(message.get("body", b"") for message in sent)
    if sent[0]["status"] >= 300:
        told = msgspec.json.decode(answer)
        error = GenomError(told["message"], why=told["why"], fix=told["fix"], code=told["code"])
        error.status = sent[0]["status"]
        raise error
    return answer
