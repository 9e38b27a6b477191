"""Snowplow's protocol: payloads as the protocol describes them, and the events that they become."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.collect import (
    Decoded,
    Sender,
    Translated,
    as_they_came,
    items_of,
    payload_of_query,
    payloads_of_body,
    translated,
    understand,
)
from genom.collect.snowplow import events_of
from genom.errors import BadRequest
from genom.settings import Settings
from genom.words import Kind, Source

NOW = 1_763_719_875_345  # unix ms: 2025-11-21T10:11:15.345Z
SHOP = Source(number=1, name="shop")
VENDOR = "iglu:com.snowplowanalytics.snowplow"
ECOMMERCE = "iglu:com.snowplowanalytics.snowplow.ecommerce"
COMMON = {
    "eid": "8f14e45f-ceea-467f-9575-1b9e04f7e6a1", "aid": "shop", "p": "web", "tv": "js-3.24.0", "tna": "sp",
    "dtm": "1763719872345", "stm": "1763719874345", "duid": "d1", "uid": "u1",
}  # fmt: skip
Json = dict[str, Any]


def wrapped(name: str, data: object) -> str:
    return json.dumps({"schema": f"{VENDOR}/{name}/jsonschema/1-0-0", "data": data})


def told(schema: str, data: object) -> str:
    return wrapped("unstruct_event", {"schema": schema, "data": data})


def about(**said: Json | list[Json]) -> list[Json]:
    """Entities of the shop, by name."""
    return [
        {"schema": f"{ECOMMERCE}/{name}/jsonschema/1-0-0", "data": data}
        for name, every in said.items()
        for data in (every if isinstance(every, list) else [every])
    ]


def action(kind: str, entities: list[Json], **further: Any) -> Json:
    schema = f"{ECOMMERCE}/snowplow_ecommerce_action/jsonschema/1-0-2"
    return COMMON | {
        "e": "ue", "ue_pr": told(schema, {"type": kind} | further), "co": wrapped("contexts", entities),
    }  # fmt: skip


def one(payload: Json, sender: Sender | None = None) -> Json:
    """The only event of a payload."""
    (event,) = events_of(payload, sender or Sender())
    return event


def request(body: bytes, *, limit: int = 32_768) -> Translated:
    """The events of a whole request."""
    arrived = payloads_of_body(body)
    return translated(arrived, Sender(), items_of(arrived), limit=limit)


def collected(*payloads: Json) -> tuple[Decoded, list[Any]]:
    """What becomes of a whole request, and what is rejected of it."""
    made = request(json.dumps({"data": payloads}).encode())
    decoded = understand(made.envelope, source=SHOP, server=False, received_at=NOW, settings=Settings())
    return decoded, [*made.rejected, *as_they_came(decoded.rejected, made.origin)]


def test_a_page_view() -> None:
    event = one(
        COMMON
        | {
            "e": "pv", "url": "https://shop.example/ale?utm_source=news&utm_campaign=spring", "page": "Ale",
            "refr": "https://search.example/", "res": "1920x1080", "lang": "de-DE", "tz": "Europe/Berlin", "vp": "9x9",
            "ip": "203.0.113.7", "ua": "Mozilla/5.0",
        }
    )  # fmt: skip

    page = {"url": "https://shop.example/ale?utm_source=news&utm_campaign=spring", "title": "Ale"}
    page["referrer"] = "https://search.example/"
    assert event == {
        "messageId": "8f14e45f-ceea-467f-9575-1b9e04f7e6a1",
        "anonymousId": "d1",
        "userId": "u1",
        "timestamp": "2025-11-21T10:11:12.345Z",
        "sentAt": "2025-11-21T10:11:14.345Z",
        "type": "page",
        "name": "Ale",
        "properties": page,
        "context": {
            "library": {"name": "snowplow-js", "version": "3.24.0"},
            "channel": "web",
            "userAgent": "Mozilla/5.0",
            "ip": "203.0.113.7",
            "locale": "de-DE",
            "timezone": "Europe/Berlin",
            "screen": {"width": 1920, "height": 1080},
            "page": page | {"path": "/ale", "search": "?utm_source=news&utm_campaign=spring"},
            "campaign": {"name": "spring", "source": "news"},
            "snowplow": {"aid": "shop", "p": "web", "tna": "sp", "vp": "9x9"},
        },
    }


def test_a_page_ping() -> None:
    event = one(COMMON | {"e": "pp", "url": "https://shop.example/", "pp_mix": "0", "pp_max": "9", "pp_may": "-5"})

    assert (event["type"], event["event"]) == ("track", "Page Ping")
    assert event["properties"] == {"url": "https://shop.example/", "min_x": 0, "max_x": 9, "max_y": "-5"}


def test_a_structured_event_is_named_by_its_action_and_its_value_is_no_money() -> None:
    decoded, rejected = collected(COMMON | {"e": "se", "se_ca": "Video", "se_ac": "Played", "se_va": "90"})

    assert rejected == []
    assert (decoded.events[0].name, decoded.events[0].amount) == ("Played", 0)
    assert json.loads(decoded.events[0].body)["properties"]["se_value"] == "90"


def test_a_self_describing_event_is_named_by_its_schema() -> None:
    event = one(COMMON | {"e": "ue", "ue_pr": told("iglu:com.acme/beer_tasted/jsonschema/2-1-0", {"beer": "Ale"})})

    assert (event["type"], event["event"], event["properties"]) == ("track", "beer_tasted", {"beer": "Ale"})
    assert event["context"]["snowplow"]["schema"] == "iglu:com.acme/beer_tasted/jsonschema/2-1-0"


def test_a_screen_view_is_a_screen() -> None:
    schema = "iglu:com.snowplowanalytics.mobile/screen_view/jsonschema/1-0-0"
    event = one(COMMON | {"e": "ue", "p": "mob", "ue_pr": told(schema, {"name": "Basket", "id": "s1"})})

    assert (event["type"], event["name"], event["properties"]["id"]) == ("screen", "Basket", "s1")
    assert event["context"]["channel"] == "app"


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("padded", [True, False])
def test_base64_of_every_kind(encode: Any, *, padded: bool) -> None:
    event_, entity = (
        {"beer": "Köstritzer ?>~"},
        {"schema": "iglu:com.acme/shelf/jsonschema/1-0-0", "data": {"n": "ÿÿÿ?"}},
    )
    plain = COMMON | {"e": "ue", "ue_pr": told("iglu:com.acme/b/jsonschema/1-0-0", event_)}
    plain["co"] = wrapped("contexts", [entity])
    packed = {key: value for key, value in plain.items() if key not in ("ue_pr", "co")}
    for key, to in (("ue_pr", "ue_px"), ("co", "cx")):
        packed[to] = encode(plain[key].encode()).decode()
        packed[to] = packed[to] if padded else packed[to].rstrip("=")

    assert one(packed) == one(plain)


MILK = {"id": "p1", "name": "Milk", "category": "Food/Dairy", "price": 2.5, "quantity": 2, "currency": "EUR"}
ALE = {"id": "p2", "category": "Drinks", "price": 3, "quantity": 1, "currency": "EUR"}
MILK_THERE = {
    "product_id": "p1",
    "name": "Milk",
    "category": "Food/Dairy",
    "price": 2.5,
    "quantity": 2,
    "currency": "EUR",
}
ALE_THERE = {"product_id": "p2", "category": "Drinks", "price": 3, "quantity": 1, "currency": "EUR"}
CART = {"cart_id": "c1", "total_value": 5, "currency": "EUR"}
CART_THERE = {"cart_id": "c1", "cart_value": 5, "currency": "EUR"}
BOUGHT = {"transaction_id": "o1", "revenue": 9.9, "currency": "EUR", "tax": 1, "shipping": 2, "discount_code": "TEN"}
BOUGHT_THERE = {"order_id": "o1", "total": 9.9, "currency": "EUR", "tax": 1, "shipping": 2, "coupon": "TEN"}
SHOP_ACTIONS: list[tuple[Json, str, Json]] = [
    (action("product_view", about(product=MILK)), "Product Viewed", MILK_THERE),
    (action("add_to_cart", about(product=MILK, cart=CART)), "Product Added", CART_THERE | MILK_THERE),
    (action("remove_from_cart", about(product=MILK, cart=CART)), "Product Removed", CART_THERE | MILK_THERE),
    (
        action("list_view", about(product=[MILK, ALE]), name="dairy"),
        "Product List Viewed",
        {"list_id": "dairy", "products": [MILK_THERE, ALE_THERE]},
    ),
    (action("list_click", about(product=ALE), name="drinks"), "Product Clicked", {"list_id": "drinks"} | ALE_THERE),
    (
        action("checkout_step", about(checkout_step={"step": 2, "delivery_method": "post", "coupon_code": "TEN"})),
        "Checkout Step Completed",
        {"step": 2, "shipping_method": "post", "coupon": "TEN"},
    ),
    (
        action("transaction", about(transaction=BOUGHT, product=[MILK, ALE])),
        "Order Completed",
        BOUGHT_THERE | {"products": [MILK_THERE, ALE_THERE]},
    ),
    (
        action("transaction", about(transaction=BOUGHT | {"total_quantity": 3})),
        "Order Completed",
        BOUGHT_THERE | {"total_quantity": 3, "quantity": 3},
    ),
    (
        action("refund", about(refund={"transaction_id": "o1", "refund_amount": 3, "currency": "EUR"}, product=ALE)),
        "Order Refunded",
        {"order_id": "o1", "total": 3, "currency": "EUR", "products": [ALE_THERE]},
    ),
    (
        action("promo_view", about(promotion={"id": "spring", "creative_id": "b1", "slot": "top"})),
        "Promotion Viewed",
        {"promotion_id": "spring", "creative": "b1", "slot": "top"},
    ),
    (action("promo_click", about(promotion={"id": "spring"})), "Promotion Clicked", {"promotion_id": "spring"}),
    (
        action("trns_error", about(transaction_error={"error_code": "E5"}, transaction=BOUGHT)),
        "Transaction Failed",
        {"error_code": "E5", "transaction": BOUGHT_THERE},
    ),
]


@pytest.mark.parametrize(("payload", "name", "properties"), SHOP_ACTIONS, ids=[name for _, name, _ in SHOP_ACTIONS])
def test_an_action_of_the_shop(payload: Json, name: str, properties: Json) -> None:
    event = one(payload)

    assert (event["type"], event["event"], event["properties"]) == ("track", name, properties)
    assert "contexts" not in event["context"]["snowplow"], "each entity stands in the event"
    assert collected(payload)[1] == []


def test_an_order_has_its_amount_and_lines() -> None:
    decoded, _ = collected(action("transaction", about(transaction=BOUGHT, product=[MILK, ALE])))

    (event,) = decoded.events
    assert (event.kind, event.amount, event.quantity) == (Kind.ORDER_COMPLETED, 9_900_000, 3_000)
    assert [line.item for line in event.lines] == ["p1", "p2"]


def test_what_was_not_bought_is_no_order() -> None:
    decoded, _ = collected(action("trns_error", about(transaction=BOUGHT, product=MILK)))

    assert (decoded.events[0].kind, decoded.events[0].amount, decoded.events[0].lines) == (0, 0, ())


def test_several_products_in_the_cart_are_several_events_with_lasting_ids() -> None:
    payload = action("add_to_cart", about(product=[MILK, ALE]))
    first, second = events_of(payload, Sender())

    assert (first["messageId"], second["messageId"]) == (COMMON["eid"], COMMON["eid"] + "-2")
    assert (first["properties"]["product_id"], second["properties"]["product_id"]) == ("p1", "p2")
    assert events_of(payload, Sender()) == [first, second]


CLASSIC: list[tuple[str, Json, str, Json]] = [
    (
        "add_to_cart", {"sku": "p1", "quantity": 2, "unitPrice": 2.5, "currency": "EUR", "name": "Milk"},
        "Product Added", {"product_id": "p1", "quantity": 2, "price": 2.5, "currency": "EUR", "name": "Milk"},
    ),
    ("remove_from_cart", {"sku": "p1", "quantity": 1}, "Product Removed", {"product_id": "p1", "quantity": 1}),
    (
        "site_search", {"terms": ["dark", "beer"], "totalResults": 3},
        "Products Searched", {"query": "dark beer", "totalResults": 3},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "event", "properties"), CLASSIC)
def test_the_older_events_of_a_shop(name: str, data: Json, event: str, properties: Json) -> None:
    made = one(COMMON | {"e": "ue", "ue_pr": told(f"{VENDOR}/{name}/jsonschema/1-0-0", data)})

    assert (made["event"], made["properties"]) == (event, properties)


def test_a_transaction_takes_its_items_from_the_request() -> None:
    order = COMMON | {"e": "tr", "tr_id": "o1", "tr_tt": "5.5", "tr_cu": "EUR", "tr_af": "web"}
    milk = COMMON | {"e": "ti", "ti_id": "o1", "ti_sk": "p1", "ti_pr": "2.5", "ti_qu": "1", "eid": "i1"}
    other = COMMON | {"e": "ti", "ti_id": "o2", "ti_sk": "p2", "ti_pr": "3", "ti_qu": "1", "eid": "i2"}

    decoded, rejected = collected(order, milk, other)

    assert rejected == []
    bought, *items = decoded.events
    assert (bought.kind, bought.amount, [line.item for line in bought.lines]) == (24, 5_500_000, ["p1"])
    assert [(item.name, item.amount, item.quantity) for item in items] == [("Transaction Item", 0, 0)] * 2


def test_entities_that_nothing_takes_stay_as_they_came() -> None:
    page = {"schema": f"{VENDOR}/web_page/jsonschema/1-0-0", "data": {"id": "w1"}}
    timing = {"schema": "iglu:org.w3/PerformanceTiming/jsonschema/1-0-0", "data": {"domComplete": 1}}

    event = one(COMMON | {"e": "pv", "co": wrapped("contexts", [page, timing])})

    assert event["context"]["snowplow"]["contexts"] == [page, timing]


def test_nothing_that_came_is_lost() -> None:
    """Every value of a payload is found again in its event."""
    payload = COMMON | {
        "e": "pv", "url": "https://shop.example/x", "page": "X-Page", "refr": "https://r.example/", "res": "7x8",
        "vp": "v1", "ds": "v2", "cd": "v3", "cs": "v4", "cookie": "v5", "sid": "v6", "vid": "v7", "nuid": "v8",
        "tnuid": "v9", "ua": "v10", "lang": "v11", "tz": "v12", "f_pdf": "v13", "own": "v14", "ip": "v15",
    }  # fmt: skip
    text = json.dumps(one(payload))

    missing = [key for key, value in payload.items() if json.dumps(value)[1:-1] not in text]

    assert set(missing) == {"e", "tv", "dtm", "stm", "res"}, "these are there in another form"
    assert '"type": "page"' in text
    assert '"snowplow-js"' in text


def test_the_device_of_an_app() -> None:
    said = {"osType": "android", "osVersion": "15", "deviceManufacturer": "Acme", "deviceModel": "One", "carrier": "T"}
    entity = {"schema": f"{VENDOR}/mobile_context/jsonschema/1-0-3", "data": said}
    session = {"schema": f"{VENDOR}/client_session/jsonschema/1-0-2", "data": {"userId": "install-1"}}
    payload = COMMON | {"e": "se", "se_ac": "A", "p": "mob", "co": wrapped("contexts", [entity, session])}
    del payload["duid"]

    event = one(payload)

    assert event["anonymousId"] == "install-1"
    assert event["context"]["device"] == {"manufacturer": "Acme", "model": "One", "type": "android"}
    assert event["context"]["os"] == {"name": "android", "version": "15"}
    assert event["context"]["snowplow"]["contexts"] == [entity, session]


def test_our_own_entity_brings_consent() -> None:
    ours = {
        "schema": "iglu:io.genom/context/jsonschema/1-0-0",
        "data": {"consent": {"categoryPreferences": {"email": False}}},
    }

    decoded, _ = collected(COMMON | {"e": "pv", "co": wrapped("contexts", [ours])})

    assert decoded.events[0].consent == {"email": False}


def test_whatever_names_a_person_goes_to_the_vault() -> None:
    user = {"id": "u7", "email": "anna@example.com", "is_guest": False}
    step = {"step": 1, "shipping_full_address": "Weg 1, Ulm", "billing_full_address": "Weg 2, Ulm"}
    own = {"schema": "iglu:com.acme/customer/jsonschema/1-0-0", "data": {"phone": "0731 1", "tier": "gold"}}
    payload = action("checkout_step", [*about(user=user, checkout_step=step), own])
    del payload["uid"]

    decoded, _ = collected(payload)

    (event,) = decoded.events
    assert event.identifiers[0] == ("user_id", "u7")
    assert event.direct == {
        "email": "anna@example.com",
        "phone": "0731 1",
        "address": '{"shipping":"Weg 1, Ulm","billing":"Weg 2, Ulm"}',
    }
    assert not any(secret in event.body for secret in (b"anna", b"0731", b"Weg"))
    assert b"gold" in event.body


def test_a_guest_is_not_known_by_a_guests_id() -> None:
    payload = action("checkout_step", about(user={"id": "g1", "is_guest": True}))
    del payload["uid"]

    assert "userId" not in one(payload)


def test_whoever_is_anonymous_keeps_neither_address_nor_network_id() -> None:
    payload = COMMON | {"e": "pv", "ip": "203.0.113.7", "nuid": "n1", "tnuid": "n2"}

    text = json.dumps(one(payload, Sender(anonymous=True)))

    assert not any(secret in text for secret in ("203.0.113.7", '"n1"', '"n2"'))
    assert "203.0.113.7" in json.dumps(one(payload))


def test_the_senders_clock_is_corrected() -> None:
    """The device's clock is an hour behind: what it sent one second ago happened two seconds before that."""
    hour = 3_600_000
    payload = COMMON | {"e": "pv", "dtm": str(NOW - hour - 3_000), "stm": str(NOW - hour - 1_000)}

    decoded, _ = collected(payload)

    assert decoded.events[0].ts == NOW - 2_000


