"""One request of a person to their own pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from genom.web import Form, Look, form_of
from genom.web.forms import FORM_BYTES

__all__ = ["COOKIE", "Visit"]

COOKIE: Final = "genom_portal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The request, its reader's look, and the ways to answer."""

    request: Request
    look: Look
    templates: Environment
    person: str | None  # the public id that the session stands for
    simulated: bool = False  # the person is invented
    actor: str = "person"  # who acts in the session

    @property
    def language(self) -> str:
        """`en` or `de`."""
        return self.look.language

    @property
    def cookie(self) -> str | None:
        """The session's token."""
        return self.request.cookies.get(COOKIE)

    def asked(self, name: str) -> str:
        """A parameter of the query, at most 200 characters of it."""
        return str(self.request.query_params.get(name, ""))[:200]

    async def form(self) -> Form:
        """The form that was sent; raises BadRequest."""
        body = bytearray()
        async for piece in self.request.stream():
            body += piece[: FORM_BYTES + 1 - len(body)]
        return form_of(bytes(body), self.request.headers.get("content-type", ""))

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page."""
        here = self.request.url.path if self.request.method in {"GET", "HEAD"} else "/me"
        text = self.templates.get_template(template).render(visit=self, here=here, **values)
        return HTMLResponse(text, status_code=status)

    def go(self, path: str, *, place: str = "", **query: str) -> Response:
        """After a change: the browser reads the page anew (303), at the place that was changed."""
        asked = f"?{urlencode(query)}" if query else ""
        return RedirectResponse(f"{path}{asked}{f'#{place}' if place else ''}", status_code=303)
