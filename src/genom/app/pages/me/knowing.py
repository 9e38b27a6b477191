"""What we know about a person: sentences by family, where it comes from, and how we recognise them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.ages import window_of
from genom.app.pages.me.people import Things, declared, person_of, views
from genom.app.pages.me.sentences import details, estimates, sentences
from genom.app.pages.me.telling import sayings_of
from genom.app.pages.me.words import FAMILIES, PHRASES, say
from genom.app.pages.who import head_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.genome import Read, View
from genom.journal import Located
from genom.portal import Family, Known
from genom.web import Formats
from genom.words import Channel, Flag

__all__ = ["is_invented", "known_of"]

_ORIGINS: Final = 12  # lines
_EVENTS: Final = "rhythm.events.count.lifetime"
_INVENTED: Final = "living-shop"


def known_of(node: Node, public: str, *, things: Things, language: str, paused: bool) -> Known:
    """The page "what we know"."""
    person = person_of(node, public)
    found = node.journal.rows_of(node.world.people.members(person))
    permitted = views(node, person)
    rows = found.rows[_service(node, found)]
    head = head_of(node, person, found, language=language)
    return Known(
        events=int((rows["line"] == 0).sum()),
        since=int(rows["ts"].min()) if len(rows) else 0,
        families=tuple(
            _families(node, person, permitted, things.everything(language), paused=paused, language=language)
        ),
        told=sayings_of(node, declared(node, person), things(language), language),
        used_for=_used_for(node, person, language),
        identifiers=head.identifiers,
        origins=_origins(node, rows, language),
        special=int(((rows["line"] == 0) & (rows["flags"] & np.uint16(Flag.SPECIAL) != 0)).sum()),
        special_for=_special_for(node, person, rows, language),
    )


def is_invented(node: Node, person: int) -> bool:
    """Whether the person belongs to the simulated world."""
    sources = set(np.unique(node.world.rows_of(person, node.journal)["source"]).tolist())
    return any(node.sources[number].name.startswith(_INVENTED) for number in sources if number in node.sources)


def _service(node: Node, found: Located) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    service = np.uint64(node.purposes.bit("service"))
    return np.asarray((found.rows["kind"] < 200) & (found.rows["mask"] & service == service))


def _used_for(node: Node, person: int, language: str) -> tuple[str, ...]:
    now = now_ms()
    mask = node.effective(person, now) & node.pipeline.permits.standing_of(person, now).law.consent_needed
    return tuple(names.purpose(name, language) for name in node.purposes.names_of(mask))


def _special_for(
    node: Node, person: int, rows: np.ndarray[tuple[int], np.dtype[np.void]], language: str
) -> tuple[str, ...]:
    """Purposes that the person expressly agreed to, which some special event serves."""
    special = rows[rows["flags"] & np.uint16(Flag.SPECIAL) != 0]
    served = int(np.bitwise_or.reduce(special["mask"], initial=0))
    mask = served & node.effective(person, now_ms()) & node.purposes.consent_needed
    return tuple(names.purpose(name, language) for name in node.purposes.names_of(mask))


def _families(
    node: Node, person: int, permitted: Mapping[str, View], terms: dict[str, str], *, paused: bool, language: str
) -> Iterable[Family]:
    every = {purpose: tuple(view) for purpose, view in permitted.items()}  # all genes are read once
    reads, formats, now = _reads(every), Formats(language), now_ms()
    older = _older(node, every, reads)
    guesses = [read for purpose, view in permitted.items() for read in node.models.reads(person, view, purpose=purpose)]
    for family in FAMILIES:
        missing = _missing(node, permitted, family)
        yield Family(
            id=family,
            title=say(FAMILIES, family, language),
            sentences=() if missing else sentences(reads, family, formats=formats, now=now, terms=terms),
            estimates=() if missing else estimates(guesses, family, formats=formats, terms=terms),
            details=() if missing else details(reads, family, formats=formats, terms=terms),
            withheld=tuple(names.purpose(name, language) for name in missing),
            resting=bool(missing) and paused,
            older=0 if missing else older.get(family, 0),
        )


def _reads(every: Mapping[str, tuple[Read, ...]]) -> dict[str, Read]:
    """Each value where most is known of it: the purposes' copies differ by what was permitted when."""
    best: dict[str, Read] = {}
    for reads in sorted(every.values(), key=lambda reads: -_events_of(reads)):
        for read in reads:
            if read.state == "known":
                best.setdefault(read.gene.id, read)
    return best


def _events_of(reads: tuple[Read, ...]) -> float:
    count = next((read.value for read in reads if read.gene.id == _EVENTS), None)
    return float(count or 0.0)


def _older(node: Node, every: Mapping[str, tuple[Read, ...]], known: Mapping[str, Read]) -> dict[str, int]:
    """Family → days, of those that hold only what is older than may be read."""
    families, days = {read.gene.family for read in known.values()}, dict[str, int]()
    for purpose, reads in every.items():
        for read in reads:
            if read.outlived and read.gene.family not in families:
                held = days.get(read.gene.family, 0)
                days[read.gene.family] = max(held, window_of(node, read.gene, purpose))
    return days


def _missing(node: Node, permitted: Mapping[str, View], family: str) -> tuple[str, ...]:
    """The purposes whose permission is missing for a family; any one of them would do, or the further one it needs."""
    if not permitted:
        return node.gate.purposes
    further = node.world.layout.genes.also.get(family)
    return (further,) if further and all(family in view.withheld for view in permitted.values()) else ()


def _origins(
    node: Node, rows: np.ndarray[tuple[int], np.dtype[np.void]], language: str
) -> tuple[tuple[str, str, int], ...]:
    events = rows[rows["line"] == 0]
    counted = Counter(zip(events["source"].tolist(), events["channel"].tolist(), strict=True))
    return tuple(
        (_source(node, source, language), _way(channel, language), count)
        for (source, channel), count in counted.most_common(_ORIGINS)
    )


def _source(node: Node, number: int, language: str) -> str:
    name = node.sources[number].name if number in node.sources else ""
    if name == "portal":
        return say(PHRASES, "own", language)
    if name in {"", "default"} or name.startswith(_INVENTED):
        return say(PHRASES, "shop", language)
    return say(PHRASES, "source", language, source=clean(name, most=60))


def _way(channel: int, language: str) -> str:
    if channel == Channel.UNKNOWN:
        return say(PHRASES, "elsewhere", language)
    name = names.channel(Channel(channel).name.lower(), language)
    return name[:1].upper() + name[1:]
