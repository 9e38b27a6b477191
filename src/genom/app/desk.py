"""What the stages look up while they work: purposes, choices, products, currency, hashes."""

from __future__ import annotations

from dataclasses import dataclass, field

from genom.app.special.tags import NOTHING, Tags
from genom.consent import Choices, Purposes
from genom.tables import Hasher

__all__ = ["Desk"]


@dataclass(slots=True)
class Desk:
    """Look-ups that the pipeline shares with the reading side."""

    purposes: Purposes
    choices: Choices
    items: Hasher  # product, coupon and campaign ids; event names
    currency: int  # ISO 4217 number of the reporting currency
    products: dict[str, tuple[str, str]] = field(default_factory=dict)  # product id → categories
    tags: Tags = NOTHING  # what is about special categories of data
