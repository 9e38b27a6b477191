"""What does sealing the bodies of events cost?

The same build takes the same load with `encrypt_bodies` on and off, on fresh nodes, one after the other in one repeat:
events in batches of 100 from a closed loop, then decisions one after the other over one connection, whose records are
sealed, too.  The gate cannot be switched off and is in both: its masks are what a row is folded by.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import runner
from event_block import EventBlock
from ingest import fill, one_load
from node import Api, Node, scratch, started
from runner import Reach

REACH = (
    Reach("cost_of_ingest", "<=", 0.35, "of the events a second"),
    Reach("cost_of_decisions", "<=", 0.05, "of the median latency"),
    Reach("errors", "<=", 0, "answers"),
)
OPTIONS: dict[str, float | int | str] = {
    "seconds": 8.0, "people": 100_000, "connections": 32, "decisions": 4_000, "turns": 2,
}  # fmt: skip


def ingested(node: Node, asked: argparse.Namespace) -> dict[str, Any]:
    """Events in batches of 100, as fast as the node takes them."""
    block = EventBlock(host=node.host, write_key=node.keys["write_key"], events=100, people=asked.people, seed=7)
    block.next_person += 10_000_000
    return one_load(node, block, seconds=asked.seconds, connections=asked.connections)


def decided(node: Node, asked: argparse.Namespace) -> float:
    """Median latency of decisions about people that the node knows, in ms."""
    api, took = Api(node.port, node.keys["server_key"]), list[float]()
    for number in range(asked.decisions):
        body = {"point": "next_product", "person": {"user_id": f"u{number % asked.people:08d}"}, "n": 3}
        began = time.perf_counter()
        api.post("/v1/decide", body)
        took.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(took[asked.decisions // 10 :]), 4)


def one(asked: argparse.Namespace, *, seals: bool) -> dict[str, Any]:
    """A fresh node with the switch on or off."""
    with scratch() as data:
        data.mkdir(mode=0o700, exist_ok=True)
        (data / "settings.yaml").write_text(f"encrypt_bodies: {str(seals).lower()}\n", "utf-8")
        with started(data) as node:
            filled = fill(node, people=asked.people)
            decision_ms = decided(node, asked)
            load = ingested(node, asked)
    errors = sum(filled.errors.values()) + filled.unanswered + sum(load["errors"].values()) + load["unanswered"]
    return {
        "events_per_second": load["events_per_second"],
        "node_us_per_event": load["node_us_per_event"],
        "decision_ms": decision_ms,
        "errors": errors,
    }


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Both, turn by turn, so that a machine that changes its pace changes it for both; the medians count."""
    found: dict[bool, list[dict[str, Any]]] = {True: [], False: []}
    for turn in range(asked.turns):
        for seals in (True, False) if turn % 2 else (False, True):
            found[seals].append(one(asked, seals=seals))
    sealed, plain = (
        {name: statistics.median(run[name] for run in found[seals]) for name in found[seals][0]}
        for seals in (True, False)
    )
    return {
        "sealed": sealed,
        "plain": plain,
        "cost_of_ingest": round(1 - sealed["events_per_second"] / plain["events_per_second"], 3),
        "cost_of_decisions": round(sealed["decision_ms"] / plain["decision_ms"] - 1, 3),
        "errors": sum(run["errors"] for runs in found.values() for run in runs),
    }


if __name__ == "__main__":
    runner.main("encryption", measure, REACH, OPTIONS)
