"""In by a one-time link, out by a button; language and theme without any session."""

from __future__ import annotations

from starlette.responses import Response

from genom.errors import NotPermitted
from genom.portal.port import Port
from genom.portal.visit import COOKIE, Visit
from genom.web import LANGUAGES, THEMES, Look, look_cookies

__all__ = ["enter", "leave", "look"]

_PAGES = frozenset({"/me", "/me/why", "/me/choices", "/me/tell", "/me/data", "/me/requests", "/me/erase", "/me/left"})
_ERASED = "/me/erased"  # its session is over: the receipt's number alone leads back to it


async def enter(visit: Visit, port: Port) -> Response:
    """A link's token becomes a session; whoever has a session already needs no second link.

    `to` names the page that it opens first: a shop's "Why these?" leads to the answer.
    """
    token, page = visit.asked("token"), f"/me/{visit.asked('to')}"
    page = page if page in _PAGES else "/me"
    if not token or visit.request.method == "HEAD":  # a scanner of links asks HEAD and must not use it up
        return visit.go(page) if visit.person else visit.render("door.html", status=401, refused=bool(token))
    try:
        session, seconds = await port.enter(token)
    except NotPermitted:
        return visit.go(page) if visit.person else visit.render("door.html", status=401, refused=True)
    reply = visit.go(page)
    secure = visit.request.url.scheme == "https"
    reply.set_cookie(COOKIE, session, max_age=seconds, path="/me", httponly=True, samesite="lax", secure=secure)
    return reply


async def leave(visit: Visit, port: Port) -> Response:
    """End the session."""
    await port.leave(visit.cookie)
    reply = visit.go("/me/left")
    reply.delete_cookie(COOKIE, path="/me")
    return reply


async def look(visit: Visit) -> Response:
    """Keep the reader's language or theme, and go back to the page."""
    form = await visit.form()
    language, theme = form.get("language", visit.look.language), form.get("theme", visit.look.theme)
    chosen = Look(
        language=language if language in LANGUAGES else visit.look.language,
        theme=theme if theme in THEMES else visit.look.theme,
    )
    back = form.get("back", "/me")
    if back == _ERASED and (receipt := form.get("receipt", "")):
        reply = visit.go(_ERASED, receipt=receipt[:200])
    else:
        reply = visit.go(back if back in _PAGES else "/me")
    for line in look_cookies(chosen):
        reply.headers.append("set-cookie", line)
    return reply
