"""Records of processing: read and signed."""

from __future__ import annotations

import asyncio

from genom.app import audit
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.recording import Signature, records_text, sign_records, signature_of
from genom.app.server import App

__all__ = ["ROUTES"]


async def records(app: App, request: Request) -> Reply:
    """The records of processing (Art. 30 GDPR) as Markdown."""
    text = records_text(app.node, language=request.parameters().get("language", "en"))
    return Reply(200, text.encode(), [(b"content-type", b"text/markdown; charset=utf-8")])


async def signature(app: App, request: Request) -> Reply:
    """Who has signed them, and whether the configuration is the same still."""
    return json_reply(signature_of(app.node))


async def sign(app: App, request: Request) -> Reply:
    """Sign them as they are now."""
    by = f"key:{app.access.server_key(request).name}"
    signed = await asyncio.to_thread(sign_records, app.node, by=by, now=now_ms())
    await asyncio.to_thread(
        audit.record, app.node.catalogue, "records.signed", who=by, kind="records", name=signed.hash[:16], at=now_ms()
    )
    return json_reply(signed)


_PATH = "/v1/privacy/records"
ROUTES = [
    Route("GET", _PATH, records, "Records of processing (Markdown)", query=("language",), right="records"),
    Route("GET", f"{_PATH}/signature", signature, "Who signed the records", None, Signature, right="records"),
    Route("POST", f"{_PATH}:sign", sign, "Sign the records as they are", None, Signature, right="records"),
]
