"""HTTP as the handlers see it: a request with its body, a reply, a route."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import parse_qs

import msgspec

from genom.errors import BadRequest, GenomError
from genom.typed import from_json

if TYPE_CHECKING:
    from genom.app.server import App

__all__ = [
    "Handler",
    "Later",
    "Quick",
    "Reply",
    "Request",
    "Route",
    "body_of",
    "json_reply",
    "refusal",
    "send_reply",
    "short_enough",
    "waited_for",
]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
T = TypeVar("T")

_JSON: Final = (b"content-type", b"application/json")
_DRAIN: Final = (
    24_000_000  # bytes of an over-long body that are read and thrown away, so that the client sees the answer
)
_FORWARDED: Final = frozenset(
    b"via cdn-loop client-ip x-client-ip x-cluster-client-ip true-client-ip fastly-client-ip fly-client-ip "
    b"cf-connecting-ip x-real-ip x-remote-ip x-remote-addr remote-addr proxy-client-ip wl-proxy-client-ip "
    b"x-proxyuser-ip x-appengine-user-ip x-azure-clientip x-azure-socketip x-amzn-trace-id x-original-host "
    b"x-envoy-external-address".split()
)  # what proxies add, beside everything that has `forwarded` in its name


@dataclass(slots=True)
class Request:
    """One request."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]  # names in lower case
    peer: str
    body: bytes = b""
    parts: tuple[str, ...] = ()  # what stands for the {names} of the route's path

    @property
    def local(self) -> bool:
        """Whether it came straight from this machine, through no proxy."""
        if not (self.peer.startswith("127.") or self.peer == "::1") or _FORWARDED & self.headers.keys():
            return False
        return b"forwarded" not in b"\n".join(self.headers)

    def objection(self, *, dnt: bool) -> str:
        """The header by which a browser objects to sale, sharing and advertising, as it came; empty if there is none.

        Global Privacy Control; with `dnt` Do Not Track, too.  Only the value 1 says so.

        >>> Request("GET", "/", b"", {b"dnt": b"1"}, "127.0.0.1").objection(dnt=True)
        'DNT: 1'
        """
        if self.headers.get(b"sec-gpc") == b"1":
            return "Sec-GPC: 1"
        return "DNT: 1" if dnt and self.headers.get(b"dnt") == b"1" else ""

    def parameters(self) -> dict[str, str]:
        """The query's parameters; the last of a name counts.  Raises BadRequest for more than fifty."""
        try:
            found = parse_qs(self.query.decode("latin-1"), max_num_fields=50)
        except ValueError as error:
            raise BadRequest("The query cannot be used.", why=str(error), fix="send fewer parameters") from error
        return {name: values[-1] for name, values in found.items()}

    def as_type(self, kind: type[T]) -> T:
        """The JSON body as a typed value; raises BadRequest that says where it does not fit."""
        try:
            return from_json(self.body, kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadRequest(
                "The body cannot be used.", why=str(error), fix="see /openapi.json for its form"
            ) from error


@dataclass(slots=True)
class Reply:
    """One answer; `body` may be an iterator of pieces."""

    status: int
    body: bytes | Iterator[bytes]
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [_JSON])


@dataclass(frozen=True, slots=True)
class Later:
    """An answer that can be made once something is done."""

    done: asyncio.Future[Any]
    answer: Callable[[Any], Reply]  # takes what came of it


Handler = Callable[["App", Request], Awaitable[Reply]]
Quick = Callable[["App", Request], Reply | Later]


def waited_for(quick: Quick) -> Handler:
    """The handler that does the same as a quick one."""

    async def handler(app: App, request: Request) -> Reply:
        begun = quick(app, request)
        return begun if isinstance(begun, Reply) else begun.answer(await begun.done)

    return handler


@dataclass(frozen=True, slots=True)
class Route:
    """A path and what answers it; `{name}` in the path stands for one part."""

    method: str
    path: str
    handler: Handler
    summary: str
    takes: Any = None  # type of the JSON body, for the OpenAPI description
    gives: Any = None
    query: tuple[str, ...] = ()
    free: bool = False  # needs no key
    right: str = ""  # what a caller must have, of `roles.RIGHTS`; a route that is not free names one
    most: int = 0  # bytes of a body; 0 = the setting
    quick: Quick | None = None  # does the same as the handler, without a task; its path has no {name}
    pages: bool = False  # libraries in foreign pages call it, some of them with cookies, which nothing here reads


def json_reply(value: object, *, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> Reply:
    """A value as JSON."""
    return Reply(status, msgspec.json.encode(value), [_JSON, *(headers or [])])


def refusal(error: GenomError) -> Reply:
    """An error as the answer that says what, why and how to fix."""
    again = [(b"retry-after", b"%d" % error.retry_seconds)] if error.retry else []
    return json_reply(error.as_reply(), status=error.status, headers=again)


async def body_of(receive: Receive, *, limit: int, seconds: float) -> bytes:
    """The whole body.

    Raises BadRequest if it is longer than `limit` or takes longer than `seconds`, ConnectionError if the client left.
    """
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ConnectionError("the client left")
    if not message.get("more_body"):
        body: bytes = message.get("body", b"")
        return short_enough(body, len(body), limit)
    try:
        async with asyncio.timeout(seconds):
            return await _rest_of(receive, message.get("body", b""), limit)
    except TimeoutError:
        raise BadRequest(
            "The body did not arrive in time.",
            why=f"it took longer than {seconds:g} seconds",
            fix="send it faster or in parts",
            code="request.too-slow",
        ) from None


async def _rest_of(receive: Receive, first: bytes, limit: int) -> bytes:
    pieces, size = [first], len(first)
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the client left")
        size += len(message.get("body", b""))
        if size <= limit:
            pieces.append(message.get("body", b""))
        if not message.get("more_body") or size > _DRAIN:
            return short_enough(b"".join(pieces), size, limit)


def short_enough(body: bytes, size: int, limit: int) -> bytes:
    """The body if its size is within the limit; raises BadRequest."""
    if size > limit:
        raise BadRequest(
            "The body is too large.",
            why=f"more than {limit:,} bytes arrived",
            fix="send smaller batches",
            code="collect.body-too-large",
        )
    return body


async def send_reply(send: Send, reply: Reply) -> None:
    """Send a reply, piece by piece if it comes so."""
    if isinstance(reply.body, bytes):
        headers = [*reply.headers, (b"content-length", b"%d" % len(reply.body))]
        await send({"type": "http.response.start", "status": reply.status, "headers": headers})
        await send({"type": "http.response.body", "body": reply.body})
        return
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    async for piece in _politely(reply.body):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def _politely(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece
        await asyncio.sleep(0)
