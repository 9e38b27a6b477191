"""OpenAPI 3.1 from the route table and the types of the bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from genom import __version__
from genom.app.http import Route

__all__ = ["describe"]


def describe(routes: Iterable[Route]) -> dict[str, Any]:
    """The description of all routes."""
    routes = list(routes)
    types = list(dict.fromkeys(t for r in routes for t in (r.takes, r.gives) if t is not None and t is not dict))
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    schema_of = dict(zip(types, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schema_of)
    keys = {"type": "http", "scheme": "bearer", "description": "a server key; write keys also as Basic user name"}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Genom",
            "version": __version__,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{"key": []}],
        "paths": paths,
        "components": {"schemas": components, "securitySchemes": {"key": keys}},
    }


def _operation(route: Route, schema_of: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": re.sub(r"\W+", "_", f"{route.method.lower()}{route.path}").strip("_"),
        "parameters": [_parameter(name, "path") for name in re.findall(r"{(\w+)}", route.path)]
        + [_parameter(name, "query") for name in route.query],
        "responses": {"200": {"description": "OK"}, "default": {"description": "an error: code, message, why, fix"}},
    }
    if route.free:
        operation["security"] = []
    if route.takes is not None:
        operation["requestBody"] = {"required": True, "content": _json(schema_of.get(route.takes, {"type": "object"}))}
    if route.gives is not None:
        operation["responses"]["200"]["content"] = _json(schema_of[route.gives])
    return operation


def _parameter(name: str, where: str) -> dict[str, Any]:
    return {"name": name, "in": where, "required": where == "path", "schema": {"type": "string"}}


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
