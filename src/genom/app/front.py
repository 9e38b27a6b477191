"""What stands before the application: it answers while the journal is folded, then hands over."""

from __future__ import annotations

from genom.app.http import Receive, Scope, Send, json_reply, refusal, send_reply
from genom.app.server import App
from genom.errors import Busy

__all__ = ["Front"]


class Front:
    """An ASGI application before there is one."""

    def __init__(self) -> None:
        self.app: App | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if self.app is not None:
            await self.app(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/health":
            await send_reply(send, json_reply({"status": "starting"}))
        elif scope["type"] == "http":
            error = Busy(
                "The node is starting.", why="it reads its journal", fix="ask again in a moment", code="node.starting"
            )
            await send_reply(send, refusal(error))
