"""The nouns that all stages share: identifiers, events, rows, sources, rejections.

Stages know these words and not each other; `app/` hands values of these types from one stage to the next.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Any, Final

import msgspec
import numpy as np

__all__ = [
    "CHANNELS",
    "DEVICES",
    "DIRECT_TYPES",
    "IDENTIFIER_STRENGTH",
    "IDENTIFIER_TYPES",
    "KINDS",
    "MICROS",
    "MILLI",
    "ROW",
    "Channel",
    "ConsentMode",
    "Device",
    "Event",
    "Flag",
    "Identifier",
    "Kind",
    "Line",
    "Rejection",
    "Source",
    "strength",
]

MICROS: Final = 1_000_000  # amounts are integers of a millionth of a currency unit
MILLI: Final = 1_000  # quantities are integers of a thousandth of a piece


class Kind(IntEnum):
    """What a journal row is about; a declared vocabulary, so its numbers are never reused."""

    OTHER = 0  # an event whose name is not declared; the column `name` holds its keyed hash
    PAGE_VIEWED = 1
    SCREEN_VIEWED = 2
    IDENTIFIED = 3
    GROUPED = 4
    ALIASED = 5
    PRODUCTS_SEARCHED = 10
    PRODUCT_LIST_VIEWED = 11
    PRODUCT_LIST_FILTERED = 12
    PROMOTION_VIEWED = 13
    PROMOTION_CLICKED = 14
    PRODUCT_CLICKED = 15
    PRODUCT_VIEWED = 16
    PRODUCT_ADDED = 17
    PRODUCT_REMOVED = 18
    CART_VIEWED = 19
    CHECKOUT_STARTED = 20
    CHECKOUT_STEP_VIEWED = 21
    CHECKOUT_STEP_COMPLETED = 22
    PAYMENT_INFO_ENTERED = 23
    ORDER_COMPLETED = 24
    ORDER_UPDATED = 25
    ORDER_REFUNDED = 26
    ORDER_CANCELLED = 27
    COUPON_ENTERED = 28
    COUPON_APPLIED = 29
    COUPON_DENIED = 30
    COUPON_REMOVED = 31
    COUPON_REDEEMED = 32
    PRODUCT_WISHLISTED = 33
    PRODUCT_UNWISHLISTED = 34
    WISHLIST_TO_CART = 35
    PRODUCT_SHARED = 36
    CART_SHARED = 37
    PRODUCT_REVIEWED = 38
    CAMPAIGN_RECEIVED = 40
    CAMPAIGN_OPENED = 41
    CAMPAIGN_CLICKED = 42
    CAMPAIGN_BOUNCED = 43
    CAMPAIGN_UNSUBSCRIBED = 44
    CALL_RECEIVED = 50
    CALL_COMPLETED = 51
    SIGNED_UP = 60
    SIGNED_IN = 61
    SIGNED_OUT = 62
    RECOMMENDATION_SHOWN = 70
    RECOMMENDATION_CLICKED = 71
    PREFERENCE_LIKED = 80  # the person said so: about a category
    PREFERENCE_DISLIKED = 81
    PREFERENCE_WITHDRAWN = 82
    ATTRIBUTE_DECLARED = 83  # `item` is the number of attribute and value
    # 200 and above are facts of Genom's own; they feed no gene
    IDENTIFIER = 200  # a new profile: which identifier it stands for
    LINK = 201  # `profile` and the profile numbered `item` are one person
    UNLINK = 202  # `profile` stands alone again
    TERM = 203  # a new term of a vocabulary; the body holds it
    DECISION = 204
    SHADOW = 205  # a decision that a version in shadow would have made; nothing was shown
    ERASED = 255


KINDS: Final[dict[str, Kind]] = {
    "Products Searched": Kind.PRODUCTS_SEARCHED,
    "Product List Viewed": Kind.PRODUCT_LIST_VIEWED,
    "Product List Filtered": Kind.PRODUCT_LIST_FILTERED,
    "Promotion Viewed": Kind.PROMOTION_VIEWED,
    "Promotion Clicked": Kind.PROMOTION_CLICKED,
    "Product Clicked": Kind.PRODUCT_CLICKED,
    "Product Viewed": Kind.PRODUCT_VIEWED,
    "Product Added": Kind.PRODUCT_ADDED,
    "Product Removed": Kind.PRODUCT_REMOVED,
    "Cart Viewed": Kind.CART_VIEWED,
    "Checkout Started": Kind.CHECKOUT_STARTED,
    "Checkout Step Viewed": Kind.CHECKOUT_STEP_VIEWED,
    "Checkout Step Completed": Kind.CHECKOUT_STEP_COMPLETED,
    "Payment Info Entered": Kind.PAYMENT_INFO_ENTERED,
    "Order Completed": Kind.ORDER_COMPLETED,
    "Order Updated": Kind.ORDER_UPDATED,
    "Order Refunded": Kind.ORDER_REFUNDED,
    "Order Cancelled": Kind.ORDER_CANCELLED,
    "Coupon Entered": Kind.COUPON_ENTERED,
    "Coupon Applied": Kind.COUPON_APPLIED,
    "Coupon Denied": Kind.COUPON_DENIED,
    "Coupon Removed": Kind.COUPON_REMOVED,
    "Coupon Redeemed": Kind.COUPON_REDEEMED,
    "Product Added to Wishlist": Kind.PRODUCT_WISHLISTED,
    "Product Removed from Wishlist": Kind.PRODUCT_UNWISHLISTED,
    "Wishlist Product Added to Cart": Kind.WISHLIST_TO_CART,
    "Product Shared": Kind.PRODUCT_SHARED,
    "Cart Shared": Kind.CART_SHARED,
    "Product Reviewed": Kind.PRODUCT_REVIEWED,
    "Campaign Received": Kind.CAMPAIGN_RECEIVED,
    "Email Delivered": Kind.CAMPAIGN_RECEIVED,
    "Campaign Opened": Kind.CAMPAIGN_OPENED,
    "Email Opened": Kind.CAMPAIGN_OPENED,
    "Campaign Clicked": Kind.CAMPAIGN_CLICKED,
    "Email Link Clicked": Kind.CAMPAIGN_CLICKED,
    "Email Bounced": Kind.CAMPAIGN_BOUNCED,
    "Unsubscribed": Kind.CAMPAIGN_UNSUBSCRIBED,
    "Call Received": Kind.CALL_RECEIVED,
    "Call Completed": Kind.CALL_COMPLETED,
    "Signed Up": Kind.SIGNED_UP,
    "Signed In": Kind.SIGNED_IN,
    "Signed Out": Kind.SIGNED_OUT,
    "Recommendation Shown": Kind.RECOMMENDATION_SHOWN,
    "Recommendation Clicked": Kind.RECOMMENDATION_CLICKED,
    "Preference Liked": Kind.PREFERENCE_LIKED,
    "Preference Disliked": Kind.PREFERENCE_DISLIKED,
    "Preference Withdrawn": Kind.PREFERENCE_WITHDRAWN,
    "Attribute Declared": Kind.ATTRIBUTE_DECLARED,
}
"""Event names of the e-commerce specification (Segment, version 2) and of the touchpoints beside the shop."""


class Channel(IntEnum):
    """Where an event happened; never renumbered."""

    UNKNOWN = 0
    WEB = 1
    APP = 2
    POS = 3
    CALL_CENTRE = 4
    EMAIL = 5
    SERVER = 6
    SOCIAL = 7
    MAIL = 8  # printed mail


CHANNELS: Final[dict[str, Channel]] = {
    "web": Channel.WEB,
    "browser": Channel.WEB,
    "app": Channel.APP,
    "mobile": Channel.APP,
    "pos": Channel.POS,
    "call_centre": Channel.CALL_CENTRE,
    "call_center": Channel.CALL_CENTRE,
    "phone": Channel.CALL_CENTRE,
    "email": Channel.EMAIL,
    "server": Channel.SERVER,
    "social": Channel.SOCIAL,
    "mail": Channel.MAIL,
}


class Device(IntEnum):
    """The kind of device that an event came from, and no more of it; never renumbered."""

    UNKNOWN = 0  # nothing said so, as at a till
    DESKTOP = 1
    PHONE = 2
    TABLET = 3
    TV = 4
    WATCH = 5
    CONSOLE = 6


DEVICES: Final[dict[str, Device]] = {
    "desktop": Device.DESKTOP,
    "computer": Device.DESKTOP,
    "laptop": Device.DESKTOP,
    "pc": Device.DESKTOP,
    "phone": Device.PHONE,
    "smartphone": Device.PHONE,
    "mobile": Device.PHONE,
    "iphone": Device.PHONE,
    "ios": Device.PHONE,  # so the libraries for apps call the device
    "android": Device.PHONE,
    "tablet": Device.TABLET,
    "ipad": Device.TABLET,
    "tv": Device.TV,
    "smarttv": Device.TV,
    "television": Device.TV,
    "watch": Device.WATCH,
    "wearable": Device.WATCH,
    "console": Device.CONSOLE,
}


class Flag(IntFlag):
    """Bits of a row's `flags` column."""

    AMOUNT = 1  # `amount` is in the reporting currency and may feed money genes
    CLAMPED = 2  # `ts` lay in the future and was set to the time of receipt
    HISTORY = 4  # from a source declared as history
    COUPON = 8  # a coupon was used
    DISCOUNTED = 16  # `discount` is above zero
    PENDING = 32  # a link that waits for confirmation
    LINE = 64  # a line of the event with the same id
    SERVER = 128  # received with a server key
    EXPIRED = 256  # of an erased row: its time had passed, nobody was erased
    SPECIAL = 512  # about a special category of data (Art. 9 GDPR): it serves no purpose that may not use these


