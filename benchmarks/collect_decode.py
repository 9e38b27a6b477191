"""How much processor time does one event cost from the body's bytes to the word `Event`?

The ingest benchmark's own 640-byte events, 100 and 1 a body, and grocery receipts of ten lines; nothing else runs in
the process.  `msgspec` is the mark beside it: the time that decoding the same events into plain dicts takes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

import msgspec
import runner
from event_block import EventBlock
from runner import Reach

REACH = (Reach("plain_100.us_an_event", "<=", 3, "µs"),)
OPTIONS: dict[str, float | int | str] = {"seconds": 2.0}


def blocks(events: int, count: int) -> list[bytes]:
    """Bodies of that many events, as the load generator sends them."""
    block = EventBlock(host="x", write_key="k", events=events, people=200_000)
    block.refill()
    return [bytes(block.take()).split(b"\r\n\r\n", 1)[1] for _ in range(count)]


def receipts(events: int, count: int) -> list[bytes]:
    """Bodies of receipts by loyalty card, each with ten lines."""
    line = {"product_id": "1029743", "quantity": 2, "total": 3.98, "discount": 0.5}
    context = {"channel": "pos", "externalIds": [{"id": "4711", "type": "card", "collection": "users"}]}
    order = {"type": "track", "event": "Order Completed", "timestamp": "2025-11-21T10:11:12.000Z", "context": context}
    order["properties"] = {"order_id": "1", "total": 39.8, "currency": "EUR", "products": [line] * 10}
    batch = [{**order, "messageId": f"order-{number}"} for number in range(events)]
    return [json.dumps({"batch": batch}, separators=(",", ":")).encode()] * count


def cost(work: Callable[[bytes], object], bodies: list[bytes], events: int, seconds: float) -> float:
    """The least processor time of one round over the bodies, in µs an event: other loads only add to it."""
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.thread_time()
        for body in bodies:
            work(body)
        best = min(best, time.thread_time() - began)
    return round(best / len(bodies) / events * 1e6, 3)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Each shape of body, through the whole stage and through msgspec alone."""
    from genom.collect import open_envelope, understand  # noqa: PLC0415 - the parent does not load the node's code
    from genom.settings import Settings  # noqa: PLC0415
    from genom.words import Source  # noqa: PLC0415

    settings, source = Settings(), Source(number=1, name="shop")

    def collect(body: bytes) -> object:
        now = time.time_ns() // 1_000_000
        envelope = open_envelope(body, "batch")
        return understand(envelope, source=source, server=False, received_at=now, settings=settings)

    figures: dict[str, Any] = {}
    for name, events, bodies in (
        ("plain_100", 100, blocks(100, 5)),
        ("plain_1", 1, blocks(1, 200)),
        ("receipts_20", 20, receipts(20, 5)),
    ):
        collect(bodies[0])  # loads or compiles the kernel
        figures[name] = {
            "us_an_event": cost(collect, bodies, events, asked.seconds),
            "us_an_event_msgspec_alone": cost(msgspec.json.decode, bodies, events, asked.seconds / 4),
            "bytes_an_event": round(sum(map(len, bodies)) / len(bodies) / events),
        }
    return figures


if __name__ == "__main__":
    runner.main("collect_decode", measure, REACH, OPTIONS)
