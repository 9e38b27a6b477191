"""The audit page's adapter: rows of the log in the reader's words."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from genom.app import audit
from genom.app.audit_heads import Heads
from genom.app.node import Node
from genom.app.pages.deed_words import (
    action_words,
    actor_words,
    detail_words,
    name_words,
    object_words,
    problem_words,
    reason_words,
)
from genom.app.show.clean import clean
from genom.console.audit import AuditView, Checked, Deed

__all__ = ["AuditRows"]

_MOST: Final = 50  # rows on a page
_HOMES: Final[Mapping[str, str]] = {"person": "/people/", "point": "/decisions/", "model": "/models/"}


class AuditRows:
    """Reads the log."""

    def __init__(self, node: Node) -> None:
        self._node, self._heads = node, Heads(node.catalogue, node.signing)

    async def read(self, *, before: int, action: str, language: str) -> AuditView:
        """Rows older than row `before` (0: the newest), of one action if given."""
        catalogue = self._node.catalogue
        found = await asyncio.to_thread(audit.rows, catalogue, before=before, limit=_MOST + 1, action=action)
        seen = await asyncio.to_thread(audit.actions_seen, catalogue)
        return AuditView(
            deeds=tuple(_deed(row, language) for row in found[:_MOST]),
            actions=[(name, action_words(name, language)) for name in seen],
            older=found[_MOST - 1].number if len(found) > _MOST else 0,
        )

    async def check(self, language: str) -> Checked:
        """Compute the chain again."""
        found = await asyncio.to_thread(audit.verify, self._node.catalogue)
        problem = found.problem or await asyncio.to_thread(self._heads.problem)
        return Checked(rows=found.rows, head=found.head, problem=problem_words(problem, language))


def _deed(row: audit.Row, language: str) -> Deed:
    kind, _, name = row.who.partition(":")
    home = _HOMES.get(row.kind, "") if row.name else ""
    return Deed(
        number=row.number,
        at=row.at,
        who=name_words(kind, name, language),
        by=actor_words(kind, language),
        action=action_words(row.action, language),
        object=object_words(row.kind, row.name, language),
        href=home + quote(row.name, safe="") if home else "",
        reason=clean(reason_words(row.reason, language), most=audit.REASON_LONGEST),
        details=tuple(detail_words(key, value, language) for key, value in row.details.items()),
        redacted=row.redacted,
        hash=row.hash,
    )
