"""A disk that fails to sync ends the node; a full one makes it wait."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import StartNode
from tests.crash.conftest import Faulty
from tests.crash.witness import PATIENCE, Witness, eventually, prepared
from tests.node import Node


def waits_and_goes_on(witness: Witness, node: Node, *, no_room: Callable[[], None], room: Callable[[], None]) -> None:
    """Under load: take the room away, see the 503, give it back, see acknowledgements again."""
    with witness.load(node):
        eventually("the first acknowledgement", lambda: witness.acknowledged)
        no_room()
        eventually("a 503", lambda: witness.statuses[503] >= 3)
        assert node.process.poll() is None
        room()
        before = len(witness.acknowledged)
        eventually("an acknowledgement after the room came back", lambda: len(witness.acknowledged) > before + 100)
    assert all(seconds and float(seconds) > 0 for seconds in witness.retry_after)
    assert set(witness.statuses) <= {200, 503}


def test_a_failed_sync_ends_the_node_and_a_new_one_rebuilds(
    start_faulty: Faulty, start_node: StartNode, tmp_path: Path
) -> None:
    data, trigger, witness = tmp_path / "data", tmp_path / "trigger", Witness()
    node = start_faulty(data, "sync", trigger)
    with witness.load(node):
        eventually("the first acknowledgement", lambda: witness.acknowledged)
        trigger.touch()
        status = node.process.wait(PATIENCE)
    assert status > 0

    witness.check(start_node(data))


def test_nothing_is_acknowledged_after_a_failed_sync(start_faulty: Faulty, tmp_path: Path) -> None:
    data, trigger, witness = tmp_path / "data", tmp_path / "trigger", Witness()
    node = start_faulty(data, "sync", trigger)
    trigger.touch()

    with witness.load(node):
        node.process.wait(PATIENCE)

    assert witness.acknowledged == set()


@pytest.mark.parametrize("kind", ["reserve", "full"])
def test_a_full_disk_is_answered_503_until_there_is_room(
    start_faulty: Faulty, start_node: StartNode, tmp_path: Path, kind: str
) -> None:
    data, trigger, witness = prepared(tmp_path / "data", segment_bytes=1_048_576), tmp_path / "trigger", Witness()
    node = start_faulty(data, kind, trigger)

    waits_and_goes_on(witness, node, no_room=trigger.touch, room=trigger.unlink)

    witness.check(node)
    assert node.stop() == 0
    witness.check(start_node(data))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 96 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid():
        pytest.skip("mounting a small file system needs root; the injected faults above run everywhere")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m,mode=0700", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"tmpfs cannot be mounted here: {mounted.stderr.decode().strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=False)


def test_a_really_full_disk_is_answered_503_until_there_is_room(start_node: StartNode, small_disk: Path) -> None:
    data, filler, witness = prepared(small_disk / "data", segment_bytes=1_048_576), small_disk / "filler", Witness()
    node = start_node(data)

    def fill() -> None:
        with filler.open("wb") as file:
            for spare in (2_000_000, 500_000, 0):  # the node takes room meanwhile
                free = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
                with suppress(OSError):
                    os.posix_fallocate(file.fileno(), 0, max(4096, free - spare))
                    break

    waits_and_goes_on(witness, node, no_room=fill, room=filler.unlink)

    witness.check(node)
    assert node.stop() == 0
    witness.check(start_node(data))
