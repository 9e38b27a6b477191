"""How the node recognises its shop: only a process with the node's own key can answer what it asks."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

__all__ = ["Proof"]

_ASKED: Final = re.compile(r"[0-9a-f]{32}")


class Proof:
    """The answer to a random question: HMAC-SHA256 under the server key."""

    def __init__(self, server_key: str) -> None:
        self._key = server_key.encode()

    async def show(self, request: Request) -> Response:
        """The proof for the question in the address."""
        asked = request.path_params["asked"]
        if not _ASKED.fullmatch(asked):
            return PlainTextResponse("", 404)
        return PlainTextResponse(hmac.new(self._key, b"living shop\0" + asked.encode(), hashlib.sha256).hexdigest())
