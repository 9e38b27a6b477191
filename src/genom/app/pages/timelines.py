"""What happened to a person: events, decisions, choices and links, newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

import msgspec
import numpy as np

from genom.app.node import Node
from genom.app.pages.consents import Consents
from genom.app.pages.labels import Labels
from genom.app.pages.linked import link_entries
from genom.app.pages.masking import about_of, title_of
from genom.app.pages.reasons import sheet
from genom.app.reading import events_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.term_names import names_of
from genom.consent import ENDED, LIFTED, REGION
from genom.consent import Entry as Choice
from genom.console.person import Entry
from genom.journal import Located
from genom.typed import json_decoder
from genom.words import Kind

__all__ = ["timeline_of"]

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "granted": ("Gave consent: {what}", "Einwilligung erteilt: {what}"),
    "denied": ("Withdrew consent: {what}", "Einwilligung entzogen: {what}"),
    "granted several": ("Gave {n} consents", "{n} Einwilligungen erteilt"),
    "denied several": ("Withdrew {n} consents", "{n} Einwilligungen entzogen"),
    "lifted": ("Pause over, no choice: {what}", "Pause beendet, keine Wahl: {what}"),
    "lifted several": ("Pause over, no choice for {n} purposes", "Pause beendet, keine Wahl für {n} Zwecke"),
    "ended": ("Consent ended: {what}", "Einwilligung beendet: {what}"),
    "ended several": ("{n} consents ended", "{n} Einwilligungen beendet"),
    "refused": ("Refused consent: {what}", "Einwilligung abgelehnt: {what}"),
    "refused several": ("Refused {n} consents", "{n} Einwilligungen abgelehnt"),
    "region": ("Region: {what}", "Region: {what}"),
    "no region": ("Region not known", "Region nicht bekannt"),
    "links": ("{n} links of identifiers", "{n} Verbindungen von Kennungen"),
    "decisions": ("{n} decisions", "{n} Entscheidungen"),
    "decided": ("Decision: {what}", "Entscheidung: {what}"),
    "by": ("{point} · drawn at random", "{point} · zufällig gezogen"),
    "decision": ("decision", "Entscheidung"),
    "portal": ("own page", "eigene Seite"),
    "staff": ("own page, opened by the shop", "eigene Seite, vom Shop geöffnet"),
    "banner": ("consent banner", "Einwilligungsbanner"),
    "event": ("with an event", "mit einem Ereignis"),
    "api": ("interface", "Schnittstelle"),
    "gpc": ("browser signal", "Browser-Signal"),
    "dnt": ("browser signal", "Browser-Signal"),
    "tcf": ("consent banner, TC string", "Einwilligungsbanner, TC-String"),
    "gpp": ("GPP string", "GPP-String"),
    "google": ("Google Consent Mode", "Google Consent Mode"),
    "sample": ("simulated for the sample", "simuliert für das Beispiel"),
    "simulated banner": ("simulated banner", "simuliertes Banner"),
}

_FOLDED: Final = {"decision": 3, "link": 2}  # kinds of which so many in a row are one line
_TOGETHER: Final = 60_000  # ms


def _say(phrase: str, language: str, **values: str) -> str:
    return _WORDS[phrase][language == "de"].format(**values)


def timeline_of(
    node: Node, person: int, found: Located, *, consents: Consents, labels: Labels, language: str, most: int
) -> tuple[Entry, ...]:  # fmt: skip
    """The newest entries; `found` are the person's rows, and `consents` must be ready."""
    entries = [*_events(node, person, found, language, most), *_decisions(node, found, labels, language, 2 * most)]
    past = consents.of(person)
    entries += _choices([choice for choice in past if choice.act != REGION], language)
    entries += _moves([choice for choice in past if choice.act == REGION], language)
    entries += link_entries(node, found, language=language)
    entries.sort(key=lambda entry: -entry.at)
    return tuple(_folded(entries, language))[:most]


def _events(node: Node, person: int, found: Located, language: str, most: int) -> Iterator[Entry]:
    drawn, called = sheet(language), names_of(node.catalogue)
    for event in events_of(node, person, limit=most, found=found):
        order, channel = event.get("event") == "Order Completed", event.get("channel") or "unknown"
        yield Entry(
            at=int(datetime.fromisoformat(event["timestamp"]).timestamp() * 1000),
            kind="order" if order else "event",
            title=title_of(event, language),
            about=about_of(event, drawn, called),
            where="" if channel == "unknown" else names.channel(channel, language),
        )


