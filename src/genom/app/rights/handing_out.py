"""Handing out the copy: each time is one row of the audit log."""

from __future__ import annotations

import asyncio

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.rights.copying import zipped
from genom.app.rights.holding import held_of

__all__ = ["EXPORTED", "copy_for"]

EXPORTED = "person.exported"


async def copy_for(node: Node, person: int, *, language: str, who: str, reason: str = "") -> bytes:
    """The ZIP file of everything that is held of a person; it stands in the audit log before it is handed out."""
    held = await held_of(node, person, language=language)
    packed = await asyncio.to_thread(zipped, held, language=language)
    await asyncio.to_thread(
        audit.record, node.catalogue, EXPORTED, who=who, kind="person", name=node.public.name(person), at=now_ms(),
        reason=reason, details={"bytes": len(packed)},
    )  # fmt: skip
    return packed