def test_the_true_time_is_taken_as_it_is() -> None:
    decoded, _ = collected(COMMON | {"e": "pv", "ttm": "1763700000000"})

    assert decoded.events[0].ts == 1_763_700_000_000
    assert json.loads(decoded.events[0].body)["context"]["snowplow"]["dtm"] == COMMON["dtm"]


def test_the_browsers_own_words_stand_in_for_what_its_tracker_leaves_out() -> None:
    sender = Sender(user_agent="Mozilla/5.0 (Windows NT 10.0)", referrer="https://shop.example/a")

    browser, server = one(COMMON | {"e": "pv"}, sender), one(COMMON | {"e": "pv", "p": "srv"}, sender)

    assert browser["context"]["userAgent"] == "Mozilla/5.0 (Windows NT 10.0)"
    assert browser["context"]["page"]["url"] == "https://shop.example/a"
    assert "userAgent" not in server["context"]
    assert "page" not in server["context"]


DAMAGED: dict[str, tuple[Json, str, str]] = {
    "no type": ({}, "collect.unknown-type", ".e` is missing"),
    "another type": ({"e": "xx"}, "collect.unknown-type", ".e` is 'xx'"),
    "no action": ({"e": "se"}, "collect.no-event-name", "$.data[1].event`"),
    "half a base64": ({"e": "ue", "ue_px": "eyJh!"}, "collect.base64", ".ue_px` is not base64"),
    "letters beyond ASCII": ({"e": "ue", "ue_px": "Köln"}, "collect.base64", ".ue_px` is not base64"),
    "no JSON": ({"e": "ue", "ue_pr": "{"}, "collect.self-describing", ".ue_pr` is not self-describing"),
    "no schema": ({"e": "ue", "ue_pr": told("acme", {})}, "collect.self-describing", ".ue_pr.data.schema` is 'acme'"),
    "nothing described": ({"e": "ue"}, "collect.self-describing", ".ue_pr` is missing"),
    "a context that is none": ({"e": "pv", "co": wrapped("contexts", [7])}, "collect.self-describing", ".co.data[0]"),
    "contexts that are none": ({"e": "pv", "co": wrapped("contexts", 7)}, "collect.self-describing", ".co.data`"),
    "too deep": ({"e": "ue", "ue_pr": told("iglu:a/b/jsonschema/1-0-0", [[["x"] * 3]])}, "", ""),
    "a time that is none": ({"e": "pv", "dtm": "soon"}, "collect.time-range", "$.data[1].timestamp` is 'soon'"),
}


