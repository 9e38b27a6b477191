"""Who may do what: unknown keys, public write keys, server keys."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.collect import browser_tag
from tests.app.events import order, view
from tests.app.house import House

SERVER_ONLY = [
    ("POST", "/v1/people:lookup"),
    ("POST", "/v1/people:unlink"),
    ("POST", "/v1/people:undo-unlink"),
    ("GET", "/v1/people/{person}/genome"),
    ("GET", "/v1/people/{person}/events"),
    ("GET", "/v1/people/{person}/export"),
    ("GET", "/v1/people/{person}/decisions"),
    ("POST", "/v1/people:import-copy"),
    ("POST", "/v1/people:erase"),
    ("POST", "/v1/people:find"),
    ("GET", "/v1/privacy/records"),
    ("GET", "/v1/privacy/records/signature"),
    ("POST", "/v1/privacy/records:sign"),
    ("GET", "/v1/erasures"),
    ("GET", "/v1/erasures/{receipt}"),
    ("GET", "/v1/requests"),
    ("POST", "/v1/requests"),
    ("GET", "/v1/requests/{request}"),
    ("POST", "/v1/requests/{request}"),
    ("POST", "/v1/requests/{request}/copy"),
    ("GET", "/v1/rejected"),
    ("GET", "/v1/rejected/{row}"),
    ("POST", "/v1/rejected:replay"),
    ("POST", "/v1/consent"),
    ("POST", "/v1/consent/tc"),
    ("POST", "/v1/consent/google"),
    ("POST", "/v1/consent/gpp"),
    ("POST", "/v1/consent/minor"),
    ("POST", "/v1/consent/region"),
    ("POST", "/v1/consent:state"),
    ("GET", "/v1/people/{person}/consent"),
    ("GET", "/v1/decisions/{decision}"),
    ("POST", "/v1/actions"),
    ("GET", "/v1/destinations"),
    ("POST", "/v1/destinations"),
    ("DELETE", "/v1/destinations/{destination}"),
    ("POST", "/v1/outbox:claim"),
    ("POST", "/v1/outbox:report"),
    ("GET", "/v1/encryption"),
    ("POST", "/v1/encryption:rotate"),
    ("POST", "/v1/encryption:root"),
    ("GET", "/v1/audit"),
    ("GET", "/v1/audit/{row}/proof"),
    ("GET", "/v1/audit:verify"),
    ("POST", "/v1/audit/heads"),
    ("GET", "/v1/pulse"),
    ("GET", "/v1/stats"),
    ("GET", "/v1/sources"),
    ("POST", "/v1/sources"),
    ("PUT", "/v1/sources"),
    ("POST", "/v1/products"),
    ("GET", "/v1/art9"),
    ("PUT", "/v1/art9"),
    ("GET", "/v1/sample"),
    ("PUT", "/v1/sample"),
    ("DELETE", "/v1/sample"),
    ("POST", "/v1/snapshot"),
    ("GET", "/v1/points"),
    ("POST", "/v1/points"),
    ("GET", "/v1/points/{point}/effect"),
    ("GET", "/v1/points/{point}/versions"),
    ("GET", "/v1/points/{point}/shadow"),
    ("POST", "/v1/points/{point}/shadow"),
    ("POST", "/v1/points/{point}/publish"),
    ("POST", "/v1/points/{point}/rollback"),
    ("GET", "/v1/experiments"),
    ("GET", "/v1/models"),
    ("GET", "/v1/models/{model}"),
    ("GET", "/v1/models/{model}/versions"),
    ("GET", "/v1/models/{model}/drift"),
    ("POST", "/v1/models/{model}/approve"),
    ("POST", "/v1/models/{model}/rollback"),
    ("POST", "/v1/models:refresh"),
    ("GET", "/v1/segments"),
    ("POST", "/v1/segments"),
    ("POST", "/v1/segments/preview"),
    ("GET", "/v1/segments/fields"),
    ("GET", "/v1/segments/{segment}"),
    ("DELETE", "/v1/segments/{segment}"),
    ("GET", "/v1/segments/{segment}/members"),
    ("GET", "/v1/segments/{segment}/changes"),
    ("GET", "/v1/segments/{segment}/genome"),
    ("GET", "/v1/people/{person}/segments"),
    ("GET", "/v1/genes/versions"),
    ("POST", "/v1/genes/versions"),
    ("POST", "/v1/genes/versions:rollback"),
    ("GET", "/v1/genes:lint"),
    ("POST", "/v1/console-links"),
    ("GET", "/v1/users"),
    ("POST", "/v1/users"),
    ("DELETE", "/v1/users/{user}"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/keys"),
    ("DELETE", "/v1/keys/{key}"),
    ("POST", "/v1/portal-links"),
    ("GET", "/v1/webhooks"),
    ("POST", "/v1/webhooks"),
    ("DELETE", "/v1/webhooks/{webhook}"),
    ("POST", "/v1/webhooks/{webhook}/try"),
]
OPEN = {"/health", "/ready", "/metrics", "/openapi.json", "/genom.js", "/genom.{hash}.js"}
OF_PAGES = {  # libraries in pages ask here, and put a write key into the address if it takes one
    ("GET", "/v1/projects/{writeKey}/settings"),
    ("GET", "/analytics.js/v1/{writeKey}/analytics.min.js"),
    ("GET", "/sourceConfig"),
    ("POST", "/v1/m"),
}
BY_ADDRESS = {("POST", "/beacon/v1/batch"), ("GET", "/pixel/v1/track"), ("GET", "/pixel/v1/page")}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house") / "d") as house:
        house.take(order("u1"))
        yield house


def basic(user: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:".encode()).decode()


def test_every_address_is_open_or_asks_for_a_key(house: House) -> None:
    collecting = {
        f"/v1/{path}"
        for path in [
            "track",
            "identify",
            "page",
            "screen",
            "group",
            "alias",
            "merge",
            "batch",
            "import",
            "t",
            "i",
            "p",
            "s",
            "g",
            "a",
            "b",
        ]
    }
    collected = {
        ("POST", "/com.snowplowanalytics.snowplow/tp2"),
        ("GET", "/i"),
        ("GET", "/v1/pixel.gif"),
        ("POST", "/v1/webhooks/{webhook}"),
    }  # by app id, key in the address, signature: see test_snowplow_route, test_pixel, test_webhooks
    asked = {(route.method, route.path) for route in house.app.routes}

    assert asked == {*SERVER_ONLY, *collected, ("POST", "/v1/decide"), *OF_PAGES, *BY_ADDRESS} | {
        ("POST", p) for p in collecting
    } | {("GET", p) for p in OPEN}


@pytest.mark.parametrize(("method", "path"), SERVER_ONLY)
def test_a_write_key_is_refused_where_people_are_read_or_things_are_changed(
    house: House, method: str, path: str
) -> None:
    answer = house.run(house.ask(method, path.replace("{", "").replace("}", ""), {}, key=house.write_key))

    assert (answer.status, answer.json["code"]) == (403, "key.no-right")


@pytest.mark.parametrize(
    ("method", "path"), [*SERVER_ONLY, ("GET", "/pixel/v1/page"), ("POST", "/v1/decide"), ("POST", "/v1/track")]
)
@pytest.mark.parametrize("offered", ["", "Bearer sk_guess", basic("wk_guess"), basic(""), "Bearer", "Digest x"])
def test_without_a_known_key_nothing_is_done(house: House, method: str, path: str, offered: str) -> None:
    body = view("u1") | {"point": "next_offer", "person": {"user_id": "u1"}}
    headers = {"authorization": offered} if offered else {}

    answer = house.run(house.ask(method, path, body, key="", headers=headers))

    assert (answer.status, answer.json["code"]) == (401, "key.unknown")


@pytest.mark.parametrize("path", sorted(OPEN))
def test_what_is_open_needs_no_key(house: House, path: str) -> None:
    assert house.get(path.format(hash=browser_tag().hash), key="").status == 200


@pytest.mark.parametrize("empty", [basic(""), "Bearer nobody", "Basic !"])
def test_a_key_in_one_body_opens_nothing_for_others_who_send_the_same_header(house: House, empty: str) -> None:
    header = {"authorization": empty}
    assert house.post("/v1/track", view("u1") | {"writeKey": house.server_key}, key="", headers=header).status == 200

    assert house.get("/v1/stats", key="", headers=header).status == 401
    assert house.post("/v1/track", view("u1"), key="", headers=header).status == 401


def test_two_clients_with_the_same_empty_header_keep_their_own_sources(house: House) -> None:
    other, _ = house.source("other", consent="development")
    header = {"authorization": basic("")}

    house.post("/v1/track", order("u2") | {"writeKey": house.write_key}, key="", headers=header)
    house.post("/v1/track", order("u2") | {"writeKey": other}, key="", headers=header)

    events = house.get(f"/v1/people/{house.person('u2')}/events").told["events"]
    assert {event["source"] for event in events} == {"default", "other"}


def test_a_new_sources_key_works_at_once(house: House) -> None:
    key, _ = house.source("new")

    house.take(order("u3"), key=key)

    assert house.person("u3")


def test_a_server_may_name_the_source_that_it_speaks_for(house: House) -> None:
    house.source("spoken")

    house.serve(order("u4"), headers={"x-genom-source": "spoken"})
    answer = house.send(order("u4"), key=house.server_key, headers={"x-genom-source": "spoke"})

    assert house.get(f"/v1/people/{house.person('u4')}/events").told["events"][0]["source"] == "spoken"
    assert (answer.status, answer.json["fix"]) == (404, "did you mean 'spoken'?")


def test_a_write_key_cannot_speak_for_another_source(house: House) -> None:
    house.take(order("u5"), headers={"x-genom-source": "spoken"})

    assert house.get(f"/v1/people/{house.person('u5')}/events").told["events"][0]["source"] == "default"


def test_of_a_key_only_its_hash_is_kept(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        house.serve(order("u1"))

        files = [path for path in house.path.rglob("*") if path.is_file() and path.name != "keys.json"]

        assert not any(house.server_key.encode() in path.read_bytes() for path in files)
        assert not any(house.write_key.encode() in path.read_bytes() for path in files)
