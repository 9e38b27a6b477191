"""`genom erase`: through the running node, or by opening the directory."""

from __future__ import annotations

from pathlib import Path

import msgspec

from genom.app.client import call_all, server_key
from genom.app.sample.client import NodeClient

__all__ = ["erase_person"]


def erase_person(data: Path, *, kind: str, value: str, reason: str, port: int | None) -> str:
    """Erase the person with an identifier; returns the receipt as JSON.

    Where no node serves the directory, all files are overwritten when this returns.  Raises what the node refuses.
    """
    body = {"type": kind, "value": value, "reason": reason}
    if port is None:
        (receipt,) = call_all(data, ("POST", "/v1/people:erase", body))
    else:
        client = NodeClient(f"http://127.0.0.1:{port}", server_key(data), patience=5)
        try:
            receipt = msgspec.json.decode(client.call("POST", "/v1/people:erase", msgspec.json.encode(body)))
        finally:
            client.close()
    return msgspec.json.format(msgspec.json.encode(receipt)).decode()
