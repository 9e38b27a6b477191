"""A real client of the protocol that we speak: segment-analytics-python."""

from __future__ import annotations

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
