"""A foreign shop's site for tests of the tag: plain pages that load `genom.js` from a node."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from playwright.sync_api import Page

from tests.node import Node

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{path}</title><link rel="icon" href="data:,">
{head}<h1>{path}</h1><a href="/next">next</a>{body}
<script src="{node}/genom.js"></script>
<script>if (window.genom) {{ genom.load("{key}", {options}); genom.page(); }}</script></html>"""

PURPOSES = ["measure_person", "personalise_onsite", "recommend", "price", "model_training", "experiment", "email"]
ALL = dict.fromkeys(PURPOSES, True)
NONE = dict.fromkeys(PURPOSES, False)

STORED = """async () => ({
  cookies: document.cookie, local: Object.keys(localStorage).sort(), session: Object.keys(sessionStorage),
  databases: (await indexedDB.databases()).length,
})"""
EMPTY = {"cookies": "", "local": [], "session": [], "databases": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the site is, and the source that its events belong to."""

    url: str
    write_key: str
    secret: bytes


@contextmanager
def serve_site(
    node: Node, name: str, *, head: str = "", body: str = "", style: str = "", policy: str = "", **options: Any
) -> Iterator[Site]:
    """The site, with a source of its own that requires consent.

    `head` and `body` stand in each page, `style` is served as /style.css, `policy` is the pages' content policy, in
    which NODE stands for the node; `options` go to `load`.
    """
    made = node.post("/v1/sources", {"name": name})
    loaded = json.dumps({"host": node.url} | options)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            styled = self.path == "/style.css"
            path = self.path.partition("?")[0]
            page = _PAGE.format(path=path, node=node.url, key=made["write_key"], options=loaded, head=head, body=body)
            sent = (style if styled else page).encode()
            self.send_response(200)
            self.send_header("content-type", "text/css" if styled else "text/html; charset=utf-8")
            self.send_header("content-length", str(len(sent)))
            if policy:
                self.send_header("content-security-policy", policy.replace("NODE", node.url))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site(
            url=f"http://127.0.0.1:{server.server_port}",
            write_key=made["write_key"],
            secret=bytes.fromhex(made["secret"]),
        )
    finally:
        server.shutdown()
        server.server_close()


def consent(page: Page, choices: dict[str, bool], how: object = None) -> str | None:
    """Consent as a banner would give it; returns the anonymous id that the tag has then."""
    anonymous: str | None = page.evaluate(
        "([c, how]) => { genom.consent(c, how); return genom.anonymousId(); }", [choices, how]
    )
    return anonymous


def arrived(
    node: Node, value: str | None, *, kind: str = "anonymous_id", at_least: int = 1, holding: str = ""
) -> list[dict[str, Any]]:
    """The person's events at the node, oldest first, once there are that many, and one of that name."""
    events: list[dict[str, Any]] = []
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            person = node.post("/v1/people:lookup", {"type": kind, "value": value})["person"]
            events = node.get(f"/v1/people/{person}/events?limit=100")["events"][::-1]
        except OSError:
            events = []
        if len(events) >= at_least and (not holding or holding in names(events)):
            return events
        time.sleep(0.1)
    raise AssertionError(f"{len(events)} of {at_least} events arrived, and {holding!r} may be missing: {events}")


def told(node: Node, page: Page, *, holding: str = "") -> list[dict[str, Any]]:
    """All events of the person at this page, once those that wait were sent."""
    anonymous = page.evaluate("async () => { await genom.flush(); return genom.anonymousId(); }")
    return arrived(node, anonymous, holding=holding)


def names(events: list[dict[str, Any]]) -> list[str]:
    """The events' names, or types where they have none."""
    return [event["event"] or event["type"] for event in events]


def said(events: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The properties of the events with a name."""
    return [event["properties"] for event in events if event["event"] == name]
