"""What a signal of others says of the purposes here."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Said"]


class Said(NamedTuple):
    """What one signal says; a purpose that it does not speak of is in neither."""

    choices: dict[str, bool]  # purpose → granted or not
    doubted: frozenset[str] = (
        frozenset()
    )  # purposes that it must not be used for, though nobody can say what was chosen
    only_ends: bool = False  # what is not granted may be no refusal: it ends a grant, and objects to nothing
    evidence: str = ""  # the signal as it came, no longer than a ledger should keep
