"""Groups of rows as a node would stage them, and journals made of them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from genom.journal import Journal
from genom.words import ROW

SMALL = 4096  # bytes of a segment: a few groups fill it


@dataclass(frozen=True, slots=True)
class Group:
    """One row a profile, with its decision and its body."""

    profiles: tuple[int, ...]
    decisions: tuple[int, ...]
    bodies: tuple[bytes, ...]

    def rows(self) -> NDArray[np.void]:
        """Fresh rows: `stage` numbers them in place."""
        rows = np.zeros(len(self.profiles), ROW)
        rows["profile"], rows["decision"] = self.profiles, self.decisions
        rows["body_length"] = [len(body) for body in self.bodies]
        rows["body_start"] = np.cumsum([0, *rows["body_length"][:-1].tolist()])
        rows["amount"] = [-profile for profile in self.profiles]
        return rows


def group(*profiles: int, decision: int = 0, body: bytes = b"{}") -> Group:
    return Group(profiles, (decision,) * len(profiles), (body,) * len(profiles))


row_drafts = st.tuples(st.integers(0, 4), st.integers(0, 2), st.binary(max_size=30))
groups = st.lists(row_drafts, min_size=1, max_size=30).map(lambda drafts: Group(*zip(*drafts, strict=True)))
histories = st.lists(groups, max_size=12)


def stage(journal: Journal, one: Group) -> int:
    return journal.stage(one.rows(), b"".join(one.bodies), now=7)


def grow(directory: Path, history: list[Group], *, segment_bytes: int = SMALL, upkeep: bool = True) -> Journal:
    """A journal with these groups, each synced; still open."""
    journal = Journal(directory, segment_bytes=segment_bytes)
    for one in history:
        stage(journal, one)
        journal.sync()
        if upkeep and journal.wants_upkeep:
            journal.upkeep(now=7)
    return journal


def grown(directory: Path, history: list[Group], *, segment_bytes: int = SMALL, upkeep: bool = True) -> Path:
    """The same, closed."""
    grow(directory, history, segment_bytes=segment_bytes, upkeep=upkeep).close()
    return directory


Fact = tuple[int, int, int, bytes]  # sequence, profile, decision, body


def facts_of(history: list[Group]) -> list[Fact]:
    """What a journal of these groups must say."""
    drafts = [row for one in history for row in zip(one.profiles, one.decisions, one.bodies, strict=True)]
    return [(sequence, *row) for sequence, row in enumerate(drafts, 1)]


def facts_in(journal: Journal, first: int = 1) -> list[Fact]:
    """What it says, read in order."""
    return [
        (int(row["sequence"]), int(row["profile"]), int(row["decision"]), block.body(i))
        for block in journal.blocks(first)
        for i, row in enumerate(block.rows)
    ]


def facts_by_profile(journal: Journal, *profiles: int) -> list[Fact]:
    """What it says of some profiles, read by the indexes."""
    found = journal.rows_of(profiles)
    return [
        (int(row["sequence"]), int(row["profile"]), int(row["decision"]), journal.body(place))
        for row, place in zip(found.rows, found.places, strict=True)
    ]


def reopened(directory: Path) -> list[Fact]:
    """What a new writer finds."""
    journal = Journal(directory, segment_bytes=SMALL)
    try:
        return facts_in(journal)
    finally:
        journal.close()


def copied(directory: Path, to: Path) -> Path:
    """The directory as a crash of the process would leave it now."""
    shutil.rmtree(to, ignore_errors=True)
    return Path(shutil.copytree(directory, to))


def newest(directory: Path) -> Path:
    """The open segment."""
    return max(directory.glob("*.journal"))


def flipped(path: Path, byte: int, bit: int = 0) -> None:
    """Turn one bit round."""
    content = bytearray(path.read_bytes())
    content[byte] ^= 1 << bit
    path.write_bytes(content)
