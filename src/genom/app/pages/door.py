"""The console's door: sessions with the node's clock, writes in a thread."""

from __future__ import annotations

import asyncio

from genom.app.commit import now_ms
from genom.app.pages.sessions import SESSION_SECONDS, Sessions

__all__ = ["ConsoleDoor"]


class ConsoleDoor:
    """Lets in whoever brings a link."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def who(self, cookie: str | None) -> str | None:
        """Whom a session's cookie stands for."""
        return self._sessions.who("console", cookie, now=now_ms())

    async def enter(self, token: str) -> tuple[str, int]:
        """A session's token and how many seconds it lasts; raises NotPermitted."""
        session = await asyncio.to_thread(self._sessions.redeem, "console", token, now=now_ms())
        return session, SESSION_SECONDS["console"]

    async def leave(self, cookie: str | None) -> None:
        """End a session."""
        await asyncio.to_thread(self._sessions.end, "console", cookie)