@pytest.mark.parametrize(("damage", "code", "message"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_payload_costs_no_neighbour(damage: Json, code: str, message: str) -> None:
    bad = COMMON | {"eid": "bad"} | damage
    decoded, rejected = collected(COMMON | {"e": "pv"}, bad, COMMON | {"e": "pv", "eid": "last"})

    if not code:
        assert len(decoded.events) == 3
        return
    assert [event.message_id for event in decoded.events] == [COMMON["eid"], "last"]
    assert [(one.index, one.message_id, one.code) for one in rejected] == [(1, "bad", code)]
    assert message in rejected[0].message
    assert rejected[0].raw == json.dumps(bad).encode()


def nested(levels: int) -> str:
    return '{"schema":"x","data":' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize("levels", [40, 2_000, 100_000])
def test_deep_json_is_refused_wherever_it_hides(levels: int) -> None:
    packed = base64.b64encode(
        told("iglu:a/b/jsonschema/1-0-0", 0).replace(": 0}", f":{'[' * levels}{']' * levels}}}").encode()
    )
    body = json.dumps({"data": [COMMON | {"e": "ue", "ue_px": packed.decode()}]}).encode()
    made = request(body, limit=1 << 20)
    decoded = understand(
        made.envelope, source=SHOP, server=False, received_at=NOW, settings=Settings(event_bytes=1 << 20)
    )

    assert decoded.events == []
    assert {one.code for one in [*made.rejected, *decoded.rejected]} <= {"collect.too-deep", "collect.self-describing"}


def test_a_payload_that_is_far_too_large_is_not_even_unpacked() -> None:
    made = request(json.dumps({"data": [COMMON | {"cx": "A" * 70_000}]}).encode(), limit=32_768)

    assert [one.code for one in made.rejected] == ["collect.too-large"]


def test_many_transactions_share_no_items() -> None:
    """A request grows to no more than what it brings: an item belongs to one order."""
    orders = [COMMON | {"e": "tr", "tr_id": "o1", "eid": f"t{n}"} for n in range(300)]
    items = [COMMON | {"e": "ti", "ti_id": "o1", "ti_sk": "p", "eid": f"i{n}"} for n in range(300)]

    made = request(json.dumps({"data": orders + items}).encode(), limit=32_768)

    assert len(made.envelope.body) < 4 * len(json.dumps(orders + items))


def test_a_flood_of_payloads_is_told_and_cut() -> None:
    arrived = payloads_of_body(b'{"data":[' + b",".join([b"{}"] * 20_003) + b"]}")

    assert len(arrived) == 20_001
    assert (arrived[-1].index, arrived[-1].raw, arrived[-1].damage and arrived[-1].damage.code) == (
        20_000, b"{},{},{}", "collect.too-many-events",
    )  # fmt: skip
    with pytest.raises(BadRequest, match="too many values"):
        payloads_of_body(b'{"data":[' + b"1," * 1_000_001 + b"1]}")


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"17", b"{}", b'{"data":7}', b'{"schema":"x"}', b"\xff"])
def test_a_body_without_payloads_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest, match="not readable"):
        payloads_of_body(body)


