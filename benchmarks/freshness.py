"""Does the very next decision know an event that was acknowledged?

For each of the orders: post it, note the journal position of the acknowledgement, decide at once, read the record.
Fresh means that the record's position is at least the acknowledged one *and* that the stored score of the category
that was bought rose against the same person's decision before: scores fall with time, so only the order can raise it.
"""

from __future__ import annotations

import argparse
import base64
import random
import struct
import time
import uuid
from typing import Any

import runner
from node import Api, Node, scratch, started
from runner import Reach

REACH = (
    Reach("fresh_share", ">=", 1.0, "of the orders"),
    Reach("position_share", ">=", 1.0, "of the orders"),
    Reach("score_share", ">=", 1.0, "of the orders"),
)
OPTIONS: dict[str, float | int | str] = {"orders": 10_000, "people": 200, "categories": 20, "point": "next_product"}

Scores = dict[str, float]


def scores_of(record: dict[str, Any]) -> Scores:
    """Candidate → score of a decision record, whether its arrays are readable or packed as base64 of `<f8`."""
    evidence = record["evidence"]
    scores = evidence["scores"]
    if isinstance(scores, str):
        packed = base64.b64decode(scores)
        scores = struct.unpack(f"<{len(packed) // 8}d", packed)
    return dict(zip(evidence["candidates"], scores, strict=True))


def order(person: str, category: str, number: int) -> dict[str, Any]:
    """One bought product of a category."""
    line = {"product_id": f"p{number}", "category": category, "price": 9.9, "quantity": 1}
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": str(uuid.uuid4()),
        "userId": person,
        "properties": {"order_id": f"o{number}", "total": 9.9, "currency": "EUR", "products": [line]},
    }


def decided(api: Api, point: str, person: str) -> tuple[int, Scores]:
    """Position and scores of a new decision, as its stored record tells them."""
    body = {"point": point, "person": {"user_id": person}, "context": {}, "n": 3}
    decision = api.post("/v1/decide", body)["decision_id"]
    record = api.get(f"/v1/decisions/{decision}")
    return int(record["position"]), scores_of(record)


def acknowledged(collect: Api, event: dict[str, Any]) -> int:
    """Post one event; the journal position up to which the acknowledgement is durable."""
    status, answer, headers = collect.ask("POST", "/v1/batch", {"batch": [event]})
    if status != 200 or answer["accepted"] != 1:
        raise RuntimeError(f"The order was answered {status}: {answer}")
    return int(headers["x-genom-position"])


def rounds(node: Node, asked: argparse.Namespace) -> dict[str, Any]:
    """All orders, one after the other."""
    api, collect = node.api(), Api(node.port, node.keys["write_key"])
    chance = random.Random(7)
    people, categories = (
        [f"{kind}{i:04d}" for i in range(n)] for kind, n in zip("uc", (asked.people, asked.categories), strict=True)
    )
    for number, person in enumerate(people * 2):  # everybody is known, and every category is a candidate
        acknowledged(collect, order(person, categories[number % len(categories)], number))
    before = {person: decided(api, asked.point, person)[1] for person in people}
    in_position = risen = fresh = 0
    begun = time.monotonic()
    for number in range(asked.orders):
        person, category = chance.choice(people), chance.choice(categories)
        position = acknowledged(collect, order(person, category, 1_000_000 + number))
        seen, scores = decided(api, asked.point, person)
        knows, rose = seen >= position, scores[category] > before[person][category]
        in_position, risen, fresh = in_position + knows, risen + rose, fresh + (knows and rose)
        before[person] = scores
    return {
        "orders": asked.orders,
        "fresh_share": fresh / asked.orders,
        "position_share": in_position / asked.orders,
        "score_share": risen / asked.orders,
        "ms_per_round": round((time.monotonic() - begun) / asked.orders * 1000, 3),
    }


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    with scratch() as data, started(data) as node:
        return rounds(node, asked)


if __name__ == "__main__":
    runner.main("freshness", measure, REACH, OPTIONS)
