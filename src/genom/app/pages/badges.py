"""What a person permits, purpose by purpose."""

from __future__ import annotations

from typing import Final

from genom.app.asking_again import stands_of
from genom.app.commit import now_ms
from genom.app.legal import ground_of
from genom.app.node import Node
from genom.app.show import names
from genom.app.show.vocabulary import Names
from genom.consent import Choice, Law
from genom.console.person import Badge

__all__ = ["badges_of"]

_FIRST: Final = (
    "personalise_onsite",
    "recommend",
    "price",
    "email",
    "measure_person",
    "model_training",
    "experiment",
)
"""The purposes that pages and decisions rest on, in the order of their weight; the others follow."""

_SHORT: Final[Names] = {
    "personalise_onsite": ("Personalisation", "Personalisierung"),
    "recommend": ("Recommendations", "Empfehlungen"),
    "price": ("Personal prices", "Persönliche Preise"),
    "email": ("E-mail", "E-Mail"),
    "measure_person": ("Measurement", "Messung"),
    "model_training": ("Model training", "Modelltraining"),
    "experiment": ("Experiments", "Experimente"),
}


def badges_of(node: Node, person: int, *, language: str) -> tuple[Badge, ...]:
    """All purposes with what the person has chosen, those that matter first."""
    now = now_ms()
    effective, (choice, _, law) = node.effective(person, now), node.pipeline.permits.standing_of(person, now)
    badges = [
        Badge(
            purpose=purpose.name,
            name=_name(purpose.name, language),
            text=purpose.text[language],
            state="expired" if stands.state == "expired" else _state(purpose.mask, effective, choice, law),
            until=stands.until,
            ground=""
            if node.purposes.regions is None
            else names.ground(ground_of(node, person, purpose.name).basis, language),
        )
        for purpose, stands in zip(node.purposes.every, stands_of(node, person, now=now), strict=True)
    ]
    chosen = {
        purpose.name for purpose in node.purposes.every if purpose.mask & (choice.grant | choice.deny | choice.lapsed)
    }
    return tuple(sorted(badges, key=lambda badge: (_weight(badge.purpose, chosen), badge.state == "always")))


def _name(purpose: str, language: str) -> str:
    """Short, for a badge; its full text stands beside it."""
    if purpose in _SHORT:
        return _SHORT[purpose][language == "de"]
    name = names.purpose(purpose, language)
    return name[:1].upper() + name[1:]


def _state(bit: int, effective: int, choice: Choice, law: Law) -> str:
    if effective & bit:
        if law.always & bit:
            return "always"
        return "granted" if choice.grant & bit else "assumed"
    if choice.deny & bit:
        return "denied" if law.consent_needed & bit else "objected"
    return "open"


def _weight(purpose: str, chosen: set[str]) -> int:
    if purpose in _FIRST:
        return _FIRST.index(purpose)
    return len(_FIRST) if purpose in chosen else len(_FIRST) + 1
