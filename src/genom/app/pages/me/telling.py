"""What a person tells us: shown, suggested, and written as events that every later decision reads."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from genom.app.batch import Batch
from genom.app.commit import now_ms
from genom.app.node import Node
from genom.app.pages.me.dealt import PORTAL, Dealt
from genom.app.pages.me.people import Things, declared, person_of, views
from genom.app.pages.me.unasked import unasked
from genom.app.pages.me.words import PHRASES, say
from genom.app.pages.who import identifiers_of
from genom.app.pipeline import vault_place
from genom.app.reading import rfc3339
from genom.app.server import App
from genom.app.show import names
from genom.collect import open_envelope, understand
from genom.errors import BadRequest, NotFound
from genom.genome import Declared
from genom.portal import Question, Saying, Suggestion, Telling
from genom.words import ConsentMode, Source

__all__ = ["EVENTS", "answer_event", "repeat", "sayings_of", "tell", "telling_of", "thing_event"]

Event = dict[str, Any]

EVENTS: Final = {"like": "Preference Liked", "dislike": "Preference Disliked", "withdraw": "Preference Withdrawn"}
_SUGGESTED: Final = 8
_SPELLED: Final = {"user_id": "userId", "anonymous_id": "anonymousId"}


def sayings_of(
    node: Node, said: Sequence[Declared], terms: Mapping[str, str], language: str
) -> tuple[Saying, ...]:  # fmt: skip
    """What the person has told us for any permitted purpose, newest first."""
    found: dict[int | str, Saying] = {}
    for one in said:
        for about in one.told:
            found.setdefault(about, _saying(node, one, about, terms, language))
    return tuple(sorted(found.values(), key=lambda saying: -saying.at))


def _saying(node: Node, said: Declared, about: int | str, terms: Mapping[str, str], language: str) -> Saying:
    at = said.told[about]
    if isinstance(about, str):
        attribute = node.world.layout.genes.attributes[about]
        what = attribute.values[said.attributes[about]].label[language]
        text = say(PHRASES, "answer", language, label=attribute.label[language], what=what)
        return Saying(key=about, text=text, at=at, question=True)
    term = node.world.term("category_2", about)
    word = "like" if about in said.liked else "dislike"
    return Saying(key=term, text=say(PHRASES, word, language, what=terms.get(term, term)), at=at)


def telling_of(node: Node, public: str, *, things: Things, dealt: Dealt, language: str) -> Telling:
    """The page "tell us"."""
    person, terms = person_of(node, public), things(language)
    said, own = declared(node, person), dealt.terms_of(person)
    asked = {
        term: name
        for term, name in terms.items()
        if term in own and term not in node.desk.tags.barred and not unasked((term, *things.names(term)))
    }
    sayings = sayings_of(node, said, terms, language)
    spoken = {saying.key for saying in sayings}
    values = {name: value for one in reversed(said) for name, value in one.attributes.items()}
    return Telling(
        open=bool(said),
        needed=tuple(names.purpose(name, language) for name in node.gate.purposes),
        sayings=sayings,
        suggestions=tuple(_suggestions(node, person, asked, spoken, language)),
        things=tuple(
            Suggestion(key=term, name=name) for term, name in sorted(asked.items(), key=lambda pair: pair[1].casefold())
        ),
        questions=tuple(_questions(node, values, language)),
    )


def _suggestions(
    node: Node, person: int, terms: Mapping[str, str], spoken: set[str], language: str
) -> list[Suggestion]:
    found: dict[str, str] = {}
    genes = node.world.layout.genes
    for view in views(node, person).values():
        viewed = view.read(genes["intent.viewed_category.last"]).value
        bought = view.read(genes["taste.category.histogram.365d"]).cells or {}
        if isinstance(viewed, str):
            found.setdefault(viewed, "viewed")
        for term in sorted(bought, key=lambda name: -bought[name])[:_SUGGESTED]:
            found.setdefault(term, "bought")
    return [
        Suggestion(key=term, name=terms[term], why=say(PHRASES, why, language))
        for term, why in found.items()
        if term in terms and term not in spoken
    ][:_SUGGESTED]


def _questions(node: Node, values: Mapping[str, str], language: str) -> list[Question]:
    attributes = node.world.layout.genes.attributes
    return [
        Question(
            key=name, label=attributes[name].label[language], chosen=values.get(name, ""),
            options=tuple((value, what.label[language]) for value, what in attributes[name].values.items()),
        )
        for name in attributes
    ]  # fmt: skip


def thing_event(node: Node, thing: str, word: str) -> Event:
    """The event that says something about a category; raises BadRequest for one that nobody knows."""
    if node.world.terms[2].find(thing) < 2:
        raise BadRequest(
            "There is no such category.", why="it is none of the catalogue's", fix="choose one of the list"
        )
    return {"event": EVENTS[word], "properties": {"category_2": thing}}


def answer_event(node: Node, question: str, value: str) -> Event:
    """The event that answers a question; raises BadRequest for an answer that is not among the options."""
    if not node.world.layout.genes.attributes.number(f"{question}={value}"):
        raise BadRequest("There is no such answer.", why="it is none of the options", fix="choose one of the list")
    properties = {"attribute": question} | ({"value": value} if value else {})
    return {"event": "Attribute Declared", "properties": properties}


def repeat(node: Node, said: Declared) -> list[Event]:
    """Everything that still counts, said again: it then counts for purposes permitted since, and is newest."""
    events = []
    for about in said.told:
        if isinstance(about, str):
            events.append(answer_event(node, about, said.attributes[about]))
        else:
            word = "like" if about in said.liked else "dislike"
            events.append(thing_event(node, node.world.term("category_2", about), word))
    return events


async def tell(app: App, public: str, events: Sequence[Event], *, actor: str) -> None:
    """Commit what the person said; durable and visible on return.

    Raises BadRequest if nothing permitted would use it, or if the person has said as much as is kept.
    """
    node, person = app.node, person_of(app.node, public)
    said = declared(node, person)
    if not said:
        raise BadRequest("Nothing would use it.", why="no purpose that uses it is permitted", fix="allow one first")
    at = max(now_ms(), *(one.last + 2 for one in said))  # later than every earlier word, also in the same millisecond
    full = [one for one in said if one.records >= node.world.layout.genes.rings["declared"]]
    again = [event | {"timestamp": at - 1} for event in (repeat(node, full[0]) if full else [])]
    await _commit(app, person, [*again, *(event | {"timestamp": at} for event in events)], at=at, actor=actor)


async def _commit(app: App, person: int, told: Sequence[Event], *, at: int, actor: str) -> None:
    node, source = app.node, await _source_of(app, person)
    who = _identifier(node, person)
    batch = [
        {"type": "track", "messageId": f"portal-{secrets.token_hex(12)}", **who, **event}
        | {"timestamp": rfc3339(event["timestamp"])}
        | {"context": {"channel": "web", "library": {"name": "portal"}, "actor": actor} | who.get("context", {})}
        for event in told
    ]
    envelope = open_envelope(msgspec.json.encode({"batch": batch}), "batch")
    decoded = understand(envelope, source=source, server=True, received_at=at, settings=node.settings)
    if decoded.rejected:
        raise BadRequest("It could not be written down.", why=decoded.rejected[0].message, fix="choose something else")
    sent = Batch(decoded.events, source, server=True, local=True, size=sum(len(e.body) for e in decoded.events))
    await app.committer.submit(sent)
    app.counts["accepted"] += len(decoded.events)


async def _source_of(app: App, person: int) -> Source:
    """Where it comes from: the portal, or the source by which consent is only assumed, else it would not count."""
    node = app.node
    genome, now = node.purposes.mask(node.gate.purposes), now_ms()
    choice, _, law = node.pipeline.permits.standing_of(person, now)
    if node.effective(person, now) & genome & law.consent_needed & ~choice.grant:
        rows = node.world.rows_of(person, node.journal)
        assumed = rows["source"][rows["assumed"] != 0]
        if len(assumed):
            return node.sources[int(assumed[-1])]
    if own := next((source for source in node.sources.values() if source.name == PORTAL), None):
        return own
    made, _ = await asyncio.to_thread(node.catalogue.add_source, PORTAL, consent=ConsentMode.REQUIRED)
    node.refresh_sources()
    return made


def _identifier(node: Node, person: int) -> dict[str, Any]:
    """The person's strongest identifier as an event has it."""
    found = node.journal.rows_of(node.world.people.members(person))
    for profile, kind, plain in identifiers_of(node, found):
        value = plain or node.vault.get(vault_place(node.world, profile)).get(kind, "")
        if value and kind in _SPELLED:
            return {_SPELLED[kind]: value}
        if value:
            external = {"id": value, "type": kind, "collection": "users", "encoding": "none"}
            return {"context": {"externalIds": [external]}}
    raise NotFound("Nothing names this person any more.", why="no identifier is left", fix="", code="portal.nobody")
