"""How the profiles of a person came together: the link and split facts of the journal, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from genom.app.node import Node
from genom.app.pages.who import identifier_name, identifiers_of, masked_identifier
from genom.app.parting import undoable
from genom.app.show.clean import clean
from genom.console.person import Apart, Entry, Linked
from genom.journal import Located
from genom.words import Flag, Kind

__all__ = ["Fact", "facts_of", "link_entries", "profiles_of", "splits_of", "standing"]

_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "linked": ("Linked {a} and {b}", "Verbunden: {a} und {b}"),
    "waits": ("Link waits for proof: {a} and {b}", "Verbindung wartet auf Nachweis: {a} und {b}"),
    "split": ("Split off: {a}", "Getrennt: {a}"),
    "rejoined": ("Split undone: {a} and {b}", "Trennung rückgängig gemacht: {a} und {b}"),
    "undone": ("a split was undone", "eine Trennung wurde rückgängig gemacht"),
    "first": ("known first; the person bears its number", "zuerst bekannt; die Person trägt seine Nummer"),
    "rule": ("both came with one event", "beide kamen mit einem Ereignis"),
    "alone": ("stands alone", "steht allein"),
    "pending": ("a browser said so; a sign-in or a server must confirm it",
                "ein Browser hat es gemeldet; eine Anmeldung oder ein Server muss es bestätigen"),
    "console": ("console", "Konsole"),
    "profile": ("profile", "Profil"),
}  # fmt: skip

Told = Mapping[int, tuple[str, str]]  # profile → what its identifier is called, masked value


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A link or a split of a person's profiles."""

    at: int  # unix ms
    sequence: int
    kind: int  # Kind.LINK or Kind.UNLINK
    profile: int
    other: int  # 0 for a split
    source: int
    pending: bool


def facts_of(node: Node, found: Located) -> list[Fact]:
    """All link facts among a person's rows, in their order."""
    facts = _facts(node, found, links=True)
    mine = set(found.rows["profile"].tolist())
    if gone := {fact.other for fact in facts if fact.other} - mine:  # their split stands with them
        facts += _facts(node, node.journal.rows_of(gone), links=False)
    return sorted(facts, key=lambda fact: fact.sequence)


def _facts(node: Node, found: Located, *, links: bool) -> list[Fact]:
    rows = found.rows
    wanted = (rows["kind"] == Kind.UNLINK) | (links & (rows["kind"] == Kind.LINK))
    kept = np.flatnonzero(wanted).tolist()
    return [
        Fact(
            at=node.journal.committed_at(found.places[index]),
            sequence=int(rows["sequence"][index]),
            kind=int(rows["kind"][index]),
            profile=int(rows["profile"][index]),
            other=int(rows["item"][index]),
            source=int(rows["source"][index]),
            pending=bool(int(rows["flags"][index]) & Flag.PENDING),
        )
        for index in kept
    ]


def standing(facts: list[Fact]) -> tuple[list[Fact], list[Fact]]:
    """The links that hold today, and those that wait for proof."""
    links: list[Fact] = []
    for fact in facts:
        if fact.kind == Kind.UNLINK:
            links = [link for link in links if fact.profile not in {link.profile, link.other}]
            continue
        if not fact.pending:
            pair = {fact.profile, fact.other}
            links = [link for link in links if not (link.pending and {link.profile, link.other} == pair)]
        links.append(fact)
    return [link for link in links if not link.pending], [link for link in links if link.pending]


def profiles_of(node: Node, person: int, found: Located, *, language: str) -> tuple[list[Linked], list[Linked]]:
    """The person's profiles with the link that brought each, and the links that wait."""
    links, waiting = standing(facts_of(node, found))
    told = _told(node, found, language)
    members = node.world.people.members(person)
    counts = {p: int(((found.rows["profile"] == p) & (found.rows["kind"] < 200)).sum()) for p in members}
    brought: dict[int, Fact] = {}
    for link in links:
        for profile in sorted({link.profile, link.other}, reverse=True):  # the younger one was brought
            if profile != person and profile not in brought:
                brought[profile] = link
                break
    profiles = [
        _linked(
            node, p, brought.get(p), told=told, events=counts[p], language=language, people=_people(links, members, p)
        )
        for p in members
    ]
    return profiles, [_waiting(node, link, told, language) for link in waiting]


