"""How every site of pages answers: our names only, changes only from our own pages, errors in words."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from genom.errors import GenomError
from genom.web.headers import Receive, Send
from genom.web.origin import check_host, check_origin

__all__ = ["Failed", "Find", "answer"]

Failed = Callable[[int, str], Response]  # status, reference of what nobody expected
Find = Callable[[], Awaitable[Response]]


async def answer(
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
    *,
    hosts: frozenset[str],
    visit: Callable[[Request], tuple[Find, Failed]],
    log: logging.Logger,
) -> None:
    """Answer a request with what its visit finds, or with its page for what failed.

    `hosts` are the names that are answered to beside loopback ones.
    """
    request = Request(scope, receive)
    try:
        check_host(request.headers.get("host", ""), names=hosts)
        find, failed = visit(request)
        reply = await _found(request, find, failed, log)
    except ClientDisconnect:
        return
    except GenomError as error:  # before there is a reader: the host is not ours
        reply = PlainTextResponse(f"{error}\n", error.status)
    await reply(scope, receive, send)


async def _found(request: Request, find: Find, failed: Failed, log: logging.Logger) -> Response:
    try:
        check_origin(request.method, request.headers)
        return await find()
    except ClientDisconnect:
        raise
    except GenomError as error:
        return failed(error.status, "")
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("a page failed", extra={"path": request.url.path, "reference": reference})
        return failed(500, reference)
