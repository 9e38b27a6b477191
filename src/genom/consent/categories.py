"""To which category of data an event belongs: retention has windows by purpose and category."""

from __future__ import annotations

from typing import Final

from genom.words import Kind

__all__ = ["STORED", "category_of"]

STORED: Final = ("identity", "visits", "purchases", "messages", "statements", "decisions")
"""The categories that events and records of decisions belong to, so that windows can be set for them.

Direct identifiers (`contact`) are kept until an erasure, estimates are never stored, and what is known of a device
stands within the event that came from it.
"""

_OF: Final = {
    "identity": (Kind.IDENTIFIED, Kind.GROUPED, Kind.ALIASED, Kind.SIGNED_UP),
    "purchases": (
        Kind.PAYMENT_INFO_ENTERED, Kind.ORDER_COMPLETED, Kind.ORDER_UPDATED, Kind.ORDER_REFUNDED, Kind.ORDER_CANCELLED,
        Kind.COUPON_ENTERED, Kind.COUPON_APPLIED, Kind.COUPON_DENIED, Kind.COUPON_REMOVED, Kind.COUPON_REDEEMED,
    ),
    "messages": (
        Kind.CAMPAIGN_RECEIVED, Kind.CAMPAIGN_OPENED, Kind.CAMPAIGN_CLICKED, Kind.CAMPAIGN_BOUNCED,
        Kind.CAMPAIGN_UNSUBSCRIBED, Kind.CALL_RECEIVED, Kind.CALL_COMPLETED,
    ),
    "statements": (
        Kind.PRODUCT_REVIEWED, Kind.PREFERENCE_LIKED, Kind.PREFERENCE_DISLIKED, Kind.PREFERENCE_WITHDRAWN,
        Kind.ATTRIBUTE_DECLARED,
    ),
    "decisions": (Kind.RECOMMENDATION_SHOWN, Kind.RECOMMENDATION_CLICKED, Kind.DECISION, Kind.SHADOW),
}  # fmt: skip
_BY_KIND: Final = {int(kind): category for category, kinds in _OF.items() for kind in kinds}


def category_of(kind: int) -> str:
    """The category of a row's kind; what has no other is a visit.

    >>> category_of(Kind.ORDER_COMPLETED), category_of(Kind.PAGE_VIEWED), category_of(Kind.OTHER)
    ('purchases', 'visits', 'visits')
    """
    return _BY_KIND.get(int(kind), "visits")
