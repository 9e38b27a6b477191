"""What a signal of others says of the purposes here."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Said"]


class Said(NamedTuple):
    """What one signal says; a purpose that it does not speak of is in neither."""

    choices: dict[str, bool]  # purpose → granted or not
    ends: frozenset[str] = frozenset()  # not granted, but perhaps not refused: a grant ends, nothing is objected to
    doubted: frozenset[str] = frozenset()  # of damaged parts: the event stays out of them, and nothing is recorded
    damaged: tuple[str, ...] = ()  # what of it is damaged or contradicts itself, and why
    at: int = 0  # unix ms; when the person made the choice, if the signal says so
    evidence: str = ""  # the signal as it came, no longer than a ledger should keep
