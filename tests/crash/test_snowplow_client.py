"""A node that dies under a real tracker of Snowplow: what the tracker sends again is there once."""

from __future__ import annotations

import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from snowplow_tracker import Emitter, StructuredEvent, Subject, Tracker

from tests.conftest import StartNode

EVENTS, KILLS, WAITING = 10_000, (2_500, 6_500), 500  # how many; killed after so many; so many may wait meanwhile
PATIENCE = 300  # seconds


class Sender:
    """A tracker with its own emitter, which keeps what it could not send and sends it again by itself."""

    def __init__(self, url: str) -> None:
        self.sent, self.refused = 0, list[Any]()  # payloads that were answered 2xx, and all that were not
        self.emitter = Emitter(
            "127.0.0.1", protocol="http", port=urlsplit(url).port, batch_size=50, buffer_capacity=2 * EVENTS,
            max_retry_delay_seconds=1, on_success=self._count, on_failure=self._fail,
        )  # fmt: skip
        subject = Subject().set_user_id("u1")
        self.tracker = Tracker("sp", self.emitter, subject=subject, app_id="till")

    def _count(self, payloads: list[Any]) -> None:
        self.sent += len(payloads)

    def _fail(self, _sent: int, payloads: list[Any]) -> None:
        self.refused += payloads

    def moved(self, url: str) -> None:
        """The node has another port after a restart."""
        self.emitter.endpoint = Emitter.as_collector_uri("127.0.0.1", "http", urlsplit(url).port, "post")

    def run(self) -> None:
        for number in range(EVENTS):
            while self.emitter.event_store.size() > WAITING:
                time.sleep(0.02)
            self.tracker.track(StructuredEvent("till", "Scanned", label=str(number)))
        deadline = time.monotonic() + PATIENCE
        while self.emitter.event_store.size() and time.monotonic() < deadline:
            self.emitter.flush()
            time.sleep(0.05)


def test_ten_thousand_events_survive_two_deaths_of_the_node(start_node: StartNode, tmp_path: Path) -> None:
    node = start_node(tmp_path / "data")
    sender = Sender(node.url)
    thread = threading.Thread(target=sender.run)
    thread.start()

    for sent in KILLS:
        while sender.sent < sent and thread.is_alive():
            time.sleep(0.002)
        before = len(sender.refused)
        node.kill()
        node = start_node(tmp_path / "data")
        sender.moved(node.url)
        assert len(sender.refused) > before, "it was killed while the tracker was sending"
    thread.join(PATIENCE)

    assert sender.emitter.event_store.size() == 0
    person = node.post("/v1/people:lookup", {"type": "user_id", "value": "u1"})["person"]
    events = node.get(f"/v1/people/{person}/events?limit=100000")["events"]
    counted = Counter(event["properties"]["se_label"] for event in events)
    assert set(counted) == {str(number) for number in range(EVENTS)}, "none is lost"
    assert set(counted.values()) == {1}, "none is doubled"
