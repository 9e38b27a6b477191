"""Correction: what is right replaces what was held, and all that rests on it is computed from it."""

from __future__ import annotations

import asyncio
from typing import Final

from genom.app.commit import now_ms
from genom.app.pages.me import telling
from genom.app.pipeline import vault_place
from genom.app.server import App
from genom.errors import BadRequest, nearest

__all__ = ["DIRECT", "correct", "fields_of"]

DIRECT: Final = ("name", "first_name", "last_name", "email", "phone", "address")
"""What names the person directly; it lies in the vault."""
_LONGEST: Final = 256  # characters, as in collection


def fields_of(app: App) -> tuple[str, ...]:
    """What can be corrected: names and ways to reach somebody, and what they have declared."""
    return (*DIRECT, *app.node.world.layout.genes.attributes)


async def correct(app: App, person: int, field: str, value: str, *, who: str) -> None:
    """Put a value right.

    What was declared before is outranked by an event of now, and genes follow from it; values that name somebody are
    replaced in the vault, and recipients who have a hash of the old one are sent the new one instead (Art. 19 GDPR).
    Raises BadRequest for a field that there is not, or a value that it cannot have.
    """
    if field not in fields_of(app):
        raise BadRequest(
            f"{field[:40]!r} cannot be corrected." if field else "What is to be corrected?",
            why=f"what can be: {', '.join(fields_of(app))}; purchases are corrected by events of the shop",
            fix=nearest(field, fields_of(app)) or "name one of these",
            code="request.field",
        )
    if field in DIRECT:
        await _in_vault(app, person, field, value.strip())
    else:
        event = telling.answer_event(app.node, field, value)
        await telling.tell(app, app.node.public.name(person), [event], actor=who.partition(":")[0])


async def _in_vault(app: App, person: int, field: str, value: str) -> None:
    if not 0 < len(value) <= _LONGEST:
        raise BadRequest(
            "The value cannot be used.",
            why=f"it has 1 to {_LONGEST} characters",
            fix="correct it",
            code="request.value",
        )
    node = app.node
    places = [vault_place(node.world, profile) for profile in node.world.people.members(person)]
    held = [place for place in places if field in node.vault.get(place)]
    await asyncio.to_thread(node.vault.put, {place: {field: value} for place in held or places[:1]})
    members = node.world.people.members(person)  # a link may have come meanwhile
    await asyncio.to_thread(node.deliveries.corrected, members, field, now=now_ms())
