"""`genom sample remove`: however long it takes, it is waited for, and said how far it is."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from typing import Final

import msgspec

from genom.app.client import call_all, server_key, serving_node
from genom.app.sample.client import NodeClient

__all__ = ["remove_by_command"]

_EVERY: Final = 2.0  # seconds between two looks at how far it is
_PATIENCE: Final = 60.0  # seconds without an answer to such a look after which the node is taken for dead
_PATH: Final = "/v1/sample"


def remove_by_command(data: Path, *, told: Callable[[int], None]) -> int:
    """Erase the sample's people through the running node, or by opening the directory; returns how many there were.

    `told` hears how many are left to a node that works on it.  Raises what the node refuses, and if it ends meanwhile.
    """
    node = serving_node(data)
    if node is None:
        return int(call_all(data, ("DELETE", _PATH, None))[0]["people"])
    url, key = str(node["url"]), server_key(data)
    removal, watching = _begun(url, key), NodeClient(url, key, patience=_PATIENCE)
    try:
        while True:
            try:
                return int(msgspec.json.decode(removal.result(_EVERY))["people"])
            except TimeoutError:
                left = msgspec.json.decode(watching.call("GET", _PATH)).get("left", 0)
                if left:
                    told(left)
    finally:
        watching.close()


def _begun(url: str, key: str) -> Future[bytes]:
    """What the removal answers, from a thread that does not keep the process: a node that hangs might never answer."""
    found, asking = Future[bytes](), NodeClient(url, key, patience=5, timeout=None)

    def run() -> None:
        try:
            found.set_result(asking.call("DELETE", _PATH))
        except Exception as error:  # noqa: BLE001 -- whoever waits for the result gets it
            found.set_exception(error)
        finally:
            asking.close()

    Thread(target=run, daemon=True).start()
    return found
