"""What every test may use: real nodes, and how Hypothesis searches."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests import node as nodes
from tests.node import Node

# A shared machine or a cold kernel makes an example slow, which says nothing about the law: no deadline.
# The search is the same every time, so that no run fails by chance; `make soak` looks at new examples.
SLOW = [HealthCheck.too_slow]
settings.register_profile("genom", deadline=None, derandomize=True, print_blob=True, suppress_health_check=SLOW)
settings.register_profile("search", settings.get_profile("genom"), derandomize=False)
FOUND = (Phase.explicit, Phase.reuse, Phase.generate)  # that a law is broken is enough to know
settings.register_profile("unshrunk", settings.get_profile("genom"), phases=FOUND)
settings.load_profile("genom")

StartNode = Callable[..., Node]
# Files and folders that take longest; they begin first, so that no process waits long for the other at the end.
LONGEST = [
    "tests/docs/test_pages.py", "tests/browser/test_console_rules.py", "tests/app/test_art9_leaks.py",
    "tests/app/test_art9_noninterference.py", "tests/demo/test_recovery.py", "tests/crash/", "tests/demo/",
    "tests/browser/",
]  # fmt: skip
LOAD_SECONDS = 600  # a sample shop that takes longer than this is broken, not slow


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first; all else stays in its order."""
    items.sort(key=lambda item: next((n for n, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST)))


@pytest.fixture(scope="session")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node without data, one for the whole run; use own identifiers in each test."""
    running = nodes.start(tmp_path_factory.mktemp("node") / "data")
    yield running
    assert running.stop() == 0, running.log.read_text("utf-8")[-4000:]


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that has loaded the whole sample shop, one for the whole run."""
    data = tmp_path_factory.mktemp("shop") / "data"
    data.mkdir(mode=0o700)
    (data / "settings.yaml").write_text("learn_hours: 0\n")  # a training would take a core for minutes
    running = nodes.start(data, sample=True)
    try:
        _wait_until_loaded(running)
        yield running
    finally:
        running.stop()


@pytest.fixture
def start_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartNode]:
    """Starts nodes of the test's own: `start_node(data=None, *args, env=None)`; they end after the test."""
    started: list[Node] = []

    def start(data: Path | None = None, *args: str, env: Mapping[str, str] | None = None, sample: bool = False) -> Node:
        directory = data or tmp_path_factory.mktemp("own") / "data"
        started.append(nodes.start(directory, *args, env=env, sample=sample))
        return started[-1]

    yield start
    for running in started:
        running.stop()


def _wait_until_loaded(running: Node) -> None:
    deadline = time.monotonic() + LOAD_SECONDS
    while (state := running.get("/v1/stats")["sample"])["state"] != "complete":
        if time.monotonic() > deadline or running.process.poll() is not None:
            raise RuntimeError(f"The sample shop did not load: {state}\n{running.log.read_text('utf-8')[-4000:]}")
        time.sleep(0.5)
