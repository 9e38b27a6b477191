"""The pages of sources: what each sent, its keys by their ids, its code, and why one is silent."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final
from urllib.parse import urlencode, urlsplit

from genom.app.pages.arrivals import Arrivals
from genom.app.pages.masking import masked_text
from genom.app.pages.waiting import Say
from genom.app.routes import collect
from genom.app.routes.admin import NewSource, added_source
from genom.app.server import App
from genom.app.show.clean import clean
from genom.app.show.refusals import refusal_place, refusal_reason
from genom.collect import Wanted
from genom.console.sources import Snippet, SourceKey, SourceLine, SourcesView, SourceView
from genom.console.waiting import Check
from genom.errors import NotFound
from genom.web import LANGUAGES, Formats
from genom.words import Source

__all__ = ["SourcePages"]

_WRONG: Final = 5  # keys that nobody knows, of which is told
_TAG: Final = """<script src="{host}/genom.js"></script>
<script>genom.load("{key}", {{host: "{host}"}}); genom.page();</script>"""
_PYTHON: Final = """from segment.analytics.client import Client

shop = Client("{key}", host="{host}")
shop.track("C-1042", "Order Completed", {{"total": 9.0, "currency": "EUR"}})
shop.shutdown()"""
_NODE: Final = """import {{ Analytics }} from "@segment/analytics-node";

