"""`genom erase`: through the running node, or by opening the directory."""

from __future__ import annotations

from pathlib import Path

import msgspec

from genom.app.client import Opened, reached

__all__ = ["erase_person"]


def erase_person(data: Path, *, kind: str, value: str, reason: str, port: int | None) -> str:
    """Erase the person with an identifier; returns the receipt as JSON.

    Where no node serves the directory, all files are overwritten when this returns, and the receipt says so.  Raises
    what the node refuses.
    """
    body = msgspec.json.encode({"type": kind, "value": value, "reason": reason})
    with reached(data, port=port) as way:
        receipt = msgspec.json.decode(way.call("POST", "/v1/people:erase", body))
        if isinstance(way, Opened):
            way.finish()
            receipt = msgspec.json.decode(way.call("GET", f"/v1/erasures/{receipt['id']}"))
    return msgspec.json.format(msgspec.json.encode(receipt)).decode()
