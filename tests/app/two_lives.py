"""Two nodes with the same secrets and the same chance, of which one lives another life."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from shutil import copytree

import pytest

from genom.app.node import Node
from tests.app.house import House


@contextmanager
def two_lives(place: Path, lived: Callable[..., None]) -> Iterator[tuple[House, House]]:
    """Both houses after `lived(house, turned=…)`; what is in `place / "one"` beforehand is in both."""
    with House(place / "one"):
        pass
    copytree(place / "one", place / "other")  # the same secrets, so the same hashes
    with House(place / "one") as one, House(place / "other") as other, pytest.MonkeyPatch.context() as patches:
        dice = {id(house.node): Random(1) for house in (one, other)}
        patches.setattr(Node, "seed", lambda node: dice[id(node)].getrandbits(64))  # the same chance in both
        lived(one, turned=False)
        lived(other, turned=True)
        yield one, other
