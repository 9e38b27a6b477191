"""The description of the interface is whole: every address, every reference, every parameter."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from genom.app.openapi import describe
from genom.app.routes import all_routes

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """As it goes over the wire."""
    told: dict[str, Any] = json.loads(json.dumps(describe(all_routes())))
    return told


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def everything(value: object) -> Iterator[dict[str, Any]]:
    """Every object in a JSON value."""
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from everything(part)
    elif isinstance(value, list):
        for part in value:
            yield from everything(part)


def test_it_says_which_standard_it_follows(described: dict[str, Any]) -> None:
    assert re.fullmatch(r"3\.1\.\d+", described["openapi"])
    assert {"title", "version"} <= described["info"].keys()
    assert described.keys() <= {"openapi", "info", "servers", "paths", "components", "security", "tags", "webhooks"}


def test_every_address_of_the_node_is_in_it(described: dict[str, Any]) -> None:
    found = {(method.upper(), path) for path, method, _ in operations(described)}

    assert found == {(route.method, route.path) for route in all_routes()}
    assert {method for _, method, _ in operations(described)} <= METHODS


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    references = [found["$ref"] for found in everything(described) if "$ref" in found]

    assert references
    for reference in references:
        place: Any = described
        assert reference.startswith("#/")
        for name in reference[2:].split("/"):
            place = place[name.replace("~1", "/").replace("~0", "~")]


def test_every_operation_has_an_id_of_its_own_and_says_what_it_does(described: dict[str, Any]) -> None:
    ids = Counter(operation["operationId"] for _, _, operation in operations(described))

    assert max(ids.values()) == 1
    assert all(re.fullmatch(r"\w+", name) for name in ids)
    assert all(operation["summary"] for _, _, operation in operations(described))


def test_the_parameters_of_a_path_are_those_in_its_braces(described: dict[str, Any]) -> None:
    for path, _, operation in operations(described):
        declared = [p for p in operation["parameters"] if p["in"] == "path"]

        assert [p["name"] for p in declared] == re.findall(r"{(\w+)}", path)
        assert all(p["required"] is True for p in declared)
        assert all({"name", "in", "schema"} <= p.keys() for p in operation["parameters"])


def test_every_answer_is_described_and_every_body_has_a_schema(described: dict[str, Any]) -> None:
    for _, _, operation in operations(described):
        assert operation["responses"].keys() >= {"200", "default"}
        assert all(response["description"] for response in operation["responses"].values())
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for body in [*bodies, *[r for r in operation["responses"].values() if "content" in r]]:
            assert body["content"]["application/json"]["schema"]


def test_every_asked_for_key_is_defined(described: dict[str, Any]) -> None:
    schemes = described["components"]["securitySchemes"]

    for _, _, operation in operations(described):
        for wanted in operation.get("security", described["security"]):
            assert wanted.keys() <= schemes.keys()


def test_what_needs_no_key_says_so(described: dict[str, Any]) -> None:
    open_to_all = {path for path, _, operation in operations(described) if operation.get("security") == []}

    said_elsewhere = {  # the key stands in the body, the query or the path; a webhook is signed
        "/v1/m",
        "/sourceConfig",
        "/v1/projects/{writeKey}/settings",
        "/analytics.js/v1/{writeKey}/analytics.min.js",
        "/v1/webhooks/{webhook}",
    }
    everybody = {"/health", "/ready", "/metrics", "/openapi.json", "/genom.js", "/genom.{hash}.js"}
    assert open_to_all == said_elsewhere | everybody


def test_schemas_use_only_words_of_json_schema(described: dict[str, Any]) -> None:
    known = {
        "$ref", "title", "description", "type", "properties", "required", "items", "anyOf", "enum", "default", "format",
        "additionalProperties", "contentEncoding", "prefixItems", "minItems", "maxItems", "minimum", "maximum",
        "minLength", "maxLength", "pattern",
    }  # fmt: skip
    for schema in described["components"]["schemas"].values():
        assert schema.keys() <= known
