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
from genom.console.page import Entry, Page, Route
from genom.console.reason import ask_reason, reason_page
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
    right: str
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
        behind = (*pages, reason_page(door))
        self._behind = [_matcher(route, page.right) for page in behind for route in page.routes]
        self._entries = [(page.entry, page.right) for page in pages if page.entry is not None]
        self._every = frozenset(matcher.right for matcher in self._behind)
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
            return await found.route.handler(visit)
        if visit.subject is None:
            return _to_the_door(visit)
        if found := _found(visit, self._behind):
            if found.right not in visit.rights:
                right, roles = self._door.called(found.right, language=visit.look.language)
                return visit.render("forbidden.html", status=403, right=right, roles=roles)
            if visit.may("people.read") and (person := self._whom(visit, found)):
                reason = self._door.reason(visit.request.cookies.get(COOKIE))
                if reason is None:
                    return ask_reason(visit, person)
                self._door.saw(visit.subject, person, found.route.path, reason)
            return await found.route.handler(visit)
        raise NotFound("There is no such page.")

    def _whom(self, visit: Visit, found: _Matcher) -> str:
        """The public id of the one person whom a page is about; empty for lists, which are masked."""
        if "person" in found.convertors:
            return visit.part("person")
        if "decision" in found.convertors:
            return self._door.person_of(visit.part("decision"))
        return visit.asked("person")  # whom the simulator decides about

    def _visit(self, request: Request) -> Visit:
        look = look_of(request.cookies, request.headers.get("accept-language", ""))
        cookie = request.cookies.get(COOKIE)
        by_itself = "hx-request" in request.headers and request.method == "GET"
        subject, rights = self._door.who(cookie, using=not by_itself), self._door.rights(cookie)
        shared = {
            "entries": _marked([e for e, right in self._entries if right in rights], request.url.path),
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
            signed_in=lambda: self._door.who(cookie, using=False) is not None,
            rights=rights,
            allowed=None if subject is None or rights >= self._every else lambda *asked: self._allowed(rights, *asked),
        )

    def _allowed(self, rights: frozenset[str], method: str, path: str) -> bool:
        """Whether a reader with these rights may; also where nothing answers."""
        found = next((one for one in self._behind if one.route.method == method and one.parts(path) is not None), None)
        return found is None or found.right in rights


def _matcher(route: Route, right: str = "") -> _Matcher:
    pattern, _, convertors = compile_path(route.path)
    return _Matcher(route, route.right or right, pattern, convertors)


def _found(visit: Visit, matchers: Sequence[_Matcher]) -> _Matcher | None:
    request = visit.request
    method = "GET" if request.method == "HEAD" else request.method
    for matcher in matchers:
        if matcher.route.method == method and (parts := matcher.parts(request.scope["path"])) is not None:
            request.scope["path_params"] = parts
            return matcher
    return None


def _to_the_door(visit: Visit) -> Response:
    if visit.partial:  # htmx goes there as a whole page
        return Response(status_code=401, headers={"hx-redirect": "/login"})
    if visit.request.method in {"GET", "HEAD"}:
        return RedirectResponse("/login", status_code=303)
    return visit.render("login.html", status=401, refused="")


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
