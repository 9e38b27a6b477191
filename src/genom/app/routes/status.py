"""Health, readiness, metrics, and the description of the interface."""

from __future__ import annotations

import time

from genom import __version__
from genom.app.commit import now_ms
from genom.app.http import Reply, Request, Route, json_reply
from genom.app.openapi import describe
from genom.app.routes.admin import stats_of
from genom.app.server import App

__all__ = ["ROUTES", "development_notice"]


def development_notice(app: App) -> str:
    """One line while a source assumes consents, else empty."""
    names = [source.name for source in app.node.sources.values() if source.consent]
    if not names:
        return ""
    return (
        f"Development mode: events of {', '.join(names)} from this machine get assumed consents for 7 days; "
        f"end it with `genom source set {names[0]} --consent required`."
    )


async def health(app: App, request: Request) -> Reply:
    """The process lives."""
    return json_reply({"status": "ok", "version": __version__, "notice": development_notice(app)})


async def ready(app: App, request: Request) -> Reply:
    """The node answers: the journal is folded."""
    return json_reply({"ready": app.ready}, status=200 if app.ready else 503)


async def metrics(app: App, request: Request) -> Reply:
    """Counts in the text format of Prometheus."""
    stats = stats_of(app)
    lines = [f"genom_{name} {value}" for name, value in stats.items() if isinstance(value, int)]
    lines += [
        f"genom_rejected_since_start {app.counts['rejected']}",
        f"genom_commits {app.committer.commits}",
        f"genom_waiting_bytes {app.committer.waiting_bytes}",
        f"genom_remembered_message_ids {len(app.node.world.dedupe)}",
        f"genom_forgotten_message_ids {app.node.world.dedupe.forgotten}",
        f"genom_message_ids_forgotten_early {app.node.world.dedupe.early}",
        f"genom_erasures_waiting {len(app.erasing.waiting)}",
        f"genom_erasure_waits_seconds {app.erasing.oldest_waits(now=now_ms()) // 1000}",
        f"genom_journal_cut_bytes {app.node.journal.cut_bytes}",
        *(f'genom_vocabulary_full{{vocabulary="category_{n}"}} {int(v.full)}' for n, v in app.node.world.terms.items()),
        f"genom_kernel_generated {int(not app.node.world.matrix.interpreted)}",  # 0: the interpreter folds
        f"genom_clients_left {app.counts['clients_left']}",
        f"genom_uptime_seconds {time.time() - app.started:.0f}",
    ]
    lines += [
        f'genom_replies{{route="{route}",status="{status}"}} {n}' for (route, status), n in sorted(app.replies.items())
    ]
    return Reply(200, ("\n".join(lines) + "\n").encode(), [(b"content-type", b"text/plain; version=0.0.4")])


async def openapi(app: App, request: Request) -> Reply:
    """The interface as OpenAPI 3.1, generated from the route table."""
    return json_reply(describe(app.routes))


ROUTES = [
    Route("GET", "/health", health, "Alive", free=True),
    Route("GET", "/ready", ready, "Ready to serve", free=True),
    Route("GET", "/metrics", metrics, "Metrics for Prometheus", free=True),
    Route("GET", "/openapi.json", openapi, "This description", free=True),
]
