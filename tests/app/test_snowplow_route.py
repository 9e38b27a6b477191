"""Snowplow's trackers at a node: who may send, what is kept, and what a browser is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.app.house import Answer, House
from tests.collect.test_snowplow import COMMON, MILK, about, action

TP2 = "/com.snowplowanalytics.snowplow/tp2"
VIEW = COMMON | {"e": "pv", "page": "Ale", "dtm": "1772452799000", "stm": "1772452800000"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def post(house: House, *payloads: Any, **how: Any) -> Answer:
    body = {"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": list(payloads)}
    return house.post(TP2, body, **({"key": ""} | how))


def get(house: House, payload: dict[str, Any], **how: Any) -> Answer:
    return house.get(f"/i?{urlencode(payload)}", **({"key": ""} | how))


def events(house: House, user: str = "u1") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get(f"/v1/people/{house.person(user)}/events?limit=5000").told["events"]
    return found


def rejected(house: House) -> list[Any]:
    return [row for day in house.node.bad_rows.days() for row in house.node.bad_rows.read(day)]


def test_payloads_become_events_of_a_person(house: House) -> None:
    answer = post(house, VIEW, action("product_view", about(product=MILK)) | {"eid": "e2", "aid": "shop"})

    assert answer.told == {"success": True, "accepted": 2, "rejected": []}
    assert {event["type"] for event in events(house)} == {"page", "track"}
    assert house.person("d1", "anonymous_id")


def test_an_image_is_answered_with_the_smallest_gif(house: House) -> None:
    answer = get(house, VIEW, headers={"referer": "https://shop.example/a"})

    assert (answer.status, answer.headers["content-type"]) == (200, "image/gif")
    assert (len(answer.body), answer.body[:6]) == (43, b"GIF89a")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.cookies == ()
    assert len(events(house)) == 1


def test_what_comes_twice_counts_once(house: House) -> None:
    post(house, VIEW)
    post(house, VIEW)
    get(house, VIEW)

    assert len(events(house)) == 1


def test_a_damaged_payload_is_kept_as_it_came(house: House) -> None:
    bad = COMMON | {"e": "ue", "ue_px": "no base64!", "eid": "bad"}

    answer = post(house, VIEW, bad)

    assert answer.told["accepted"] == 1
    assert answer.told["rejected"][0]["code"] == "collect.base64"
    (row,) = rejected(house)
    assert (row.index, row.message_id, json.loads(row.raw)) == (1, "bad", bad)
    assert "$.data[1].ue_px" in row.message


def test_a_refused_image_is_kept_and_answered_all_the_same(house: House) -> None:
    answer = get(house, {"e": "xx", "aid": "shop"})

    assert (answer.status, answer.body[:3]) == (200, b"GIF")
    assert [(row.code, row.raw) for row in rejected(house)] == [("collect.unknown-type", b"e=xx&aid=shop")]


def test_an_undeclared_application_is_for_trying_on_this_machine(house: House) -> None:
    assert post(house, VIEW, peer="192.168.0.9").status == 401
    assert post(house, VIEW, headers={"x-forwarded-for": "192.168.0.9"}).status == 401
    assert get(house, VIEW, peer="192.168.0.9").status == 401
    assert (house.app.access.wrong.newest().end, house.app.access.wrong.newest().times) == ("shop", 3)

    house.put("/v1/sources", {"name": "default", "consent": "required"})

    assert post(house, VIEW).json["code"] == "key.unknown"
    assert rejected(house) == [], "of strangers nothing is kept"


def test_a_declared_application_sends_from_anywhere(house: House) -> None:
    house.source("shop", app_id=True)

    assert post(house, VIEW, peer="192.168.0.9").told["accepted"] == 1
    assert get(house, VIEW | {"eid": "e2"}, peer="192.168.0.9").status == 200
    assert {event["source"] for event in events(house)} == {"shop"}


def test_a_source_is_not_open_by_its_name_unless_it_was_declared_so(house: House) -> None:
    house.source("shop")

    assert post(house, VIEW, peer="192.168.0.9").status == 401

    house.put("/v1/sources", {"name": "shop", "app_id": True})
    assert post(house, VIEW, peer="192.168.0.9").status == 200
    house.put("/v1/sources", {"name": "shop", "app_id": False})
    assert post(house, VIEW, peer="192.168.0.9").status == 401


@pytest.mark.parametrize("power", [{"trusts_links": True}, {"history": True}])
def test_a_source_with_powers_is_never_open_by_its_name(house: House, power: dict[str, bool]) -> None:
    answer = house.post("/v1/sources", {"name": "till", "app_id": True} | power)
    house.source("later", **power)
    later = house.put("/v1/sources", {"name": "later", "app_id": True})

    assert (answer.status, answer.json["code"]) == (400, "sources.open")
    assert (later.status, later.json["code"]) == (400, "sources.open")


def test_payloads_of_several_applications_come_to_their_own_sources(house: House) -> None:
    house.source("shop", app_id=True)
    house.source("blog", app_id=True)
    stranger = VIEW | {"aid": "nobody", "eid": "e3"}

    answer = post(house, VIEW, VIEW | {"aid": "blog", "eid": "e2"}, stranger, peer="192.168.0.9")

    assert answer.told["accepted"] == 2
    assert [(one["index"], one["code"]) for one in answer.told["rejected"]] == [(2, "key.unknown")]
    assert {event["source"] for event in events(house)} == {"shop", "blog"}
    assert house.app.access.wrong.newest().end == "body"


def test_a_key_counts_more_than_the_application(house: House) -> None:
    house.source("shop", app_id=True)

    assert post(house, VIEW, key=house.write_key).status == 200
    assert post(house, VIEW, key="wk_guess").status == 401

    assert {event["source"] for event in events(house)} == {"default"}


def test_events_serve_what_a_browsers_write_key_would_allow(house: House) -> None:
    house.source("shop", app_id=True)
    house.consent("u1", "recommend", granted=True)

    post(house, VIEW)

    assert set(events(house)[0]["purposes"]) == {"service", "security", "measure_aggregate", "recommend"}


def test_a_browsers_objection_is_heard(house: House) -> None:
    post(house, VIEW, headers={"sec-gpc": "1"})

    entries = [entry for entry in house.node.ledger.replay() if entry.mechanism == "gpc"]
    assert {entry.evidence for entry in entries} == {"Sec-GPC: 1"}


def test_nothing_is_set_on_a_device_and_anonymous_stays_anonymous(house: House) -> None:
    """No cookie `sp` in any case: without it a person is recognised by what their shop itself has set alone."""
    sent = VIEW | {"ip": "203.0.113.7", "nuid": "n-secret"}
    for headers in ({}, {"sp-anonymous": "*"}):
        for answer in (post(house, sent, headers=headers), get(house, sent, headers=headers)):
            assert answer.cookies == ()

    post(house, sent | {"eid": "e9"}, headers={"SP-Anonymous": "*"})

    told = {event["messageId"]: json.dumps(event["context"]) for event in events(house)}
    assert "203.0.113.7" in told[COMMON["eid"]]
    assert "203.0.113.7" not in told["e9"]
    assert "n-secret" not in told["e9"]


@pytest.mark.parametrize(("method", "path"), [("POST", TP2), ("GET", "/i")])
def test_a_page_of_another_origin_may_send(house: House, method: str, path: str) -> None:
    asked = {
        "origin": "https://shop.example", "access-control-request-method": method,
        "access-control-request-headers": "content-type, sp-anonymous",
    }  # fmt: skip
    answer = house.run(house.ask("OPTIONS", path, key="", headers=asked))

    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert answer.headers["access-control-allow-credentials"] == "true", "trackers send with credentials"
    assert {"content-type", "sp-anonymous"} <= set(answer.headers["access-control-allow-headers"].split(", "))
    sent = post(house, VIEW, headers={"origin": "https://shop.example"})
    assert sent.headers["access-control-allow-credentials"] == "true"


def test_pages_with_cookies_stay_away_from_everything_else(house: House) -> None:
    origin = {"origin": "https://shop.example", "access-control-request-method": "GET"}

    for answer in (
        house.run(house.ask("OPTIONS", "/v1/stats", key="", headers=origin)),
        house.get("/v1/stats", headers=origin),
    ):
        assert "access-control-allow-credentials" not in answer.headers


def test_what_a_tracker_has_kept_through_an_outage_is_taken_at_once(house: House) -> None:
    """It sends all in one request, and throws away what is answered 400."""
    kept = [VIEW | {"eid": f"e{n}", "own": "x" * 300} for n in range(1_200)]
    order = COMMON | {"e": "tr", "tr_id": "o1", "tr_tt": "5", "tr_cu": "EUR", "eid": "t", "dtm": VIEW["dtm"]}
    item = COMMON | {
        "e": "ti",
        "ti_id": "o1",
        "ti_sk": "p1",
        "ti_pr": "5",
        "ti_qu": "1",
        "eid": "i",
        "dtm": VIEW["dtm"],
    }

    answer = post(house, order, *kept, item)

    assert answer.told == {"success": True, "accepted": 1_202, "rejected": []}
    bought = next(event for event in events(house) if event["event"] == "Order Completed")
    assert bought["properties"]["products"] == [{"product_id": "p1", "price": "5", "quantity": "1"}]


def test_an_empty_request_is_taken(house: House) -> None:
    assert post(house).status == 401, "nobody says who sends it"
    assert post(house, key=house.write_key).told == {"success": True, "accepted": 0, "rejected": []}


def test_what_is_no_request_is_refused(house: House) -> None:
    assert house.post(TP2, b"nothing", key="").json["code"] == "collect.body-unreadable"
    assert house.post(TP2, b"x" * 10_000_001, key="").json["code"] == "collect.body-too-large"
    assert house.get("/i?" + "a" * 40_000, key=house.write_key).status == 200
    assert [row.code for row in rejected(house)] == ["collect.too-large"]


def test_the_source_knows_after_a_restart_that_it_is_open(house: House) -> None:
    house.source("shop", app_id=True)

    house.restart()

    assert post(house, VIEW, peer="192.168.0.9").status == 200
    assert next(s for s in house.get("/v1/sources").told["sources"] if s["name"] == "shop")["app_id"] is True
