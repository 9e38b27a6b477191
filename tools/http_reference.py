"""Writes the routes of docs/reference/http.md from the node's route table and the types of its bodies.

python tools/http_reference.py [--check]
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from reference_page import cell, main, table

from genom.app.http import Route
from genom.app.routes import all_routes

SHORT = re.compile(r"/v1/[a-ln-z]$")
WRITE = {"collect", "decide"}  # the rights of write keys
IN_ADDRESS = "write key in the address"


def routes() -> str:
    """All routes as a table, then the bodies that they take and give."""
    every = [route for route in all_routes() if not SHORT.fullmatch(route.path)]
    rows = [(f"`{r.method} {r.path}`", r.summary, key_of(r), _query(r), _link(r.takes), _link(r.gives)) for r in every]
    types = dict.fromkeys(t for r in every for t in (r.takes, r.gives) if _is_struct(t))
    bodies = "\n\n".join(_body(kind) for kind in _with_parts(types))
    head = ["route", "what it does", "key", "query", "takes", "gives"]
    return f"{table(head, rows)}\n\n## Bodies\n\n{bodies}"


def key_of(route: Route) -> str:
    """The key that a route asks for."""
    if "writeKey" in route.path or "writeKey" in route.query:
        return IN_ADDRESS
    if route.free:
        return "none"
    return "any key" if route.right in WRITE else "server key"


def _query(route: Route) -> str:
    return ", ".join(f"`{name}`" for name in route.query)


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _link(kind: Any) -> str:
    return f"[{kind.__name__}](#{kind.__name__.lower()})" if _is_struct(kind) else "JSON" if kind is dict else ""


def _with_parts(types: dict[Any, None]) -> Iterator[Any]:
    """The types and those of their fields, each once, in order."""
    waiting, seen = list(types), set[Any]()
    while waiting:
        kind = waiting.pop(0)
        if kind in seen:
            continue
        seen.add(kind)
        yield kind
        info = msgspec.inspect.type_info(kind)
        waiting[:0] = [part for field in info.fields for part in _structs_in(field.type)]


def _structs_in(info: Any) -> Iterator[Any]:
    if isinstance(info, msgspec.inspect.StructType):
        yield info.cls
    for name in ("item_type", "value_type"):
        if hasattr(info, name):
            yield from _structs_in(getattr(info, name))
    for part in [*getattr(info, "types", ()), *(getattr(info, "item_types", ()) or ())]:
        yield from _structs_in(part)


def _body(kind: Any) -> str:
    about = (inspect.getdoc(kind) or "").splitlines()[0]
    rows = [
        (f"`{field.encode_name}`", f"`{_type(field.type)}`", "yes" if field.required else "no", _default(field))
        for field in msgspec.inspect.type_info(kind).fields
    ]
    return f"### {kind.__name__}\n\n{cell(about)}\n\n{table(['field', 'type', 'required', 'default'], rows)}"


def _default(field: Any) -> str:
    if field.default is not msgspec.NODEFAULT:
        return "" if field.default is msgspec.UNSET else f"`{msgspec.json.encode(field.default).decode()}`"
    made = field.default_factory
    return "" if made is msgspec.NODEFAULT else f"`{msgspec.json.encode(made()).decode()}`"


def _type(info: Any) -> str:
    """The JSON form of a type, in few words."""
    name = type(info).__name__.removesuffix("Type").lower()
    match name:
        case "struct":
            return str(info.cls.__name__)
        case "list" | "vartuple":
            return f"list of {_type(info.item_type)}"
        case "dict":
            return f"object of {_type(info.value_type)}"
        case "union":
            return " or ".join(_type(part) for part in info.types if type(part).__name__ != "UnsetType")
    return {"str": "text", "int": "integer", "float": "number", "bool": "true or false", "none": "null"}.get(name, name)


if __name__ == "__main__":
    main("http.md", routes)
