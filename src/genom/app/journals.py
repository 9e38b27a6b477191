"""The journal and the refused events of a data directory, with the keys that open them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from genom.collect import BadRows
from genom.errors import BadConfiguration
from genom.journal import Journal
from genom.keys import BodyCipher, DayKeys, Epochs, Slots
from genom.settings import Settings

__all__ = ["SLOTS", "open_bad_rows", "open_journal", "open_slots", "read_journal"]

SLOTS: Final = "keys/profiles.keys"
_EVERY: Final = 1 << 24  # profiles that a reader has room for; memory is taken as keys are used


def open_slots(directory: Path, settings: Settings) -> Slots:
    """The data keys of a directory that this process holds.  Raises BadConfiguration if what opens them was lost."""
    keys = (directory / SLOTS).parent
    keys.mkdir(mode=0o700, exist_ok=True)
    if (directory / SLOTS).exists() and not (keys / "epochs.json").exists():
        raise _lost(directory, "there is no keys/epochs.json, which opens keys/profiles.keys")
    slots = Slots(directory / SLOTS, Epochs(directory / SLOTS.partition("/")[0]), capacity=settings.people_max + 1)
    slots.make_room(0)
    return slots


def open_journal(directory: Path, slots: Slots, settings: Settings, *, now: int) -> Journal:
    """The journal for the process that writes it.

    Raises BadConfiguration if its bodies are sealed and the keys were lost.
    """
    cipher = BodyCipher(slots, start=slots.next_start())
    journal = Journal(
        directory / "journal", segment_bytes=settings.segment_bytes, now=now, cipher=cipher,
        seals=settings.encrypt_bodies,
    )  # fmt: skip
    if slots.made and journal.sealed:
        journal.close()
        (directory / SLOTS).unlink()
        raise _lost(directory, f"the journal's bodies are sealed, and there is no {SLOTS}")
    return journal


def open_bad_rows(
    directory: Path, settings: Settings, keys: DayKeys | None = None, *, writable: bool = True
) -> BadRows:
    """The store of refused events, under a key for each day."""
    keys = keys or DayKeys(directory / SLOTS.partition("/")[0])
    return BadRows(
        directory / "badrows", days=settings.bad_row_days, max_bytes=settings.bad_row_bytes, keys=keys,
        writable=writable,
    )  # fmt: skip


def _lost(directory: Path, why: str) -> BadConfiguration:
    return BadConfiguration(
        f"The keys of {directory} are lost.", why=why,
        fix="restore the directory keys/ from a backup that was made with this journal",
    )  # fmt: skip


def read_journal(directory: Path) -> Journal:
    """The journal for a process that only reads, beside a running node or without one."""
    path = directory / SLOTS
    if not path.exists():
        return Journal(directory / "journal", writable=False)
    slots = Slots(path, Epochs(path.parent), capacity=_EVERY, writable=False)
    return Journal(directory / "journal", writable=False, cipher=BodyCipher(slots))
