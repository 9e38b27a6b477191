"""People who log in to the console: a name, a role, and a password of which only the Argon2id hash is kept.

Parameters are those that OWASP's password storage cheat sheet names: 19 MiB, two passes, one lane.
"""

from __future__ import annotations

import ipaddress
import os
import re
import time
from collections import deque
from collections.abc import Mapping
from functools import cache
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

__all__ = ["RESERVED", "SHORTEST", "User", "Users", "network_of"]

RESERVED: Final = frozenset({"admin", "owner", "person", "node", "cli"})  # names of other actors in the audit log
SHORTEST, _LONGEST = 12, 200  # characters of a password
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")
_WINDOW: Final = 900.0  # seconds within which wrong passwords are counted
_FAILURES: Final = 10  # for one name from one address
_FROM_ONE: Final = 60  # from one address, which may be that of a proxy for everybody
_FOR_ONE: Final = 30  # for one name from wherever; after it each further one has to wait twice as long
_LONGEST_WAIT: Final = 300  # seconds: strangers slow a name down, they do not lock it
_WATCHED: Final = 10_000  # names, addresses and browsers


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

    def check(self, name: str, password: str, *, address: str, browser: str = "") -> User:
        """The user of a right password; it takes as long for a wrong name as for a wrong password.

        `browser` is one in which this name has logged in before: what strangers try does not slow it down.
        Raises NotPermitted, and Busy after too many failures with the name, from the address or in the browser.
        """
        tried = _tried(name[:60], network_of(address), browser)
        self._slow_down(tried)
        user, kept = self._known.get(name, (None, _of_nobody()))
        right = _right(password[: _LONGEST + 1], kept)
        if user is None or not right:
            self._failed(tried)
            raise NotPermitted(
                "Name or password is wrong.", why="nobody logs in with both", fix="try again, or ask an admin",
                code="user.wrong",
            )  # fmt: skip
        with self._lock:
            self._failures.pop(next(iter(tried)), None)  # others may still be trying this name, or from this address
        return user

    def _slow_down(self, tried: Mapping[str, int]) -> None:
        now = time.monotonic()
        with self._lock:
            for key, most in tried.items():
                failures = self._failures.get(key)
                while failures and failures[0] < now - _WINDOW:
                    failures.popleft()
                if not failures or len(failures) < most:
                    continue
                until = failures[0] + _WINDOW
                if key.startswith("name:"):
                    until = failures[-1] + min(2 ** (len(failures) - most), _LONGEST_WAIT)
                if now < until:
                    raise Busy(
                        "There were too many wrong passwords.",
                        why=f"{most} or more in {_WINDOW / 60:.0f} minutes",
                        fix=f"wait {until - now:.0f} seconds, or log in with a browser in which you did before",
                        code="user.slow-down",
                    )

    def _failed(self, tried: Mapping[str, int]) -> None:
        with self._lock:
            if len(self._failures) > _WATCHED:  # a flood of names and addresses makes only itself forgotten
                often = sorted(self._failures.items(), key=lambda held: (len(held[1]), max(held[1], default=0.0)))
                self._failures = dict(often[_WATCHED // 2 :])
            for key in tried:
                self._failures.setdefault(key, deque(maxlen=2 * _FROM_ONE)).append(time.monotonic())

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


def network_of(address: str) -> str:
    """What counts as one address: whoever has one of IPv6 has its whole /64.

    >>> network_of("2001:db8::1:2:3:4"), network_of("::ffff:10.0.0.1"), network_of("10.0.0.1"), network_of("a pipe")
    ('2001:db8::/64', '10.0.0.1', '10.0.0.1', 'a pipe')
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((int(known) >> 64 << 64, 64)))


def _tried(name: str, network: str, browser: str) -> dict[str, int]:
    """Under what a failure counts → how many there may be; the first is forgotten when somebody is let in."""
    if browser:
        return {f"browser:{browser}": _FAILURES}
    return {f"both:{name}\0{network}": _FAILURES, f"address:{network}": _FROM_ONE, f"name:{name}": _FOR_ONE}


def _fit(password: str) -> str:
    if not SHORTEST <= len(password) <= _LONGEST:
        raise BadRequest(
            "The password cannot be used.",
            why=f"it has {len(password)} characters",
            fix=f"take {SHORTEST} to {_LONGEST}; a few words are easy to remember",
            code="user.password",
        )
    return password


@cache
def _of_nobody() -> str:
    """What is compared for an unknown name, so that it takes as long as for a known one."""
    return _hashed("nobody has this password")


def _hashed(password: str) -> str:
    argon = Argon2id(salt=os.urandom(16), length=32, iterations=2, lanes=1, memory_cost=19_456)
    return argon.derive_phc_encoded(password.encode("utf-8", "surrogatepass"))


def _right(password: str, kept: str) -> bool:
    try:
        Argon2id.verify_phc_encoded(password.encode("utf-8", "surrogatepass"), kept)
    except InvalidKey:
        return False
    return True
