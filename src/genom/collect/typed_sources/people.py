"""Whom a record is about: columns that many types share, and how they stand in an event.

A customer number and a card name the person together, which links them.  An e-mail address or a telephone number
names the person only where neither is known: families share them.  Both lie in the vault alone.
"""

from __future__ import annotations

from typing import Any, Final

from genom.collect.typed_sources.reading import BadCell
from genom.collect.typed_sources.source_type import Column, Record

__all__ = ["CARD", "CUSTOMER", "EMAIL", "PHONE", "about", "subject"]

CUSTOMER: Final = Column(
    "customer", "who", "Customer number, as the shop's userId.", "Kundennummer, wie die userId des Shops.",
    also=("customer_id", "customer_no", "user_id", "userid", "kunde", "kundennummer", "kunden_nr", "kundennr"),
)  # fmt: skip
CARD: Final = Column(
    "card", "who", "Number of the loyalty card.", "Nummer der Kundenkarte.",
    also=("card_id", "card_no", "card_number", "loyalty_card", "karte", "kartennummer", "karten_nr", "kundenkarte"),
)  # fmt: skip
EMAIL: Final = Column(
    "email", "email", "E-mail address; it goes to the vault.", "E-Mail-Adresse; sie kommt in den Tresor.",
    also=("e_mail", "mail", "email_address", "recipient", "empfaenger", "e_mail_adresse"),
)  # fmt: skip
PHONE: Final = Column(
    "phone", "phone", "Telephone number; it goes to the vault.", "Telefonnummer; sie kommt in den Tresor.",
    also=("telephone", "mobile", "caller", "phone_number", "telefon", "telefonnummer", "mobil", "rufnummer"),
)  # fmt: skip
_TYPES: Final = {"customer": "user_id", "card": "card", "email": "email", "phone": "phone"}


def subject(record: Record) -> tuple[str, str]:
    """Type and value of the strongest identifier; raises BadCell if there is none.

    >>> subject({"card": "77", "email": "a@example.org"})
    ('card', '77')
    """
    for column, kind in _TYPES.items():
        if column in record:
            return kind, record[column]
    raise BadCell("names nobody", "give a customer, a card, an e-mail address or a telephone number")


def about(record: Record, *, channel: str, traits: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
    """The members of an event that say whom it is about, and its context; raises BadCell if it names nobody.

    >>> about({"card": "77"}, channel="pos")["context"]["externalIds"][0]["id"]
    '77'
    """
    strongest, value = subject(record)
    names = [(kind, record[column]) for column, kind in _TYPES.items() if column == "card" and column in record]
    if strongest in ("email", "phone"):
        names = [(strongest, value)]
    circumstances: dict[str, Any] = {"channel": channel}
    if names:
        circumstances["externalIds"] = [
            {"id": name, "type": kind, "collection": "users", "encoding": "none"} for kind, name in names
        ]
    if traits:
        circumstances["traits"] = traits
    circumstances |= {name: said for name, said in context.items() if said is not None}
    return {"userId": record.get("customer"), "context": circumstances}
