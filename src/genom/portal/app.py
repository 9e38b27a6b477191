"""The portal as an ASGI application: a door, five pages, errors in words.  It has no script and no other origin."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from genom.errors import NotFound
from genom.portal import door, pages
from genom.portal.port import Port
from genom.portal.rendering import static_folder, templates
from genom.portal.visit import COOKIE, Visit
from genom.web import answer, look_of, secured
from genom.web.answers import Failed, Find
from genom.web.headers import ASGI, Receive, Send

__all__ = ["build_portal"]

log = logging.getLogger("genom.portal")

Handler = Callable[[Visit, Port, str], Awaitable[Response]]

_PAGES: Final[dict[tuple[str, str], Handler]] = {
    ("GET", "/me"): pages.know,
    ("GET", "/me/why"): pages.why,
    ("GET", "/me/choices"): pages.choices,
    ("POST", "/me/choices"): pages.choose,
    ("POST", "/me/pause"): pages.pause,
    ("GET", "/me/data"): pages.data,
    ("POST", "/me/data"): pages.copy,
    ("GET", "/me/erase"): pages.erasing,
    ("POST", "/me/erase"): pages.erase,
    ("GET", "/me/requests"): pages.asking,
    ("POST", "/me/requests"): pages.ask,
    ("GET", "/me/tell"): pages.telling,
    ("POST", "/me/tell"): pages.tell,
    ("POST", "/me/answer"): pages.state,
}


def build_portal(port: Port, *, hosts: frozenset[str]) -> ASGI:
    """The person's pages; `hosts` are the names that they answer to beside loopback ones."""
    return secured(_Portal(port, hosts=hosts))


class _Portal:
    def __init__(self, port: Port, *, hosts: frozenset[str]) -> None:
        self._port, self._hosts = port, hosts
        self._static, self._templates = static_folder(), templates()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith("/static/"):
            await self._static(scope, receive, send)
            return
        await answer(scope, receive, send, hosts=self._hosts, visit=self._answers, log=log)

    def _answers(self, request: Request) -> tuple[Find, Failed]:
        visit = self._visit(request)
        return lambda: self._answered(visit), lambda status, reference: _failed(visit, status, reference)

    def _visit(self, request: Request) -> Visit:
        look = look_of(request.cookies, request.headers.get("accept-language", ""))
        cookie = request.cookies.get(COOKIE)
        who, actor = self._port.who(cookie), self._port.actor(cookie)
        simulated = who is not None and self._port.invented(who)
        templates = self._templates[look.language]
        return Visit(request=request, look=look, templates=templates, person=who, simulated=simulated, actor=actor)

    async def _answered(self, visit: Visit) -> Response:
        method = "GET" if visit.request.method == "HEAD" else visit.request.method
        path = visit.request.url.path.rstrip("/")
        if (method, path) in {("GET", "/me/enter"), ("GET", "/me/left")}:
            return await door.enter(visit, self._port) if path == "/me/enter" else visit.render("left.html")
        if (method, path) == ("GET", "/me/erased"):
            return await pages.erased(visit, self._port)
        if (method, path) == ("POST", "/me/look"):
            return await door.look(visit)
        if (method, path) == ("POST", "/me/leave"):
            return await door.leave(visit, self._port)
        if (handler := _PAGES.get((method, path))) is None:
            raise NotFound("There is no such page.")
        if visit.person is None:
            return visit.render("door.html", status=401, refused=False)
        try:
            return await handler(visit, self._port, visit.person)
        except NotFound as error:
            if error.code != "portal.nobody":
                raise
            return visit.render("gone.html", status=410)


def _failed(visit: Visit, status: int, reference: str) -> Response:
    return visit.render("error.html", status=status, code=status, reference=reference)
