"""Users and keys: who may do what, and their roles; adding, changing, taking back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.responses import Response

from genom.console.page import Entry, Page, Route
from genom.console.visit import Visit
from genom.errors import GenomError

__all__ = ["AccessView", "Accesses", "ListedKey", "ListedUser", "Role", "access_page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role and what it may do, in words."""

    id: str
    name: str
    rights: tuple[str, ...]
    mine: bool  # the reader may give it


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedUser:
    """Somebody who may log in."""

    name: str
    role: str
    called: str  # the role, in words
    at: int  # unix ms; when they were added
    mine: bool  # the reader may change and remove them


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedKey:
    """A key, without what opens anything."""

    id: str
    name: str
    kind: str  # write or server
    role: str  # in words
    purposes: tuple[str, ...]
    reason: str
    at: int  # unix ms; 0 = from before that was kept
    fixed: bool  # the only key of the owner, or one that is not the reader's to remove


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessView:
    """The page."""

    users: Sequence[ListedUser]
    keys: Sequence[ListedKey]
    roles: Sequence[Role]


class Accesses(Protocol):
    """What the page needs from the node; what changes raises GenomError in words."""

    async def view(self, *, language: str, rights: frozenset[str]) -> AccessView:
        """Everything, as somebody with these rights may change it."""

    async def add_user(self, name: str, role: str, password: str, *, by: str, rights: frozenset[str]) -> None:
        """Let somebody log in."""

    async def change_user(self, name: str, *, role: str, password: str, by: str, rights: frozenset[str]) -> None:
        """Another role or password; their sessions end."""

    async def remove_user(self, name: str, *, by: str, rights: frozenset[str]) -> None:
        """Nobody logs in by the name any more."""

    async def make_key(self, name: str, role: str, reason: str, *, by: str, rights: frozenset[str]) -> str:
        """A new key, which is returned this once."""

    async def remove_key(self, key: str, *, by: str, rights: frozenset[str]) -> None:
        """The key opens nothing any more."""


def access_page(accesses: Accesses) -> Page:
    """One page, and a form for each change."""

    async def shown(visit: Visit, *, status: int = 200, **told: Any) -> Response:
        told = {"done": visit.asked("done"), "refused": None, "made": "", "entered": ""} | told
        return visit.render(
            "access.html", status=status, view=await accesses.view(language=visit.language, rights=visit.rights), **told
        )

    async def show(visit: Visit) -> Response:
        return await shown(visit)

    async def users(visit: Visit) -> Response:
        form, by = await visit.form(), f"console:{visit.subject}"
        name, role, password = (form.get(field, "").strip() for field in ("name", "role", "password"))
        try:
            if form.get("act") == "add":
                await accesses.add_user(name, role, form.get("password", ""), by=by, rights=visit.rights)
            elif form.get("act") == "remove":
                await accesses.remove_user(name, by=by, rights=visit.rights)
            else:
                await accesses.change_user(
                    name, role=role, password=password and form["password"], by=by, rights=visit.rights
                )
        except GenomError as error:
            return await shown(visit, status=error.status, refused=error, entered=name)
        return visit.go(f"/access?done={form.get('act', 'change')}")

    async def keys(visit: Visit) -> Response:
        form, by, made = await visit.form(), f"console:{visit.subject}", ""
        try:
            if form.get("act") == "remove":
                await accesses.remove_key(form.get("key", ""), by=by, rights=visit.rights)
                return visit.go("/access?done=key-removed")
            made = await accesses.make_key(
                form.get("name", ""), form.get("role", ""), form.get("reason", ""), by=by, rights=visit.rights
            )
        except GenomError as error:
            return await shown(visit, status=error.status, refused=error)
        return await shown(visit, made=made)  # no address leads here a second time

    return Page(
        right="access",
        routes=(
            Route(path="/access", handler=show),
            Route(path="/access/users", handler=users, method="POST"),
            Route(path="/access/keys", handler=keys, method="POST"),
        ),
        entry=Entry(group="Govern", label="Users and keys", icon="people", path="/access"),
    )
