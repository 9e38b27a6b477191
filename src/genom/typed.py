"""Bytes and plain values as typed ones, in any thread.

msgspec reads the annotations of a type when it first meets it; a thread that meets it while another is in the middle of
that crashes the process (msgspec 0.22.0).  So here, and only here, does anything of Genom make that first reading, one
type after the other.

>>> class Cup(msgspec.Struct):
...     ounces: int
>>> from_json(b'{"ounces": 8}', Cup), converted({"ounces": 8}, Cup), json_decoder(Cup).decode(b'{"ounces": 8}')
(Cup(ounces=8), Cup(ounces=8), Cup(ounces=8))
>>> from_json(b'{"ounces": "eight"}', Cup)
Traceback (most recent call last):
    ...
msgspec.ValidationError: Expected `int`, got `str` - at `$.ounces`
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, Final, TypeVar, overload

import msgspec

__all__ = ["converted", "from_json", "from_msgpack", "from_yaml", "json_decoder"]

Kind = TypeVar("Kind")
Decoder = TypeVar("Decoder")
Buffer = bytes | bytearray | memoryview | str

_FIRST: Final = Lock()
_JSON: Final = dict[Any, "msgspec.json.Decoder[Any]"]()
_MSGPACK: Final = dict[Any, "msgspec.msgpack.Decoder[Any]"]()


@overload
def json_decoder(kind: type[Kind]) -> msgspec.json.Decoder[Kind]: ...
@overload
def json_decoder(kind: Any) -> msgspec.json.Decoder[Any]: ...
def json_decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """The decoder of a type, always the same."""
    return _met(_JSON, msgspec.json.Decoder, kind)


@overload
def from_json(data: Buffer, kind: type[Kind]) -> Kind: ...
@overload
def from_json(data: Buffer, kind: Any) -> Any: ...
def from_json(data: Buffer, kind: Any) -> Any:
    """A typed value from JSON.  Raises msgspec.DecodeError, or its ValidationError where it is of another type."""
    return json_decoder(kind).decode(data)


@overload
def from_msgpack(data: bytes, kind: type[Kind]) -> Kind: ...
@overload
def from_msgpack(data: bytes, kind: Any) -> Any: ...
def from_msgpack(data: bytes, kind: Any) -> Any:
    """A typed value from MessagePack.  Raises as `from_json`."""
    return _met(_MSGPACK, msgspec.msgpack.Decoder, kind).decode(data)


@overload
def from_yaml(data: bytes | str, kind: type[Kind]) -> Kind: ...
@overload
def from_yaml(data: bytes | str, kind: Any) -> Any: ...
def from_yaml(data: bytes | str, kind: Any) -> Any:
    """A typed value from YAML.  Raises as `from_json`."""
    _met(_MSGPACK, msgspec.msgpack.Decoder, kind)  # it takes every type that there is
    return msgspec.yaml.decode(data, type=kind)


@overload
def converted(value: Any, kind: type[Kind]) -> Kind: ...
@overload
def converted(value: Any, kind: Any) -> Any: ...
def converted(value: Any, kind: Any) -> Any:
    """A typed value from plain ones, such as dicts and lists.  Raises msgspec.ValidationError."""
    _met(_MSGPACK, msgspec.msgpack.Decoder, kind)  # it takes every type that there is
    return msgspec.convert(value, kind)


def _met(decoders: dict[Any, Decoder], make: Callable[[Any], Decoder], kind: Any) -> Decoder:
    """The decoder of a type; whoever comes first makes it, and nobody makes another meanwhile."""
    if (found := decoders.get(kind)) is not None:
        return found
    with _FIRST:
        return decoders.setdefault(kind, make(kind))