def test_the_rest_of_a_torn_body_is_read() -> None:
    arrived = payloads_of_body(b'{"schema":"s","data":[{"e":"pv"},{"e":"pv","page":"\xff"},[],{"e":NaN},{"e":"p')

    assert [one.fields for one in arrived] == [{"e": "pv"}, {}, {}, {}, {}]
    assert [one.damage and one.damage.code for one in arrived] == [
        None, "collect.utf8", "collect.wrong-type", "collect.syntax", "collect.syntax",
    ]  # fmt: skip


def test_a_query_is_a_payload() -> None:
    assert payload_of_query(b"e=pv&page=K%C3%B6ln+Dom&duid=d%201&empty=", 100).fields == {
        "e": "pv", "page": "Köln Dom", "duid": "d 1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (b"e=pv&page=%ff", "utf8"),
        (b"a=1&" * 300, "syntax"),
        (b"e=pv&page=" + b"x" * 2_000, "too-large"),
        (b"\xff=1", "utf8"),
    ],
)
def test_a_query_that_cannot_be_read_is_kept_as_it_came(query: bytes, code: str) -> None:
    arrived = payload_of_query(query, 1_500)

    assert (arrived.fields, arrived.raw) == ({}, query)
    assert arrived.damage is not None
    assert arrived.damage.code == f"collect.{code}"


