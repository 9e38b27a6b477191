"""One request of a signed-in reader, as a page's handler sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from genom.console.limits import Allowed, without_forbidden
from genom.web import Form, Formats, Look, Texts, form_of
from genom.web.forms import FORM_BYTES, FORM_FIELDS

__all__ = ["Visit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The request, its reader's look, and the ways to answer."""

    request: Request
    look: Look
    texts: Texts
    formats: Formats
    templates: Environment
    subject: str | None  # who is signed in; None only on the pages before the door
    shared: Mapping[str, Any]  # what the base template shows: navigation, notices
    signed_in: Callable[[], bool]  # asked by what stays open: whether the session still holds
    rights: frozenset[str] = frozenset()  # of the reader
    allowed: Allowed | None = None  # what the reader may open; None = everything

    @property
    def language(self) -> str:
        """`en` or `de`."""
        return self.look.language

    def may(self, right: str) -> bool:
        """Whether the reader has a right."""
        return right in self.rights

    @property
    def partial(self) -> bool:
        """Whether htmx asks for a part of the page."""
        return self.request.headers.get("hx-request") == "true"

    def part(self, name: str) -> str:
        """What stands for `{name}` in the route's path."""
        return str(self.request.path_params[name])

    def asked(self, name: str, default: str = "") -> str:
        """A parameter of the query, at most 200 characters of it."""
        return str(self.request.query_params.get(name, default))[:200]

    async def form(self, *, fields: int = FORM_FIELDS) -> Form:
        """The form that was sent, with at most so many fields; raises BadRequest."""
        body = bytearray()
        async for piece in self.request.stream():
            body += piece[: FORM_BYTES + 1 - len(body)]
        return form_of(bytes(body), self.request.headers.get("content-type", ""), fields=fields)

    def render(self, template: str, *, status: int = 200, **values: Any) -> Response:
        """A page or a part of one."""
        text = self.templates.get_template(template).render(visit=self, **self.shared, **values)
        if self.allowed is not None:
            text = without_forbidden(text, self.allowed)
        return HTMLResponse(text, status_code=status)

    def go(self, path: str) -> Response:
        """After a change: the browser reads the page anew (303)."""
        return RedirectResponse(path, status_code=303)
