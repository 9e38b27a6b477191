"""A real client of Snowplow's protocol: snowplow-tracker, with its own emitter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from snowplow_tracker import (
    Emitter,
    PagePing,
    PageView,
    ScreenView,
    SelfDescribing,
    SelfDescribingJson,
    StructuredEvent,
    Subject,
    Tracker,
)

from tests.contract.http.black_box import Door, order, unique

SHOP = "iglu:com.snowplowanalytics.snowplow.ecommerce"
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:.*snowplow.*", "ignore:track_:DeprecationWarning")


@pytest.fixture(params=["post", "get"])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["base64", "plain"])
def tracker(door: Door, request: pytest.FixtureRequest, method: Any) -> Iterator[Callable[[str], Tracker]]:
    """Trackers about a user; none of their requests may fail."""
    failed: list[object] = []
    where = urlsplit(door.node.url)
    emitter = Emitter(
        "127.0.0.1",
        protocol="http",
        port=where.port,
        method=method,
        batch_size=3 if method == "post" else 1,
        on_failure=lambda _, events: failed.extend(events),
    )

    def about(user: str) -> Tracker:
        subject = Subject().set_user_id(user).set_platform("web").set_domain_user_id(f"d-{user}")
        subject.set_lang("de").set_timezone("Europe/Berlin").set_screen_resolution(800, 600)
        return Tracker("sp", emitter, subject=subject, app_id="anything", encode_base64=request.param)

    yield about
    emitter.flush()
    assert failed == []


def told(door: Door, user: str) -> list[dict[str, Any]]:
    return door.events(door.person(user))


def test_every_event_type_of_the_client_arrives(door: Door, tracker: Callable[[str], Tracker]) -> None:
    user = unique()
    about = tracker(user)
    about.track(PageView(page_url="https://shop.example/a?utm_source=news", page_title="A"))
    about.track(PagePing(page_url="https://shop.example/a", page_title="A", min_x=0, max_x=5))
    about.track(StructuredEvent("video", "Played", label="x", value=3))
    about.track(ScreenView(id_="s1", name="Basket"))
    about.track(SelfDescribing(SelfDescribingJson("iglu:com.acme/tasted/jsonschema/1-0-0", {"beer": "Köstritzer"})))
    about.track_add_to_cart("p1", 2, unit_price=2.5, currency="EUR")
    about.track_remove_from_cart("p1", 1)
    about.track_site_search(["dark", "beer"])
    about.track_link_click("https://shop.example/b")
    about.track_form_change("f", "e1", "INPUT", "v")
    about.track_form_submit("f")
    about.flush()

    events = told(door, user)

    assert {event["event"] or event["type"] for event in events} == {
        "page", "Page Ping", "Played", "screen", "tasted", "Product Added", "Product Removed", "Products Searched",
        "link_click", "change_form", "submit_form",
    }  # fmt: skip
    tasted = next(event for event in events if event["event"] == "tasted")
    assert tasted["properties"] == {"beer": "Köstritzer"}
    assert tasted["context"]["locale"] == "de"
    assert door.person(f"d-{user}", "anonymous_id")


def test_an_order_of_the_client_counts(door: Door, tracker: Callable[[str], Tracker], method: str) -> None:
    user = unique()
    about = tracker(user)
    item = {"order_id": user, "sku": "p1", "price": 2.5, "quantity": 2, "category": "COFFEE", "currency": "EUR"}

    about.track_ecommerce_transaction(user, 5.0, currency="EUR", items=[item, item | {"sku": "p2"}])
    about.flush()

    order = next(event for event in told(door, user) if event["event"] == "Order Completed")
    assert (order["properties"]["order_id"], float(order["properties"]["total"])) == (user, 5.0)
    lines = [line["product_id"] for line in order["properties"].get("products", [])]
    assert lines == (["p1", "p2"] if method == "post" else []), "a GET brings one payload"


def test_an_action_of_the_newer_shop_changes_the_next_decision(door: Door, tracker: Callable[[str], Tracker]) -> None:
    user = unique()
    about = tracker(user)
    product = {"id": "p1", "category": "COFFEE", "price": 4.0, "quantity": 1, "currency": "EUR"}
    transaction = {"transaction_id": user, "revenue": 4.0, "currency": "EUR", "payment_method": "card"}
    action = SelfDescribingJson(f"{SHOP}/snowplow_ecommerce_action/jsonschema/1-0-2", {"type": "transaction"})
    entities = [
        SelfDescribingJson(f"{SHOP}/product/jsonschema/1-0-0", product),
        SelfDescribingJson(f"{SHOP}/transaction/jsonschema/1-0-0", transaction),
    ]
    door.take(order(user, category="COFFEE"))
    before = door.scores(user)["COFFEE"]

    about.track(SelfDescribing(action, context=entities))
    about.flush()

    assert door.scores(user)["COFFEE"] > before
