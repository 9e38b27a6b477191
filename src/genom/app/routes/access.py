"""Users and keys: who may do what."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import NamedTuple

import msgspec

from genom.app import audit
from genom.app.catalogue import Key
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.pages.sessions import Kind
from genom.app.roles import OWNER, ROLES, may_give, rights_of
from genom.app.server import App
from genom.app.users import User
from genom.errors import BadRequest, Forbidden, NotFound, UnknownName, nearest

__all__ = ["ROUTES", "Maker", "NewKey", "NewUser", "added_user", "change_user", "drop_user", "made_key", "removed_key"]


class Maker(NamedTuple):
    """Who gives or takes access."""

    who: str  # as in the audit log
    rights: frozenset[str]
    purposes: tuple[str, ...] = ()  # those of the key that asks; () = all

    def must_give(self, role: str) -> None:
        """Raises NotPermitted for a role that is not this one's to give or take; of unknown ones others tell."""
        if role in {*ROLES, OWNER} and not may_give(self.rights, role):
            raise Forbidden(
                f"The role {role!r} is given and taken by the owner alone.",
                why="it reads single people, or checks what users do",
                fix="let whoever runs the machine do it: `genom users`, `genom key`, or a link of `genom login`",
                code="role.reserved",
            )

    def must_share(self, purposes: Collection[str], what: str) -> None:
        """Raises NotPermitted for an access, to all purposes if there are none, that goes beyond this one's own."""
        if self.purposes and (not purposes or not set(purposes) <= set(self.purposes)):
            raise Forbidden(
                f"This key may not give {what}.",
                why=f"it was made for {', '.join(self.purposes)} alone, and this would reach further",
                fix="make a key for some of these purposes, or use a key without purposes",
                code="key.no-purpose",
            )


class NewUser(msgspec.Struct):
    """Somebody who may log in; for a known name, the members that are given are changed."""

    name: str
    role: str = ""
    password: str = ""


class Users(msgspec.Struct):
    """Everybody who may log in."""

    users: list[User]


class NewKey(msgspec.Struct):
    """A key of a program; it may do what its role may, for its purposes."""

    name: str
    role: str
    purposes: list[str] = []
    reason: str = ""


class ListedKey(msgspec.Struct):
    """A key, without what opens anything."""

    id: str
    kind: str
    name: str
    role: str
    purposes: list[str]
    reason: str
    at: int


class Keys(msgspec.Struct):
    """All keys."""

    keys: list[ListedKey]


class MadeKey(msgspec.Struct):
    """A new key; it is shown this once."""

    id: str
    key: str


async def every_user(app: App, request: Request) -> Reply:
    """Everybody who may log in to the console."""
    return json_reply(Users(app.users.every()))


async def put_user(app: App, request: Request) -> Reply:
    """Add a user, or change role or password of one; their sessions end with either."""
    by, wanted = _maker(app, request), request.as_type(NewUser)
    known = bool(app.users.role(wanted.name))
    if not known:
        return json_reply(await added_user(app, wanted.name, wanted.role, wanted.password, now=now_ms(), by=by))
    if not (wanted.role or wanted.password):
        raise BadRequest("Nothing was changed.", why="neither role nor password was sent", fix="send one of them")
    user = await change_user(app, wanted.name, role=wanted.role, password=wanted.password, by=by)
    return json_reply(user)


async def added_user(app: App, name: str, role: str, password: str, *, now: int, by: Maker) -> User:
    """Let somebody log in; raises BadRequest, UnknownName and NotPermitted."""
    by.must_give(role)
    by.must_share((), "somebody a login")
    user = await asyncio.to_thread(app.users.add, name, role, password, now=now)
    await _note(app, "user.added", user.name, by, {"role": user.role})
    return user


async def change_user(app: App, name: str, *, role: str = "", password: str = "", by: Maker) -> User:
    """Give a user another role or password; whoever is logged in as them is logged out.  Raises NotPermitted."""
    user = User(name, app.users.role(name), 0)
    by.must_give(user.role)
    by.must_give(role)
    by.must_share((), "somebody another role or password")
    if role:
        user = await asyncio.to_thread(app.users.set_role, name, role)
        await _note(app, "user.role_changed", name, by, {"role": role})
    if password:
        user = await asyncio.to_thread(app.users.set_password, name, password)
        await _note(app, "user.password_changed", name, by, {})
    await _logged_out(app, name)
    return user


async def remove_user(app: App, request: Request) -> Reply:
    """Nobody logs in by this name any more; its sessions end."""
    await drop_user(app, request.parts[0], by=_maker(app, request))
    return json_reply({"removed": request.parts[0]})


