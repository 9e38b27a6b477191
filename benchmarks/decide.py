"""How long does a decision take while events pour in?

50 actions, 500 people at random out of 200,000, 1,000 decisions a second in an open loop (latency counts from when
a request was due), beside 10,000 events a second from a second generator process.

The point learns: 24 features of the person, coefficients from decisions with outcomes before the measurement, and
reward windows of 5 seconds that close, are counted and learned from while it is measured.  With --learned=0 the
built-in point `next_offer` is asked.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import runner
from connections import Load
from ingest import fill
from loadgen import run
from node import Api, Node, scratch, started
from runner import Reach

REACH = (
    Reach("decide.latency_ms.p99", "<=", 5, "ms"),
    Reach("decide.requests_per_second", ">=", 990, "decisions/s"),
    Reach("ingest.events_per_second", ">=", 9_900, "events/s"),
    Reach("errors", "<=", 0, "answers"),
)
OPTIONS: dict[str, float | int | str] = {
    "seconds": 15.0,
    "people": 200_000,
    "asked_people": 500,
    "actions": 50,
    "decisions": 1_000,  # a second
    "events": 10_000,  # a second
    "batch": 20,  # events a request
    "purchases": 5,  # a person before the measurement
    "learned": 1,  # 0: the built-in point
    "lessons": 2_000,  # decisions with outcomes before the measurement
}


GENES = (
    "rhythm.orders.count.365d",
    "rhythm.orders.count.lifetime",
    "value.order_value.sum.365d",
    "value.lines.count.365d",
    "value.units.sum.365d",
    "intent.views.count.7d",
    "lifecycle.opens.count.365d",
    "rhythm.order.recency",
)
POINT = {
    "id": "bench",
    "label": {"en": "Benchmark", "de": "Messung"},
    "purpose": "personalise_onsite",
    "candidates": "actions",
    "model": "learned",
    "features": [{"gene": "taste.category.histogram.365d", "cell": f"Aisle {i:02d}"} for i in range(16)]
    + [{"gene": gene} for gene in GENES],
    "reward": {"events": ["Promotion Clicked"], "within_seconds": 5},
}


def actions(count: int, point: str) -> dict[str, Any]:
    """Coupons that run now, each for one or two of the categories that the events are about."""
    now = datetime.now(UTC)
    starts, ends = ((now + timedelta(days=days)).isoformat(timespec="seconds") for days in (-1, 30))
    return {
        "actions": [
            {
                "id": f"coupon-{i:02d}",
                "point": point,
                "label": {"en": f"10 % off aisle {i}", "de": f"10 % auf Gang {i}"},
                "campaign": None,
                "starts": starts,
                "ends": ends,
                "products": [],
                "categories": [f"Aisle {i % 50:02d}", *([f"Aisle {(i + 7) % 50:02d}"] if i % 3 else [])],
            }
            for i in range(count)
        ]
    }


def request(node: Node, person: int, point: str) -> bytes:
    """A whole decision request."""
    body = json.dumps({"point": point, "person": {"user_id": f"u{person:08d}"}, "context": {}, "n": 3})
    return (
        f"POST /v1/decide HTTP/1.1\r\nHost: {node.host}\r\nAuthorization: Bearer {node.keys['server_key']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode("ascii")


def good(answer: bytes) -> bool:
    """Status 200 and a decision that read something: a refusal would be cheaper and must not count.

    The bytes are searched and not parsed: parsing would cost the generator more than everything else it does, on the
    processor that it shares with the node.

    >>> good(b'HTTP/1.1 200 OK\\r\\n\\r\\n{"choices":[{"reasons":[{"label":"no permission for price"}]}]}')
    False
    """
    return (
        answer.startswith(b"HTTP/1.1 200") and b'"label":"no permission for' not in answer and b'"choices":[{' in answer
    )


def at_random(node: Node, asked: argparse.Namespace) -> Callable[[], bytes]:
    """Decision requests for the same few hundred people in random order."""
    chance = random.Random(11)
    ready = [
        request(node, person, point_of(asked)) for person in chance.sample(range(asked.people), asked.asked_people)
    ]
    return itertools.chain.from_iterable(iter(lambda: chance.sample(ready, len(ready)), [])).__next__


def point_of(asked: argparse.Namespace) -> str:
    """The point that is asked."""
    return "bench" if asked.learned else "next_offer"


def teach(node: Node, asked: argparse.Namespace) -> None:
    """Decisions with outcomes, of people who permit training; their windows pass before the measurement."""
    api, collect, chance = node.api(), Api(node.port, node.keys["write_key"]), random.Random(11)
    people = [f"u{person:08d}" for person in chance.sample(range(asked.people), asked.asked_people)]
    for user in people:
        api.post("/v1/consent", {"type": "user_id", "value": user, "purpose": "model_training", "granted": True})
    for number in range(asked.lessons):
        user = people[number % len(people)]
        decision = api.post("/v1/decide", {"point": "bench", "person": {"user_id": user}})["decision_id"]
        if chance.random() < 0.3:
            event = {"event": "Promotion Clicked", "userId": user, "properties": {"decision_id": decision}}
            collect.post("/v1/track", event)
    time.sleep(6)
    (point,) = (point for point in api.get("/v1/points")["points"] if point["id"] == "bench")
    assert point["learned_decisions"] >= asked.lessons, point


def permit_prices(node: Node, asked: argparse.Namespace) -> None:
    """An offer needs the purpose `price` too, which no source may assume."""
    api, chance = node.api(), random.Random(11)
    for person in chance.sample(range(asked.people), asked.asked_people):
        choice = {"type": "user_id", "value": f"u{person:08d}", "purpose": "price", "granted": True}
        api.post("/v1/consent", choice)


def buy(node: Node, asked: argparse.Namespace) -> None:
    """Everybody who is asked about has bought something before."""
    collect, chance = Api(node.port, node.keys["write_key"]), random.Random(11)
    for person in chance.sample(range(asked.people), asked.asked_people):
        lines = [
            {"product_id": f"p{i}", "category": f"Aisle {chance.randrange(50):02d}", "price": 5.0} for i in range(5)
        ]
        event = {"type": "track", "event": "Order Completed", "userId": f"u{person:08d}"}
        orders = [
            event
            | {"messageId": f"buy-{person}-{i}", "properties": {"total": 25.0, "currency": "EUR", "products": lines}}
            for i in range(asked.purchases)
        ]
        assert collect.post("/v1/batch", {"batch": orders})["accepted"] == len(orders)


def events_beside(node: Node, asked: argparse.Namespace, seconds: float) -> subprocess.Popen[str]:
    """A second generator that pours events in."""
    flags = {
        "url": f"http://{node.host}",
        "write-key": node.keys["write_key"],
        "events": asked.batch,
        "rate": asked.events / asked.batch,
        "seconds": seconds,
        "people": asked.people,
    }
    command = [sys.executable, str(Path(__file__).with_name("loadgen.py"))]
    command += [f"--{name}={value}" for name, value in flags.items()]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def one_load(node: Node, asked: argparse.Namespace) -> dict[str, Any]:
    """Decisions beside events: what both generators saw."""
    beside = events_beside(node, asked, asked.seconds + 3)
    time.sleep(1.5)  # the events must flow before the first decision counts
    outcome = run(
        Load(
            address=("127.0.0.1", node.port),
            take=at_random(node, asked),
            good=good,
            seconds=asked.seconds,
            rate=float(asked.decisions),
        )
    )
    events = json.loads(beside.communicate()[0])
    events["events_per_second"] = round(events["requests_per_second"] * asked.batch)
    failed = sum(sum(one["errors"].values()) + one["unanswered"] for one in (asdict(outcome), events))
    return {"decide": asdict(outcome), "ingest": events, "errors": failed}


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    with scratch() as data, started(data) as node:
        fill(node, people=asked.people)
        buy(node, asked)
        if asked.learned:
            node.api().post("/v1/points", {"points": [POINT]})
        node.api().post("/v1/actions", actions(asked.actions, point_of(asked)))
        if asked.learned:
            teach(node, asked)
        else:
            permit_prices(node, asked)
        return one_load(node, asked)


if __name__ == "__main__":
    runner.main("decide", measure, REACH, OPTIONS)
