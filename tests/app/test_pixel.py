"""An event in the address of an image: for pages without scripts, and for e-mails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genom.collect import Rejected, Sender, image_envelope, in_address
from tests.app.house import Answer, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def load(house: House, *, key: str | None = None, headers: dict[str, str] | None = None, **said: Any) -> Answer:
    query = urlencode({"writeKey": house.write_key if key is None else key} | said)
    return house.get(f"/v1/pixel.gif?{query}", key="", headers=headers)


def events(house: House) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = house.get(f"/v1/people/{house.person('u1')}/events").told["events"]
    return found


def rejected(house: House) -> list[Any]:
    return [row for day in house.node.bad_rows.days() for row in house.node.bad_rows.read(day)]


def is_pixel(answer: Answer) -> bool:
    return answer.headers["content-type"] == "image/gif" and len(answer.body) == 43 and answer.cookies == ()


def test_a_look_at_the_image_is_a_page_view(house: House) -> None:
    page = "https://shop.example/ale?utm_source=news"
    answer = load(house, userId="u1", headers={"referer": page, "user-agent": "Mozilla/5.0 (Windows NT 10.0)"})

    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert is_pixel(answer)
    (event,) = events(house)
    assert (event["type"], event["properties"]) == ("page", {"url": page})
    assert event["context"]["campaign"] == {"source": "news"}
    assert event["context"]["userAgent"] == "Mozilla/5.0 (Windows NT 10.0)"


def test_an_event_has_a_name_and_properties(house: House) -> None:
    load(house, userId="u1", anonymousId="a1", event="Product Viewed", product_id="p1", price="2.5", currency="EUR")

    (event,) = events(house)
    assert (event["event"], event["properties"]) == (
        "Product Viewed", {"product_id": "p1", "price": "2.5", "currency": "EUR"},
    )  # fmt: skip
    assert house.person("a1", "anonymous_id")


def test_each_look_counts_unless_it_names_its_message(house: House) -> None:
    load(house, userId="u1")
    load(house, userId="u1")
    load(house, userId="u1", messageId="m1")
    load(house, userId="u1", messageId="m1")

    assert len(events(house)) == 3


def test_an_answer_of_the_person_goes_along(house: House) -> None:
    load(house, userId="u1", **{"consent.recommend": "false", "consent.email": "perhaps"})

    assert events(house)[0]["properties"] == {"consent.email": "perhaps"}
    assert [(one.purpose, one.granted) for one in house.node.ledger.replay()] == [("recommend", False)]


def test_whoever_is_nobody_is_kept_among_the_rejected_without_the_key(house: House) -> None:
    answer = load(house, event="Opened")

    assert (answer.status, is_pixel(answer)) == (200, True)
    (row,) = rejected(house)
    assert (row.code, row.raw) == ("collect.no-identifier", b"event=Opened")
    assert row.message.startswith("`$` has no identifier")


@pytest.mark.parametrize(
    ("query", "code"),
    [("a=" + "x" * 40_000, "too-large"), ("&".join(f"p{n}=1" for n in range(200)), "too-large"), ("a=%ff", "utf8")],
)
def test_an_address_that_cannot_be_used_is_kept(house: House, query: str, code: str) -> None:
    answer = house.get(f"/v1/pixel.gif?userId=u1&{query}&writeKey={house.write_key}", key="")

    assert (answer.status, is_pixel(answer)) == (200, True)
    (row,) = rejected(house)
    assert row.code == f"collect.{code}"
    assert house.write_key.encode() not in row.raw


def test_a_wrong_key_is_answered_401_with_the_image_and_counted(house: House) -> None:
    answer = load(house, key="wk_guess", userId="u1")

    assert (answer.status, is_pixel(answer)) == (401, True)
    assert house.app.access.wrong.newest().end == "uess"
    assert rejected(house) == []


def test_a_server_key_has_no_place_in_an_address(house: House) -> None:
    answer = load(house, key=house.server_key, userId="u1")

    assert (answer.status, is_pixel(answer)) == (403, True)


def test_an_image_speaks_for_a_person_no_louder_than_a_write_key(house: House) -> None:
    house.put("/v1/sources", {"name": "default", "consent": "required"})
    load(house, userId="u1", **{"consent.recommend": "true"})
    load(house, userId="u1")

    assert "recommend" not in events(house)[0]["purposes"], "who is known grants by a server alone"


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=80))
def test_whatever_stands_in_an_address_is_an_event_or_refused(query: bytes) -> None:
    in_address(query)
    try:
        envelope = image_envelope(query, Sender(), message_id="m", limit=60)
    except Rejected:
        return

    assert json.loads(envelope.body)["batch"][0]["type"] in {"page", "track"}
