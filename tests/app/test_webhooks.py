"""Webhooks at a node: declared, signed, taken once, and a secret that is nowhere to be read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.house import Answer, House
from tests.collect.test_webhooks import BODY, DECLARED, signed, timed

SECRET = "whsec_a-secret-of-the-sender"
ORDER = BODY | {"order": BODY["order"] | {"created_at": "2026-03-02T11:59:00Z"}}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def declare(house: House, **changes: Any) -> dict[str, Any]:
    body = {"webhooks": [DECLARED | {"server": True, "secret": SECRET} | changes]}
    told: dict[str, Any] = house.post("/v1/webhooks", body).told["webhooks"][0]
    return told


def send(house: House, body: Any, *, secret: str = SECRET, name: str = "shop", said: str | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    signature = signed(raw, secret.encode()) if said is None else said
    return house.post(f"/v1/webhooks/{name}", raw, key="", headers={"X-Sig": signature})


def events(house: House, user: str = "5") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get(f"/v1/people/{house.person(user)}/events").told["events"]
    return found


def rejected(house: House) -> list[Any]:
    return [row for day in house.node.bad_rows.days() for row in house.node.bad_rows.read(day)]


def test_a_signed_body_becomes_an_event(house: House) -> None:
    assert declare(house) == {"name": "shop", "version": 1}

    assert send(house, ORDER).told == {"success": True, "accepted": 1, "rejected": []}

    (event,) = events(house)
    assert (event["event"], event["properties"]["order_id"], event["timestamp"]) == (
        "Order Completed",
        77,
        "2026-03-02T11:59:00.000Z",
    )
    assert house.orders("5") == 1


def test_a_wrong_signature_takes_nothing(house: House) -> None:
    declare(house)

    answer = send(house, ORDER, secret="another")

    assert (answer.status, answer.json["code"]) == (401, "webhook.signature")
    assert house.node.world.profiles.find("user_id", "5") == 0
    assert rejected(house) == []


def test_a_webhook_that_nobody_declared_takes_nothing(house: House) -> None:
    assert send(house, ORDER).json["code"] == "webhook.not-found"


def test_what_is_sent_again_is_taken_once(house: House) -> None:
    declare(house, signature={"header": "X-Sig", "format": "timestamped"})
    raw, at = json.dumps(ORDER).encode(), house.clock.now // 1_000
    first = timed(raw, at, SECRET.encode())

    for said in (first, first, timed(raw, at + 60, SECRET.encode())):  # a replay, and the sender's own second try
        assert send(house, raw, said=said).told["accepted"] == 1
    house.restart()
    assert send(house, raw, said=first).status == 200
    house.clock.now += 301_000

    assert send(house, raw, said=first).json["code"] == "webhook.too-old"
    assert len(events(house)) == 1


def test_what_cannot_be_mapped_is_kept_with_path_and_reason(house: House) -> None:
    declare(house)

    answer = send(house, {"topic": "carts/update"})

    assert (answer.status, answer.told["rejected"][0]["code"]) == (200, "webhook.no-rule"), "it is not sent again"
    (row,) = rejected(house)
    assert (json.loads(row.raw), row.source) == ({"topic": "carts/update"}, "default")
    assert row.message.startswith("`$.topic` is 'carts/update'")


def test_a_mapped_event_that_is_refused_is_kept_as_it_was_sent(house: House) -> None:
    declare(house)
    costly = ORDER | {"order": ORDER["order"] | {"total": "a lot"}}

    send(house, costly)

    (row,) = rejected(house)
    assert (row.code, json.loads(row.raw)) == ("collect.wrong-type", costly)
    assert row.message.startswith("`$ → $.properties.total` is 'a lot'")


def test_the_secret_is_in_no_file_and_in_no_answer(house: House) -> None:
    declare(house)
    send(house, ORDER)
    house.close()

    files = [path for path in house.path.rglob("*") if path.is_file()]
    assert not [path for path in files if SECRET.encode() in path.read_bytes()]

    house.open()
    assert SECRET not in house.get("/v1/webhooks").body.decode()
    assert SECRET not in house.get("/v1/audit").body.decode()
    assert send(house, ORDER | {"n": 1}).status == 200


def test_a_secret_that_genom_makes_is_told_once(house: House) -> None:
    body = {"webhooks": [DECLARED]}
    secret = house.post("/v1/webhooks", body).told["webhooks"][0]["secret"]

    assert house.post("/v1/webhooks", body).told["webhooks"] == [{"name": "shop", "version": 1}]
    assert send(house, ORDER, secret=secret).status == 200


def test_another_secret_takes_the_place_of_the_old_one(house: House) -> None:
    declare(house)

    assert declare(house, secret="another-secret") == {"name": "shop", "version": 1}

    assert send(house, ORDER).status == 401
    assert send(house, ORDER, secret="another-secret").status == 200
    deeds = [row["action"] for row in house.get("/v1/audit").told["rows"]]
    assert deeds.count("webhook.defined") == 2


def test_a_removed_webhook_takes_nothing_and_its_secret_is_gone(house: House) -> None:
    declare(house)

    assert house.run(house.ask("DELETE", "/v1/webhooks/shop")).told == {"removed": "shop"}

    assert send(house, ORDER).status == 404
    assert house.get("/v1/webhooks").told == {"webhooks": []}
    assert house.node.catalogue.get("webhook_secret:shop") is None
    assert house.run(house.ask("DELETE", "/v1/webhooks/shop")).json["code"] == "webhook.not-found"
    assert declare(house)["version"] == 3


def test_trying_takes_nothing(house: House) -> None:
    declare(house)

    told = house.post("/v1/webhooks/shop/try", {"body": json.dumps(ORDER)}).told
    nothing = house.post("/v1/webhooks/shop/try", {"body": "{}"}).told

    assert told["events"][0]["properties"]["total"] == "5.50"
    assert nothing["rejected"][0]["code"] == "webhook.no-rule"
    assert house.node.world.profiles.find("user_id", "5") == 0
    assert rejected(house) == []


@pytest.mark.parametrize("server", [True, False])
def test_a_webhook_speaks_for_known_people_only_if_it_was_declared_so(house: House, *, server: bool) -> None:
    rule = {"type": "identify", "fields": {"userId": "$.id", "traits.email": "$.mail"}}
    declare(house, server=server, events=[rule])

    send(house, {"id": "u1", "mail": "ann@example.com"})

    assert bool(house.node.world.profiles.find("email", "ann@example.com")) is server


@pytest.mark.parametrize("secret", ["short", 7, "x" * 501, "a\nsecret-of-two-lines"])
def test_a_secret_that_cannot_be_used_is_refused(house: House, secret: Any) -> None:
    answer = house.post("/v1/webhooks", {"webhooks": [DECLARED | {"secret": secret}]})

    assert answer.json["code"] == "webhook.refused"
    assert str(secret) not in answer.body.decode()
    assert house.get("/v1/webhooks").told == {"webhooks": []}


def test_all_or_none_are_declared(house: House) -> None:
    bad = DECLARED | {"name": "bad", "source": "nobody"}

    assert house.post("/v1/webhooks", {"webhooks": [DECLARED, bad]}).status == 400

    assert house.get("/v1/webhooks").told == {"webhooks": []}
