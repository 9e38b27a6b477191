"""Master data of loyalty cards: who holds which card, since when."""

from __future__ import annotations

from typing import Final

from genom.collect.typed_sources.messages import message_id
from genom.collect.typed_sources.people import CARD as A_CARD
from genom.collect.typed_sources.people import CUSTOMER, EMAIL, PHONE, about
from genom.collect.typed_sources.reading import Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, event

__all__ = ["CARDS", "DIRECT", "NAMES"]

NAMES: Final = (
    Column("first_name", "text", "First name; it goes to the vault.", "Vorname; er kommt in den Tresor.",
           also=("firstname", "given_name", "vorname")),
    Column("last_name", "text", "Last name; it goes to the vault.", "Nachname; er kommt in den Tresor.",
           also=("lastname", "surname", "family_name", "nachname", "name")),
    Column("address", "text", "Postal address; it goes to the vault.", "Anschrift; sie kommt in den Tresor.",
           also=("street", "postal_address", "anschrift", "adresse", "strasse")),
)  # fmt: skip
DIRECT: Final = ("email", "phone", "first_name", "last_name", "address")
"""Columns whose values lie in the vault alone."""
_TRAITS: Final = ("tier", "status", "points", "store", "joined", "country", "birth_year")


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """A card is an `identify` of its holder; the time that it speaks of is when the card was changed, or now."""
    record = records[0]
    traits = {name: record[name] for name in (*DIRECT, *_TRAITS) if name in record}
    return [
        event(
            type="identify", messageId=message_id("card", record, key=reading.key), timestamp=record.get("changed"),
            **about(record, channel="pos"), traits=traits,
        )
    ]  # fmt: skip


_SAMPLE: Final = """\
card;customer;first_name;last_name;email;joined;tier;status;points;store;country
70001;C-501;Ada;Beispiel;ada.beispiel@example.org;2021-05-04;gold;active;1480;Ulm;DE
70002;C-502;Ben;Muster;ben.muster@example.org;2023-11-20;silver;active;310;Neu-Ulm;DE
70003;;Cem;Probe;;2025-02-14;basic;blocked;0;Ulm;DE
"""

CARDS: Final = SourceType(
    name="loyalty-cards",
    en="Master data of loyalty cards: a row for each card.",
    de="Stammdaten der Kundenkarten: eine Zeile je Karte.",
    columns=(
        Column(A_CARD.name, A_CARD.kind, A_CARD.en, A_CARD.de, required=True, also=A_CARD.also),
        CUSTOMER,
        EMAIL,
        PHONE,
        *NAMES,
        Column("joined", "time", "Since when they hold it.", "Seit wann sie oder er sie hat.",
               also=("member_since", "issued", "ausgestellt", "beitritt", "eintrittsdatum")),
        Column("tier", "text", "Level of the programme.", "Stufe des Programms.", also=("level", "stufe")),
        Column("status", "text", "Such as active or blocked.", "Etwa aktiv oder gesperrt.", also=("state", "zustand")),
        Column("points", "number", "Points on the card now.", "Punkte auf der Karte.",
               also=("balance", "points_balance", "punkte", "punktestand")),
        Column("store", "id", "Home store.", "Stammfiliale.", also=("home_store", "filiale", "stammfiliale")),
        Column("country", "text", "Country, as purposes.yaml has it.", "Land, wie in purposes.yaml.",
               also=("country_code", "land")),
        Column("birth_year", "whole", "Year of birth.", "Geburtsjahr.", also=("year_of_birth", "geburtsjahr")),
        Column("changed", "time", "When this was so; when it is imported, if empty.",
               "Wann das so war; leer: wann es eingelesen wird.", also=("updated", "updated_at", "geaendert")),
    ),
    translate=_translate,
    sample=_SAMPLE,
)  # fmt: skip
