"""RudderStack's header of a request, and its pixel's address, become what all events are made of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.collect import header_id, open_envelope, pixel_envelope, understand
from genom.settings import Settings
from tests.collect.calls import NOW, SHOP, batch, track

NAMELESS = {"type": "track", "event": "Seen"}


def owners(body: bytes, header: bytes) -> list[tuple[int, tuple[tuple[str, str], ...]]]:
    """Place and identifiers of each event that was taken."""
    envelope = open_envelope(body, "batch")
    envelope.anonymous_id = header_id(header)
    decoded = understand(envelope, source=SHOP, server=False, received_at=NOW, settings=Settings())
    return sorted((event.index, event.identifiers) for event in decoded.events)


def test_the_header_names_only_events_that_name_nobody_among_many() -> None:
    named = [track("Product Viewed", product_id=f"p{n}") for n in range(20)]

    found = owners(batch(*named, NAMELESS, {**NAMELESS, "userId": ""}, *named), b"device-1")

    assert len(found) == 42
    assert [index for index, names in found if names == (("anonymous_id", "device-1"),)] == [20, 21]


def test_the_header_is_kept_with_the_event_whose_it_is() -> None:
    envelope = open_envelope(batch(NAMELESS), "batch")
    envelope.anonymous_id = "device-1"

    decoded = understand(envelope, source=SHOP, server=False, received_at=NOW, settings=Settings())

    assert json.loads(decoded.events[0].body)["anonymousId"] == "device-1"


@pytest.mark.parametrize("header", [b"", b"-1", b"anonymous", b"0000"])
def test_a_header_that_stands_for_nobody_names_nobody(header: bytes) -> None:
    assert owners(batch(NAMELESS), header) == []


@given(st.binary(max_size=3_000))
def test_any_header_is_read(header: bytes) -> None:
    assert len(header_id(header)) <= 1_024


def pixel(**query: str) -> dict[str, Any]:
    named = {name.replace("__", "."): value for name, value in query.items()}
    event: dict[str, Any] = json.loads(pixel_envelope(named, "track", message_id="m").body)
    return event


def test_dots_lead_into_the_event_and_the_key_is_no_part_of_it() -> None:
    event = pixel(writeKey="wk", event="Opened", properties__a__b="1", properties__a__c="2", context__locale="de")

    assert event["properties"] == {"a": {"b": "1", "c": "2"}}
    assert event["context"] == {"locale": "de"}
    assert "wk" not in str(event)


def test_what_stands_in_the_way_of_another_name_loses_neither() -> None:
    assert pixel(properties__a="1", properties__a__b="2") == pixel() | {
        "properties": {"a": "1"}, "properties.a.b": "2",
    }  # fmt: skip


def test_a_name_of_many_dots_is_no_deep_event() -> None:
    event = pixel(**{"properties" + ".x" * 10_000: "1"})

    assert json.dumps(event).count("{") == 8


@given(st.dictionaries(st.text("a.", max_size=6), st.text(max_size=3), max_size=8))
def test_any_query_is_an_event(query: dict[str, str]) -> None:
    envelope = pixel_envelope(query, "track", message_id="m")

    assert len(envelope.items) == 1
