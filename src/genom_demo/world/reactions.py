"""How a person truly reacts to what was decided; the only place where the truth acts on the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from genom_demo.catalogue import CATEGORIES, DEPARTMENTS, catalogue
from genom_demo.world.events import Json, Scene, track
from genom_demo.world.shopper import Shopper
from genom_demo.world.truth import AA_RATE, BANNER_LIFT, BANNER_RATE, NOTHING, Truth
from genom_demo.world.visits import bought

__all__ = ["POINTS", "Reaction", "chance_of", "react"]

POINTS: Final = ("shop_voucher", "shop_hero", "shop_row", "shop_banner", "shop_aa")
"""What is asked in each visit."""

_ROW_CLICK: Final = 0.04  # probability of a click on any recommended category
_ROW_LIKED: Final = 0.5  # what the taste for its department adds
_VIVID: Final = catalogue().offers_of("shop_banner")[1].id


@dataclass(frozen=True, slots=True)
class Reaction:
    """What became of one decision."""

    point: str
    action: str
    success: bool


def chance_of(truth: Truth, point: str, person: int, action: str, *, liking: float = 0.0) -> float:
    """The probability that a decision succeeds; `liking` is the taste for the department of a recommended category."""
    if point in truth.chance:
        return truth.of(point, person, action)
    if point == "shop_banner":
        return BANNER_RATE + (BANNER_LIFT if action == _VIVID else 0.0)
    if point == "shop_aa":
        return AA_RATE
    return 0.0 if action == NOTHING else _ROW_CLICK + _ROW_LIKED * liking


@dataclass(frozen=True, slots=True)
class _Told:
    """A decision as the shop sees it."""

    point: str
    decision: str
    action: str


def react(
    truth: Truth, someone: Shopper, dice: Random, scene: Scene, *, answers: dict[str, dict[str, Any]]
) -> tuple[list[Json], list[Reaction]]:
    """The events that follow the decisions of a visit, and what became of each; the order comes last."""
    events: list[Json] = []
    reactions = []
    for point in sorted(answers, key=lambda name: name == "shop_voucher"):
        told = _Told(point, answers[point]["decision_id"], answers[point]["choices"][0]["action"])
        liking = someone.taste_for(_PLACE.get(told.action))
        success = dice.random() < chance_of(truth, point, someone.person, told.action, liking=liking)
        reactions.append(Reaction(point, told.action, success))
        if point == "shop_voucher":
            events += _voucher(someone, dice, scene, told, success=success)
        else:
            events += _seen(scene, told, success=success)
    return events, reactions


def _voucher(someone: Shopper, dice: Random, scene: Scene, told: _Told, *, success: bool) -> Iterator[Json]:
    """Whoever buys after the decision is its success, whether or not a voucher was shown."""
    shown = told.action != NOTHING
    if shown:
        yield _promotion("Promotion Viewed", scene, told)
    if success:
        voucher = _PLACE.get(told.action) if shown and dice.random() < 0.7 else None
        yield from bought(someone, dice, scene, decision=told.decision, voucher=voucher)


def _seen(scene: Scene, told: _Told, *, success: bool) -> Iterator[Json]:
    if told.point == "shop_row":
        if success:
            about = f'"decision_id":"{told.decision}","category":"{_TERM.get(told.action, told.action)}"'
            yield track("Recommendation Clicked", scene, about, after=3)
        return
    if told.point == "shop_hero" and told.action != NOTHING:
        yield _promotion("Promotion Viewed", scene, told)
    if success:
        yield _promotion("Promotion Clicked", scene, told)


def _promotion(name: str, scene: Scene, told: _Told) -> Json:
    return track(name, scene, f'"decision_id":"{told.decision}","promotion_id":"{told.action}"', after=1)


_PLACE: Final = {
    **{o.id: DEPARTMENTS.index(o.department.term) for o in catalogue().offers.values() if o.department},
    **{f"row_{c.id}": DEPARTMENTS.index(c.department.term) for c in catalogue().categories.values()},
}
_TERM: Final = dict(zip([f"row_{name}" for name in catalogue().categories], [t for t, _ in CATEGORIES], strict=True))