class _Chosen(msgspec.Struct):
    action: str


class _Recorded(msgspec.Struct):
    """What a line says of a decision; its evidence is skipped."""

    decision_id: str
    point: str
    at: int
    choices: tuple[_Chosen, ...]
    control: bool = False


_RECORDED: Final = json_decoder(_Recorded)


def _decisions(node: Node, found: Located, labels: Labels, language: str, most: int) -> Iterator[Entry]:
    newest = np.flatnonzero(found.rows["kind"] == Kind.DECISION)[::-1][:most]
    for index in newest.tolist():
        record = _RECORDED.decode(node.journal.body(found.places[index]))
        point = labels.point(record.point, language)
        yield Entry(
            at=record.at,
            kind="decision",
            title=_say("decided", language, what=labels.of(record.point, record.choices[0].action, language)),
            about=_say("by", language, point=point) if record.control else point,
            where=_say("decision", language),
            href=f"/decisions/log/{record.decision_id}",
        )


def _choices(choices: Sequence[Choice], language: str) -> Iterator[Entry]:
    """What was chosen within a minute, the same way, is one line for what was given and one for what was not."""
    given: set[str] = set()  # what was granted so far: only that can be withdrawn
    for together in _together(choices):
        for granted in (False, True):
            purposes = [name for name, choice in together.items() if choice.granted is granted]
            if not purposes:
                continue
            last = max((together[name] for name in purposes), key=lambda choice: choice.at)
            word = "granted" if granted else "denied" if given & set(purposes) else "refused"
            word = "lifted" if last.source == LIFTED else "ended" if last.act == ENDED else word
            given = given | set(purposes) if granted else given - set(purposes)
            told = [names.purpose(name, language) for name in purposes]
            yield _chosen(word, told, last.at, _way(last), language)


def _moves(said: Sequence[Choice], language: str) -> Iterator[Entry]:
    """In which region the person was said to be, and when."""
    for one in said:
        what = names.regions([one.region], language) if one.region else ""
        title = _say("region", language, what=what) if what else _say("no region", language)
        yield Entry(at=one.at, kind="consent", title=title, where=_say(_way(one), language))


def _together(choices: Sequence[Choice]) -> Iterator[dict[str, Choice]]:
    """Choices in a row by purpose; another way, a minute later or a changed mind begins anew."""
    some: dict[str, Choice] = {}
    for choice in choices:
        first, known = next(iter(some.values()), choice), some.get(choice.purpose, choice)
        same = _way(choice) == _way(first) and choice.at - first.at < _TOGETHER
        same = same and (choice.source == LIFTED) is (first.source == LIFTED)
        same = same and (choice.act == ENDED) is (first.act == ENDED)
        if not same or known.granted is not choice.granted:
            yield some
            some = {}
        some[choice.purpose] = choice
    if some:
        yield some


def _way(choice: Choice) -> str:
    """How a choice was made; one that the shop's staff made in the person's place is told apart."""
    return "staff" if choice.actor.startswith("console:") else choice.mechanism


def _chosen(word: str, purposes: list[str], at: int, way: str, language: str) -> Entry:
    several = len(purposes) > 1
    title = (
        _say(f"{word} several", language, n=str(len(purposes))) if several else _say(word, language, what=purposes[0])
    )
    return Entry(
        at=at,
        kind="withdrawn" if word in {"denied", "refused"} else "consent",
        title=title,
        where=_say(way, language) if way in _WORDS else clean(way, most=40),
        parts=tuple((purpose, "") for purpose in purposes) if several else (),
    )


def _folded(entries: list[Entry], language: str) -> Iterator[Entry]:
    """Decisions, and links, that stand next to each other are one line, so that what the person did stays visible."""
    for kind, some in groupby(entries, key=lambda entry: entry.kind if entry.kind in _FOLDED else entry):
        together = list(some)
        if not isinstance(kind, str) or len(together) < _FOLDED[kind]:
            yield from together
            continue
        parts = tuple((f"{e.title} · {e.about}" if e.about else e.title, e.href) for e in together)
        title = _say(f"{kind}s", language, n=str(len(parts)))
        yield Entry(at=together[0].at, kind=kind, title=title, where=together[0].where, parts=parts)
