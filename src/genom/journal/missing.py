"""What a journal must have: its segments follow one another without a gap."""

from __future__ import annotations

from pathlib import Path

from genom.errors import Corrupt
from genom.journal.files import index_path, segment_path
from genom.journal.segment import Segment

__all__ = ["expect_next", "expect_no_more"]


def expect_next(segment: Segment, *, number: int, sequence: int, before: Segment | None) -> None:
    """The segment has this number and begins with this sequence.  Raises Corrupt."""
    if (segment.number, segment.first_sequence) != (number, sequence):
        damage = f", or {before.path.name} is damaged from byte {before.end:,} on" if before else ""
        raise Corrupt(
            f"Row {sequence:,} should begin the journal file {segment.path.name}; row {segment.first_sequence:,} does.",
            why=f"a journal file is missing or has another one's name{damage}",
            fix="restore the journal directory from a backup; nothing was changed",
        )


def expect_no_more(directory: Path, *, last: int) -> None:
    """The last segment is not sealed: that happens only when the next one is there.  Raises Corrupt."""
    index = index_path(segment_path(directory, last))
    if index.exists():
        raise Corrupt(
            f"The journal file {segment_path(directory, last + 1).name} is missing.",
            why=f"{index.name} says that another journal file followed",
            fix=f"restore the file from a backup; to go on without its rows, delete {index.name}",
        )
