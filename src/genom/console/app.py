"""The console as an ASGI application: the door, the pages, errors in words."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote

from starlette.convertors import Convertor
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import compile_path

from genom.console.door import COOKIE, Door, door_page
from genom.console.page import Entry, Handler, Page, Route
from genom.console.rendering import LOCALES, static_folder, templates
from genom.console.visit import Visit
from genom.errors import NotFound
from genom.web import Formats, Texts, answer, look_of, secured
from genom.web.answers import Failed, Find
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


class _Matcher(NamedTuple):
    """A route's path, compiled."""

    route: Route
    pattern: re.Pattern[str]
    convertors: Mapping[str, Convertor[Any]]

    def parts(self, path: str) -> dict[str, Any] | None:
        """What stands for each name in the path; None if the path is another."""
        found = self.pattern.match(path)
        return found and {name: self.convertors[name].convert(text) for name, text in found.groupdict().items()}


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
        await answer(scope, receive, send, hosts=self._hosts, visit=self._answers, log=log)

    def _answers(self, request: Request) -> tuple[Find, Failed]:
        visit = self._visit(request)
        return lambda: self._answered(visit), lambda status, reference: _failed(visit, status, reference)

    async def _answered(self, visit: Visit) -> Response:
        if found := _found(visit, self._before):
            return await found(visit)
        if visit.subject is None:
            return _to_the_door(visit)
        if found := _found(visit, self._behind):
            return await found(visit)
        raise NotFound("There is no such page.")

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


def _matcher(route: Route) -> _Matcher:
    pattern, _, convertors = compile_path(route.path)
    return _Matcher(route, pattern, convertors)


def _found(visit: Visit, matchers: Sequence[_Matcher]) -> Handler | None:
    request = visit.request
    method = "GET" if request.method == "HEAD" else request.method
    for matcher in matchers:
        if matcher.route.method == method and (parts := matcher.parts(request.scope["path"])) is not None:
            request.scope["path_params"] = parts
            return matcher.route.handler
    return None


def _to_the_door(visit: Visit) -> Response:
    if visit.partial:  # htmx goes there as a whole page
        return Response(status_code=401, headers={"hx-redirect": "/login"})
    if visit.request.method in {"GET", "HEAD"}:
        return RedirectResponse("/login", status_code=303)
    return visit.render("login.html", status=401, refused=False)


def _failed(visit: Visit, status: int, reference: str) -> Response:
    template = "error_part.html" if visit.partial else "error.html"
    return visit.render(template, status=status, code=status, reference=reference)


def _marked(entries: Sequence[Entry], path: str) -> list[tuple[Entry, bool]]:
    """The entries, and whether the reader is there."""
    return [(e, path == e.path or (e.path != "/" and path.startswith(f"{e.path}/"))) for e in entries]


def _here(request: Request) -> str:
    """The address that a change of language leads back to."""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return quote("/login" if path.startswith("/login") else path, safe="")
