"""Nodes for the living shop."""

from __future__ import annotations

import pytest

from tests import node as nodes


@pytest.fixture
def node(tmp_path):
    running = nodes.start(tmp_path / "data")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def shared_node(tmp_path_factory):
    running = nodes.start(tmp_path_factory.mktemp("living") / "data")
    yield running
    running.stop()
