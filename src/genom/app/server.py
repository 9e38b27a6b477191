"""The ASGI application: routes a request to its handler and turns errors into answers."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from genom.app.access import Access
from genom.app.audit_heads import Heads
from genom.app.commit import Committer
from genom.app.erasing import Erasing
from genom.app.genes.changes import GeneChanges
from genom.app.holders import all_holders
from genom.app.http import Receive, Reply, Request, Route, Scope, Send, body_of, refusal, send_reply, short_enough
from genom.app.looks import Looks
from genom.app.node import Node, file_or_default
from genom.app.pages.sessions import Sessions
from genom.app.rights.deadlines import load_deadlines
from genom.app.rights.requests import Requests
from genom.app.special.tagging import Tagger
from genom.app.users import Users
from genom.errors import BadRequest, GenomError, NotFound, nearest

__all__ = ["App"]

log = logging.getLogger("genom.server")

Pages = Callable[[Scope, Receive, Send], Awaitable[None]]

_BY_BODY: Final = frozenset({"collect", "decide"})  # rights whose key may stand in the body: the handlers look
_MACHINES: Final = frozenset({"/health", "/ready", "/metrics", "/openapi.json", "/sourceConfig", "/i"})
_OF_MACHINES: Final = ("/v1/", "/genom.", "/analytics.js/", "/beacon/", "/pixel/", "/com.snowplowanalytics.snowplow/")

_ASKED: Final = (
    b"authorization, content-type, content-encoding, x-retry-count, anonymousid, x-genom-source, sp-anonymous, "
    # RudderStack's library for pages says how often and since when it has tried
    b"sentat, rsa-recovered, rsa-retry-attempt, rsa-retry-reason, rsa-since-first-attempt, rsa-since-last-attempt"
)
_CORS: Final = [
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", _ASKED),
    (b"access-control-max-age", b"86400"),
]
# Where libraries in pages ask, and nowhere else: with it a page reads what a browser that was given a key gets to see.
_WITH_COOKIES: Final = [
    (b"access-control-allow-credentials", b"true"),
    (b"access-control-expose-headers", b"retry-after"),  # else a page's library cannot read how long to wait
]


def _for_machines(path: str) -> bool:
    return path.startswith(_OF_MACHINES) or path.rstrip("/") in _MACHINES


def _pattern(path: str) -> re.Pattern[str]:
    """What addresses of a path with names look like; a name stands for a part of the path, or for a piece of one."""
    return re.compile(re.sub(r"\\{\w+\\}", "([^/]*)", re.escape(path)))


class App:
    """The node behind HTTP."""

    def __init__(self, node: Node, committer: Committer, routes: list[Route]) -> None:
        self.node, self.committer, self.routes = node, committer, routes
        self.looks = Looks(node.catalogue)
        self.heads = Heads(node.catalogue, node.signing)
        self.access = Access(node, self.looks)
        idle = node.settings.console_idle_minutes * 60
        self.sessions = Sessions(node.catalogue, idle_seconds=idle)  # of the pages' readers
        self.users = Users(node.catalogue)
        self.gene_changes = GeneChanges(node, committer)
        self.requests = Requests(node.catalogue, load_deadlines(file_or_default(node.data.path, "deadlines.yaml")))
        self.taking_in = asyncio.Lock()  # one copy of a person after the other
        self.trying = asyncio.Lock()  # refused events, by one caller after the other
        self.erasing = Erasing(node, committer, all_holders(node, self.sessions, self.requests, self.looks))
        self.tagger = Tagger(node, committer, busy=lambda: self.gene_changes.running)
        self.counts: Counter[str] = Counter()
        self.replies: Counter[tuple[str, int]] = Counter()
        self.started = time.time()
        self.ready = True
        self.cache: dict[str, Any] = {}  # what routes compile from the catalogue
        self.pages: Pages | None = None  # what answers people's browsers; None: there are no pages
        self.closing: list[Callable[[], None]] = []  # called first when the node ends: open streams must end
        self._fixed = {(r.method, r.path): r for r in routes if "{" not in r.path}
        self.quick = {r.path.encode(): r for r in routes if r.quick}
        self._open = [(r, _pattern(r.path)) for r in routes if "{" in r.path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        if self.pages is not None and not _for_machines(scope["path"]):
            await self.pages(scope, receive, send)
            return
        route: Route | None = None
        request = Request(
            scope["method"],
            scope["path"].rstrip("/") or "/",
            scope["query_string"],
            dict(scope["headers"]),
            (scope["client"] or ("",))[0],
        )
        try:
            if request.method == "OPTIONS":
                reply = self._preflight(request)
            else:
                route = self._route(request)
                if not route.free and route.right not in _BY_BODY:
                    self.access.entitled(request, route.right)
                limit = route.most or self.node.settings.body_bytes
                request.body = await body_of(receive, limit=limit, seconds=self.node.settings.body_seconds)
                reply = await route.handler(self, request)
        except ConnectionError:
            self.counts["clients_left"] += 1
            return
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client gets an answer
            reply = self._failed(route, error)
        self._finish(request, route, reply)
        await send_reply(send, reply)

    def answer(self, request: Request, route: Route, reply: Callable[[Reply], None]) -> None:
        """The same for a whole request to a quick route; `reply` takes the answer, now or once it can be made."""
        assert route.quick is not None

        def end(make: Callable[[], Reply]) -> None:
            try:
                made = make()
            except Exception as error:  # noqa: BLE001 -- whatever it is, the client gets an answer
                made = self._failed(route, error)
            self._finish(request, route, made)
            reply(made)

        try:
            short_enough(request.body, len(request.body), self.node.settings.body_bytes)
            begun = route.quick(self, request)
        except Exception as error:  # noqa: BLE001 -- whatever it is, the client gets an answer
            begun = self._failed(route, error)
        if isinstance(begun, Reply):
            self._finish(request, route, begun)
            reply(begun)
        else:
            later = begun
            later.done.add_done_callback(lambda done: end(lambda: later.answer(done.result())))

    def _failed(self, route: Route | None, error: Exception) -> Reply:
        if isinstance(error, GenomError):
            return refusal(error)
        # the route and not the path, in which a key or a person may stand
        log.error("a request failed", exc_info=error, extra={"route": route.path if route else "other"})
        return refusal(
            GenomError("The node failed.", why="an unexpected error, see its log", fix="report it with the log")
        )

    def _finish(self, request: Request, route: Route | None, reply: Reply) -> None:
        self.replies[(route.path if route else "other", reply.status)] += 1
        if origin := request.headers.get(b"origin"):
            reply.headers = [*reply.headers, (b"access-control-allow-origin", origin), (b"vary", b"origin")]
            if route is not None and route.pages:
                reply.headers += _WITH_COOKIES

    def _preflight(self, request: Request) -> Reply:
        """What a page may send; for which route, the request names by its method."""
        method = request.headers.get(b"access-control-request-method", b"").decode("latin-1")
        route = self._found(method, request)
        return Reply(204, b"", [*_CORS, *(_WITH_COOKIES if route is not None and route.pages else ())])

    def _route(self, request: Request) -> Route:
        if (route := self._found(request.method, request)) is not None:
            return route
        raise self._unknown(request)

    def _found(self, method: str, request: Request) -> Route | None:
        found = self._fixed.get((method, request.path))
        if found:
            return found
        for route, pattern in self._open:
            if route.method == method and (fits := pattern.fullmatch(request.path)):
                request.parts = fits.groups()
                return route
        return None

    def _unknown(self, request: Request) -> GenomError:
        allowed = sorted({r.method for r in self.routes if r.path == request.path})
        if allowed:
            error = BadRequest(
                f"{request.path} does not take {request.method}.",
                why=f"it takes {', '.join(allowed)}",
                fix="use another method",
                code="request.method",
            )
            error.status = 405
            return error
        close = nearest(request.path, [r.path for r in self.routes])
        return NotFound(
            "There is no such address.", why=f"nothing answers {request.path[:200]}", fix=close or "see /openapi.json"
        )
