"""Consent: purposes, the ledger of choices, and the masks that follow from them.

    purposes.yaml ─ load_purposes → Purposes (names ↔ bits)
    Ledger ─ replay → fold → Choices ─ of(profiles) → Choice ─ effective → mask of a person now
                                                             └ event_mask → mask of an event, frozen

The ledger is the home; everything else here can be computed from it and the purposes.
"""

from __future__ import annotations

from genom.consent.categories import STORED, category_of
from genom.consent.choices import NO_CHOICE, RESTRICTED, Choice, Choices, Standing, effective
from genom.consent.entries import choices_about, entries_of
from genom.consent.entry import (
    BANNER,
    CHOICE,
    ENDED,
    ERASURE,
    GENESIS,
    LIFTED,
    MINOR,
    OBJECTION,
    OF_AGE,
    REGION,
    RESTRICTION,
    RESTRICTION_LIFTED,
    Entry,
    Head,
)
from genom.consent.fold import fold, take
from genom.consent.grounds import Grounds
from genom.consent.kept_head import KeptHead
from genom.consent.law import Law
from genom.consent.ledger import Ledger
from genom.consent.lifetime import NEVER, Lifetime, parse_lifetime
from genom.consent.masks import event_mask
from genom.consent.purpose import DECISION_DAYS, Purpose
from genom.consent.purposes import Purposes, Retired, check_successor, load_purposes
from genom.consent.regions import UNKNOWN, Regions

__all__ = [
    "BANNER",
    "CHOICE",
    "DECISION_DAYS",
    "ENDED",
    "ERASURE",
    "GENESIS",
    "LIFTED",
    "MINOR",
    "NEVER",
    "NO_CHOICE",
    "OBJECTION",
    "OF_AGE",
    "REGION",
    "RESTRICTED",
    "RESTRICTION",
    "RESTRICTION_LIFTED",
    "STORED",
    "UNKNOWN",
    "Choice",
    "Choices",
    "Entry",
    "Grounds",
    "Head",
    "KeptHead",
    "Law",
    "Ledger",
    "Lifetime",
    "Purpose",
    "Purposes",
    "Regions",
    "Retired",
    "Standing",
    "category_of",
    "check_successor",
    "choices_about",
    "effective",
    "entries_of",
    "event_mask",
    "fold",
    "load_purposes",
    "parse_lifetime",
    "take",
]
