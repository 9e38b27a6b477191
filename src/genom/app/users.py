"""People who log in to the console: a name, a role, and a password of which only the Argon2id hash is kept.

Parameters are those that OWASP's password storage cheat sheet names: 19 MiB, two passes, one lane.
"""

from __future__ import annotations

import os
import re
import time
from collections import deque
from threading import Lock
from typing import Final

import msgspec
import sqlalchemy as sa
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from genom.app.catalogue import Catalogue
from genom.app.roles import ROLES
from genom.app.tables import users
from genom.errors import BadRequest, Busy, NotFound, NotPermitted, UnknownName, nearest

__all__ = ["RESERVED", "SHORTEST", "User", "Users"]

RESERVED: Final = frozenset({"admin", "owner", "person", "node", "cli"})  # names of other actors in the audit log
SHORTEST, _LONGEST = 12, 200  # characters of a password
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")
_WINDOW: Final = 900.0  # seconds within which wrong passwords are counted
_FAILURES: Final = 10  # for one name from one address
_FROM_ONE: Final = 60  # from one address, which may be that of a proxy for everybody
_FOR_ONE: Final = 300  # for one name from wherever: strangers must not keep its owner out with a few
_WATCHED: Final = 10_000  # names and addresses


class User(msgspec.Struct, frozen=True):
    """Somebody who may log in."""

    name: str
    role: str
    at: int  # unix ms, UTC


class Users:
    """The table, with a copy in memory for the reads of every page; what writes or checks belongs into a thread."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._lock = catalogue, Lock()
        self._failures: dict[str, deque[float]] = {}
        self._nobody = _hashed("nobody has this password")
        with catalogue.begin() as connection:
            rows = connection.execute(sa.select(users)).all()
        self._known = {row.name: (User(row.name, row.role, row.at), row.password) for row in rows}

    def every(self) -> list[User]:
        """All users, by name."""
        return [self._known[name][0] for name in sorted(self._known)]

    def role(self, name: str) -> str:
        """The role of a user; "" if there is none."""
        return self._known[name][0].role if name in self._known else ""

    def add(self, name: str, role: str, password: str, *, now: int) -> User:
        """A new user; raises BadRequest for a name or password that cannot be used, UnknownName for a role."""
        if not _NAME.fullmatch(name) or name in RESERVED or name in self._known:
            raise BadRequest(
                f"The name {name[:60]!r} cannot be used.",
                why="it is taken" if name in self._known else "a name has 2 to 60 small letters, digits and . _ @ -",
                fix="choose another",
                code="user.name",
            )
        _check_role(role)
        return self._put(User(name, role, now), _hashed(_fit(password)))

    def set_role(self, name: str, role: str) -> User:
        """Give a user another role."""
        user, password = self._of(name)
        _check_role(role)
        return self._put(msgspec.structs.replace(user, role=role), password)

    def set_password(self, name: str, password: str) -> User:
        """Give a user another password."""
        return self._put(self._of(name)[0], _hashed(_fit(password)))

    def remove(self, name: str) -> None:
        """Nobody logs in by this name any more."""
        self._of(name)
        with self._lock, self._catalogue.begin() as connection:
            connection.execute(users.delete().where(users.c.name == name))
            self._known = {known: held for known, held in self._known.items() if known != name}

    def check(self, name: str, password: str, *, address: str) -> User:
        """The user of a right password; it takes as long for a wrong name as for a wrong password.

        Raises NotPermitted, and Busy after too many failures with the name or from the address.
        """
        tried = (f"both:{name[:60]}\0{address[:60]}", f"address:{address[:60]}", f"name:{name[:60]}")
        self._slow_down(tried)
        user, kept = self._known.get(name, (None, self._nobody))
        right = _right(password[: _LONGEST + 1], kept)
        if user is None or not right:
            self._failed(tried)
            raise NotPermitted(
                "Name or password is wrong.", why="nobody logs in with both", fix="try again, or ask an admin",
                code="user.wrong",
            )  # fmt: skip
        with self._lock:
            for known in (tried[0], tried[2]):
                self._failures.pop(known, None)
        return user

    def _slow_down(self, tried: tuple[str, ...]) -> None:
        now = time.monotonic()
        with self._lock:
            for key, most in zip(tried, (_FAILURES, _FROM_ONE, _FOR_ONE), strict=True):
                failures = self._failures.get(key)
                while failures and failures[0] < now - _WINDOW:
                    failures.popleft()
                if failures and len(failures) >= most:
                    raise Busy(
                        "There were too many wrong passwords.",
                        why=f"{most} in {_WINDOW / 60:.0f} minutes",
                        fix="wait a quarter of an hour",
                        code="user.slow-down",
                    )

    def _failed(self, tried: tuple[str, ...]) -> None:
        with self._lock:
            if len(self._failures) > _WATCHED:
                self._failures.clear()
            for key in tried:
                self._failures.setdefault(key, deque(maxlen=_FOR_ONE)).append(time.monotonic())

    def _of(self, name: str) -> tuple[User, str]:
        if name not in self._known:
            raise NotFound(
                f"There is no user named {name[:60]!r}.",
                why="the user was never added, or was removed",
                fix=nearest(name, self._known) or "see `genom users list`",
                code="user.not-found",
            )
        return self._known[name]

    def _put(self, user: User, password: str) -> User:
        values = {"name": user.name, "role": user.role, "password": password, "at": user.at}
        with self._lock, self._catalogue.begin() as connection:
            connection.execute(users.insert().prefix_with("OR REPLACE").values(**values))
            self._known = self._known | {user.name: (user, password)}
        return user


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise UnknownName(
            f"There is no role {role[:40]!r}.", why="a user has one of " + ", ".join(ROLES), fix=nearest(role, ROLES)
        )


def _fit(password: str) -> str:
    if not SHORTEST <= len(password) <= _LONGEST:
        raise BadRequest(
            "The password cannot be used.",
            why=f"it has {len(password)} characters",
            fix=f"take {SHORTEST} to {_LONGEST}; a few words are easy to remember",
            code="user.password",
        )
    return password


def _hashed(password: str) -> str:
    argon = Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=19_456)
    return argon.derive_phc_encoded(password.encode("utf-8", "surrogatepass"))


def _right(password: str, kept: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode("utf-8", "surrogatepass"), kept)
    except InvalidKey:
        return False
    return True
