"""What do the gate and the sealing of bodies cost?

The same build takes the same load as it is, with `encrypt_bodies` off, and with the gate off as well, on fresh nodes,
one after the other in one repeat: events in batches of 100 from a closed loop, then decisions one after the other over
one connection, whose records are sealed, too.  Genom has no switch for the gate: `ungated.py` starts it without.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
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


@contextmanager
def program(*, gated: bool) -> Iterator[None]:
    """Nodes that are started meanwhile have the gate, or none."""
    named = os.environ.get("GENOM_PROGRAM")
    if not gated:
        os.environ["GENOM_PROGRAM"] = f"{sys.executable} {Path(__file__).with_name('ungated.py')}"
    yield
    if named is not None:
        os.environ["GENOM_PROGRAM"] = named
    else:
        os.environ.pop("GENOM_PROGRAM", None)


def one(asked: argparse.Namespace, *, gated: bool, sealed: bool) -> dict[str, Any]:
    """A fresh node with the switches on or off."""
    with scratch() as data:
        data.mkdir(mode=0o700, exist_ok=True)
        (data / "settings.yaml").write_text(f"encrypt_bodies: {str(sealed).lower()}\n", "utf-8")
        with program(gated=gated), started(data) as node:
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
    """All, turn by turn, so that a machine that changes its pace changes it for each; the medians count."""
    builds = {"whole": (True, True), "gate alone": (True, False), "neither": (False, False)}
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in builds}
    for turn in range(asked.turns):
        for name in sorted(builds, reverse=turn % 2 == 1):
            gated, sealed = builds[name]
            found[name].append(one(asked, gated=gated, sealed=sealed))
    medians = {
        name: {figure: statistics.median(run[figure] for run in runs) for figure in runs[0]}
        for name, runs in found.items()
    }
    return {
        **medians,
        **_costs("", medians["whole"], medians["neither"]),
        **_costs("_of_sealing", medians["whole"], medians["gate alone"]),
        **_costs("_of_the_gate", medians["gate alone"], medians["neither"]),
        "errors": sum(run["errors"] for runs in found.values() for run in runs),
    }


def _costs(of: str, with_it: dict[str, Any], without: dict[str, Any]) -> dict[str, float]:
    return {
        f"cost_of_ingest{of}": round(1 - with_it["events_per_second"] / without["events_per_second"], 3),
        f"cost_of_decisions{of}": round(with_it["decision_ms"] / without["decision_ms"] - 1, 3),
    }


if __name__ == "__main__":
    runner.main("encryption", measure, REACH, OPTIONS)
