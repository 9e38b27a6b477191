"""A real client of the protocol that we speak: segment-analytics-python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from segment.analytics.client import Client  # type: ignore[import-untyped]

from tests.contract.http.black_box import Door, order, unique


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def client(door: Door, request: pytest.FixtureRequest) -> Iterator[Any]:
    failed: list[object] = []
    used = Client(
        door.node.write_key,
        host=door.node.url,
        gzip=request.param,
        on_error=lambda error, _items: failed.append(error),
        upload_interval=0.05,
    )
    yield used
    used.shutdown()
    assert failed == []


def test_an_event_of_segments_client_changes_the_next_decision(door: Door, client: Any) -> None:
    user = unique()
    door.take(order(user, category="COFFEE"))
    before = door.scores(user)["COFFEE"]

    client.track(
        user,
        "Order Completed",
        {
            "total": 4.0,
            "currency": "EUR",
            "products": [{"product_id": "p", "category": "COFFEE", "price": 4.0, "quantity": 1}],
        },
    )
    client.flush()

    assert door.scores(user)["COFFEE"] > before


def test_segments_client_identifies_and_links(door: Door, client: Any) -> None:
    user, anonymous = unique(), unique("a")
    client.page(anonymous_id=anonymous, name="Home")

    client.identify(user, {"city": "Ulm"}, anonymous_id=anonymous)
    client.flush()

    assert door.person(user) == door.person(anonymous, "anonymous_id")
    assert {event["type"] for event in door.events(door.person(user))} == {"page", "identify"}


def test_every_call_of_segments_client_arrives_once_with_its_context(door: Door, client: Any) -> None:
    user, context = unique(), {"locale": "de-DE", "campaign": {"name": "autumn"}, "timezone": "Europe/Berlin"}

    client.track(user, "Product Viewed", {"product_id": "p"}, context)
    client.page(user, "Shop", "Home", {"path": "/"}, context)
    client.screen(user, "Shop", "Cart", {}, context)
    client.identify(user, {"city": "Ulm"}, context)
    client.group(user, "team-1", {"size": 3}, context)
    client.flush()

    events = door.events(door.person(user))
    assert Counter(event["type"] for event in events) == Counter(["track", "page", "screen", "identify", "group"])
    assert len({event["messageId"] for event in events}) == 5
    for event in events:
        assert event["context"]["locale"] == "de-DE"
        assert event["context"]["campaign"] == {"name": "autumn"}
        assert event["context"]["library"]["name"] == "analytics-python"


def test_an_alias_of_segments_client_joins_who_came_before(door: Door, client: Any) -> None:
    user, before = unique(), unique("a")
    client.track(anonymous_id=before, event="Product Viewed", properties={"product_id": "p"})

    client.alias(before, user)
    client.flush()

    assert door.person(user) == door.person(before, "anonymous_id")
    assert {event["type"] for event in door.events(door.person(user))} == {"track", "alias"}
