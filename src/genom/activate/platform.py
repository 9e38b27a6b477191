"""The port to a recipient: take members in, let them go, say how far it is."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Protocol

import msgspec

__all__ = ["Answer", "Batch", "Member", "Outcome", "Platform"]


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """One person as the recipient knows them."""

    id: str  # pseudonym, another one for each recipient
    email_sha256: str = ""  # made when it is sent, and kept nowhere
    phone_sha256: str = ""
    consent: dict[str, str] = {}  # signals of Consent Mode v2, where the destination wants them


class Batch(msgspec.Struct, frozen=True):
    """Members to take in or to let go of."""

    destination: str
    url: str
    what: Literal["add", "remove"]
    key: str  # the same when the same people are sent again for the same reason, as after an answer that got lost
    members: list[Member]


class Outcome(StrEnum):
    """What became of a batch or a job."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"


class Answer(msgspec.Struct, frozen=True):
    """What a recipient answered."""

    outcome: Outcome
    job: str = ""  # to ask about while it is pending
    why: str = ""  # it failed; nothing of a person stands in it


class Platform(Protocol):
    """A recipient; no method raises for what the other side does."""

    def send(self, batch: Batch) -> Answer:
        """Hand over a batch; sent again it does no harm."""

    def ask(self, batch_url: str, job: str) -> Answer:
        """How far a job is."""