FEW = settings(max_examples=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
NAMES = [
    "product", "cart", "user", "transaction", "client_session", "mobile_context", "context", "desktop_context", "own",
]  # fmt: skip
KEYS = [
    "id",
    "userId",
    "email",
    "price",
    "is_guest",
    "traits",
    "consent",
    "channel",
    "osType",
    "name",
    "type",
    "device",
]
VENDORS = [ECOMMERCE, "iglu:io.genom", VENDOR, "iglu:com.acme"]
SAID = st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4)


@st.composite
def described(draw: st.DrawFn, names: list[str]) -> Json:
    schema = f"{draw(st.sampled_from(VENDORS))}/{draw(st.sampled_from(names))}/jsonschema/1-0-0"
    return {"schema": schema, "data": draw(SAID | JSON)}


@st.composite
def payloads(draw: st.DrawFn) -> Json:
    actions = ["add_to_cart", "transaction", "refund", "list_view", "promo_view", "trns_error", "?"]
    said = draw(SAID | st.fixed_dictionaries({"type": st.sampled_from(actions)}) | JSON)
    event = draw(described(["snowplow_ecommerce_action", "screen_view", "own"])) | {"data": said}
    entities = draw(st.lists(described(NAMES), max_size=3))
    text = st.text(max_size=12)
    keys = [
        "eid",
        "uid",
        "duid",
        "dtm",
        "stm",
        "ttm",
        "tr_id",
        "ti_id",
        "ti_qu",
        "url",
        "res",
        "p",
        "tv",
        "se_ac",
        "se_va",
    ]
    return (
        draw(st.dictionaries(st.sampled_from(keys) | text, text | st.integers() | JSON, max_size=6))
        | {"e": draw(st.sampled_from(["pv", "pp", "se", "tr", "ti", "ue", "", "x"]))}
        | {"ue_pr": json.dumps({"schema": "s", "data": event}), "co": json.dumps({"schema": "s", "data": entities})}
    )


