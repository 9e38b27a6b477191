"""Who is signed in: one-time links become sessions; only digests of both are stored.

Reading asks the memory, so that a page never waits for the catalogue; what writes is durable when it returns, and
belongs into a thread.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Final, Literal

import sqlalchemy as sa

from genom.app.catalogue import Catalogue, digest_of
from genom.app.tables import links, sessions
from genom.errors import NotPermitted

__all__ = ["SESSION_SECONDS", "Kind", "Sessions"]

Kind = Literal["console", "portal", "browser"]
"""What a session opens; one of a `browser` opens nothing: it says that its subject has logged in there before."""

SESSION_SECONDS: Final[dict[str, int]] = {"console": 7 * 86_400, "portal": 86_400, "browser": 180 * 86_400}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    kind: str
    subject: str
    ends: int  # unix ms, UTC
    maker: str  # who made the link for themselves; "" = the subject
    confirmed: str  # how the shop's server says that it knew the subject: login, mail; "" = it does not say


class Sessions:
    """Links and sessions of the console and the portal."""

    def __init__(self, catalogue: Catalogue, *, idle_seconds: int = 0) -> None:
        self._catalogue, self._lock, self._idle = catalogue, Lock(), idle_seconds * 1000
        self._used: dict[str, int] = {}  # digest of a console session → unix ms of its last use
        with catalogue.begin() as connection:
            rows = connection.execute(sa.select(sessions)).all()
        self._known = {
            r.digest: _Session(kind=r.kind, subject=r.subject, ends=r.ends, maker=r.maker, confirmed=r.confirmed)
            for r in rows
        }

    def make_link(
        self, kind: Kind, subject: str, *, now: int, minutes: int = 15, maker: str = "", confirmed: str = ""
    ) -> str:
        """The token of a link that signs `subject` in, once; `maker` is whoever uses it in the subject's place.

        `confirmed` is how whoever asked for the link knew the subject.
        """
        token = secrets.token_urlsafe(32)
        values = {"digest": digest_of(token), "kind": kind, "subject": subject, "ends": now + minutes * 60_000}
        values |= {"maker": maker, "confirmed": confirmed}
        with self._catalogue.begin() as connection:
            connection.execute(links.delete().where(links.c.ends <= now))
            connection.execute(links.insert().values(values))
        return token

    def redeem(self, kind: Kind, token: str, *, now: int) -> str:
        """Turn a link's token into a session's token.

        Raises NotPermitted if it was used, has run out, or nobody made it.
        """
        session, ends = secrets.token_urlsafe(32), now + SESSION_SECONDS[kind] * 1000
        with self._lock, self._catalogue.begin() as connection:
            wanted = (links.c.digest == digest_of(token[:200]), links.c.kind == kind, links.c.ends > now)
            told = (links.c.subject, links.c.maker, links.c.confirmed)
            link = connection.execute(links.delete().where(*wanted).returning(*told)).first()
            if link is None:
                raise NotPermitted(
                    "This link signs nobody in.",
                    why="it was used before, has run out, or was never made",
                    fix="ask for a new link",
                    code="session.link",
                )
            connection.execute(sessions.delete().where(sessions.c.ends <= now))
            opened = _Session(kind=kind, subject=link.subject, ends=ends, maker=link.maker, confirmed=link.confirmed)
            connection.execute(sessions.insert().values(digest=digest_of(session), **asdict(opened)))
            known = {d: s for d, s in self._known.items() if s.ends > now}
            self._known = known | {digest_of(session): opened}
        return session

    def open(self, kind: Kind, subject: str, *, now: int) -> str:
        """A session's token for somebody who has proven who they are."""
        return self.redeem(kind, self.make_link(kind, subject, now=now), now=now)

    def end_all(self, kind: Kind, subject: str) -> None:
        """End all sessions and links of a subject."""
        with self._lock, self._catalogue.begin() as connection:
            for table in (links, sessions):
                connection.execute(table.delete().where(table.c.kind == kind, table.c.subject == subject))
            self._known = {d: s for d, s in self._known.items() if (s.kind, s.subject) != (kind, subject)}

    def who(self, kind: Kind, cookie: str | None, *, now: int, using: bool = True) -> str | None:
        """Whom a session's cookie stands for; None if it stands for nobody, or for a session of the other kind.

        A console session that nobody has used for the idle time ends; what a page asks by itself is no use of it.
        """
        session = self._session(kind, cookie, now)
        if session and kind == "console" and self._idle:
            digest = digest_of((cookie or "")[:200])
            if now - self._used.setdefault(digest, now) > self._idle:  # since a start at the latest
                self.end(kind, cookie)
                return None
            if using:
                self._used[digest] = now
        return session.subject if session else None

    def maker(self, kind: Kind, cookie: str | None, *, now: int) -> str:
        """Who uses a session in its subject's place; "" if it is the subject's own."""
        session = self._session(kind, cookie, now)
        return session.maker if session else ""

    def confirmed(self, kind: Kind, cookie: str | None, *, now: int) -> str:
        """How the shop's server knew a session's subject; "" if it did not say, or there is no session."""
        session = self._session(kind, cookie, now)
        return session.confirmed if session else ""

    def _session(self, kind: Kind, cookie: str | None, now: int) -> _Session | None:
        # the look-up is by the hash of a random token, so its time tells nothing about other tokens
        session = self._known.get(digest_of(cookie[:200])) if cookie else None
        return session if session and session.kind == kind and session.ends > now else None

    def age(self, kind: Kind, cookie: str | None, *, now: int) -> int:
        """How long ago a session began, ms; a very long time if there is none."""
        session = self._session(kind, cookie, now)
        return now - session.ends + SESSION_SECONDS[kind] * 1000 if session else 1 << 62

    def end(self, kind: Kind, cookie: str | None) -> None:
        """End a session."""
        digest = digest_of((cookie or "")[:200])
        with self._lock, self._catalogue.begin() as connection:
            connection.execute(sessions.delete().where(sessions.c.digest == digest, sessions.c.kind == kind))
            self._known = {d: s for d, s in self._known.items() if d != digest or s.kind != kind}
            self._used = {d: used for d, used in self._used.items() if d in self._known}

    def held_of(self, subjects: Collection[str]) -> int:
        """How many sessions and links of the portal sign one of these in."""
        with self._catalogue.begin() as connection:
            return sum(
                len(connection.execute(sa.select(table.c.digest).where(*_portal(table, subjects))).all())
                for table in (links, sessions)
            )

    def forget(self, subjects: Collection[str]) -> None:
        """These are signed out of the portal at once."""
        with self._lock:
            self._known = {d: s for d, s in self._known.items() if s.kind != "portal" or s.subject not in subjects}

    def erase(self, subjects: Collection[str]) -> int:
        """Their links and sessions are gone when this returns; it tells how many there were."""
        with self._catalogue.begin() as connection:
            return sum(
                connection.execute(table.delete().where(*_portal(table, subjects))).rowcount
                for table in (links, sessions)
            )


def _portal(table: sa.Table, subjects: Collection[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.kind == "portal", table.c.subject.in_(list(subjects))
