"""What a stranger can do with a node over HTTP: the vocabulary of the black-box tests."""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx

from tests.node import Node, clean_environment, genom_command

JSON = {"Content-Type": "application/json"}
Event = dict[str, Any]


def unique(kind: str = "u") -> str:
    """A new identifier, so that tests share a node without meeting."""
    return f"{kind}-{uuid.uuid4().hex}"


def track(name: str, user: str, **properties: Any) -> Event:
    """A track call with a fresh message id."""
    return {"type": "track", "event": name, "userId": user, "messageId": unique("m"), "properties": properties}


def order(user: str, *, total: float = 2.5, category: str = "SOFT DRINKS") -> Event:
    """An order with one line."""
    line = {"product_id": "p1", "category": category, "price": total, "quantity": 1}
    return track("Order Completed", user, order_id=unique("o"), total=total, currency="EUR", products=[line])


def hours_ago(hours: float) -> str:
    """A time as clients write it."""
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


def basic(key: str) -> dict[str, str]:
    """The header with which Segment's clients bring a write key."""
    return {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}


def bearer(key: str) -> dict[str, str]:
    """The header that brings a server key."""
    return {"Authorization": f"Bearer {key}"}


def scores_of(record: dict[str, Any]) -> dict[str, float]:
    """Candidate → score of a decision record; long arrays are base64 of little-endian doubles."""
    evidence = record["evidence"]
    scores = evidence["scores"]
    if isinstance(scores, str):
        packed = base64.b64decode(scores)
        scores = struct.unpack(f"<{len(packed) // 8}d", packed)
    return dict(zip(evidence["candidates"], scores, strict=True))


def sources(data: Path, *words: str) -> str:
    """What `genom source …` prints about the sources of a directory, also of one with a running node."""
    command = [str(genom_command()), "source", *words, "--data", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, env=clean_environment(), timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def add_source(data: Path, *flags: str, name: str = "") -> str:
    """Write key of a new source: the last word that is printed."""
    return sources(data, "add", name or unique("source"), *flags).split()[-1]


class Door:
    """A node as seen from outside."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.http = httpx.Client(base_url=node.url, timeout=60, trust_env=False)

    def send(self, path: str, body: object, *, headers: dict[str, str] | None = None) -> httpx.Response:
        """POST bytes as they are, anything else as JSON, with the write key unless the headers bring another."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.http.post(path, content=content, headers=JSON | basic(self.node.write_key) | (headers or {}))

    def batch(self, *events: Event, key: str = "") -> Any:
        """The answer to a batch that the node must take note of."""
        reply = self.send("/v1/batch", {"batch": list(events)}, headers=basic(key or self.node.write_key))
        assert reply.status_code == 200, reply.text
        return reply.json()

    def serve(self, *events: Event) -> None:
        """Send events with the server key, which may speak for known people; all must be accepted."""
        reply = self.http.post("/v1/batch", json={"batch": list(events)}, headers=bearer(self.node.server_key))
        assert reply.json() == {"success": True, "accepted": len(events), "rejected": []}

    def take(self, *events: Event, key: str = "") -> None:
        """Send events that must all be accepted."""
        answer = self.batch(*events, key=key)
        assert answer == {"success": True, "accepted": len(events), "rejected": []}

    def ask(self, path: str, body: object = None) -> httpx.Response:
        """A GET, or a POST if there is a body, with the server key."""
        headers = bearer(self.node.server_key)
        return (
            self.http.get(path, headers=headers) if body is None else self.http.post(path, json=body, headers=headers)
        )

    def told(self, path: str, body: object = None) -> Any:
        """The JSON of an answer that must be 200."""
        reply = self.ask(path, body)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def person(self, value: str, kind: str = "user_id") -> str:
        """Canonical id of a known person."""
        return str(self.told("/v1/people:lookup", {"type": kind, "value": value})["person"])

    def genes(self, person: str, **asked: str) -> dict[str, dict[str, Any]]:
        """Gene id → gene of a person's genome."""
        query = str(httpx.QueryParams(asked))
        return {gene["id"]: gene for gene in self.told(f"/v1/people/{person}/genome?{query}")["genes"]}

    def values(self, person: str, **asked: str) -> dict[str, float]:
        """Gene id → value of the genes that are known and numbers."""
        genes = self.genes(person, **asked).items()
        return {name: gene["value"] for name, gene in genes if isinstance(gene.get("value"), int | float)}

    def events(self, person: str, limit: int = 100_000) -> list[dict[str, Any]]:
        """A person's events, newest first."""
        found: list[dict[str, Any]] = self.told(f"/v1/people/{person}/events?limit={limit}")["events"]
        return found

    def consent(self, user: str, purpose: str, *, granted: bool) -> Any:
        """Record a choice."""
        return self.told("/v1/consent", {"type": "user_id", "value": user, "purpose": purpose, "granted": granted})

    def decide(self, user: str, point: str = "next_product", n: int = 3) -> Any:
        """Ask for a decision."""
        return self.told("/v1/decide", {"point": point, "person": {"user_id": user}, "context": {}, "n": n})

    def scores(self, user: str, point: str = "next_product") -> dict[str, float]:
        """Scores of all candidates, as the record of a new decision tells them."""
        decision = self.decide(user, point)["decision_id"]
        return scores_of(self.told(f"/v1/decisions/{decision}"))

    def counting_genes(self) -> tuple[set[str], set[str]]:
        """Genes that count orders and genes that add up their totals, found by watching two new people buy.

        One buys at once, the other every 32 hours: what counts visits is not among the genes, nor what counts only
        the orders of an evening or of a weekend, which would say the same until the clock strikes.
        """
        at_once, spread = self._watched(hours=0), self._watched(hours=32)
        return at_once[0] & spread[0], at_once[1] & spread[1]

    def _watched(self, *, hours: float) -> tuple[set[str], set[str]]:
        user = unique("counted")
        orders = [order(user, total=2.5) | {"timestamp": hours_ago(hours * n)} for n in range(5)]
        self.take(*orders[:3])
        person = self.person(user)
        three = self.values(person)
        self.take(*orders[3:], track("Product Viewed", user))  # what counts all says 6
        five = self.values(person)
        counts = {name for name, value in five.items() if (three.get(name), value) == (3, 5)}
        sums = {name for name, value in five.items() if (three.get(name), value) == (7.5, 12.5)}
        return counts, sums

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
