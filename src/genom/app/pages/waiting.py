"""Why nothing arrives: what the node has seen of requests, keys, refused events and consent modes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
import numpy as np

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.liverows import event_rows
from genom.app.pages.masking import masked_text, title_of
from genom.app.reading import type_of_kind
from genom.app.routes import collect
from genom.app.server import App
from genom.app.show.clean import clean
from genom.app.show.refusals import refusal_place, refusal_reason
from genom.collect import BadRow
from genom.console.waiting import Check, Received, WaitingView
from genom.web import LANGUAGES, Formats

__all__ = ["Say", "WaitingRoom"]

_BLOCKS: Final = 300  # of the journal that are looked through for the newest event
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "silent": (
        "This node listens at {url}; no request to its collection addresses has come since it started. {look}",
        "Dieser Knoten lauscht auf {url}; seit seinem Start kam keine Anfrage an seine Sammeladressen. {look}",
    ),
    "look": (
        "The network panel of the shop's browser tells whether a content blocker holds it back.",
        "Die Netzwerkanzeige im Browser des Shops sagt, ob ein Inhaltsblocker sie aufhält.",
    ),
    "reached": (
        "This node listens at {url} and is reached (requests to its collection addresses since it started: {n}).",
        "Dieser Knoten lauscht auf {url} und wird erreicht (Anfragen an seine Sammeladressen seit dem Start: {n}).",
    ),
    "wrong key": (
        "Wrong key (requests: {n}): nobody has made the key that ends in {end}; it came last {ago}. {hint}",
        "Falscher Schlüssel (Anfragen: {n}): Keiner endet auf {end}; dieser kam zuletzt {ago}. {hint}",
    ),
    "no key": (
        "Wrong key (requests: {n}): a request came without any, last {ago}. {hint}",
        "Falscher Schlüssel (Anfragen: {n}): Eine Anfrage kam ohne Schlüssel, zuletzt {ago}. {hint}",
    ),
    "hint": ("The first write key ends in {end}.", "Der erste Schreibschlüssel endet auf {end}."),
    "key accepted": (
        "The key of source {name} is known; its newest event was accepted {ago}.",
        "Der Schlüssel der Quelle {name} ist bekannt; ihr neuestes Ereignis wurde {ago} angenommen.",
    ),
    "key refused": (
        "The key of source {name} is known; its newest event was refused {ago}.",
        "Der Schlüssel der Quelle {name} ist bekannt; ihr neuestes Ereignis wurde {ago} abgelehnt.",
    ),
    "key unseen": (
        "No key has been seen since the start, neither a right nor a wrong one.",
        "Seit dem Start wurde kein Schlüssel gesehen, weder ein richtiger noch ein falscher.",
    ),
    "refused": (
        "The last refused event: {place} {reason} ({ago})",
        "Das zuletzt abgelehnte Ereignis: {place} {reason} ({ago})",
    ),
    "none refused": ("No event was refused.", "Kein Ereignis wurde abgelehnt."),
    "required": (
        "Source {name} asks for consent: the tag sends nothing before the visitor agrees.",
        "Die Quelle {name} verlangt eine Einwilligung: Das Tag sendet nichts, bevor zugestimmt wurde.",
    ),
    "development": (
        "Source {name} is in development mode: events from this machine need no consent for seven days.",
        "Die Quelle {name} ist im Entwicklungsmodus: Ereignisse von hier brauchen sieben Tage lang keine Einwilligung.",
    ),
}  # fmt: skip


class WaitingRoom:
    """Looks at what came and what did not."""

    def __init__(self, app: App) -> None:
        self._app, self._node = app, app.node
        self._paths = {route.path for route in collect.ROUTES}
        self._formats = {language: Formats(language) for language in LANGUAGES}

    async def look(self, *, after: int, since: int, language: str) -> WaitingView:
        """What came after a position, and what was checked; 0 and 0 begin to wait now."""
        now = now_ms()
        if not since:
            after, since = self._node.journal.last, now
        newest = _newest(self._node)
        received = _received(self._node, *newest, language) if newest and int(newest[0]["sequence"]) > after else None
        refused = next(iter(await asyncio.to_thread(self._node.bad_rows.newest, 1)), None)
        checks = tuple(self._checks(newest[0] if newest else None, refused, language))
        return WaitingView(
            after=after, since=since, waited=max(0, now - since), received=received, checks=() if received else checks
        )

    def _checks(self, newest: np.void | None, refused: BadRow | None, language: str) -> Iterator[Check]:
        say = Say(self._formats[language], language == "de", _WORDS)
        asked = sum(n for (path, _), n in self._app.replies.items() if path in self._paths)
        url = self._node.settings.public_url or self._node.settings.url
        text = say("reached" if asked else "silent", url=url, n=asked, look=say("look"))
        yield Check(state="ok" if asked else "open", text=text)
        yield self._key(newest, refused, say)
        if refused:
            place, reason = refusal_place(refused.message), refusal_reason(refused.code, refused.message, language)
            text = say("refused", place=masked_text(place), reason=masked_text(reason), ago=refused.received_at)
            yield Check(state="wrong", text=text)
        else:
            yield Check(state="ok", text=say("none refused"))
        for source in self._node.sources.values():
            mode = "development" if source.consent else "required"
            yield Check(state="open" if mode == "required" else "ok", text=say(mode, name=clean(source.name, most=60)))

    def _key(self, newest: np.void | None, refused: BadRow | None, say: Say) -> Check:
        wrong, accepted_at = self._app.access.wrong.newest(), int(newest["known_at"]) if newest is not None else 0
        refused_at = refused.received_at if refused else 0
        if wrong and wrong.at >= max(accepted_at, refused_at):
            hint = say("hint", end=f"…{end}") if (end := self._right_end()) else ""
            name = "wrong key" if wrong.end else "no key"
            return Check(state="wrong", text=say(name, n=wrong.times, ago=wrong.at, end=f"…{wrong.end}", hint=hint))
        if accepted_at > refused_at and newest is not None:
            source = self._node.sources.get(int(newest["source"]))
            name = clean(source.name if source else "", most=60)
            return Check(state="ok", text=say("key accepted", name=name, ago=accepted_at))
        if refused:
            return Check(state="ok", text=say("key refused", name=clean(refused.source, most=60), ago=refused_at))
        return Check(state="open", text=say("key unseen"))

    def _right_end(self) -> str:
        """The last characters of the first write key, which the first start wrote down."""
        try:
            return str(json.loads((self._node.data.path / "keys.json").read_bytes())["write_key"])[-4:]
        except (OSError, ValueError, KeyError):
            return ""


class Say:
    """Sentences of a language; `ago` is a time in unix ms, `n` a number."""

    def __init__(self, formats: Formats, german: bool, words: Mapping[str, tuple[str, str]]) -> None:
        self._formats, self._german, self._words = formats, german, words

    def __call__(self, phrase: str, **values: Any) -> str:
        """The sentence with these values."""
        if "ago" in values:
            values["ago"] = self._formats.ago(values["ago"], now_ms())
        if "n" in values:
            values["n"] = self._formats.number(values["n"])
        return " ".join(self._words[phrase][self._german].format(**values).split())


def _newest(node: Node) -> tuple[np.void, bytes] | None:
    """The newest event of the journal and its body."""
    for number, block in enumerate(node.journal.latest()):
        events = event_rows(block.rows)
        for index in events[::-1].tolist():
            if body := block.body(index):  # none: its person is being erased
                return block.rows[index], body
        if number == _BLOCKS:
            break
    return None


def _received(node: Node, row: np.void, body: bytes, language: str) -> Received:
    readable = int(row["mask"]) & node.purposes.bit("service")
    event: dict[str, Any] = {"type": type_of_kind(int(row["kind"]))}
    event |= msgspec.json.decode(body or b"{}") if readable else {}
    return Received(
        title=title_of(event, language),
        at=int(row["known_at"]),
        person=node.public.name(int(node.world.people.person(int(row["profile"])))),
    )
