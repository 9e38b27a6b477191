"""How soon does a node answer after it was killed, with a million people, 1,000 genes each, and a tail to fold?

A node takes an event of each person over HTTP; a state file is written at that position; then it takes the tail, and
is killed.  Measured is a start of the program on this directory: from its begin until a decision is answered, which a
node does only when it has folded everything.  Then people are looked up: each must have as many views as the journal
holds of them.

800 float32 cells a person (384 of them the categories that decisions read), 200 integers of eight bytes, one ring of
32 events for one purpose.  The state file and the journal are in the page cache, as where both were written lately.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import machine
import runner
import workload
import yaml
from ingest import fill
from node import Node, scratch, started
from runner import Reach

REACH = (
    Reach("first_answer_seconds", "<=", 3, "s"),
    Reach("resident_gigabytes", "<=", 8, "GB"),
    Reach("wrong", "<=", 0, "people"),
)
OPTIONS: dict[str, float | int | str] = {"people": 1_000_000, "tail": 5_000_000, "starts": 3, "asked": 50, "keep": ""}
FADING, WHOLE, CATEGORIES = 800, 200, 384
VIEWS = "rhythm.product_viewed_times.count.lifetime"
POINT = {
    "id": "next_product", "version": 1, "label": {"en": "Next product", "de": "Nächstes Produkt"},
    "purpose": "recommend", "model": "own-purchases-1", "candidates": "categories", "browser": False,
    "policy": {"control": 0.1, "epsilon": 0.05, "temperature": 0.25, "do_nothing": 0.0},
}  # fmt: skip


def _genes(path: Path) -> None:
    """The genes that decisions read, and others up to 800 float32 cells and 200 integers."""
    every = [gene for gene in workload.GENES if gene["op"] == "count"]
    every += [{**gene, "op": "sum", "property": prop} for prop in ("amount", "discount") for gene in every]
    lasting = {(gene["of"], gene["op"], gene["property"]): {**gene, "half_life": 0} for gene in every}
    fading = [gene for gene in every if gene["half_life"]]
    views = [gene for gene in fading if gene["kind"] == workload.KINDS["PRODUCT_VIEWED"]]
    others = [gene for gene in fading if gene["kind"] != workload.KINDS["PRODUCT_VIEWED"]]
    chosen = [*views, *others][: FADING - CATEGORIES - 1]
    workload.declaration(path, genes=[*chosen, *list(lasting.values())[:WHOLE]], ring=32)
    said = json.loads(path.read_text("utf-8"))
    said["filters"] |= {"any": {}, "line": {"kinds": ["ORDER_COMPLETED"], "lines": True}}
    label = {"label": {"en": "x", "de": "x"}}
    said["genes"] += [
        {"family": "taste", "name": "category", "op": "histogram", "of": "line", "property": "category_2",
         "over": ["365d"], **label},
        {"family": "taste", "name": "lines", "op": "ring", "function": "last_categories", "length": 5, **label},
        {"family": "intent", "name": "viewed_category", "op": "last", "of": "product_viewed", "property": "category_2",
         **label},
        {"family": "price", "name": "redemptions", "op": "count", "of": "coupon_redeemed", "over": ["365d"], **label},
    ]  # fmt: skip
    path.write_text(json.dumps(said), "utf-8")


def _prepared(data: Path, asked: argparse.Namespace) -> None:
    """A directory with a state file at a position, and the tail behind it."""
    _genes(data / "genes.yaml")
    (data / "points.yaml").write_text(yaml.safe_dump([POINT]), "utf-8")
    settings = {"people_max": max(asked.people, 1_000) + 100_000, "state_seconds": 1_000_000, "learn_hours": 0}
    (data / "settings.yaml").write_text(yaml.safe_dump(settings), "utf-8")
    with started(data) as node:
        filled = fill(node, people=asked.people)
        assert not filled.errors, filled.errors
    subprocess.run([sys.executable, "-m", "genom.app.state_job", str(data)], check=True)
    with started(data) as node:
        filled = fill(node, people=asked.people, times=max(1, asked.tail // asked.people))
        assert not filled.errors, filled.errors
        _kill(node)


def _kill(node: Node) -> None:
    os.killpg(node.process.pid, signal.SIGKILL)
    node.process.wait()


def _decided(node: Node) -> bool:
    body = {"point": "next_product", "person": {"user_id": "u00000001"}, "n": 1}
    try:
        return bool(node.api().ask("POST", "/v1/decide", body)[0] == 200)
    except (OSError, http.client.HTTPException):
        return False


def _into_cache(*paths: Path) -> None:
    """A start gives the pages back in which the system kept the file."""
    for path in paths:
        with path.open("rb", buffering=0) as file:
            while file.read(1 << 24):
                pass


def _start(data: Path, asked: argparse.Namespace) -> dict[str, float]:
    """One start, killed again when everything was asked."""
    begun = time.monotonic()
    node = Node(data, ("--no-sample",))
    try:
        node.keys = json.loads((data / "keys.json").read_text("utf-8"))
        while not _decided(node):
            if node.process.poll() is not None or time.monotonic() - begun > 300:
                raise RuntimeError(f"The node did not answer; its log ends:\n{node.log.read_text('utf-8')[-3000:]}")
            time.sleep(0.01)
        seconds = time.monotonic() - begun
        resident = machine.resident_bytes(node.process.pid)
        return {"seconds": seconds, "cpu": node.cpu_seconds(), "resident": resident, "wrong": _wrong(node, asked)}
    finally:
        _kill(node)


def _wrong(node: Node, asked: argparse.Namespace) -> int:
    """How many of some people do not have the views that were sent of them."""
    api, wrong, sent = node.api(), 0, 1 + max(1, asked.tail // asked.people)
    for number in random.Random(3).sample(range(asked.people), asked.asked):
        found = api.post("/v1/people:lookup", {"type": "user_id", "value": f"u{number:08d}"})
        genome = api.get(f"/v1/people/{found['person']}/genome?purpose=recommend")
        views = next(gene["value"] for gene in genome["genes"] if gene["id"] == VIEWS)
        wrong += views != sent
    return wrong


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """Prepare once, start several times."""
    with scratch() as parent:
        data = Path(asked.keep) if asked.keep else parent
        if not (data / "state").exists():
            data.mkdir(mode=0o700, exist_ok=True)
            _prepared(data, asked)
        state = next((data / "state").glob("*.state"))
        starts = []
        for _ in range(asked.starts):
            _into_cache(state, *(data / "journal").iterdir())
            starts.append(_start(data, asked))
        return {
            "first_answer_seconds": round(statistics.median(one["seconds"] for one in starts), 2),
            "slowest_seconds": round(max(one["seconds"] for one in starts), 2),
            "cpu_seconds": round(statistics.median(one["cpu"] for one in starts), 2),
            "resident_gigabytes": round(max(one["resident"] for one in starts) / 1e9, 3),
            "state_gigabytes": round(state.stat().st_size / 1e9, 3),
            "wrong": sum(one["wrong"] for one in starts),
        }


if __name__ == "__main__":
    runner.main("restart", measure, REACH, OPTIONS)