@FEW
@given(st.lists(payloads(), max_size=3))
def test_whatever_comes_each_payload_is_an_event_or_rejected(sent: list[Json]) -> None:
    made = request(json.dumps({"data": sent}).encode(), limit=32_768)
    decoded = understand(made.envelope, source=SHOP, server=False, received_at=NOW, settings=Settings())

    known = {made.origin[event.index].index for event in decoded.events}
    lost = {one.index for one in [*made.rejected, *as_they_came(decoded.rejected, made.origin)]}
    assert known | lost == set(range(len(sent)))


@FEW
@given(st.binary(max_size=60), st.sampled_from([b"", b'{"data":[', b'{"data":[{"e":"pv"},', b'{"data":[{"e":']))
def test_whatever_comes_as_a_body_is_read_or_refused(rest: bytes, begin: bytes) -> None:
    try:
        arrived = payloads_of_body(begin + rest)
    except BadRequest:
        return

    translated(arrived, Sender(), items_of(arrived), limit=1_000)
    assert [one.index for one in arrived] == list(range(len(arrived)))


@FEW
@given(st.binary(max_size=60))
def test_whatever_comes_as_a_query_is_read_or_refused(query: bytes) -> None:
    translated([payload_of_query(query, 50)], Sender(), {}, limit=1_000)


@FEW
@given(st.text(max_size=40), st.sampled_from(["ue_px", "cx", "ue_pr", "co"]))
def test_whatever_comes_as_json_is_read_or_refused(text: str, key: str) -> None:
    made = request(json.dumps({"data": [COMMON | {"e": "ue", key: text}]}).encode(), limit=9_000)

    assert len(made.envelope.items) + len(made.rejected) == 1
