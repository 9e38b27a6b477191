"""Removing the sample shop: its people go the way of every erasure, then its own products and offers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import numpy as np

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.decisions.shelves import renew_shelf
from genom.app.holders import subject_of_person
from genom.app.node import Node
from genom.app.server import App
from genom.errors import BadRequest

__all__ = ["SAMPLE", "remove_sample"]

SAMPLE: Final = "sample"  # name of the source that the sample is sent as


async def remove_sample(app: App, *, who: str, told: Callable[[int], None]) -> int:
    """Erase everybody of whom only the sample has told, and forget what it sent to the catalogue; returns how many.

    Whoever is known by another source too stays, with what the sample told; so do products and offers that another
    source has sent or replaced.  It takes some seconds for each thousand people; others are served meanwhile,
    and `told` hears how many people are still to be erased.
    Raises BadRequest if the sample was never loaded.
    """
    node = app.node
    number = next((source.number for source in node.sources.values() if source.name == SAMPLE), None)
    if number is None:
        raise BadRequest("There is no sample to remove.", why="it was never loaded", fix="nothing needs to be done")
    people = await asyncio.to_thread(_people_of, node, number)
    for done, person in enumerate(people):
        told(len(people) - done)
        subject = await asyncio.to_thread(subject_of_person, node, person)
        await app.erasing.erase(subject, who=who, reason="")
    told(0)
    await asyncio.to_thread(node.catalogue.forget_products, SAMPLE)
    left = await asyncio.to_thread(node.catalogue.products)
    node.desk.products = {item: (one, two) for item, one, two in left}
    node.pipeline.catalogue_changed()
    await app.tagger.renew()
    node.outcomes.labels.clear()
    await renew_shelf(app)
    await asyncio.to_thread(
        audit.record, node.catalogue, "sample.removed", who=who, kind="source", name=SAMPLE, at=now_ms(),
        details={"people": len(people)},
    )  # fmt: skip
    return len(people)


def _people_of(node: Node, source: int) -> list[int]:
    """The people of whom no other source has told anything."""
    told, by_others = set[int](), set[int]()
    for block in node.journal.blocks():
        rows = block.rows[(block.rows["kind"] < 200) & (block.rows["profile"] > 0)]
        mine = rows["source"] == source
        told |= set(np.unique(rows["profile"][mine]).tolist())
        by_others |= set(np.unique(rows["profile"][~mine]).tolist())
    person_of, exists = node.world.people.person_of, node.world.profiles.exists
    named = {int(profile) for profile in range(1, node.world.profiles.count + 1) if exists(profile)}
    others = {int(person_of[profile]) for profile in by_others & named}
    return sorted({int(person_of[profile]) for profile in told & named} - others)
