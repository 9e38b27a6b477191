"""The page of users and keys: roles in words, changes by the ways of the API."""

from __future__ import annotations

import asyncio

from genom.app.commit import now_ms
from genom.app.pages.deed_words import reason_words
from genom.app.pages.role_words import RIGHT_NAMES, ROLE_NAMES
from genom.app.roles import OWNER, ROLES, may_give
from genom.app.routes.access import Maker, NewKey, added_user, change_user, drop_user, made_key, removed_key
from genom.app.server import App
from genom.console.access import AccessView, ListedKey, ListedUser, Role

__all__ = ["AccessPages"]


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
                    called=ROLE_NAMES[user.role][of],
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
                    role=ROLE_NAMES[key.role or (OWNER if key.kind == "server" else "")][of],
                    purposes=key.purposes,
                    reason=reason_words(key.reason, language),
                    at=key.at,
                    fixed=(key.kind == "server" and not key.role and owners == 1)
                    or (key.kind == "server" and not may_give(rights, key.role or OWNER)),
                )
                for key in keys
            ],
            roles=[
                Role(
                    id=role,
                    name=ROLE_NAMES[role][of],
                    mine=may_give(rights, role),
                    rights=tuple(RIGHT_NAMES[right][of] for right in RIGHT_NAMES if right in has),
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
