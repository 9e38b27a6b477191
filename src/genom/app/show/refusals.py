"""Why an event was refused, in the words of people; the API's own sentence names the place in the event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from genom.app.show.clean import clean

__all__ = ["refusal_place", "refusal_reason"]

_REASONS: Final[Mapping[str, tuple[str, str]]] = {
    "collect.syntax": ("The event is not valid JSON.", "Das Ereignis ist kein gültiges JSON."),
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
_PLACE: Final = re.compile(r"`([^`]{1,120})`")


def refusal_reason(code: str, message: str, language: str) -> str:
    """The reason; of a code that has no words here, the API's sentence.

    >>> refusal_reason("collect.nan", "", "de"), refusal_reason("collect.new", "`$` is odd; mend it.", "de")
    ('Das ist keine endliche Zahl.', '`$` is odd; mend it.')
    """
    return _REASONS[code][language == "de"] if code in _REASONS else clean(message, most=200)


def refusal_place(message: str) -> str:
    """Where in the event.

    >>> refusal_place("`$.properties.price` is not a finite number; send a number.")
    '$.properties.price'
    """
    found = _PLACE.search(message)
    return clean(found[1], most=80) if found else ""