class ConsentMode(IntEnum):
    """What a source's events may serve when they bring no consent information."""

    REQUIRED = 0
    DEVELOPMENT = 1


class Identifier(msgspec.Struct, frozen=True, order=True, gc=False):
    """A name under which a person is known, such as ``user_id`` ``u1``."""

    type: str
    value: str


IDENTIFIER_STRENGTH: Final = ("user_id", "card", "email", "phone")
"""Strongest first; other external ids follow in alphabetical order, ``anonymous_id`` is always last."""

IDENTIFIER_TYPES: Final = ("", "user_id", "anonymous_id", "card", "email", "phone", "name")
"""Types of identifiers by the code that their rows carry; 0: the body says it.  Codes are never given anew."""

DIRECT_TYPES: Final = frozenset({"email", "phone", "name"})
"""Types that name a person directly: their values live in the vault only."""


def strength(identifier_type: str) -> tuple[int, str]:
    """Sort key of an identifier type: the strongest sorts first.

    >>> sorted(["anonymous_id", "crm", "email", "user_id"], key=strength)
    ['user_id', 'email', 'crm', 'anonymous_id']
    """
    if identifier_type in IDENTIFIER_STRENGTH:
        return IDENTIFIER_STRENGTH.index(identifier_type), ""
    return (99, "") if identifier_type == "anonymous_id" else (50, identifier_type)


