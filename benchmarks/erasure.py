"""How long does an erasure take, to the effect and to the last byte, and what do others notice of it?

People get events over HTTP until the journal has enough rows.  Then one person is erased while an open loop of events
runs at a fixed rate (its p99 is compared with that of the same loop before), and then a thousand one after the other.
Effect: until the call has returned.  Physical: until the receipt says `done`.  A byte scan of the whole directory must
find nothing of the first person afterwards, and found something before.
The marks are for 1,000,000 people and 50,000,000 rows: `--people 1000000 --times 50`.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import runner
from event_block import EventBlock
from ingest import event_load, fill
from loadgen import run
from node import Api, Node, scratch, started
from runner import Reach

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

REACH = (
    Reach("one.effect_seconds", "<=", 1, "s"),
    Reach("one.physical_seconds", "<=", 60, "s"),
    Reach("many.seconds", "<=", 600, "s"),
    Reach("p99_ratio", "<=", 2, "times"),
    Reach("hits_after", "<=", 0, "hits"),
)
OPTIONS: dict[str, float | int | str] = {
    "people": 50_000, "times": 10, "many": 1_000, "rate": 40, "seconds": 8.0,
}  # fmt: skip


def name_of(person: int) -> str:
    """The user id that the load gives a person."""
    return f"u{person:08d}"


def erased(api: Api, person: int) -> tuple[str, float]:
    """Erase a person; the receipt's id, and the seconds to the effect."""
    begun = time.monotonic()
    receipt = api.post("/v1/people:erase", {"type": "user_id", "value": name_of(person)})
    return receipt["id"], time.monotonic() - begun


def until_done(api: Api, receipt: str) -> dict[str, Any]:
    """Wait for the physical part; the receipt."""
    while (told := api.get(f"/v1/erasures/{receipt}"))["state"] != "done":
        time.sleep(0.05)
    return dict(told)


def hits(node: Node, person: int) -> int:
    """How often a person stands in the files, whatever is sealed opened with the node's keys."""
    from genom.app.scanning import opened_contents  # noqa: PLC0415 -- the source beside the benchmark
    from genom.privacy import Hit, scan  # noqa: PLC0415

    found = scan(node.data, [name_of(person)], opened=opened_contents(node.data))
    return sum(isinstance(one, Hit) for one in found)


def paced(node: Node, asked: argparse.Namespace, seed: int) -> float:
    """p99 of an open loop of events, ms."""
    block = EventBlock(host=node.host, write_key=node.keys["write_key"], events=100, people=asked.people, seed=seed)
    block.next_person += seed * 1_000_000
    outcome = run(event_load(node, block, seconds=asked.seconds, rate=asked.rate, connections=8))
    return outcome.latency_ms["p99"]


def beside(node: Node, asked: argparse.Namespace, person: int) -> dict[str, Any]:
    """Erase one person in the middle of an open loop."""
    told: dict[str, Any] = {}

    def act() -> None:
        time.sleep(asked.seconds / 3)
        api, begun = node.api(), time.monotonic()
        receipt, told["effect_seconds"] = erased(api, person)
        told["receipt"] = until_done(api, receipt)
        told["physical_seconds"] = round(time.monotonic() - begun, 3)

    thread = threading.Thread(target=act)
    thread.start()
    told["p99_ms"] = paced(node, asked, 2)
    thread.join()
    return told


def _started(data: Path) -> AbstractContextManager[Node]:
    """A node whose key may erase as many people in a minute as it can."""
    (data / "settings.yaml").write_text("lookups_per_minute: 1000000\n", "utf-8")
    return started(data)


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on a fresh node."""
    person = asked.people // 3
    with scratch() as data, _started(data) as node:
        fill(node, people=asked.people, times=asked.times)
        api = node.api()
        rows, before = api.get("/v1/stats")["rows"], hits(node, person)
        quiet = paced(node, asked, 1)
        one = beside(node, asked, person)
        journal = next(store for store in one.pop("receipt")["stores"] if store["store"] == "journal")
        after, begun = hits(node, person), time.monotonic()
        last, effects = "", []
        for other in range(person + 1, person + 1 + asked.many):
            last, effect = erased(api, other)
            effects.append(effect)
        called = time.monotonic() - begun
        until_done(api, last)
        seconds = time.monotonic() - begun
    return {
        "rows": rows,
        "one": {**one, "rows": journal["erased"]},
        "p99_before_ms": quiet,
        "p99_ratio": round(one["p99_ms"] / quiet, 2),
        "many": {
            "people": asked.many,
            "seconds": round(seconds, 1),
            "called_seconds": round(called, 1),
            "effect_seconds_p99": round(sorted(effects)[int(len(effects) * 0.99)], 3),
        },
        "hits_before": before,
        "hits_after": after,
    }


if __name__ == "__main__":
    runner.main("erasure", measure, REACH, OPTIONS)
