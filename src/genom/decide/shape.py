"""What a decision point may say beside its policy: features, reward and shares, and what is wrong with them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Literal

import msgspec

from genom.errors import BadRequest, UnknownName, nearest
from genom.words import KINDS

__all__ = ["ARMS", "FEATURES_MAX", "Feature", "Reward", "check_also", "check_point", "signature"]

FEATURES_MAX: Final = 64
ARMS: Final = 20
_LONGEST: Final = 30 * 86_400  # seconds of a reward window
_SLACK: Final = 1e-6  # shares are decimal fractions

Form = Literal["log", "share", "value", "known"]


class Feature(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One number that a learned point reads of a person: a gene, or a cell of a histogram."""

    gene: str
    cell: str = ""  # the term, such as a category; empty for a gene with one value
    form: Form = "log"  # log(1 + value), share of the histogram, the value itself, or 1 if it is known


class Reward(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """What counts as a success: events that name the decision and come within the window."""

    events: tuple[str, ...]
    value: Literal["count", "amount"] = "count"  # 1 if any came, or the sum of their amounts in the reporting currency
    within_seconds: Annotated[int, msgspec.Meta(ge=1, le=_LONGEST)] = 3_600


def check_point(
    model: str, features: Sequence[Feature], reward: Reward | None, shares: Mapping[str, float], *, candidates: str
) -> None:
    """Raises BadRequest that names the place of what does not fit together."""
    if features and model != "learned":
        raise _wrong("$.features", f"the model {model!r} reads none of them", "remove them or say `model: learned`")
    if shares and model != "experiment":
        raise _wrong("$.shares", f"the model {model!r} has none", "remove them or say `model: experiment`")
    if model in {"learned", "experiment"}:
        _check_measured(model, reward, candidates)
    if len(features) > FEATURES_MAX:
        raise _wrong("$.features", f"there are {len(features)}, at most {FEATURES_MAX} are read", "choose fewer")
    if len(set(features)) < len(features):
        raise _wrong("$.features", "one is named twice", "name each once")
    if model == "experiment":
        _check_shares(shares)
    for number, event in enumerate(reward.events if reward else ()):
        _check_event(event, number)


def check_also(purpose: str, also: Sequence[str]) -> None:
    """Raises BadRequest if a purpose is named twice."""
    if len({purpose, *also}) <= len(also):
        raise _wrong("$.also", "a purpose is named twice", "name each once, and not the one in `purpose`")


def _check_measured(model: str, reward: Reward | None, candidates: str) -> None:
    if reward is None or not reward.events:
        raise _wrong("$.reward", f"the model {model!r} lives on outcomes", 'add `{"events": ["Order Completed"]}`')
    if candidates != "actions":
        raise _wrong("$.candidates", f"the model {model!r} chooses among actions", 'say `"actions"`')


def _check_shares(shares: Mapping[str, float]) -> None:
    if not 2 <= len(shares) <= ARMS:
        raise _wrong("$.shares", f"there are {len(shares)} arms", f"name 2 to {ARMS}")
    for action, share in shares.items():
        if action in {"", "do_nothing"}:
            raise _wrong("$.shares", f"an action cannot be called {action!r}", "name actions of the point")
        if not 0 < share < 1:
            raise _wrong(f"$.shares.{action}", f"{share:g} is no share", "use numbers between 0 and 1")
    if abs(sum(shares.values()) - 1) > _SLACK:
        raise _wrong("$.shares", f"they sum to {sum(shares.values()):g}", "let them sum to 1")


def _check_event(event: str, number: int) -> None:
    if event not in KINDS:
        raise UnknownName(
            f"There is no event named {event[:60]!r} at $.reward.events[{number}].",
            why="a reward counts events of the vocabulary, such as Order Completed",
            fix=nearest(event, KINDS) or "see the list of events in the docs",
        )


def signature(*parts: object) -> str:
    """Sixteen hexadecimal digits that are equal for equal parts.

    >>> signature(Feature("value.orders")) == signature(Feature("value.orders", form="log"))
    True
    """
    return hashlib.sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()[:16]


def _wrong(place: str, why: str, fix: str) -> BadRequest:
    return BadRequest(f"{place} cannot be used.", why=why, fix=fix)
