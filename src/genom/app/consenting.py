"""Recording choices: the ledger first, then the memory that reads look at; both before anybody hears that it is done.

One way for the API, the person's own pages and whatever else lets people choose.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from genom.app.commit import now_ms
from genom.app.permitting import subjects_of
from genom.app.server import App
from genom.consent import LIFTED, Entry

__all__ = ["Chosen", "record_choices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A person's choice for one purpose."""

    person: int
    purpose: str
    granted: bool
    mechanism: str  # how it was made, such as "api" or "portal"
    source: str = ""  # LIFTED with `granted=False`: their refusal ends, and they have no choice


async def record_choices(app: App, choices: Sequence[Chosen], *, actor: str) -> None:
    """Record choices, all or none; they act on every read that begins after this returns."""
    node, now = app.node, now_ms()
    entries = [
        Entry(
            at=now, subjects=subjects_of(node.world, one.person), purpose=one.purpose, granted=one.granted,
            text=node.purposes.text_hash(one.purpose), mechanism=one.mechanism[:40], source=one.source, actor=actor,
        )
        for one in choices
    ]  # fmt: skip
    try:
        await asyncio.to_thread(node.ledger.append, entries)
    except OSError as error:  # what reached the disk is unknown
        app.committer.end(error)
    for one, entry in zip(choices, entries, strict=True):
        person = node.world.people.person(one.person)  # a link may have come meanwhile
        node.outcomes.unlearning.choosing(person, entry)
        members, bit = node.world.people.members(person), node.purposes.bit(one.purpose)
        if one.source == LIFTED:
            node.choices.forget(members, bit)
        else:
            node.choices.record(members, bit, one.granted)
        node.pipeline.permits.forget(person)
    node.segments.permissions_changed([node.world.people.person(one.person) for one in choices], now=now)
    if node.outcomes.unlearning.waits:
        await app.committer.between(node.outcomes.agree)
    app.counts["consents"] += len(choices)
