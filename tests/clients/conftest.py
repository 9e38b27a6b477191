from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.http.black_box import Door
from tests.node import Node


@pytest.fixture(scope="session")
def door(node: Node) -> Iterator[Door]:
    """The shared node, asked from outside."""
    with Door(node) as opened:
        yield opened
