"""Ten thousand events through a real library while the node is killed twice: none is lost, none counts twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import rudderstack.analytics.client as rudder  # type: ignore[import-not-found]
import segment.analytics.client as segment  # type: ignore[import-untyped]

from tests.conftest import StartNode
from tests.contract.http.black_box import Door, unique
from tests.crash.witness import eventually, kill_all
from tests.node import Node

EVENTS, PEOPLE = 10_000, 20
BEGUN, KILLED, BACK = {2_000, 6_000}, {3_000, 7_000}, {4_000, 8_000}  # at these events

Failed = list[object]
Open = Callable[[Node, Failed], Any]


def _segment(node: Node, failed: Failed) -> Any:
    return segment.Client(
        node.write_key, host=node.url, max_queue_size=2 * EVENTS, max_retries=30, upload_interval=0.05,
        on_error=lambda error, items: failed.append((error, len(items))),
    )  # fmt: skip


def _rudder(node: Node, failed: Failed) -> Any:
    return rudder.Client(
        node.write_key, host=node.url, max_queue_size=2 * EVENTS, max_retries=30, upload_interval=0.05,
        on_error=lambda error, items: failed.append((error, len(items))),
    )  # fmt: skip


@pytest.mark.parametrize("opened", [_segment, _rudder])
def test_ten_thousand_events_survive_two_kills(start_node: StartNode, tmp_path: Path, opened: Open) -> None:
    data, run, failed = tmp_path / "data", unique("killed"), Failed()
    node, known = start_node(data), 0
    port, client = urlsplit(node.url).port, opened(node, failed)

    for number in range(EVENTS):
        client.track(f"{run}-{number % PEOPLE}", "Product Viewed", {"product_id": "p", "number": number})
        if number in BEGUN:
            eventually("an event of this life of the node", lambda node=node, known=known: kept(node) > known)  # type: ignore[misc]
        elif number in KILLED:
            kill_all(node)
        elif number in BACK:
            node = start_node(data, port=port)
            known = kept(node)
    client.flush()
    client.shutdown()

    assert failed == []
    with Door(node) as door:
        found = [event for n in range(PEOPLE) for event in door.events(door.person(f"{run}-{n}"))]
    assert Counter(event["properties"]["number"] for event in found) == Counter(range(EVENTS))


def kept(node: Node) -> int:
    """How many events the node has."""
    return int(node.get("/v1/stats")["events"])
