"""The console's door: sessions with the node's clock, writes in a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from genom.app.catalogue import digest_of
from genom.app.commit import now_ms
from genom.app.decisions.deciding import decision_of
from genom.app.looks import Looks
from genom.app.node import Node
from genom.app.pages.role_words import RIGHT_NAMES, ROLE_NAMES
from genom.app.pages.sessions import SESSION_SECONDS, Sessions
from genom.app.roles import OWNER, rights_of, roles_with
from genom.app.users import Users
from genom.console import SignedIn
from genom.errors import GenomError

__all__ = ["BY_LINK", "ConsoleDoor"]

BY_LINK: Final = "admin"
"""The subject of sessions that began with a one-time link of the command line: whoever runs the machine."""

_SEEN: Final = {"/decisions/log/{decision}": "decision", "/decisions/{point}": "simulator"}
"""What pages show of a person whose addresses do not end in its name."""
_AWAY: Final = 30 * 60_000  # ms without a reading, after which a reason is asked for again


class ConsoleDoor:
    """Lets in whoever brings a link, or a name and its password."""

    def __init__(self, sessions: Sessions, users: Users, looks: Looks, node: Node) -> None:
        self._sessions, self._users, self._looks, self._node = sessions, users, looks, node
        self._reasons: dict[str, tuple[str, int]] = {}  # hash of a session's cookie → what it is, when it was last used

    def who(self, cookie: str | None, *, using: bool = True) -> str | None:
        """Whom a session's cookie stands for; a page that asks by itself is not `using` it."""
        return self._sessions.who("console", cookie, now=now_ms(), using=using)

    def rights(self, cookie: str | None) -> frozenset[str]:
        """What a session's reader may do."""
        who = self.who(cookie, using=False)
        return rights_of(OWNER if who == BY_LINK else self._users.role(who or ""))

    def reason(self, cookie: str | None) -> str | None:
        """What a session's reader said last, for half an hour after the last reading.

        None if they must say it; whoever runs the machine is not asked.
        """
        name, now = digest_of(cookie or ""), now_ms()
        reason, at = self._reasons.get(name, ("", 0))
        if not reason or now - at > _AWAY:
            return "" if self.who(cookie, using=False) == BY_LINK else None
        self._reasons[name] = reason, now
        return reason

    def give_reason(self, cookie: str | None, reason: str) -> None:
        """Kept in memory, no longer than the session's reader is here."""
        now = now_ms()
        self._reasons = {name: kept for name, kept in self._reasons.items() if now - kept[1] <= _AWAY}
        self._reasons[digest_of(cookie or "")] = reason, now

    def person_of(self, decision: str) -> str:
        """Whom a decision is about, as its record says."""
        try:
            return str(decision_of(self._node, decision)["person"])
        except GenomError:
            return ""

    def saw(self, reader: str, person: str, path: str, reason: str) -> None:
        """A reader opens a page about a person: it is on record, if there is one."""
        number = self._node.public.number(person) or 0
        if self._node.world.profiles.exists(number):
            what = path.rpartition("}")[2].strip("/") or _SEEN.get(path, "genome")
            self._looks.saw(person, who=f"console:{reader}", what=what, reason=reason)

    def called(self, right: str, *, language: str) -> tuple[str, Sequence[str]]:
        """A right and the roles that have it, in words."""
        of = language == "de"
        return RIGHT_NAMES[right][of], [ROLE_NAMES[role][of] for role in roles_with(right)]

    async def sign_in(self, name: str, password: str, *, address: str, browser: str | None) -> SignedIn:
        """A session for a name and its password; raises NotPermitted and Busy."""
        known = browser if browser and self._sessions.who("browser", browser, now=now_ms()) == name else ""
        user = await asyncio.to_thread(
            self._users.check, name, password, address=address, browser=digest_of(known) if known else ""
        )
        session = await asyncio.to_thread(self._sessions.open, "console", user.name, now=now_ms())
        known = known or await asyncio.to_thread(self._sessions.open, "browser", user.name, now=now_ms())
        return SignedIn(session, SESSION_SECONDS["console"], known, SESSION_SECONDS["browser"])

    async def enter(self, token: str) -> tuple[str, int]:
        """A session's token and how many seconds it lasts; raises NotPermitted."""
        session = await asyncio.to_thread(self._sessions.redeem, "console", token, now=now_ms())
        return session, SESSION_SECONDS["console"]

    async def leave(self, cookie: str | None) -> None:
        """End a session."""
        await asyncio.to_thread(self._sessions.end, "console", cookie)
