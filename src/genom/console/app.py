"""The console as an ASGI application: the door, the pages, errors in words."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Match
from starlette.routing import Route as Matcher

from genom.console.door import COOKIE, Door, door_page
from genom.console.page import Entry, Handler, Page, Route
from genom.console.rendering import LOCALES, static_folder, templates
from genom.console.visit import Visit
from genom.errors import GenomError, NotFound
from genom.web import Formats, Texts, check_host, check_origin, look_of, secured
from genom.web.headers import ASGI, Receive, Send

__all__ = ["build_console"]

log = logging.getLogger("genom.console")


def build_console(
    pages: Sequence[Page], *, door: Door, hosts: frozenset[str], notices: Callable[[], dict[str, bool]]
) -> ASGI:
    """The console with these pages.

    `hosts` are the names that it answers to beside loopback ones; `notices` names what every page must say
    (`development`: consents are assumed; `simulated`: some people are invented).
    """
    return secured(_Console(pages, door=door, hosts=hosts, notices=notices))


class _Console:
    def __init__(
        self, pages: Sequence[Page], *, door: Door, hosts: frozenset[str], notices: Callable[[], dict[str, bool]]
    ) -> None:
        self._door, self._hosts, self._notices = door, hosts, notices
        self._static = static_folder()
        self._before = [_matcher(route) for route in door_page(door).routes]
        self._behind = [_matcher(route) for page in pages for route in page.routes]
        self._entries = [page.entry for page in pages if page.entry is not None]
        self._templates = templates()
        self._texts = {language: Texts(language, [LOCALES]) for language in self._templates}
        self._formats = {language: Formats(language) for language in self._templates}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["path"].startswith("/static/console/"):
            await self._static(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            check_host(request.headers.get("host", ""), names=self._hosts)
            reply = await self._answered(self._visit(request))
        except ClientDisconnect:
            return
        except GenomError as error:  # before there is a reader: the host is not ours
            reply = PlainTextResponse(f"{error}\n", error.status)
        await reply(scope, receive, send)

    async def _answered(self, visit: Visit) -> Response:
        try:
            check_origin(visit.request.method, visit.request.headers)
            if found := _found(visit, self._before):
                return await found(visit)
            if visit.subject is None:
                return _to_the_door(visit)
            if found := _found(visit, self._behind):
                return await found(visit)
            raise NotFound("There is no such page.")
        except ClientDisconnect:
            raise
        except GenomError as error:
            return _failed(visit, error.status)
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("a page failed", extra={"path": visit.request.url.path, "reference": reference})
            return _failed(visit, 500, reference=reference)

    def _visit(self, request: Request) -> Visit:
        look = look_of(request.cookies, request.headers.get("accept-language", ""))
        cookie = request.cookies.get(COOKIE)
        subject = self._door.who(cookie)
        shared = {
            "entries": _marked(self._entries, request.url.path),
            "notices": self._notices(),
            "here": _here(request),
        }
        return Visit(
            request=request,
            look=look,
            texts=self._texts[look.language],
            formats=self._formats[look.language],
            templates=self._templates[look.language],
            subject=subject,
            shared=shared,
            signed_in=lambda: self._door.who(cookie) is not None,
        )


def _matcher(route: Route) -> tuple[Matcher, Route]:
    async def nothing(request: Request) -> Response:
        raise NotImplementedError

    return Matcher(route.path, nothing, methods=[route.method]), route


def _found(visit: Visit, routes: list[tuple[Matcher, Route]]) -> Handler | None:
    for matcher, route in routes:
        match, found = matcher.matches(visit.request.scope)
        if match is Match.FULL:
            visit.request.scope["path_params"] = found["path_params"]
            return route.handler
    return None


def _to_the_door(visit: Visit) -> Response:
    if visit.partial:  # htmx goes there as a whole page
        return Response(status_code=401, headers={"hx-redirect": "/login"})
    if visit.request.method in {"GET", "HEAD"}:
        return RedirectResponse("/login", status_code=303)
    return visit.render("login.html", status=401, refused=False)


def _failed(visit: Visit, status: int, *, reference: str = "") -> Response:
    template = "error_part.html" if visit.partial else "error.html"
    return visit.render(template, status=status, code=status, reference=reference)


def _marked(entries: Sequence[Entry], path: str) -> list[tuple[Entry, bool]]:
    """The entries, and whether the reader is there."""
    return [(e, path == e.path or (e.path != "/" and path.startswith(f"{e.path}/"))) for e in entries]


def _here(request: Request) -> str:
    """The address that a change of language leads back to."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return quote("/login" if path.startswith("/login") else path, safe="")
