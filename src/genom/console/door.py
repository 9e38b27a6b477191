"""The pages before the door: log in, log out, and the choice of language and theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, Protocol

from starlette.requests import Request
from starlette.responses import Response

from genom.console.page import Page, Route
from genom.console.visit import Visit
from genom.errors import Busy, NotPermitted
from genom.web import LANGUAGES, THEMES, Look, look_cookies

__all__ = ["COOKIE", "Door", "door_page"]

COOKIE: Final = "genom_console"
BROWSER: Final = "genom_browser"
"""Says who has logged in here before; it opens nothing, but wrong passwords of strangers do not slow it down."""


class SignedIn(NamedTuple):
    """What a browser is given for a name and its password."""

    session: str
    seconds: int
    browser: str  # to be shown at the next log-in
    browser_seconds: int


class Door(Protocol):
    """Who may come in."""

    def who(self, cookie: str | None, *, using: bool = True) -> str | None:
        """Whom a session's cookie stands for; a page that asks by itself is not `using` it."""

    def rights(self, cookie: str | None) -> frozenset[str]:
        """What a session's reader may do."""

    def reason(self, cookie: str | None) -> str | None:
        """Why a session's reader reads people; None if they must say so first, "" if nobody asks them."""

    def give_reason(self, cookie: str | None, reason: str) -> None:
        """A session's reader says why."""

    def person_of(self, decision: str) -> str:
        """The public id of the person whom a decision is about; empty if nobody was known, or there is none."""

    def saw(self, reader: str, person: str, path: str, reason: str) -> None:
        """A reader opens a page about a person."""

    def called(self, right: str, *, language: str) -> tuple[str, Sequence[str]]:
        """A right and the roles that have it, in words."""

    async def sign_in(self, name: str, password: str, *, address: str, browser: str | None) -> SignedIn:
        """A session for a name and a password; `browser` is the cookie of an earlier one.

        Raises NotPermitted, and Busy after too many failures.
        """

    async def enter(self, token: str) -> tuple[str, int]:
        """A session's token and how many seconds it lasts, for a link's token; raises NotPermitted."""

    async def leave(self, cookie: str | None) -> None:
        """End a session."""


def door_page(door: Door) -> Page:
    """The routes that need no session."""

    async def login(visit: Visit) -> Response:
        token = visit.asked("token")
        if visit.request.method == "HEAD" or not token:
            return visit.go("/") if visit.subject else visit.render("login.html", refused="")
        try:
            session, seconds = await door.enter(token)
        except NotPermitted:
            if visit.subject:
                return visit.go("/")
            return visit.render("login.html", status=401, refused="link")
        return _with_cookie(visit, visit.go("/"), COOKIE, session, seconds, samesite="lax")  # links come from mails

    async def sign_in(visit: Visit) -> Response:
        form = await visit.form()
        address = visit.request.client.host if visit.request.client else ""
        try:
            signed = await door.sign_in(
                form.get("name", "").strip(),
                form.get("password", ""),
                address=address,
                browser=visit.request.cookies.get(BROWSER),
            )
        except NotPermitted:
            return visit.render("login.html", status=401, refused="password")
        except Busy:
            return visit.render("login.html", status=429, refused="busy")
        reply = _with_cookie(
            visit, visit.go("/"), BROWSER, signed.browser, signed.browser_seconds, path="/login", samesite="strict"
        )
        return _with_cookie(visit, reply, COOKIE, signed.session, signed.seconds, samesite="strict")

    async def logout(visit: Visit) -> Response:
        await door.leave(visit.request.cookies.get(COOKIE))
        reply = visit.go("/login")
        reply.delete_cookie(COOKIE, path="/")
        return reply

    return Page(
        routes=(
            Route(path="/login", handler=login),
            Route(path="/login", handler=sign_in, method="POST"),
            Route(path="/logout", handler=logout, method="POST"),
            Route(path="/look", handler=_look, method="POST"),
        )
    )


def _with_cookie(
    visit: Visit,
    reply: Response,
    name: str,
    value: str,
    seconds: int,
    *,
    samesite: Literal["lax", "strict"],
    path: str = "/",
) -> Response:
    secure = visit.request.url.scheme == "https"
    reply.set_cookie(name, value, max_age=seconds, path=path, httponly=True, samesite=samesite, secure=secure)
    return reply


async def _look(visit: Visit) -> Response:
    form = await visit.form()
    language, theme = form.get("language", visit.look.language), form.get("theme", visit.look.theme)
    chosen = Look(
        language=language if language in LANGUAGES else visit.look.language,
        theme=theme if theme in THEMES else visit.look.theme,
    )
    reply = visit.go(_back(visit.request))
    for line in look_cookies(chosen):
        reply.headers.append("set-cookie", line)
    return reply


def _back(request: Request) -> str:
    """The page that the form stood on: only a path of this node, so that nobody is led elsewhere."""
    path = request.query_params.get("back", "/")[:2000]
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/"
