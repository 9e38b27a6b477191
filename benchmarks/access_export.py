"""How long does a copy of everything take for a person with 10,000 events, and is every event in it?

Others' events are in the journal too, before, between and after the person's.
"""

from __future__ import annotations

import argparse
import io
import json
import time
import urllib.request
import zipfile
from typing import Any

import runner
from ingest import fill
from node import Api, Node, scratch, started
from runner import Reach

REACH = (Reach("seconds", "<=", 2, "s"), Reach("missing", "<=", 0, "events"))
OPTIONS: dict[str, float | int | str] = {"events": 10_000, "people": 100_000, "times": 4, "turns": 5}
NAME = "who-asks"


def live(node: Node, asked: argparse.Namespace, part: int, parts: int) -> None:
    """A part of the person's events, 100 a request: views, and an order of three lines in every tenth place."""
    collect = Api(node.port, node.keys["write_key"])
    numbers = range(part, asked.events, parts)
    for start in range(0, len(numbers), 100):
        collect.post("/v1/batch", {"batch": [event(number) for number in numbers[start : start + 100]]})


def event(number: int) -> dict[str, Any]:
    """One event of the person."""
    item = {"product_id": f"p{number % 500}", "category": "Tea", "price": 4.0, "quantity": 1}
    said = {"type": "track", "messageId": f"m{number}", "userId": NAME}
    if number % 10:
        return said | {"event": "Product Viewed", "properties": item}
    return said | {"event": "Order Completed", "properties": {"total": 12, "currency": "EUR", "products": [item] * 3}}


def copy(node: Node) -> tuple[bytes, float]:
    """The copy, and the seconds that it took."""
    person = node.api().post("/v1/people:lookup", {"type": "user_id", "value": NAME})["person"]
    request = urllib.request.Request(f"http://{node.host}/v1/people/{person}/export")
    request.add_header("Authorization", f"Bearer {node.keys['server_key']}")
    begun = time.perf_counter()
    with urllib.request.urlopen(request, timeout=60) as answer:
        content = answer.read()
    return content, time.perf_counter() - begun


def held(content: bytes) -> set[str]:
    """The message ids in a copy."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        events = json.loads(archive.read("data.json"))["events"]
    return {event["messageId"] for event in events}


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    with scratch() as data, started(data) as node:
        live(node, asked, 0, 2)
        fill(node, people=asked.people, times=asked.times)
        live(node, asked, 1, 2)
        taken = [copy(node) for _ in range(asked.turns)]
        rows = node.api().get("/v1/stats")["rows"]
    wanted = {f"m{number}" for number in range(asked.events)}
    return {
        "seconds": round(sorted(seconds for _, seconds in taken)[len(taken) // 2], 3),
        "slowest_seconds": round(max(seconds for _, seconds in taken), 3),
        "missing": len(wanted - held(taken[0][0])),
        "megabytes": round(len(taken[0][0]) / 1e6, 2),
        "rows": rows,
    }


if __name__ == "__main__":
    runner.main("access_export", measure, REACH, OPTIONS)
