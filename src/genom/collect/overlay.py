"""A batch's own context and integrations, laid under those of each of its events."""

from __future__ import annotations

from typing import Any

from genom.collect.wire import decode_any, encode

__all__ = ["overlaid"]


def overlaid(raw: bytes, shared: dict[str, Any]) -> bytes:
    """An event over what the batch says for all of them; where both speak, the event wins.

    >>> overlaid(b'{"context":{"locale":"de"}}', {"context": {"locale": "en", "channel": "pos"}})
    b'{"context":{"locale":"de","channel":"pos"}}'
    """
    event = decode_any(raw)
    return encode(_over(shared, event)) if type(event) is dict else raw


def _over(below: Any, above: Any) -> Any:
    if above is None:
        return below
    if type(below) is not dict or type(above) is not dict:
        return above
    return {**below, **{key: _over(below.get(key), value) for key, value in above.items()}}
