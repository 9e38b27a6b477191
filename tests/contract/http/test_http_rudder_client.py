"""A real client of the protocol that we speak: rudder-sdk-python, which takes 200 alone for success."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from rudderstack.analytics.client import Client  # type: ignore[import-not-found]

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


def test_an_event_of_rudderstacks_client_changes_the_next_decision(door: Door, client: Any) -> None:
    user = unique()
    door.take(order(user, category="COFFEE"))
    before = door.scores(user)["COFFEE"]
    line = {"product_id": "p", "category": "COFFEE", "price": 4.0, "quantity": 1}

    client.track(user, "Order Completed", {"total": 4.0, "currency": "EUR", "products": [line]})
    client.flush()

    assert door.scores(user)["COFFEE"] > before


def test_every_call_of_rudderstacks_client_arrives_once_with_its_context(door: Door, client: Any) -> None:
    user, before, context = unique(), unique("a"), {"locale": "de-DE"}

    client.track(user, "Product Viewed", {"product_id": "p"}, context)
    client.page(user, "Shop", "Home", {"path": "/"}, context)
    client.screen(user, "Shop", "Cart", {}, context)
    client.identify(user, {"city": "Ulm"}, context)
    client.group(user, "team-1", {"size": 3}, context)
    client.alias(before, user, context)
    client.flush()

    events = door.events(door.person(user))
    assert Counter(event["type"] for event in events) == Counter(
        ["track", "page", "screen", "identify", "group", "alias"]
    )
    assert len({event["messageId"] for event in events}) == 6
    assert {event["context"]["locale"] for event in events} == {"de-DE"}
    assert door.person(before, "anonymous_id") == door.person(user)
