"""Events as the console shows them: no text in them names anybody."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from genom.app.pages.who import masked
from genom.app.show.clean import clean
from genom.app.show.kinds import event_name
from genom.app.show.numbers import number
from genom.app.show.page import Page
from genom.app.show.summary import summary
from genom.app.show.value_words import Called

__all__ = ["about_of", "event_of", "facts_of", "masked_json", "masked_text", "raw_of", "title_of"]

# A key is compared in small letters without signs: `Shipping-Address` and `shippingAddress` are one.
_WITHIN: Final = re.compile(
    "email|phone|mobile|telefon|handy|telefax|firstname|lastname|fullname|givenname|familyname|middlename|surname"
    "|vorname|nachname|username|nickname|maidenname|customername|billingname|shippingname|recipient|salutation"
    "|address|adresse|anschrift|street|strasse|straße|postal|postcode|zipcode|housenumber|hausnummer"
    "|birth|geburt|iban|accountnumber|accountholder|kontonummer|cardnumber|creditcard|cardholder|passport|taxid|vatid"
    "|socialsecurity|password|passwort|secret|token|authorization|cookie|userid|anonymousid|previousid|groupid"
    "|userhash|customerid|advertisingid|latitude|longitude|ipaddr"
)
_EXACT: Final = frozenset(
    {"ip", "tel", "fax", "mail", "zip", "plz", "dob", "bic", "ssn", "cvc", "cvv", "lat", "lng", "lon", "geo", "city"}
    | {"login", "idfa", "gaid", "traits", "externalids", "location", "customer", "buyer", "contact", "user", "person"}
)
_MAIL: Final = re.compile(r"[^\s\"'<>@]{1,64}(?:@|%40)[^\s\"'<>@]{1,253}", re.IGNORECASE)
_PHONE: Final = re.compile(r"(?:\+|%2B)\d[\d ()/-]{6,20}\d", re.IGNORECASE)
_QUERY: Final = re.compile(r"[?#][^\s?#=]{0,200}=\S*")  # what a URL carries beside its path names people often
_NESTED: Final = re.compile(r"\s*(?:\{|\[\s*[{\[\"])")  # JSON in a text hides its keys
_LONGEST: Final = 4_000  # characters of a raw event
_UNREAD: Final = (
    "{n} bytes. They are not shown: what cannot be read cannot be masked.",
    "{n} Byte. Sie werden nicht gezeigt: Was sich nicht lesen lässt, lässt sich nicht verdecken.",
)
_FACTS: Final = 24
_DEPTH: Final = 8


@lru_cache(maxsize=4096)
def _is_personal(key: str) -> bool:
    """Whether what stands under a key is masked, with all that is in it.

    >>> [_is_personal(key) for key in ("phoneNumber", "billing_address", "E-Mail", "shipping", "description")]
    [True, True, True, False, False]
    """
    plain = "".join(letter for letter in key[:200].lower() if letter.isalnum())
    return plain in _EXACT or _WITHIN.search(plain) is not None


def masked_json(event: Any, *, inside: bool = False, depth: int = 0) -> Any:
    """The event with everything personal masked: identifiers, all traits, addresses of mail wherever they stand.

    >>> masked_json({"userId": "C-204118", "properties": {"name": "Tea", "price": 3, "note": "to ada@example.org"}})
    {'userId': 'C-•••18', 'properties': {'name': 'Tea', 'price': 3, 'note': 'to •••'}}
    >>> masked_json({"traits": {"shoe": "42", "vip": True}})
    {'traits': {'shoe': '4•••', 'vip': '•••'}}
    """
    if depth > _DEPTH:
        return "…"
    if isinstance(event, dict):
        return {
            masked_text(key): masked_json(value, inside=inside or _is_personal(key), depth=depth + 1)
            for key, value in event.items()
        }
    if isinstance(event, list):
        return [masked_json(value, inside=inside, depth=depth + 1) for value in event[:50]]
    if inside:
        return masked(event) if isinstance(event, str) else "•••"
    return masked_text(event) if isinstance(event, str) else event


def masked_text(text: str) -> str:
    """A text without addresses of mail, numbers to call, queries of URLs and JSON within it.

    >>> masked_text("call +49 30 1234567 or write to ada@example.org")
    'call ••• or write to •••'
    >>> masked_text("https://shop.example/thanks?email=ada%40example.org")
    'https://shop.example/thanks?•••'
    """
    if _NESTED.match(text):
        return "•••"
    if not (text.isascii() and text.isprintable()):
        text = clean(text)
    if "=" in text:
        text = _QUERY.sub(lambda found: f"{found[0][0]}•••", text)
    if "@" in text or "%40" in text:
        text = _MAIL.sub("•••", text)
    return _PHONE.sub("•••", text) if "+" in text or "%2" in text else text


def event_of(body: bytes) -> dict[str, Any] | None:
    """The event of these bytes, letters that are no UTF-8 replaced; None if it cannot be read."""
    try:
        event = json.loads(body.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) else None


def raw_of(body: bytes, language: str) -> str:
    """The event for the eye: indented and masked; of what cannot be read, and so not masked, only its size."""
    if (event := event_of(body)) is None:
        return _UNREAD[language == "de"].format(n=number(len(body), language))
    return json.dumps(masked_json(event), ensure_ascii=False, indent=2)[:_LONGEST]


def title_of(event: dict[str, Any], language: str) -> str:
    """What an event is called; its name is a stranger's."""
    return masked_text(event_name(event, language))[:80]


def about_of(event: dict[str, Any], drawn: Page, called: Called) -> str:
    """What it was about; the words are a stranger's, or the catalogue's names for them."""
    return masked_text(summary(event, drawn, called))[:120]


def facts_of(event: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Name and value of the properties, one line each, masked."""
    shown = masked_json(event.get("properties"))
    return tuple(_flat("", shown))[:_FACTS] if isinstance(shown, dict) else ()


def _flat(before: str, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(f"{before}{key}.", value)
        elif isinstance(value, list):
            yield f"{before}{key}", f"[{len(value)}]"
        elif value is not None:
            yield f"{before}{key}", str(value)[:120]
