from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import StartNode
from tests.node import Node

Faulty = Callable[..., Node]


@pytest.fixture
def start_faulty(start_node: StartNode) -> Faulty:
    """Starts a node whose file system fails while a file exists: `start_faulty(data, kind, trigger)`."""

    def start(data: Path, kind: str, trigger: Path) -> Node:
        faults = {"FAULT_KIND": kind, "FAULT_TRIGGER": str(trigger), "FAULT_BELOW": str(data)}
        return start_node(data, env=faults | {"PYTHONPATH": str(Path(__file__).parent / "faults")})

    return start
