"""What the online statistics may be told: purposes that they need, and what of the ledger takes them away."""

from __future__ import annotations

import hashlib
from typing import Final

import msgspec

from genom.consent import ERASURE, MINOR, REGION, RESTRICTION, Entry, Purposes
from genom.decide import Companions

__all__ = ["companions_of", "law_word", "refuses", "teaching_mask"]

_NEEDED: Final = ("model_training", "recommend")


def teaching_mask(purposes: Purposes) -> int:
    """What a person must permit, all of it, for their orders to tell what is bought after what."""
    return purposes.mask(name for name in _NEEDED if name in purposes.by_name)


def companions_of(purposes: Purposes) -> Companions:
    """Empty tables of what is bought after what, and when."""
    return Companions(train_bit=teaching_mask(purposes), count_bit=purposes.bit("measure_aggregate"))


def refuses(entry: Entry, purposes: Purposes) -> bool:
    """Whether an entry of the ledger may end what the statistics need: a denial, a move, an erasure, an older text.

    While as many do as before, nobody has withdrawn.
    """
    if entry.act in {ERASURE, MINOR, REGION, RESTRICTION}:
        return True
    if entry.purpose not in _NEEDED or (purpose := purposes.by_name.get(entry.purpose)) is None:
        return False
    return not entry.granted or entry.text != purpose.text_hash


def law_word(purposes: Purposes) -> str:
    """A word for what each region asks for: while it is the same, no law has become stricter; empty without regions."""
    if purposes.regions is None:
        return ""
    return hashlib.sha256(msgspec.json.encode(purposes.laws, order="sorted")).hexdigest()[:16]
