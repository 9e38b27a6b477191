"""How many events a second does a node take for good, and how long does an answer take?

Each repeat starts a fresh node on an empty directory, sends every one of the people once, then measures:
saturated (closed loop, 32 connections) and an open loop at half of the rate that this reached,
with 100 events a request and with one.  The generator shares the processor with the node.
A bare server, which only decodes and counts, takes the same load in the same minutes: the ratio to it holds on
machines of any speed.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

import runner
from answers import accepted_tail, all_accepted
from bare import started_bare
from connections import Load
from event_block import EventBlock
from loadgen import Outcome, run
from node import Node, scratch, started
from runner import Reach

REACH = (
    Reach("events_100.saturated.events_per_second", ">=", 120_000, "events/s"),
    Reach("events_100.saturated.latency_ms.p99", "<=", 45, "ms"),
    Reach("events_100.open.latency_ms.p99", "<=", 15, "ms"),
    Reach("events_1.saturated.events_per_second", ">=", 12_000, "events/s"),
    Reach("events_1.saturated.latency_ms.p99", "<=", 5, "ms"),
    Reach("events_1.open.latency_ms.p99", "<=", 3, "ms"),
    Reach("errors", "<=", 0, "answers"),
)
OPTIONS: dict[str, float | int | str] = {"seconds": 8.0, "people": 200_000, "connections": 32}


def event_load(node: Node, block: EventBlock, *, seconds: float, **more: Any) -> Load:
    """A load of events for a node."""
    return Load(
        address=("127.0.0.1", node.port),
        take=block.take,
        good=all_accepted(block.events),
        tail=accepted_tail(block.events),
        seconds=seconds,
        **more,
    )


def fill(node: Node, *, people: int, times: int = 1) -> Outcome:
    """Send one event for every person, in order, as often as asked."""
    block = EventBlock(host=node.host, write_key=node.keys["write_key"], events=100, people=people)
    block.in_order = True
    return run(event_load(node, block, seconds=600, warm_seconds=0, requests=people * times // 100))


def one_load(node: Node, block: EventBlock, **load: Any) -> dict[str, Any]:
    """Run a load; figures of the answers and of the node's own processor time."""
    before = node.cpu_seconds()
    outcome = run(event_load(node, block, **load))
    used, seconds = node.cpu_seconds() - before, load["seconds"] + load.get("warm_seconds", 1.0)
    events = max(1.0, outcome.requests_per_second * block.events)
    return {
        **asdict(outcome),
        "events_per_second": round(events),
        "node_us_per_event": round(used / (events * seconds) * 1e6, 2),
    }


def both_loops(node: Node, asked: argparse.Namespace, events: int) -> dict[str, Any]:
    """Saturated, then open loop at half that rate."""
    block = EventBlock(
        host=node.host, write_key=node.keys["write_key"], events=events, people=asked.people, seed=events
    )
    block.next_person += events * 100_000  # the two sizes must not share their new people
    saturated = one_load(node, block, seconds=asked.seconds, connections=asked.connections)
    half = max(1.0, saturated["requests_per_second"] / 2)
    paced = one_load(node, block, seconds=asked.seconds, connections=asked.connections, rate=half)
    return {"saturated": saturated, "open": paced}


def bare_rate(asked: argparse.Namespace, events: int) -> int:
    """Events a second that a server without a platform behind it answers."""
    with started_bare() as port:
        host = f"127.0.0.1:{port}"
        block = EventBlock(host=host, write_key="none", events=events, people=asked.people, seed=events)
        load = Load(
            address=("127.0.0.1", port), take=block.take, good=all_accepted(events), tail=accepted_tail(events),
            seconds=max(2.0, asked.seconds / 2), connections=asked.connections,
        )  # fmt: skip
        return round(run(load).requests_per_second * events)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    with scratch() as data, started(data) as node:
        filled = fill(node, people=asked.people)
        figures: dict[str, Any] = {f"events_{events}": both_loops(node, asked, events) for events in (100, 1)}
        figures["resident_bytes_after"] = node.resident_bytes()
    for events in (100, 1):
        size = figures[f"events_{events}"]
        size["bare_events_per_second"] = bare_rate(asked, events)
        size["ratio_to_bare"] = round(size["saturated"]["events_per_second"] / size["bare_events_per_second"], 3)
    loops = [figures[f"events_{events}"][loop] for events in (100, 1) for loop in ("saturated", "open")]
    failed = [sum(loop["errors"].values()) + loop["unanswered"] for loop in loops]
    figures["errors"] = sum(failed) + sum(filled.errors.values()) + filled.unanswered
    return figures


if __name__ == "__main__":
    runner.main("ingest", measure, REACH, OPTIONS)
