"""The audit page's adapter: rows of the log in the reader's words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

from genom.app import audit
from genom.app.node import Node
from genom.app.show.clean import clean
from genom.console.audit import AuditView, Checked, Deed

__all__ = ["AuditRows"]

_MOST: Final = 50  # rows on a page
_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "person.revealed": ("Masked values shown", "Maskierte Werte angezeigt"),
    "person.split": ("Profile split off", "Profil abgetrennt"),
    "person.rejoined": ("Split undone", "Trennung rückgängig gemacht"),
    "person.link_made": ("Link to the own page made", "Link zur eigenen Seite erstellt"),
    "segment.defined": ("Segment defined", "Segment definiert"),
    "segment.removed": ("Segment removed", "Segment entfernt"),
    "segment.members_read": ("Members of a segment read", "Mitglieder eines Segments gelesen"),
    "segment.exported": ("Segment exported", "Segment exportiert"),
    "point.published": ("Decision point published", "Entscheidungspunkt veröffentlicht"),
    "point.rolled_back": (
        "Decision point back to the version before",
        "Entscheidungspunkt auf die vorige Version zurück",
    ),
    "point.shadowed": ("Version put into shadow", "Version in den Schatten gestellt"),
    "point.shadow_ended": ("Shadow ended", "Schattenbetrieb beendet"),
    "point.drafted": ("Version kept as a draft", "Version als Entwurf abgelegt"),
    "model.approved": ("Model approved", "Modell freigegeben"),
    "model.rolled_back": ("Model rolled back", "Modell zurückgesetzt"),
}
_BY: Final[Mapping[str, tuple[str, str]]] = {
    "console": ("console", "Konsole"),
    "key": ("API key", "API-Schlüssel"),
    "cli": ("command line", "Kommandozeile"),
    "node": ("Genom itself", "Genom selbst"),
}
_HOMES: Final[Mapping[str, str]] = {"person": "/people/", "point": "/decisions/", "model": "/models/"}
_PROBLEMS: Final[tuple[tuple[str, str], ...]] = (  # patterns of audit.Verdict.problem, in German
    (r"row (\d+) is missing", "Zeile {} fehlt"),
    (r"row (\d+) does not follow the row before", "Zeile {} folgt nicht auf die Zeile davor"),
    (r"row (\d+) was changed", "Zeile {} wurde verändert"),
    (r"rows (\d+) to (\d+) were taken away at the end", "am Ende fehlen die Zeilen {} bis {}"),
)


class AuditRows:
    """Reads the log."""

    def __init__(self, node: Node) -> None:
        self._node = node

    async def read(self, *, before: int, action: str, language: str) -> AuditView:
        """Rows older than row `before` (0: the newest), of one action if given."""
        catalogue, german = self._node.catalogue, language == "de"
        found = await asyncio.to_thread(audit.rows, catalogue, before=before, limit=_MOST + 1, action=action)
        seen = await asyncio.to_thread(audit.actions_seen, catalogue)
        return AuditView(
            deeds=tuple(_deed(row, german) for row in found[:_MOST]),
            actions=[(name, _words(name, german)) for name in seen],
            older=found[_MOST - 1].number if len(found) > _MOST else 0,
        )

    async def check(self, language: str) -> Checked:
        """Compute the chain again."""
        found = await asyncio.to_thread(audit.verify, self._node.catalogue)
        problem = _german(found.problem) if language == "de" else found.problem
        return Checked(rows=found.rows, head=found.head, problem=problem)


def _deed(row: audit.Row, german: bool) -> Deed:
    kind, _, name = row.who.partition(":")
    home = _HOMES.get(row.kind, "")
    return Deed(
        number=row.number,
        at=row.at,
        who=clean(name, most=60),
        by=_BY[kind][german] if kind in _BY else clean(kind, most=60),
        action=_words(row.action, german),
        object=clean(row.name, most=60),
        href=home + quote(row.name, safe="") if home else "",
        reason=clean(row.reason, most=audit.REASON_LONGEST),
        details=tuple((clean(key, most=40), _told(value)) for key, value in row.details.items()),
        hash=row.hash,
    )


def _words(action: str, german: bool) -> str:
    return _ACTIONS[action][german] if action in _ACTIONS else action


def _told(value: audit.Detail) -> str:
    parts = value if isinstance(value, list) else [value]
    return clean(", ".join(str(part) for part in parts), most=200)


def _german(problem: str) -> str:
    for pattern, words in _PROBLEMS:
        if found := re.fullmatch(pattern, problem):
            return words.format(*found.groups())
    return problem