async def drop_user(app: App, name: str, *, by: Maker) -> None:
    """Remove a user and end their sessions; raises NotFound and NotPermitted."""
    by.must_give(app.users.role(name))
    await asyncio.to_thread(app.users.remove, name)
    await _logged_out(app, name)
    await _note(app, "user.removed", name, by, {})


async def _logged_out(app: App, name: str) -> None:
    """End a user's sessions; no browser counts as theirs any more."""
    kinds: tuple[Kind, ...] = ("console", "browser")
    for kind in kinds:
        await asyncio.to_thread(app.sessions.end_all, kind, name)


async def every_key(app: App, request: Request) -> Reply:
    """All keys, without what opens anything."""
    return json_reply(Keys([_listed(key) for key in await asyncio.to_thread(app.node.catalogue.all_keys)]))


def _listed(key: Key) -> ListedKey:
    role = key.role or ("" if key.kind == "write" else "owner")
    return ListedKey(key.id, key.kind, key.name, role, list(key.purposes), key.reason, key.at)


async def make_key(app: App, request: Request) -> Reply:
    """Make a key that may do what its role may, for its purposes."""
    return json_reply(await made_key(app, request.as_type(NewKey), by=_maker(app, request)))


async def made_key(app: App, wanted: NewKey, *, by: Maker) -> MadeKey:
    """Raises BadRequest and UnknownName for what cannot be, NotPermitted for what the maker may not give."""
    if wanted.role not in ROLES:
        raise UnknownName(
            f"There is no role {wanted.role[:40]!r}.",
            why="a key has one of " + ", ".join(ROLES),
            fix=nearest(wanted.role, ROLES),
        )
    by.must_give(wanted.role)
    for purpose in wanted.purposes:
        app.node.purposes.bit(purpose)
    by.must_share(wanted.purposes, "a key for other purposes")
    if not (0 < len(wanted.name.strip()) <= 60 and wanted.name.isprintable()) or len(wanted.reason) > 200:
        raise BadRequest(
            "The key was not made.",
            why="a name has 1 to 60 printable characters, a reason at most 200",
            fix="change name or reason",
            code="key.name",
        )
    source = next(iter(sorted(app.node.sources)))
    key = await asyncio.to_thread(
        lambda: app.node.catalogue.add_key(
            "server", name=wanted.name.strip(), source=source, role=wanted.role, purposes=wanted.purposes,
            reason=wanted.reason.strip(), at=now_ms(),
        )
    )  # fmt: skip
    app.access.refresh()
    made = MadeKey(app.node.key(key)[:12], key)
    await _note(app, "key.made", made.id, by, {"name": wanted.name.strip(), "role": wanted.role})
    return made


async def remove_key(app: App, request: Request) -> Reply:
    """A key opens nothing any more."""
    await removed_key(app, request.parts[0], by=_maker(app, request))
    return json_reply({"removed": request.parts[0]})


async def removed_key(app: App, name: str, *, by: Maker) -> None:
    """Raises NotFound for an unknown id, BadRequest for the key that the command line uses, and NotPermitted."""
    keys = await asyncio.to_thread(app.node.catalogue.all_keys)
    key = next((one for one in keys if one.id == name), None)
    if key is None:
        raise NotFound("There is no such key.", why=f"no key has the id {name[:20]!r}", fix="see GET /v1/keys")
    if key.kind == "server":
        by.must_give(key.role or OWNER)
    if key.kind == "server" and not key.role and sum(k.kind == "server" and not k.role for k in keys) == 1:
        raise BadRequest(
            "The last key of the owner is not removed.",
            why="nobody could make another: the command line uses it",
            fix="make another directory, or keep it",
            code="key.last",
        )
    await asyncio.to_thread(app.node.catalogue.remove_key, key.digest)
    app.access.refresh()
    await _note(app, "key.removed", key.id, by, {"name": key.name})


def _maker(app: App, request: Request) -> Maker:
    key = app.access.server_key(request)
    return Maker(f"key:{key.name}", rights_of(key.role or OWNER), key.purposes)


async def _note(app: App, action: str, name: str, by: Maker, details: dict[str, audit.Detail]) -> None:
    kind = action.partition(".")[0]
    await asyncio.to_thread(
        audit.record, app.node.catalogue, action, who=by.who, kind=kind, name=name, at=now_ms(), details=details
    )


ROUTES = [
    Route("GET", "/v1/users", every_user, "Who may log in", None, Users, right="access"),
    Route("POST", "/v1/users", put_user, "Add or change a user", NewUser, User, right="access"),
    Route("DELETE", "/v1/users/{user}", remove_user, "Remove a user", right="access"),
    Route("GET", "/v1/keys", every_key, "All keys", None, Keys, right="access"),
    Route("POST", "/v1/keys", make_key, "Make a key with a role", NewKey, MadeKey, right="access"),
    Route("DELETE", "/v1/keys/{key}", remove_key, "Remove a key", right="access"),
]
