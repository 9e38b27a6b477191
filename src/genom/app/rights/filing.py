"""Filing the request of a person who is named by an identifier."""

from __future__ import annotations

import asyncio

from genom.app.commit import now_ms
from genom.app.reading import find_person
from genom.app.rights.asked import Asked
from genom.app.server import App
from genom.errors import NotFound

__all__ = ["filed"]


async def filed(
    app: App,
    kind: str,
    of: str,
    value: str,
    *,
    via: str,
    who: str,
    region: str = "",
    note: str = "",
    proof: str = "",
    checked_at: int = 0,
) -> Asked:
    """The request, new or still open; `of` is the identifier's type, or `person` for a public id.

    Raises NotFound if nobody has the identifier, BadRequest for what cannot be filed.
    """
    person = find_person(app.node, {of: value})
    if not person:
        raise NotFound(
            "Nobody has this identifier.",
            why="no event or consent named it, or its person was erased",
            fix="check its type and value",
            code="request.nobody",
        )
    return await asyncio.to_thread(
        app.requests.file, kind, subject=app.node.public.name(person), via=via, who=who, now=now_ms(), region=region,
        note=note, proof=proof, checked_at=checked_at,
    )  # fmt: skip
