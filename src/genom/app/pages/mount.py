"""All pages of the node: `/me…` is the person's, everything else the marketer's."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from genom.app.pages.access import AccessPages
from genom.app.pages.audit import AuditRows
from genom.app.pages.consents import Consents
from genom.app.pages.decision_log import DecisionRows
from genom.app.pages.door import ConsoleDoor
from genom.app.pages.genes import GenePages
from genom.app.pages.home import HomeFacts
from genom.app.pages.labels import Labels
from genom.app.pages.live import LiveEvents
from genom.app.pages.models import ModelPages
from genom.app.pages.people import PeopleFinder
from genom.app.pages.person import PersonPages
from genom.app.pages.places import Places
from genom.app.pages.points import PointPages
from genom.app.pages.portal import PortalPages
from genom.app.pages.rejected import RejectedPages
from genom.app.pages.requests import RequestPages
from genom.app.pages.reveal import RevealPages
from genom.app.pages.segments import SegmentPages
from genom.app.pages.sources import SourcePages
from genom.app.pages.strips import Strips
from genom.app.pages.waiting import WaitingRoom
from genom.app.pages.watching import Watching
from genom.app.server import App
from genom.console import Page, build_console
from genom.console.access import access_page
from genom.console.audit import audit_page
from genom.console.decision_log import decision_log_page
from genom.console.gallery import gallery_page
from genom.console.genes import genes_page
from genom.console.home import home_page
from genom.console.live import live_page
from genom.console.models import models_page
from genom.console.people import people_page
from genom.console.person_page import person_page
from genom.console.points import points_page
from genom.console.rejected import rejected_page
from genom.console.requests import requests_page
from genom.console.reveal import reveal_page
from genom.console.segments import segments_page
from genom.console.segments_builder import builder_routes
from genom.console.sources import sources_page
from genom.console.waiting import waiting_page
from genom.portal import build_portal
from genom.web.headers import ASGI, Receive, Send

__all__ = ["build_pages"]


def build_pages(app: App) -> ASGI:
    """The pages of a node; what they keep open ends with `app.closing`."""
    settings = app.node.settings
    public = urlsplit(settings.public_url)
    hosts = frozenset({settings.host, public.hostname or settings.host})
    labels, consents = Labels(app), Consents(app.node)
    console = build_console(
        _console_pages(app, labels, consents),
        door=ConsoleDoor(app.sessions, app.users, app.looks, app.node),
        hosts=hosts,
        notices=lambda: _notices(app),
    )

    portal = build_portal(PortalPages(app, labels, consents), hosts=hosts)

    async def pages(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if public.scheme == "https" and _host(scope["headers"]) == public.hostname:
            scope = {**scope, "scheme": "https"}  # the proxy ends TLS: cookies are for it alone
        own = scope["path"] == "/me" or scope["path"].startswith(("/me/", "/static/portal/"))
        await (portal if own else console)(scope, receive, send)

    return pages


def _host(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """The name that a request is for, without its port."""
    given = next((value for name, value in headers if name == b"host"), b"")
    return given.decode("latin-1").lower().partition(":")[0]


def _notices(app: App) -> dict[str, bool]:
    """What every page must say."""
    return {"simulated": any(source.name.startswith("living-shop") for source in app.node.sources.values())}


def _console_pages(app: App, labels: Labels, consents: Consents) -> list[Page]:
    """A line for each page, in the order of the navigation."""
    places = Places(app.node)
    app.closing.append(places.close)
    waiting, segments = WaitingRoom(app), SegmentPages(app.node)
    return [
        home_page(HomeFacts(app, labels), waiting=waiting),
        live_page(LiveEvents(app), waiting=waiting),
        rejected_page(RejectedPages(app)),
        sources_page(SourcePages(app)),
        waiting_page(waiting),
        people_page(PeopleFinder(app, Strips(app.node, places))),
        person_page(PersonPages(app, places, labels, consents=consents), watch=Watching(app).stream),
        reveal_page(RevealPages(app.node)),
        decision_log_page(DecisionRows(app, labels)),
        segments_page(segments, builder_routes(segments)),
        genes_page(GenePages(app)),
        points_page(PointPages(app, labels)),
        models_page(ModelPages(app)),
        requests_page(RequestPages(app)),
        audit_page(AuditRows(app.node)),
        access_page(AccessPages(app)),
        gallery_page(),
    ]