def _people(links: list[Fact], members: tuple[int, ...], gone: int) -> int:
    """How many people there are once a profile has lost all of its links."""
    groups = {profile: profile for profile in members}
    for link in links:
        if gone not in {link.profile, link.other} and link.profile in groups and link.other in groups:
            old, new = groups[link.profile], groups[link.other]
            groups = {profile: new if group == old else group for profile, group in groups.items()}
    return len(set(groups.values()))


def link_entries(node: Node, found: Located, *, language: str) -> Iterator[Entry]:
    """Links and splits as lines of the timeline."""
    german = language == "de"
    told = {p: identifier_name(kind, language) for p, kind, _ in identifiers_of(node, found)}
    for fact in facts_of(node, found):
        phrase = "split" if fact.kind == Kind.UNLINK else "waits" if fact.pending else _phrase(fact)
        a, b = (told.get(p) or _type(node, p, language) for p in (fact.profile, fact.other))
        yield Entry(
            at=fact.at,
            kind="link",
            title=_WORDS[phrase][german].format(a=a, b=b),
            where=_source(node, fact.source) or _WORDS["console"][german],
        )


def _phrase(fact: Fact) -> str:
    return "linked" if fact.source else "rejoined"


def splits_of(node: Node, found: Located, parted: Sequence[str], *, language: str) -> Iterator[Apart]:
    """The splits that can be undone, of the person whose rows are `found` and of the people named."""
    profiles = {fact.profile: fact.at for fact in facts_of(node, found) if fact.kind == Kind.UNLINK}
    for number in {node.public.number(name) or 0 for name in parted} - {0}:
        theirs = node.journal.rows_of(node.world.people.members(number))
        profiles |= {fact.profile: fact.at for fact in facts_of(node, theirs) if fact.kind == Kind.UNLINK}
    for profile, at in sorted(profiles.items()):
        if undoable(node, profile):
            kind, value = _told(node, node.journal.rows_of([profile]), language).get(profile, ("", ""))
            kind = kind or _type(node, profile, language)
            yield Apart(profile=node.public.name(profile), kind=kind, value=value, at=at)


def _linked(
    node: Node, profile: int, link: Fact | None, *, told: Told, events: int, language: str, people: int
) -> Linked:  # fmt: skip
    kind, value = told.get(profile) or (_type(node, profile, language), "")
    other = 0 if link is None else link.other if link.profile == profile else link.profile
    rule = ("rule" if link.source else "undone") if link else "alone" if people == 1 else "first"
    return Linked(
        profile=node.public.name(profile),
        kind=kind,
        value=value,
        at=link.at if link else 0,
        rule=_WORDS[rule][language == "de"],
        source=_source(node, link.source) if link else "",
        events=events,
        with_=" ".join(told.get(other) or (_type(node, other, language), "")).strip() if link else "",
        people=people,
    )


def _waiting(node: Node, link: Fact, told: Told, language: str) -> Linked:
    other = link.other if link.profile in told else link.profile
    return Linked(
        profile=node.public.name(other),
        kind=_type(node, other, language),
        value="",
        at=link.at,
        rule=_WORDS["pending"][language == "de"],
        source=_source(node, link.source),
        events=0,
        with_="",
        people=1,
    )


def _told(node: Node, found: Located, language: str) -> Told:
    """Name and masked value of each of the person's identifiers."""
    return {
        profile: (identifier_name(kind, language), masked_identifier(kind, value) if value else "")
        for profile, kind, value in identifiers_of(node, found)
    }


def _type(node: Node, profile: int, language: str) -> str:
    if not 0 < profile <= node.world.profiles.count:
        return _WORDS["profile"][language == "de"]
    return identifier_name(node.world.profiles.type_of(profile), language)


def _source(node: Node, number: int) -> str:
    source = node.sources.get(number)
    return clean(source.name, most=40) if source else ""
