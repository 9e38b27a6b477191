"""What happened to a person: events, decisions, choices and links, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import numpy as np

from genom.app.node import Node
from genom.app.pages.consents import Consents
from genom.app.pages.labels import Labels
from genom.app.pages.linked import link_entries
from genom.app.pages.reasons import sheet
from genom.app.reading import events_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.kinds import event_name
from genom.app.show.summary import summary
from genom.consent import Entry as Choice
from genom.console.person import Entry
from genom.journal import Located
from genom.words import Kind

__all__ = ["timeline_of"]

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "granted": ("Gave consent: {what}", "Einwilligung erteilt: {what}"),
    "denied": ("Withdrew consent: {what}", "Einwilligung entzogen: {what}"),
    "decided": ("Decision: {what}", "Entscheidung: {what}"),
    "by": ("{point} · drawn at random", "{point} · zufällig gezogen"),
    "decision": ("decision", "Entscheidung"),
    "portal": ("own page", "eigene Seite"),
    "banner": ("consent banner", "Einwilligungsbanner"),
    "event": ("with an event", "mit einem Ereignis"),
    "api": ("interface", "Schnittstelle"),
    "gpc": ("browser signal", "Browser-Signal"),
}


def _say(phrase: str, language: str, **values: str) -> str:
    return _WORDS[phrase][language == "de"].format(**values)


def timeline_of(
    node: Node, person: int, found: Located, *, consents: Consents, labels: Labels, language: str, most: int
) -> tuple[Entry, ...]:  # fmt: skip
    """The newest entries; `found` are the person's rows, and `consents` must be ready."""
    entries = [*_events(node, person, found, language, most), *_decisions(node, found, labels, language, most)]
    entries += [_choice(choice, language) for choice in consents.of(person)]
    entries += link_entries(node, found, language=language)
    entries.sort(key=lambda entry: -entry.at)
    return tuple(entries[:most])


def _events(node: Node, person: int, found: Located, language: str, most: int) -> Iterator[Entry]:
    drawn = sheet(language)
    for event in events_of(node, person, limit=most, found=found):
        order = event.get("event") == "Order Completed"
        yield Entry(
            at=int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000),
            kind="order" if order else "event",
            title=event_name(event, language),
            about=summary(event, drawn),
            where=names.channel(event.get("channel") or "unknown", language),
        )


def _decisions(node: Node, found: Located, labels: Labels, language: str, most: int) -> Iterator[Entry]:
    newest = np.flatnonzero(found.rows["kind"] == Kind.DECISION)[::-1][:most]
    for index in newest.tolist():
        record: dict[str, Any] = msgspec.json.decode(node.journal.body(found.places[index]))
        point = labels.point(record["point"], language)
        yield Entry(
            at=int(record["at"]),
            kind="decision",
            title=_say("decided", language, what=labels.of(record["point"], record["choices"][0]["action"], language)),
            about=_say("by", language, point=point) if record.get("control") else point,
            where=_say("decision", language),
            href=f"/decisions/log/{record['decision_id']}",
        )


def _choice(choice: Choice, language: str) -> Entry:
    what = names.purpose(choice.purpose, language)
    where = choice.mechanism if choice.mechanism in _WORDS else ""
    return Entry(
        at=choice.at,
        kind="consent" if choice.granted else "withdrawn",
        title=_say("granted" if choice.granted else "denied", language, what=what),
        where=_say(where, language) if where else clean(choice.mechanism or choice.actor, most=40),
    )
