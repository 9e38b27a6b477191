"""Contacts of a CRM system: who somebody is, and how they are reached; what names them goes to the vault."""

from __future__ import annotations

from typing import Final

from genom.collect.typed_sources.loyalty_cards import DIRECT, NAMES
from genom.collect.typed_sources.messages import message_id
from genom.collect.typed_sources.people import CARD, CUSTOMER, EMAIL, PHONE, about
from genom.collect.typed_sources.reading import Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, event

__all__ = ["CONTACTS"]

_TRAITS: Final = ("country", "city", "postcode", "language", "birth_year", "type", "segment", "since")


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """A contact is an `identify`; a further trait is under its own name."""
    record = records[0]
    traits = {name: record[name] for name in (*DIRECT, *_TRAITS) if name in record}
    return [
        event(
            type="identify", messageId=message_id("contact", record, key=reading.key), timestamp=record.get("changed"),
            **about(record, channel="server"), traits=record.get("rest", {}) | traits,
        )
    ]  # fmt: skip


_SAMPLE: Final = """\
customer;card;email;phone;first_name;last_name;address;postcode;city;country;language;since
C-501;70001;ada.beispiel@example.org;+49 731 5550101;Ada;Beispiel;Musterweg 1;89073;Ulm;DE;de;2021-05-04
C-502;70002;ben.muster@example.org;;Ben;Muster;Probegasse 2;89231;Neu-Ulm;DE;de;2023-11-20
C-503;;dora.exempel@example.org;+43 1 5550123;Dora;Exempel;Beispielring 3;1010;Wien;AT;de;2024-01-09
"""

CONTACTS: Final = SourceType(
    name="contacts",
    en="Contacts of a CRM system: a row for each person.",
    de="Kontakte eines CRM-Systems: eine Zeile je Person.",
    columns=(
        CUSTOMER,
        CARD,
        EMAIL,
        PHONE,
        *NAMES,
        Column("postcode", "text", "Postcode.", "Postleitzahl.", also=("zip", "zip_code", "plz", "postleitzahl")),
        Column("city", "text", "City.", "Ort.", also=("town", "ort", "stadt")),
        Column("country", "text", "Country, as purposes.yaml has it.", "Land, wie in purposes.yaml.",
               also=("country_code", "land")),
        Column("language", "text", "Language, such as de.", "Sprache, etwa de.", also=("locale", "sprache")),
        Column("birth_year", "whole", "Year of birth.", "Geburtsjahr.", also=("year_of_birth", "geburtsjahr")),
        Column("type", "text", "Such as private or business.", "Etwa privat oder geschäftlich.",
               also=("customer_type", "kundentyp", "art")),
        Column("segment", "text", "Group in the CRM system.", "Gruppe im CRM-System.", also=("group", "gruppe")),
        Column("since", "time", "Customer since.", "Kunde seit.", also=("created_at", "customer_since", "kunde_seit")),
        Column("changed", "time", "When this was so; when it is imported, if empty.",
               "Wann das so war; leer: wann es eingelesen wird.", also=("updated", "updated_at", "geaendert")),
    ),
    translate=_translate,
    sample=_SAMPLE,
)  # fmt: skip
