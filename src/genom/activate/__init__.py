"""Destinations outside: what may go there, who is there, and how they are told to let go of somebody.

Only people who permit every purpose of a destination are ever sent; whoever withdraws or is erased is removed there,
and no pair of a person and a destination is left without a final state.
"""

from genom.activate.destination import Destination, Known, PurposeOf, kept_form, read_destination
from genom.activate.pairs import LATE, OPEN, Pair, State, claimed, corrected, is_late, reported, wished
from genom.activate.platform import Answer, Batch, Member, Outcome, Platform
from genom.activate.pseudonyms import hashed, period_of, pseudonym
from genom.activate.webhook import Webhook

__all__ = [
    "LATE",
    "OPEN",
    "Answer",
    "Batch",
    "Destination",
    "Known",
    "Member",
    "Outcome",
    "Pair",
    "Platform",
    "PurposeOf",
    "State",
    "Webhook",
    "claimed",
    "corrected",
    "hashed",
    "is_late",
    "kept_form",
    "period_of",
    "pseudonym",
    "read_destination",
    "reported",
    "wished",
]
