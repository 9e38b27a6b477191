"""The true response model: what each offer does to each person.  Only the simulation and its evaluation know it.

Equations and their reasons stand in docs/simulator.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from genom_demo.catalogue import Catalogue, Offer, catalogue
from genom_demo.world.people import People

__all__ = ["AA_RATE", "BANNER_LIFT", "BANNER_RATE", "NOTHING", "Truth", "draw_truth"]

NOTHING: Final = "do_nothing"
BANNER_RATE: Final = 0.10  # clicks on the plain banner per decision
BANNER_LIFT: Final = 0.06  # what the promise adds to it, for everybody
AA_RATE: Final = 0.12  # clicks on either of the two equal lines

_LIFT: Final = 0.50  # most that a voucher adds to the probability to buy
_STEEP: Final = 12.0  # how sharply liking sets in
_MIDDLE: Final = 0.28  # taste for a department at which half of the liking is there
_NUISANCE: Final = 0.04  # what any voucher takes from somebody who does not look at prices
_CLICK: Final = 0.03  # probability that anybody clicks on a hero
_EAGER: Final = 0.45  # what liking its department adds

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The probability of a success, person by action, for each point that learns."""

    actions: dict[str, tuple[str, ...]]  # point → its actions, doing nothing last
    chance: dict[str, Floats]  # point → people by actions

    def of(self, point: str, person: int, action: str) -> float:
        """The probability of a success of one decision."""
        return float(self.chance[point][person, self.actions[point].index(action)])


def draw_truth(people: People, *, shop: Catalogue | None = None) -> Truth:
    """The response of these people; a function of their latents alone.

    >>> from genom_demo.world.people import draw_people
    >>> truth = draw_truth(draw_people(1, 50))
    >>> truth.actions["shop_voucher"][-1], truth.chance["shop_voucher"].shape
    ('do_nothing', (50, 9))
    """
    shop = shop or catalogue()
    vouchers, heroes = shop.offers_of("shop_voucher"), shop.offers_of("shop_hero")
    return Truth(
        actions={"shop_voucher": _named(vouchers), "shop_hero": _named(heroes)},
        chance={
            "shop_voucher": _vouchers(people, _columns(vouchers, shop)),
            "shop_hero": _heroes(people, _columns(heroes, shop)),
        },
    )


def _named(offers: list[Offer]) -> tuple[str, ...]:
    return (*(offer.id for offer in offers), NOTHING)


def _columns(offers: list[Offer], shop: Catalogue) -> list[int]:
    """The department of each offer, as its place in the catalogue."""
    places = list(shop.departments)
    return [places.index(offer.department.id) for offer in offers if offer.department]


def _liking(people: People, departments: list[int]) -> Floats:
    """From 0 to 1: a department is liked once it has enough of a person's taste."""
    return 1.0 / (1.0 + np.exp(-_STEEP * (people.taste[:, departments] - _MIDDLE)))


def _vouchers(people: People, departments: list[int]) -> Floats:
    """Who looks at prices buys because of a voucher for what they like; who does not is put off by any."""
    price, base = people.price[:, None], people.base[:, None]
    bought = base + _LIFT * price * _liking(people, departments) - _NUISANCE * (1.0 - price)
    return np.concatenate([np.clip(bought, 0.01, 0.95), base], axis=1)


def _heroes(people: People, departments: list[int]) -> Floats:
    clicked = _CLICK + _EAGER * _liking(people, departments)
    return np.concatenate([clicked, np.zeros((len(people), 1))], axis=1)