class Line(msgspec.Struct, gc=False):
    """One order line: a product, how many, for how much."""

    item: str  # product id, "" if none
    category_1: str = ""  # the wider category, "" if unknown
    category_2: str = ""  # the narrower category, "" if unknown
    quantity: int = MILLI  # thousandths of a piece
    amount: int = 0  # micros of the event's currency: what was paid for the whole line
    discount: int = 0  # micros: what the line was reduced by
    coupon: bool = False


class Event(msgspec.Struct, gc=False):
    """An event as it left collection: understood, limited, its time corrected; not yet identified or permitted."""

    index: int  # position in the request
    kind: int  # Kind
    name: str  # as sent; "" for calls that are not track
    message_id: str  # "" if the client sent none
    identifiers: tuple[tuple[str, str], ...]  # (type, value), strongest first, at least one
    ts: int  # unix ms, UTC; when it happened, skew corrected and clamped
    known_at: int  # unix ms, UTC; when Genom could have known it
    hour_of_week: int  # 0 = Monday 00:00 local time … 167
    channel: int  # Channel
    flags: int  # Flag
    body: bytes  # the event as JSON, direct identifiers taken out
    amount: int = 0  # micros of the original currency; valid if currency > 0
    currency: int = 0  # ISO 4217 number, 0 = no amount
    discount: int = 0  # micros
    quantity: int = 0  # thousandths
    item: str = ""  # product, coupon or campaign id
    category_1: str = ""
    category_2: str = ""
    decision: int = 0  # number of the decision that this event is an outcome of, 0 = none
    lines: tuple[Line, ...] = ()
    user_hash: str = ""  # the client's proof of its user id
    consent: dict[str, bool] | None = None  # purpose → given or not, as the event says
    direct: dict[str, str] | None = None  # email, phone, name … for the vault
    signals: dict[str, Any] | None = None  # other signals of consent by their name, as sent
    device: int = 0  # Device


