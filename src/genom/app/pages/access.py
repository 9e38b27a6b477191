"""The page of users and keys: roles in words, changes by the ways of the API."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from genom.app.commit import now_ms
from genom.app.roles import OWNER, ROLES, may_give
from genom.app.routes.access import Maker, NewKey, added_user, change_user, drop_user, made_key, removed_key
from genom.app.server import App
from genom.console.access import AccessView, ListedKey, ListedUser, Role

__all__ = ["AccessPages"]

_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "admin": ("Admin", "Administration"),
    "marketer": ("Marketer", "Marketing"),
    "analyst": ("Analyst", "Analyse"),
    "ml_engineer": ("ML engineer", "Modellentwicklung"),
    "privacy_agent": ("Privacy agent", "Datenschutz-Sachbearbeitung"),
    "dpo": ("Data-protection officer", "Datenschutzbeauftragte Person"),
    OWNER: ("Owner of the machine: everything", "Betrieb der Maschine: alles"),
    "": ("Collecting only", "Nur Erfassung"),
}
_RIGHTS: Final[Mapping[str, tuple[str, str]]] = {
    "totals.read": ("figures of no single person", "Zahlen ohne einzelne Personen"),
    "segments.read": ("see segments", "Segmente sehen"),
    "destinations.read": ("destinations and their counts", "Zielsysteme und ihre Zahlen"),
    "destinations.write": ("change destinations", "Zielsysteme ändern"),
    "segments.write": ("change segments", "Segmente ändern"),
    "points.read": ("see decision points", "Entscheidungspunkte sehen"),
    "points.write": ("change decision points", "Entscheidungspunkte ändern"),
    "genes.read": ("see genes", "Gene sehen"),
    "genes.write": ("change genes", "Gene ändern"),
    "models.read": ("see models", "Modelle sehen"),
    "models.write": ("approve models", "Modelle freigeben"),
    "people.read": ("see single people", "einzelne Personen sehen"),
    "people.find": ("find a person by an identifier", "eine Person über eine Kennung finden"),
    "people.change": ("choices and links of a person", "Wahl und Verknüpfungen einer Person"),
    "people.erase": ("erase people", "Personen löschen"),
    "records": ("records of processing", "Verzeichnis von Verarbeitungstätigkeiten"),
    "erasures.read": ("receipts of erasures", "Quittungen von Löschungen"),
    "requests.read": ("see requests of people", "Anfragen von Personen sehen"),
    "requests.write": ("handle requests of people", "Anfragen von Personen bearbeiten"),
    "art9.read": ("tagged special categories", "Kennzeichnungen besonderer Kategorien"),
    "sources.read": ("see sources", "Quellen sehen"),
    "sources.write": ("change sources", "Quellen ändern"),
    "system": ("state of the node", "Zustand des Knotens"),
    "owner": ("one-time links with every right", "Einmal-Links mit allen Rechten"),
    "access": ("users and keys", "Zugänge und Schlüssel"),
    "audit.read": ("the audit log", "das Prüfprotokoll"),
}


class AccessPages:
    """Reads the catalogue; changes are on record."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def view(self, *, language: str, rights: frozenset[str]) -> AccessView:
        """Everything, as somebody with these rights may change it."""
        of = language == "de"
        keys = await asyncio.to_thread(self._app.node.catalogue.all_keys)
        owners = sum(key.kind == "server" and not key.role for key in keys)
        return AccessView(
            users=[
                ListedUser(
                    name=user.name,
                    role=user.role,
                    called=_NAMES[user.role][of],
                    at=user.at,
                    mine=may_give(rights, user.role),
                )
                for user in self._app.users.every()
            ],
            keys=[
                ListedKey(
                    id=key.id,
                    name=key.name,
                    kind=key.kind,
                    role=_NAMES[key.role or (OWNER if key.kind == "server" else "")][of],
                    purposes=key.purposes,
                    reason=key.reason,
                    at=key.at,
                    fixed=(key.kind == "server" and not key.role and owners == 1)
                    or (key.kind == "server" and not may_give(rights, key.role or OWNER)),
                )
                for key in keys
            ],
            roles=[
                Role(
                    id=role,
                    name=_NAMES[role][of],
                    mine=may_give(rights, role),
                    rights=tuple(_RIGHTS[right][of] for right in _RIGHTS if right in has),
                )
                for role, has in ROLES.items()
            ],
        )

    async def add_user(self, name: str, role: str, password: str, *, by: str, rights: frozenset[str]) -> None:
        """Let somebody log in."""
        await added_user(self._app, name, role, password, now=now_ms(), by=Maker(by, rights))

    async def change_user(self, name: str, *, role: str, password: str, by: str, rights: frozenset[str]) -> None:
        """Another role or password; their sessions end."""
        await change_user(self._app, name, role=role, password=password, by=Maker(by, rights))

    async def remove_user(self, name: str, *, by: str, rights: frozenset[str]) -> None:
        """Nobody logs in by the name any more."""
        await drop_user(self._app, name, by=Maker(by, rights))

    async def make_key(self, name: str, role: str, reason: str, *, by: str, rights: frozenset[str]) -> str:
        """A new key, which is returned this once."""
        return (await made_key(self._app, NewKey(name, role, reason=reason), by=Maker(by, rights))).key

    async def remove_key(self, key: str, *, by: str, rights: frozenset[str]) -> None:
        """The key opens nothing any more."""
        await removed_key(self._app, key, by=Maker(by, rights))
