"""The simulated people: tastes, price sensitivity, rhythm, channels and choices, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from genom_demo.catalogue import Catalogue, catalogue

__all__ = ["PEOPLE", "PURPOSES", "SEED", "People", "draw_people", "stream"]

SEED: Final = 20_261_125
PEOPLE: Final = 5_000
PURPOSES: Final = (
    "measure_person",
    "personalise_onsite",
    "recommend",
    "price",
    "model_training",
    "experiment",
    "email",
)
"""What the shop asks for, in the order of the columns of `People.granted`."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_POPULAR: Final = (1.5, 1.4, 1.2, 1.0, 0.9, 0.8, 0.7, 0.5)  # of the departments, in the catalogue's order
_PEAKED: Final = 0.22  # concentration of tastes: the smaller, the fewer departments a person cares about
_REFUSES: Final = 0.06  # share that refuses everything
_PARTLY: Final = 0.10  # share that decides each purpose by itself
_WITHDRAWS: Final = 0.03  # share that takes its consents back at the end of the history


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The people, one row each; nothing here is ever sent: Genom sees only what they do."""

    taste: Floats  # people by departments; rows sum to 1
    within: Floats  # people by categories; sums to 1 within each department
    price: Floats  # price sensitivity, 0 to 1
    base: Floats  # probability to buy in a visit that no offer influenced
    visits: Floats  # web visits a day
    hour: Floats  # best hour, local time
    evening: Floats  # how sharply visits gather round it
    app: Floats  # share of the web visits by phone: 0 and 1 have one device, the others two
    till: Floats  # purchases at a till a day
    calls: Floats  # calls a day
    card: Flags  # has a loyalty card
    account: Flags  # has an account before the history begins
    login: Floats  # day of the history at which an anonymous visitor logs in; infinite: not within it
    granted: Flags  # people by PURPOSES, at first
    withdraws: Flags  # takes everything back at the end of the history

    def __len__(self) -> int:
        return len(self.price)

    def devices(self, person: int) -> tuple[bool, ...]:
        """What somebody visits the shop with: False is a browser, True a phone."""
        app = self.app[person]
        return (False,) if app == 0 else (True,) if app == 1 else (False, True)

    def silent(self, person: int) -> bool:
        """Refuses everything: the browser sends nothing."""
        return not self.granted[person].any()


def stream(seed: int, *name: int) -> np.random.Generator:
    """A generator of its own for each purpose, so that drawing more of one thing changes no other."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *name])))


def draw_people(seed: int = SEED, count: int = PEOPLE, *, shop: Catalogue | None = None) -> People:
    """The people of a seed; the first n of more people are not those of n.

    >>> people = draw_people(1, 100)
    >>> people.taste.shape, bool(np.allclose(people.taste.sum(axis=1), 1))
    ((100, 8), True)
    """
    shop = shop or catalogue()
    dice = stream(seed, 1)
    taste = dice.dirichlet(_PEAKED * np.array(_POPULAR), count)
    return People(
        taste=taste,
        within=_within(dice, shop, count),
        price=dice.beta(0.9, 0.9, count),
        base=0.05 + 0.10 * dice.beta(2.0, 4.0, count),
        visits=dice.gamma(2.0, 0.06, count),
        hour=(19.5 + dice.normal(0.0, 3.5, count)) % 24,
        evening=dice.uniform(1.0, 4.0, count),
        app=np.clip(1.4 * dice.beta(0.7, 0.9, count) - 0.2, 0.0, 1.0),
        till=dice.gamma(1.0, 0.04, count) * (dice.random(count) < 0.6),
        calls=dice.gamma(1.0, 0.004, count),
        card=dice.random(count) < 0.55,
        account=(account := dice.random(count) < 0.55),
        login=np.where(account, 0.0, np.where(dice.random(count) < 0.8, dice.uniform(3.0, 85.0, count), np.inf)),
        **_choices(dice, count),
    )


def _within(dice: np.random.Generator, shop: Catalogue, count: int) -> Floats:
    """Tastes for the categories inside each department."""
    parts = [dice.dirichlet(np.full(len(shop.categories_of(name)), 0.6), count) for name in shop.departments]
    return np.concatenate(parts, axis=1)


def _choices(dice: np.random.Generator, count: int) -> dict[str, Any]:
    draw = dice.random(count)
    each = dice.random((count, len(PURPOSES))) < 0.6
    granted = np.ones((count, len(PURPOSES)), np.bool_)
    granted[:, PURPOSES.index("email")] = dice.random(count) < 0.7
    partly = (draw >= _REFUSES) & (draw < _REFUSES + _PARTLY)
    granted[partly] = each[partly]
    granted[draw < _REFUSES] = False
    return {"granted": granted, "withdraws": granted.any(axis=1) & (dice.random(count) < _WITHDRAWS)}
