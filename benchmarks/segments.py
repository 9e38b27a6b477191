"""How fast are rules over everybody, how soon is a preview there, and what does live membership cost an event?

- A rule of five conditions over a million people, on the columnar copies (each condition another column).
- Previews of a hundred thousand people over HTTP, after the first one has read its columns.
- Ingest without segments and with five of five conditions each, on one node in turns: node time an event.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import Any

import numpy as np
import runner
from event_block import EventBlock
from ingest import fill, one_load
from node import Node, scratch, started
from runner import Reach

REACH = (
    Reach("rule.ms", "<=", 5, "ms"),
    Reach("preview.median_ms", "<=", 50, "ms"),
    Reach("live.cost_percent", "<=", 15, "%"),
    Reach("errors", "<=", 0, "answers"),
)
OPTIONS: dict[str, float | int | str] = {"rule_people": 1_000_000, "people": 100_000, "seconds": 4.0, "turns": 3}

PURPOSE = "personalise_onsite"


def rule(number: int) -> dict[str, Any]:
    """Five conditions; another number, another rule."""
    return {
        "all": [
            {"gene": "rhythm.events.count.30d", "is": ">=", "value": 1.5 + number},
            {"gene": "rhythm.event.recency", "is": "<", "value": 30},
            {
                "any": [
                    {"gene": "rhythm.events.count.7d", "is": ">", "value": 3.5 + number},
                    {"gene": "rhythm.events.count.lifetime", "is": "between", "value": [2, 50 + number]},
                    {"gene": "channels.last.last", "is": "=", "value": "web"},
                ]
            },
        ]
    }


def rule_seconds(people: int) -> float:
    """Five conditions on five columns of random numbers, three of them fading; median of thirty."""
    from genom.segments import Column, Columns, Place, Program, put_together  # noqa: PLC0415 - only here
    from genom.segments.program import AND, GE, LE, OR, Literal  # noqa: PLC0415

    random = np.random.default_rng(1)
    fading = random.exponential(2, (3, people + 1)).astype(np.float32)
    columns = Columns(fading, random.exponential(2, (2, people + 1)), np.full(people + 1, 1, np.uint64))
    sources = [Column(PURPOSE, f"g{i}", "value") for i in range(5)]
    literals = tuple(Literal(source, GE if i % 2 else LE, 2.0, False, ()) for i, source in enumerate(sources))
    code = ((0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (OR, 3), (AND, 3))
    places = {source: Place(i, 0) if i < 3 else Place(i - 3) for i, source in enumerate(sources)}
    programs = put_together(
        [Program(PURPOSE, literals, code)], place_of=places.__getitem__, number_of={}, bit=lambda _: 1
    )
    taken = []
    for _ in range(31):
        began = time.perf_counter()
        programs.judge(columns, at=0, scales=np.array([0.7]), first=1, last=people + 1)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken[1:])  # the first loads the kernel


def previews(node: Node, *, times: int = 20) -> dict[str, float]:
    """Over HTTP, each another rule on the same columns."""
    taken, api = [], node.api()
    for number in range(times + 1):
        began = time.perf_counter()
        api.post("/v1/segments/preview", {"purpose": PURPOSE, "rule": rule(number)})
        taken.append((time.perf_counter() - began) * 1000)
    rest = taken[1:]
    return {
        "first_ms": round(taken[0], 2),
        "median_ms": round(statistics.median(rest), 2),
        "max_ms": round(max(rest), 2),
    }


def live(node: Node, asked: argparse.Namespace) -> dict[str, Any]:
    """Saturated ingest in turns: without segments, with five."""
    block = EventBlock(host=node.host, write_key=node.keys["write_key"], events=100, people=asked.people)
    found: dict[str, list[dict[str, Any]]] = {"without": [], "with": []}
    for _ in range(asked.turns):
        for kind, rates in found.items():
            arrange(node, defined=kind == "with")
            rates.append(one_load(node, block, seconds=asked.seconds))
    arrange(node, defined=False)
    costs = {kind: statistics.median(one["node_us_per_event"] for one in rates) for kind, rates in found.items()}
    rates = {kind: statistics.median(one["events_per_second"] for one in those) for kind, those in found.items()}
    failed = sum(sum(one["errors"].values()) + one["unanswered"] for those in found.values() for one in those)
    return {
        "node_us_per_event": costs,
        "events_per_second": rates,
        "cost_percent": round(100 * (costs["with"] / costs["without"] - 1), 1),
        "errors": failed,
    }


def arrange(node: Node, *, defined: bool) -> None:
    """Define or remove the five segments, and wait until they are built."""
    api, names = node.api(), [f"bench_{i}" for i in range(5)]
    if defined:
        label = {"en": "bench", "de": "Messung"}
        bodies = [{"id": name, "label": label, "purpose": PURPOSE, "rule": rule(i)} for i, name in enumerate(names)]
        api.post("/v1/segments", {"segments": bodies})
        while any(segment["building"] for segment in api.get("/v1/segments")["segments"]):
            time.sleep(0.05)
        return
    for segment in api.get("/v1/segments")["segments"]:
        api.ask("DELETE", f"/v1/segments/{segment['id']}")


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat."""
    ms = round(rule_seconds(asked.rule_people) * 1000, 3)
    figures: dict[str, Any] = {"rule": {"people": asked.rule_people, "ms": ms}}
    with scratch() as data, started(data) as node:
        filled = fill(node, people=asked.people)
        figures["preview"] = previews(node)
        figures["live"] = live(node, asked)
    figures["errors"] = figures["live"]["errors"] + sum(filled.errors.values()) + filled.unanswered
    return figures


if __name__ == "__main__":
    runner.main("segments", measure, REACH, OPTIONS)
