"""What stands before every page: whose name the request was sent to, who sent the form, and the pages' headers."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Guard"]

_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class Guard:
    """Refuses foreign names and foreign forms, and adds the security headers."""

    def __init__(self, app: ASGIApp, node: str) -> None:
        self._app = app
        self._policy = (
            f"default-src 'none'; script-src 'self' {node}; connect-src 'self' {node}; style-src 'self'; "
            f"img-src 'self'; font-src 'self'; form-action 'self' {node}; base-uri 'none'; frame-ancestors 'none'"
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or refuse one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        why = _refused(scope["method"], headers)
        app = self._app if not why else PlainTextResponse(f"{why}\n", 403)
        await app(scope, receive, lambda message: send(self._with_headers(message)))

    def _with_headers(self, message: Message) -> Message:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers["content-security-policy"] = self._policy
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "same-origin"
            headers["cross-origin-opener-policy"] = "same-origin"
            headers["permissions-policy"] = "camera=(), geolocation=(), microphone=(), payment=()"
            headers.setdefault("cache-control", "no-store")
        return message


def _refused(method: str, headers: Headers) -> str:
    """Why a request is not answered, "" if it is.

    >>> _refused("GET", Headers({"host": "evil.example:80"}))
    'This shop answers on this machine only.'
    >>> _refused("POST", Headers({"host": "localhost:1", "origin": "http://evil.example"}))
    'The form was sent by another site.'
    >>> _refused("POST", Headers({"host": "localhost:1", "origin": "http://localhost:1"}))
    ''
    """
    host = headers.get("host", "")
    if (urlsplit(f"//{host}").hostname or "") not in _NAMES:
        return "This shop answers on this machine only."
    if method in {"GET", "HEAD"}:
        return ""
    origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
    foreign = origin is not None and urlsplit(origin).netloc != host
    return "The form was sent by another site." if foreign or site not in {"same-origin", "none"} else ""
