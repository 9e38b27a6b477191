"""The parts of Segment's calls that Genom reads; everything else passes in the body unread.

Types are as wide as real clients are careless: a field that may mean something else in a customer's own event
is `Any` and judged where it is used; a field that carries identity or consent is strict.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct

from genom.typed import json_decoder

__all__ = [
    "Campaign", "Consent", "Context", "DeviceSaid", "ExternalId", "Item", "Library", "Product", "Properties", "Traits",
]  # fmt: skip

Scalar = str | int | float | bool | None
Id = Annotated[str, Meta(max_length=256)] | int | float | None
Odd = Scalar | list[Any]  # what stands where an object should, and is passed over


class Traits(Struct, gc=False):
    """Direct identifiers among a person's traits; UNSET shows that the key is not there at all."""

    email: Any = UNSET
    phone: Any = UNSET
    name: Any = UNSET
    firstName: Any = UNSET
    first_name: Any = UNSET
    lastName: Any = UNSET
    last_name: Any = UNSET
    address: Any = UNSET


class Product(Struct, gc=False):
    """One entry of `properties.products`."""

    product_id: Any = None
    sku: Any = None
    category: Any = None
    department: Any = None
    category_1: Any = None
    category_2: Any = None
    price: Any = None
    quantity: Any = None
    total: Any = None
    discount: Any = None
    coupon: Any = None


class Properties(Struct, gc=False):
    """What the e-commerce specification names, and the keys under which personal data arrive."""

    product_id: Any = None
    sku: Any = None
    category: Any = None
    department: Any = None
    category_1: Any = None
    category_2: Any = None
    price: Any = None
    quantity: Any = None
    value: Any = None
    revenue: Any = None
    total: Any = None
    currency: Scalar = None
    discount: Any = None
    coupon: Any = None
    coupon_id: Any = None
    coupon_upc: Any = None
    campaign_id: Any = None
    promotion_id: Any = None
    decision_id: Any = None
    attribute: Any = None
    channel: Any = None
    products: list[Product | Scalar] | dict[str, Any] | Scalar = None
    email: Any = UNSET
    phone: Any = UNSET
    firstName: Any = UNSET
    first_name: Any = UNSET
    lastName: Any = UNSET
    last_name: Any = UNSET


class Library(Struct, gc=False):
    """The client library that sent the event."""

    name: Any = None


class DeviceSaid(Struct, gc=False):
    """What the client says of its device; only the kind of it is read."""

    type: Any = None


class Campaign(Struct, gc=False):
    """The campaign that a click came from."""

    id: Any = None
    name: Any = None


class ExternalId(Struct, gc=False):
    """A further identifier, such as a loyalty card."""

    type: str
    id: Id
    collection: str | None = None


class Consent(Struct, gc=False):
    """What the person allowed, as the client's consent banner says.

    Signals that others define are taken as they are: a damaged one must cost permissions, and never the event.
    """

    categoryPreferences: dict[str, bool] | None = None
    google: Any = UNSET  # of Consent Mode
    gpp: Any = UNSET  # a string of IAB's Global Privacy Platform

    @property
    def signals(self) -> dict[str, Any] | None:
        """The signals that it has, by name; None if it has none."""
        if self.google is UNSET and self.gpp is UNSET:
            return None
        return {name: value for name, value in (("google", self.google), ("gpp", self.gpp)) if value is not UNSET}


class Context(Struct, gc=False):
    """Circumstances of an event."""

    library: Library | Odd = None
    device: DeviceSaid | Odd = None
    userAgent: Any = None
    timezone: Scalar = None
    channel: Any = None
    campaign: Campaign | Odd = None
    decision_id: Any = None
    userHash: Any = None
    traits: Traits | None = None
    consent: Consent | None = None
    externalIds: list[ExternalId] | None = None


class Item(Struct, gc=False):
    """One event as it comes in, of any call."""

    type: Any = None
    messageId: Annotated[str, Meta(max_length=100)] | int | float | None = None
    anonymousId: Id = None
    userId: Id = None
    event: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    properties: Properties | None = None
    context: Context | None = None
    traits: Traits | None = None
    timestamp: str | int | float | None = None
    originalTimestamp: str | int | float | None = None
    sentAt: Any = None
    previousId: Id = None
    channel: Any = None


decode_item = json_decoder(Item).decode
decode_any = msgspec.json.Decoder().decode
encode = msgspec.json.Encoder().encode
