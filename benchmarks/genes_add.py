"""How long does a decision take while genes are added to a node, and while they are taken back?

Decisions over 50 actions at a fixed rate in an open loop (latency counts from when a request was due), beside events.
Measured are the seconds before, the whole of the adding (from the request until the new version serves and all is in
order), the seconds between, the whole of the rollback, and the seconds after.  The process that compiles and folds
shares the processor with the node and the generators, at the lowest priority.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import runner
from connections import Load
from decide import actions, at_random, buy, events_beside, good, permit_prices
from ingest import fill
from loadgen import percentiles, run_with_latencies
from node import Node, scratch, started
from runner import Reach

REACH = (
    Reach("add.ratio_p99", "<=", 2, "times"),
    Reach("rollback.ratio_p99", "<=", 2, "times"),
    Reach("errors", "<=", 0, "answers"),
)
OPTIONS: dict[str, float | int | str] = {
    "seconds": 15.0,  # before, between and after
    "people": 100_000,
    "times": 5,  # events a person before
    "asked_people": 500,
    "actions": 50,
    "purchases": 5,
    "decisions": 300,  # a second
    "events": 2_000,  # a second
    "batch": 20,  # events a request
    "learned": 0,
}
WINDOW = 2.0  # seconds of one run of the generator
LONGEST = 900.0  # seconds that a change may take
BESIDE = 3_600.0  # seconds; the events are ended when all is measured
GENES = """
owner: bench
filters:
  over_ten: {kinds: [ORDER_COMPLETED], where: {amount: {from: 10}}}
genes:
  - {family: value, name: over_ten, op: count, of: over_ten, over: [1d, 7d, 30d, 365d, lifetime], unit: orders,
     label: {en: Orders over 10, de: Bestellungen über 10}}
"""


def decided(node: Node, asked: argparse.Namespace, until: Callable[[], bool]) -> dict[str, Any]:
    """Decisions in windows until it is enough: percentiles over all of them."""
    take, latencies, failed, begun = at_random(node, asked), list[int](), 0, time.monotonic()
    while True:
        load = Load(
            address=("127.0.0.1", node.port), take=take, good=good, seconds=WINDOW, warm_seconds=0.0,
            rate=float(asked.decisions), connections=16,
        )  # fmt: skip
        outcome, some = run_with_latencies(load)
        latencies += some
        failed += sum(outcome.errors.values()) + outcome.unanswered
        if until():
            break
    seconds = time.monotonic() - begun
    return {
        "seconds": round(seconds, 1), "decisions": len(latencies), "errors": failed,
        "latency_ms": percentiles(latencies),
    }  # fmt: skip


def for_seconds(seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def ended(node: Node) -> Callable[[], bool]:
    """Whether the change that was begun serves; raises if it failed."""
    last = time.monotonic() + LONGEST

    def look() -> bool:
        change = node.api().get("/v1/genes/versions")["change"]
        if change["state"] == "failed" or time.monotonic() > last:
            raise RuntimeError(f"The change came to nothing: {change}")
        return bool(change["state"] == "done")

    return look


def phases(node: Node, asked: argparse.Namespace) -> dict[str, Any]:
    """All of them in their order."""
    found = {"before": decided(node, asked, for_seconds(asked.seconds))}
    plan = node.api().post("/v1/genes/versions", {"file": "bench.yaml", "text": GENES})
    found["add"] = decided(node, asked, ended(node)) | {"rows": plan["rows"], "genes": plan["genes_after"]}
    found["between"] = decided(node, asked, for_seconds(asked.seconds))
    node.api().post("/v1/genes/versions:rollback", {"reason": "measured"})
    found["rollback"] = decided(node, asked, ended(node))
    found["after"] = decided(node, asked, for_seconds(asked.seconds))
    for change, calm in (("add", "before"), ("rollback", "between")):
        ratio = found[change]["latency_ms"]["p99"] / found[calm]["latency_ms"]["p99"]
        found[change]["ratio_p99"] = round(ratio, 2)
    return found


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    with scratch() as data:
        (data / "settings.yaml").write_text("learn_hours: 0\n", "utf-8")
        with started(data) as node:
            fill(node, people=asked.people, times=asked.times)
            buy(node, asked)
            node.api().post("/v1/actions", actions(asked.actions, "next_offer"))
            permit_prices(node, asked)
            beside = events_beside(node, asked, BESIDE)
            try:
                time.sleep(1.5)  # the events must flow before the first decision counts
                found = phases(node, asked)
            finally:
                beside.kill()
                beside.wait()
    return {**found, "errors": sum(one["errors"] for one in found.values())}


if __name__ == "__main__":
    runner.main("genes_add", measure, REACH, OPTIONS)
