"""A start: events that were collected before something was tagged serve, from then on, no more than they may.

What has to be narrowed is known by comparing the tags with those that the journal was last narrowed by; a crash in
between does no harm, for the next start finds the same difference and does it again.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from genom.app.catalogue import Catalogue
from genom.app.special.narrowing import rows_about
from genom.app.special.tags import Tags, tags_of
from genom.app.state_lock import no_state_is_written
from genom.journal import Journal
from genom.tables import Hasher

__all__ = ["AGE", "BEGUN", "DONE", "drop_states", "end_narrowing", "narrowed_by", "narrowed_tags", "times_narrowed"]

log = logging.getLogger("genom.art9")

DONE: Final = "art9.done"  # name in `meta` of what the journal was narrowed by
BEGUN: Final = "art9.begun"  # … of whether rows are being narrowed, or were when the node ended
RECOUNT: Final = "art9.recount"  # … of whether the next start counts closed decisions from the beginning
AGE: Final = "art9.age"  # … of how often rows were narrowed: what was learned before is not used any more


def narrowed_tags(
    path: Path, catalogue: Catalogue, journal: Journal, items: Hasher, *, kept: int,
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Tags:  # fmt: skip
    """The tags of a directory, whose journal agrees with them when this returns; `kept`: what tagged events may serve.

    Whatever was folded from rows that had to be narrowed is dropped, so that it is folded anew.
    Raises BadConfiguration for tags that cannot be used, and Busy.
    """
    if catalogue.get(RECOUNT):
        _outcomes(path).unlink(missing_ok=True)
        catalogue.put(RECOUNT, False)
    tags = tags_of(path, catalogue)
    if narrowed_by(tags, kept=kept) == (catalogue.get(DONE) or ""):
        return tags
    with no_state_is_written(path):
        wanted = rows_about(
            journal, tags, items, kept=kept, progress=lambda at: progress("Looking for tagged events", at, journal.last)
        )
        if len(wanted) or catalogue.get(BEGUN):
            catalogue.put(BEGUN, True)
            drop_states(path)  # first: after a crash in between nothing may be left that knew the rows as they were
            journal.narrow_rows(wanted, kept=kept, progress=lambda n: progress("Narrowing them", n, len(wanted)))
            log.warning("events about special categories were narrowed", extra={"rows": len(wanted)})
    end_narrowing(catalogue, tags, kept=kept)
    return tags


def narrowed_by(tags: Tags, *, kept: int) -> str:
    """Tells what a journal was narrowed by: these tags, and the purposes that what they tag may serve.

    >>> narrowed_by(Tags(), kept=1), len(narrowed_by(Tags(items=frozenset({"p"})), kept=1))
    ('', 18)
    """
    return f"{tags.digest}.{kept:x}" if tags else ""


def end_narrowing(catalogue: Catalogue, tags: Tags, *, kept: int) -> None:
    """The journal agrees with these tags, and nothing is left of what was folded before."""
    if catalogue.get(BEGUN):
        catalogue.put(AGE, int(catalogue.get(AGE) or 0) + 1)
        catalogue.put(RECOUNT, True)
    catalogue.put(DONE, narrowed_by(tags, kept=kept))
    catalogue.put(BEGUN, False)


def times_narrowed(path: Path) -> int:
    """How often the events of a directory were narrowed, from a catalogue that another process has open."""
    with closing(sqlite3.connect(f"file:{path / 'catalogue.sqlite'}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT value FROM meta WHERE key = ?", (AGE,)).fetchone()
    return int(found[0]) if found else 0


def drop_states(path: Path) -> None:
    """Folds of rows as they were: state files, snapshots, and what outcomes have taught."""
    folds = [*path.glob("state/*.state"), *path.glob("state/*/*.state"), *path.glob("live/*.state")]
    for file in [*folds, _outcomes(path)]:
        file.unlink(missing_ok=True)


def _outcomes(path: Path) -> Path:
    """What closed decisions add up to."""
    return path / "models" / "online" / "outcomes.state"
