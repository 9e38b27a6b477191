"""A person's purposes: what is on, what they chose and when; turning a switch, pausing and resuming."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from genom.app.asking_again import stands_of
from genom.app.commit import now_ms
from genom.app.consenting import Chosen, record_choices
from genom.app.legal import ground_of, regions_of
from genom.app.node import Node
from genom.app.pages.me.keeping import kept_for
from genom.app.pages.me.people import person_of
from genom.app.pages.me.words import GROUNDS, PHRASES, say
from genom.app.pages.pauses import PAUSED, PAUSED_GRANT
from genom.app.permitting import subject_of
from genom.app.reading import instant, rfc3339
from genom.app.server import App
from genom.app.show import names
from genom.consent import ENDED, LIFTED, Entry, Lifetime, Purpose
from genom.errors import BadRequest
from genom.portal import Choice, Choices

__all__ = ["choices_of", "choose", "pause"]

Paused = Mapping[str, Entry]  # purpose → the refusal of a pause that stands

MECHANISM: Final = "portal"
_PAUSES: Final = frozenset({PAUSED, PAUSED_GRANT, LIFTED})
_LEARNING: Final = ("model_training", "measure_aggregate")


def choices_of(node: Node, public: str, *, past: Sequence[Entry], paused: Paused, language: str) -> Choices:
    """The page "choices"; `past` are the person's recorded choices, oldest first."""
    person = person_of(node, public)
    newest = {entry.purpose: entry for entry in past}
    used = _used(node) | {entry.purpose for entry in past if entry.source not in _PAUSES}
    found = [(purpose, _choice(node, person, purpose, newest, language)) for purpose in node.purposes.every]
    return Choices(
        used=tuple(choice for purpose, choice in found if purpose.objectable and purpose.name in used),
        further=tuple(choice for purpose, choice in found if purpose.objectable and purpose.name not in used),
        fixed=tuple(choice for purpose, choice in found if not purpose.objectable),
        paused=bool(paused),
        regions=None if node.purposes.regions is None else names.regions(regions_of(node, person), language),
        control=min((entry.at for entry in past if entry.mechanism == "gpc"), default=0),
        untracked=min((entry.at for entry in past if entry.mechanism == "dnt"), default=0),
    )


def _used(node: Node) -> set[str]:
    """Purposes that something here rests on."""
    points = {name for point in node.points.values() for name in (point.purpose, *point.also)}
    return {*node.world.layout.genes.every_purpose, *points, *_LEARNING}


def _choice(node: Node, person: int, purpose: Purpose, newest: dict[str, Entry], language: str) -> Choice:
    now = now_ms()
    on = node.effective(person, now) & purpose.mask != 0
    recorded, _, law = node.pipeline.permits.standing_of(person, now)
    (stands,) = stands_of(node, person, now=now, purposes=[purpose.name])
    entry = newest.get(purpose.name)
    ended = entry.at if entry and entry.act == ENDED else 0
    entry = None if entry and (entry.source == LIFTED or ended) else entry
    name = names.purpose(purpose.name, language)
    return Choice(
        purpose=purpose.name,
        name=name[:1].upper() + name[1:],
        text=purpose.text[language],
        on=on,
        asked=(recorded.grant | recorded.deny) & purpose.mask != 0,
        changed=entry.at if entry else stands.since,
        ended=ended,
        until=stands.until if stands.state == "granted" else 0,
        expired=stands.until if stands.state == "expired" else 0,
        lapsed=entry is not None and entry.granted and not on,
        ground=say(GROUNDS, ground_of(node, person, purpose.name).basis, language) if law.always & purpose.mask else "",
        needed=_needed(node, purpose.name, language),
        kept=kept_for(purpose, language),
    )


def _needed(node: Node, purpose: str, language: str) -> str:
    genes = node.world.layout.genes
    if purpose in genes.purposes or purpose not in genes.also.values():
        return ""
    return say(PHRASES, "needs", language, what=", ".join(names.purpose(name, language) for name in genes.purposes))


async def choose(app: App, public: str, purpose: str, *, on: bool, actor: str) -> None:
    """Record one choice; the same as the last one is not recorded again."""
    node, known = app.node, app.node.purposes.by_name.get(purpose)
    if known is None or not known.objectable:
        raise BadRequest("This purpose has no switch.", why="it is unknown or cannot be refused", fix="reload the page")
    person = person_of(node, public)
    permits, now = node.pipeline.permits, now_ms()
    if (permits.choice_of(person, now).grant if on else permits.refused(person)) & known.mask:
        return
    chosen = Chosen(person=person, purpose=purpose, granted=on, mechanism=MECHANISM, source=MECHANISM)
    await record_choices(app, [chosen], actor=actor)


async def pause(app: App, public: str, *, paused: Paused, on: bool, actor: str) -> None:
    """Refuse whatever can be refused, or take a pause's refusals back: what was agreed to is on again."""
    person = person_of(app.node, public)
    chosen = _pausing(app.node, person) if on else _resuming(app.node, person, paused)
    if chosen:
        await record_choices(app, chosen, actor=actor)


def _pausing(node: Node, person: int) -> list[Chosen]:
    """What a banner has denied is refused for good, so that no string ends the pause; resuming leaves it refused."""
    now, members = now_ms(), node.world.people.members(person)
    if node.choices.restricted(members):
        return []  # nothing is used as it is, and what they granted counts again when the restriction ends
    choice, refused = node.pipeline.permits.choice_of(person, now), node.pipeline.permits.refused(person)

    def source(purpose: Purpose) -> str:
        if choice.deny & purpose.mask:
            return MECHANISM
        return PAUSED_GRANT if choice.grant & purpose.mask else PAUSED

    def given(purpose: Purpose) -> str:
        return rfc3339(node.choices.when(members, purpose.mask)) if choice.grant & purpose.mask else ""

    return [
        Chosen(
            person=person, purpose=purpose.name, granted=False, mechanism=MECHANISM, evidence=given(purpose),
            source=source(purpose),
        )
        for purpose in node.purposes.every
        if purpose.objectable and not refused & purpose.mask
    ]  # fmt: skip


def _resuming(node: Node, person: int, paused: Paused) -> list[Chosen]:
    """Consent comes back only if it had been given, to the text of today, and has not run out; else it is asked anew.

    It counts from when it was given: a pause makes no consent younger.
    """
    chosen, now = [], now_ms()
    needed = node.pipeline.permits.standing_of(person, now).law.consent_needed
    for name, entry in paused.items():
        if name not in node.purposes.by_name or _refused_apart(node, person, entry):
            continue
        granted = entry.source == PAUSED_GRANT and entry.text == node.purposes.text_hash(name)
        given = instant(entry.evidence) if entry.evidence else entry.at  # pauses of before do not say when
        lifetime = node.purposes.purpose(name).lifetime if needed & node.purposes.bit(name) else Lifetime()
        granted = granted and lifetime.end(given) > now
        source, at = (MECHANISM, given) if granted else (LIFTED, 0)
        chosen.append(Chosen(person=person, purpose=name, granted=granted, mechanism=MECHANISM, source=source, at=at))
    return chosen


def _refused_apart(node: Node, person: int, entry: Entry) -> bool:
    """Whether a profile that the pause did not know, linked since, refuses the purpose by a choice of its own."""
    bit = node.purposes.bit(entry.purpose)
    others = [p for p in node.world.people.members(person) if subject_of(node.world, p) not in entry.subjects]
    return node.choices.of(others, at=now_ms()).deny & bit != 0