class Rejection(msgspec.Struct, gc=False):
    """One event of a request that was not taken, and why."""

    index: int
    message_id: str | None
    code: str  # stable, such as "collect.too-large"
    message: str  # what is wrong, where, and how to mend it
    raw: bytes = b""  # the bytes as received (at most 256 KB), kept in the bad-row store


class Source(msgspec.Struct, frozen=True, gc=False):
    """Where events come from: a write key with its rights."""

    number: int
    name: str
    consent: ConsentMode = ConsentMode.REQUIRED
    history: bool = False  # its events are known as of their own time
    trusts_links: bool = False  # its clients' links count without proof
    secret: bytes = b""  # for `context.userHash`; empty = no proofs
    since: int = 0  # unix ms; when it last entered development mode: what was assumed before has ended for good
    app_id: bool = False  # its name is an application id: trackers that send it need no key


ROW: Final = np.dtype(
    [
        ("sequence", "<u8"),  # permanent number, from 1
        ("profile", "<u8"),  # number of the profile that the row belongs to; 0 = none
        ("ts", "<i8"),  # unix ms, UTC
        ("known_at", "<i8"),  # unix ms, UTC
        ("mask", "<u8"),  # purposes that the row may serve for good
        ("assumed", "<u8"),  # purposes that it may serve while its source is in development mode, at most 7 days
        ("id_low", "<u8"),  # keyed 128-bit hash of source and message id (or of an identifier)
        ("id_high", "<u8"),
        ("name", "<u8"),  # keyed hash of an event name that is not declared, else 0
        ("item", "<u8"),  # keyed hash of the product, coupon or campaign id, 0 = none
        ("decision", "<u8"),  # the decision this row is, or is an outcome of
        ("key", "<u8"),  # of a sealed body: the start of the writer that sealed it, else 0
        ("amount", "<i8"),  # micros of the reporting currency; valid with Flag.AMOUNT
        ("amount_original", "<i8"),  # micros of `currency`
        ("discount", "<i8"),  # micros of the reporting currency
        ("quantity", "<i8"),  # thousandths of a piece
        ("body_start", "<u4"),  # where the body begins in the block's bodies
        ("body_length", "<u4"),  # 0 = no body (lines have none)
        ("currency", "<u2"),  # ISO 4217 number, 0 = none
        ("kind", "<u2"),
        ("source", "<u2"),
        ("category_1", "<u2"),  # code in the vocabulary `category_1`, 0 = none
        ("category_2", "<u2"),
        ("line", "<u2"),  # 0 = the event itself, 1… = its lines
        ("flags", "<u2"),
        ("channel", "u1"),
        ("hour_of_week", "u1"),
        ("cipher", "u1"),  # 0 = the body is plain, 1 = AES-256-GCM under its profile's key
        ("device", "u1"),  # 0 = unknown, as in every row that was written before there was this column
        ("spare", "u1", (6,)),
    ],
)
"""One journal row: 160 bytes, little endian."""
