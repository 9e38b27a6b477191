"""Law L4: after kill -9 at any moment, nothing acknowledged is lost and nothing is counted twice."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.conftest import StartNode
from tests.crash.witness import Witness, eventually, kill_all, prepared
from tests.node import Node


def killed_under_load(start_node: StartNode, data: Path, *, times: int, seed: int) -> tuple[Witness, Node]:
    """Kill a loaded node again and again; in turn with its worker and alone."""
    witness, chance = Witness(), random.Random(seed)
    for turn in range(times):
        node = start_node(data)
        with witness.load(node):
            time.sleep(chance.uniform(0.05, 1.5))
            if turn == times - 1:
                eventually("a load", lambda: len(witness.acknowledged) > 100)
            node.kill() if turn % 2 else kill_all(node)
    return witness, start_node(data)


def test_five_kills_lose_and_double_nothing(start_node: StartNode, tmp_path: Path) -> None:
    data = prepared(tmp_path / "data", segment_bytes=1_048_576)  # small files: kills hit their change as well
    witness, node = killed_under_load(start_node, data, times=5, seed=1)

    witness.check(node)
    witness.retry_everything(node)
    witness.check(node)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_fifty_kills_lose_and_double_nothing(start_node: StartNode, tmp_path: Path, seed: int) -> None:
    data = prepared(tmp_path / "data", segment_bytes=67_108_864 if seed % 2 else 1_048_576)
    witness, node = killed_under_load(start_node, data, times=10, seed=100 + seed)

    witness.check(node)
    witness.retry_everything(node)
    witness.check(node)


def test_a_kill_while_the_node_starts_loses_nothing(start_node: StartNode, tmp_path: Path) -> None:
    data, witness = tmp_path / "data", Witness()
    node = start_node(data)
    with witness.load(node):
        time.sleep(0.5)
        eventually("the first acknowledgement", lambda: witness.acknowledged)
        kill_all(node)

    for _ in range(2):
        kill_all(start_node(data))

    witness.check(start_node(data))
