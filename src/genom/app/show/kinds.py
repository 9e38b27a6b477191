"""What happened, in the words of people: the declared kinds of event; any other name is shown as it was sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from genom.app.show.clean import clean
from genom.words import KINDS, Kind

__all__ = ["event_name", "outcome_name"]

_GERMAN: Final[Mapping[Kind, str]] = {
    Kind.PAGE_VIEWED: "Seite aufgerufen",
    Kind.SCREEN_VIEWED: "App-Seite aufgerufen",
    Kind.IDENTIFIED: "Person erkannt",
    Kind.GROUPED: "Gruppe zugeordnet",
    Kind.ALIASED: "Kennung verbunden",
    Kind.PRODUCTS_SEARCHED: "Produkte gesucht",
    Kind.PRODUCT_LIST_VIEWED: "Produktliste angesehen",
    Kind.PRODUCT_LIST_FILTERED: "Produktliste gefiltert",
    Kind.PROMOTION_VIEWED: "Aktion angesehen",
    Kind.PROMOTION_CLICKED: "Aktion angeklickt",
    Kind.PRODUCT_CLICKED: "Produkt angeklickt",
    Kind.PRODUCT_VIEWED: "Produkt angesehen",
    Kind.PRODUCT_ADDED: "In den Warenkorb gelegt",
    Kind.PRODUCT_REMOVED: "Aus dem Warenkorb genommen",
    Kind.CART_VIEWED: "Warenkorb angesehen",
    Kind.CHECKOUT_STARTED: "Bestellvorgang begonnen",
    Kind.CHECKOUT_STEP_VIEWED: "Bestellschritt angesehen",
    Kind.CHECKOUT_STEP_COMPLETED: "Bestellschritt erledigt",
    Kind.PAYMENT_INFO_ENTERED: "Zahlungsdaten eingegeben",
    Kind.ORDER_COMPLETED: "Einkauf abgeschlossen",
    Kind.ORDER_UPDATED: "Bestellung geändert",
    Kind.ORDER_REFUNDED: "Bestellung erstattet",
    Kind.ORDER_CANCELLED: "Bestellung storniert",
    Kind.COUPON_ENTERED: "Gutschein eingegeben",
    Kind.COUPON_APPLIED: "Gutschein angewendet",
    Kind.COUPON_DENIED: "Gutschein abgelehnt",
    Kind.COUPON_REMOVED: "Gutschein entfernt",
    Kind.COUPON_REDEEMED: "Gutschein eingelöst",
    Kind.PRODUCT_WISHLISTED: "Auf den Wunschzettel gesetzt",
    Kind.PRODUCT_UNWISHLISTED: "Vom Wunschzettel genommen",
    Kind.WISHLIST_TO_CART: "Vom Wunschzettel in den Korb",
    Kind.PRODUCT_SHARED: "Produkt geteilt",
    Kind.CART_SHARED: "Warenkorb geteilt",
    Kind.PRODUCT_REVIEWED: "Produkt bewertet",
    Kind.CAMPAIGN_RECEIVED: "Kampagne erhalten",
    Kind.CAMPAIGN_OPENED: "Kampagne geöffnet",
    Kind.CAMPAIGN_CLICKED: "Kampagne angeklickt",
    Kind.CAMPAIGN_BOUNCED: "E-Mail unzustellbar",
    Kind.CAMPAIGN_UNSUBSCRIBED: "Abgemeldet",
    Kind.CALL_RECEIVED: "Anruf erhalten",
    Kind.CALL_COMPLETED: "Anruf beendet",
    Kind.SIGNED_UP: "Registriert",
    Kind.SIGNED_IN: "Angemeldet",
    Kind.SIGNED_OUT: "Abgemeldet vom Konto",
    Kind.RECOMMENDATION_SHOWN: "Empfehlung gezeigt",
    Kind.RECOMMENDATION_CLICKED: "Empfehlung angeklickt",
    Kind.PREFERENCE_LIKED: "Vorliebe angegeben",
    Kind.PREFERENCE_DISLIKED: "Kein Interesse angegeben",
    Kind.PREFERENCE_WITHDRAWN: "Angabe zurückgenommen",
    Kind.ATTRIBUTE_DECLARED: "Angabe zur Person gemacht",
}
_CALLS: Final[Mapping[str, tuple[str, Kind]]] = {
    "page": ("Page viewed", Kind.PAGE_VIEWED),
    "screen": ("Screen viewed", Kind.SCREEN_VIEWED),
    "identify": ("Identified", Kind.IDENTIFIED),
    "group": ("Grouped", Kind.GROUPED),
    "alias": ("Linked", Kind.ALIASED),
}


def event_name(event: Mapping[str, Any], language: str) -> str:
    """What an event of the timeline is called.

    >>> event_name({"type": "track", "event": "Order Completed"}, "de"), event_name({"type": "page"}, "en")
    ('Einkauf abgeschlossen', 'Page viewed')
    """
    english, kind = _CALLS.get(str(event.get("type")), ("", None))
    if kind is not None:
        return _GERMAN[kind] if language == "de" else english
    name = str(event.get("event") or event.get("type") or "")
    return _GERMAN[KINDS[name]] if language == "de" and name in KINDS else clean(name)


def outcome_name(name: str, language: str) -> str:
    """What an outcome of a decision is called; its name is that of a kind.

    >>> outcome_name("Wishlist To Cart", "de"), outcome_name("Order Completed", "en")
    ('Vom Wunschzettel in den Korb', 'Order Completed')
    """
    if language != "de":
        return clean(name)
    kind = Kind.__members__.get(name.upper().replace(" ", "_"))
    return _GERMAN.get(kind, "sonstiges Ereignis") if kind is not None else "sonstiges Ereignis"