const shop = new Analytics({{ writeKey: "{key}", host: "{host}" }});
shop.track({{ userId: "C-1042", event: "Order Completed", properties: {{ total: 9.0, currency: "EUR" }} }});
await shop.closeAndFlush();"""
_CURL: Final = """curl -u "{key}:" {host}/v1/track -d '{{"userId": "C-1042", "event": "Signed Up"}}'"""
_KEY: Final = "WRITE_KEY"
_LABELS: Final[Mapping[str, tuple[str, str]]] = {
    "tag": ("The tag, for the pages of your shop", "Das Tag, für die Seiten Ihres Shops"),
    "python": ("Segment's library for Python", "Segments Bibliothek für Python"),
    "node": ("Segment's library for Node.js", "Segments Bibliothek für Node.js"),
    "curl": ("One event, by hand", "Ein Ereignis, von Hand"),
}
_TEXTS: Final = {"tag": _TAG, "python": _PYTHON, "node": _NODE, "curl": _CURL}
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "silent": (
        "This node listens at {url}; no request to its collection addresses has come since it started.",
        "Dieser Knoten lauscht auf {url}; seit seinem Start kam keine Anfrage an seine Sammeladressen.",
    ),
    "reached": (
        "This node listens at {url} and is reached (requests to its collection addresses since it started: {n}).",
        "Dieser Knoten lauscht auf {url} und wird erreicht (Anfragen an seine Sammeladressen seit dem Start: {n}).",
    ),
    "wrong key": (
        (
            "Wrong key (requests: {n}): nobody has made the key that ends in {end}; it came last {ago}. If this source "
            "should have sent it, compare it with the key that was shown when the source was made."
        ),
        (
            "Falscher Schlüssel (Anfragen: {n}): Keiner endet auf {end}; dieser kam zuletzt {ago}. Sollte ihn diese "
            "Quelle gesendet haben, vergleichen Sie ihn mit dem Schlüssel, der bei ihrem Anlegen gezeigt wurde."
        ),
    ),
    "no key": (
        (
            "Wrong key (requests: {n}): a request came without any, last {ago}. The key is the user name of Basic "
            "authentication, or writeKey in the body."
        ),
        (
            "Falscher Schlüssel (Anfragen: {n}): Eine Anfrage kam ohne Schlüssel, zuletzt {ago}. Der Schlüssel ist der "
            "Benutzername der Basic-Authentifizierung oder writeKey im Inhalt."
        ),
    ),
    "no wrong key": (
        "No wrong key has come since the start.",
        "Seit dem Start kam kein falscher Schlüssel.",
    ),
    "refused": (
        "Refused events of this source: {n}. The newest: {place} {reason} ({ago})",
        "Abgelehnte Ereignisse dieser Quelle: {n}. Das neueste: {place} {reason} ({ago})",
    ),
    "none refused": ("No event of this source was refused.", "Kein Ereignis dieser Quelle wurde abgelehnt."),
    "required": (
        "It asks for consent: the tag sends nothing before the visitor agrees.",
        "Sie verlangt eine Einwilligung: Das Tag sendet nichts, bevor zugestimmt wurde.",
    ),
    "development": (
        "It is in development mode: events from this machine need no consent for seven days.",
        "Sie ist im Entwicklungsmodus: Ereignisse von hier brauchen sieben Tage lang keine Einwilligung.",
    ),
    "origin": (
        (
            "Pages of every origin may send. If the page has a content policy, it must allow {url} in script-src and "
            "connect-src; the browser's console says so."
        ),
        (
            "Seiten jeder Herkunft dürfen senden. Hat die Seite eine Content-Security-Policy, muss sie {url} in "
            "script-src und connect-src erlauben; die Konsole des Browsers sagt es."
        ),
    ),
    "insecure": (
        (
            "Browsers let pages that were loaded by https send to {url} only from this machine: set public_url to an "
            "https address."
        ),
        (
            "Von Seiten, die über https geladen wurden, lassen Browser nur auf diesem Rechner an {url} senden: "
            "Setzen Sie public_url auf eine https-Adresse."
        ),
    ),
}


class SourcePages:
    """Reads the catalogue, the journal's newest blocks and the refused events; a new source is on record."""

    def __init__(self, app: App) -> None:
        self._app, self._node = app, app.node
        self._arrivals = Arrivals(app)
        self._paths = {route.path for route in collect.ROUTES}
        self._formats = {language: Formats(language) for language in LANGUAGES}

    async def view(self) -> SourcesView:
        """All of them."""
        rejected = await self._looked()
        lines = [self._line(source, rejected) for source in self._node.sources.values()]
        return SourcesView(lines=lines, counted=self._arrivals.counted, since=self._arrivals.since)

    async def one(self, number: int, *, key: str = "", language: str) -> SourceView:
        """One, with its code; raises NotFound."""
        if (source := self._node.sources.get(number)) is None:
            raise NotFound("There is no such source.", why="it was never added", fix="see the list of sources")
        rejected = await self._looked()
        line = self._line(source, rejected)
        keys = await asyncio.to_thread(self._node.catalogue.all_keys)
        return SourceView(
            line=line,
            keys=[
                SourceKey(id=one.id, server=one.kind == "server", name=clean(one.name, most=60), at=one.at)
                for one in keys
                if one.source == number
            ],
            snippets=[
                Snippet(
                    id=name, label=_LABELS[name][language == "de"], text=text.format(host=self._url, key=key or _KEY)
                )
                for name, text in _TEXTS.items()
            ],
            checks=[check async for check in self._checks(source, line, language)] if line.never else (),
            counted=self._arrivals.counted,
            since=self._arrivals.since,
        )

    async def add(self, name: str, consent: str, *, by: str) -> tuple[int, str]:
        """A new source: its number and its write key."""
        source, key = await added_source(self._app, NewSource(name, consent=consent), who=by)
        return source.number, key

    @property
    def _url(self) -> str:
        return self._node.settings.public_url or self._node.settings.url

    async def _looked(self) -> Counter[str]:
        """Refused events by source, once the newest blocks are counted."""
        await self._arrivals.look()
        tally = await asyncio.to_thread(self._node.bad_rows.tally)
        rejected = Counter[str]()
        for (source, _), number in tally.items():
            rejected[source] += number
        return rejected

    def _line(self, source: Source, rejected: Mapping[str, int]) -> SourceLine:
        newest = self._arrivals.newest(source.number)
        return SourceLine(
            number=source.number,
            name=clean(source.name, most=60),
            development=bool(source.consent),
            history=source.history,
            events=self._arrivals.of_day(source.number),
            newest=newest,
            never=not newest and self._arrivals.whole,
            rejected=rejected.get(source.name, 0),
            rejected_path=f"/events/rejected?{urlencode({'source': source.name})}",
        )

    async def _checks(self, source: Source, line: SourceLine, language: str) -> AsyncIterator[Check]:
        say = Say(self._formats[language], language == "de", _WORDS)
        asked = sum(n for (path, _), n in self._app.replies.items() if path in self._paths)
        yield Check(state="ok" if asked else "open", text=say("reached" if asked else "silent", url=self._url, n=asked))
        for check in self._wrong_keys(say):
            yield check
        newest = await asyncio.to_thread(self._node.bad_rows.newest, 1, Wanted(source=source.name))
        if newest:
            place = masked_text(refusal_place(newest[0].message))
            reason = masked_text(refusal_reason(newest[0].code, newest[0].message, language))
            text = say("refused", n=line.rejected, place=place, reason=reason, ago=newest[0].received_at)
            yield Check(state="wrong", text=text)
        else:
            yield Check(state="ok", text=say("none refused"))
        mode = "development" if source.consent else "required"
        yield Check(state="ok" if source.consent else "open", text=say(mode))
        yield Check(state="open", text=say("origin", url=self._url))
        if urlsplit(self._url).scheme == "http":
            yield Check(state="open", text=say("insecure", url=self._url))

    def _wrong_keys(self, say: Say) -> Iterator[Check]:
        wrong = self._app.access.wrong.every()[:_WRONG]
        for one in wrong:
            name = "wrong key" if one.end else "no key"
            yield Check(state="wrong", text=say(name, n=one.times, ago=one.at, end=f"…{one.end}"))
        if not wrong:
            yield Check(state="ok", text=say("no wrong key"))
