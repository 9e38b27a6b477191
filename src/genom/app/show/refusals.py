"""Why an event was refused, in the words of people; the API's own sentence names the place in the event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from genom.app.show.clean import clean

__all__ = ["refusal_help", "refusal_place", "refusal_reason"]

_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "collect.syntax": ("The event is not valid JSON.", "Das Ereignis ist kein gültiges JSON."),
    "collect.utf8": ("The text is not valid UTF-8.", "Der Text ist kein gültiges UTF-8."),
    "collect.nan": ("This is not a finite number.", "Das ist keine endliche Zahl."),
    "collect.out-of-range": ("This number is out of range.", "Diese Zahl liegt außerhalb des Bereichs."),
    "collect.wrong-type": ("This has the wrong type.", "Das hat den falschen Typ."),
    "collect.id-too-long": ("This text is too long.", "Dieser Text ist zu lang."),
    "collect.unknown-type": ("There is no such type of call.", "Diese Art von Aufruf gibt es nicht."),
    "collect.too-large": ("The event is too large.", "Das Ereignis ist zu groß."),
    "collect.too-deep": ("The event is nested too deep.", "Das Ereignis ist zu tief verschachtelt."),
    "collect.time-range": ("This time cannot be used.", "Diese Zeit lässt sich nicht verwenden."),
    "collect.no-identifier": ("The event does not say whose it is.", "Das Ereignis nennt keine Person."),
    "collect.no-event-name": ("The name of the event is missing.", "Der Name des Ereignisses fehlt."),
    "collect.too-many-events": ("The request has too many events.", "Die Anfrage enthält zu viele Ereignisse."),
    "collect.too-many-lines": ("The order has too many lines.", "Die Bestellung hat zu viele Positionen."),
    "collect.negative-quantity": ("The quantity is negative.", "Die Menge ist negativ."),
}
_HELP: Final[Mapping[str, tuple[str, str]]] = {
    "collect.syntax": (
        "The sender has to send each event as one complete JSON object.",
        "Der Absender muss jedes Ereignis als ein vollständiges JSON-Objekt senden.",
    ),
    "collect.utf8": ("The sender has to write in UTF-8.", "Der Absender muss in UTF-8 schreiben."),
    "collect.nan": (
        "The sender has to send a number, or leave the field out.",
        "Der Absender muss eine Zahl senden oder das Feld weglassen.",
    ),
    "collect.out-of-range": (
        "The sender has to send a number of usual size.",
        "Der Absender muss eine Zahl üblicher Größe senden.",
    ),
    "collect.wrong-type": (
        "The sender has to send the type that the specification names.",
        "Der Absender muss den Typ senden, den die Spezifikation nennt.",
    ),
    "collect.id-too-long": ("The sender has to send a shorter text.", "Der Absender muss einen kürzeren Text senden."),
    "collect.unknown-type": (
        "The sender has to name the call: track, identify, page, screen, group or alias.",
        "Der Absender muss den Aufruf nennen: track, identify, page, screen, group oder alias.",
    ),
    "collect.too-large": (
        "Raise event_bytes (with a server key server_event_bytes), or send smaller events.",
        "event_bytes (mit Serverschlüssel server_event_bytes) erhöhen oder kleinere Ereignisse senden.",
    ),
    "collect.too-deep": (
        "Raise event_depth, or send flatter events.",
        "event_depth erhöhen oder flachere Ereignisse senden.",
    ),
    "collect.time-range": (
        "The sender has to send when it happened, such as 2026-03-02T12:00:00Z.",
        "Der Absender muss den Zeitpunkt senden, etwa 2026-03-02T12:00:00Z.",
    ),
    "collect.no-identifier": (
        "The sender has to send userId, anonymousId or an external id.",
        "Der Absender muss userId, anonymousId oder eine externe Kennung senden.",
    ),
    "collect.no-event-name": (
        "The sender has to name the event, such as Order Completed.",
        "Der Absender muss das Ereignis benennen, etwa Order Completed.",
    ),
    "collect.too-many-events": (
        "The sender has to send smaller batches; these can be tried again one by one.",
        "Der Absender muss kleinere Stapel senden; diese lassen sich einzeln erneut versuchen.",
    ),
    "collect.too-many-lines": (
        "The sender has to send an order in parts.",
        "Der Absender muss eine Bestellung in Teilen senden.",
    ),
    "collect.negative-quantity": (
        "The sender has to send returns as Order Refunded.",
        "Der Absender muss Rücknahmen als Order Refunded senden.",
    ),
}
_ANY: Final = (
    "The message of each event says what to mend.",
    "Die Meldung jedes Ereignisses sagt, was zu beheben ist.",
)
_PLACE: Final = re.compile(r"`([^`]{1,120})`")


def refusal_reason(code: str, message: str, language: str) -> str:
    """The reason; of a code that has no words here, the API's sentence.

    >>> refusal_reason("collect.nan", "", "de"), refusal_reason("collect.new", "`$` is odd; mend it.", "de")
    ('Das ist keine endliche Zahl.', '`$` is odd; mend it.')
    """
    return _REASONS[code][language == "de"] if code in _REASONS else clean(message, most=200)


def refusal_help(code: str, language: str) -> str:
    """What to mend.

    >>> refusal_help("collect.too-deep", "en"), refusal_help("collect.new", "de")
    ('Raise event_depth, or send flatter events.', 'Die Meldung jedes Ereignisses sagt, was zu beheben ist.')
    """
    return _HELP.get(code, _ANY)[language == "de"]


def refusal_place(message: str) -> str:
    """Where in the event.

    >>> refusal_place("`$.properties.price` is not a finite number; send a number.")
    '$.properties.price'
    """
    found = _PLACE.search(message)
    return clean(found[1], most=80) if found else ""
