"""Movements on loyalty cards: points that were earned, redeemed, expired or corrected."""

from __future__ import annotations

from typing import Final

from genom.collect.typed_sources.messages import message_id
from genom.collect.typed_sources.people import CARD, CUSTOMER, about
from genom.collect.typed_sources.reading import BadCell, Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, event

__all__ = ["POINTS"]

_NAMES: Final = {
    "earn": "Points Earned", "bonus": "Points Earned", "redeem": "Points Redeemed", "expire": "Points Expired",
    "adjust": "Points Adjusted",
}  # fmt: skip


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """A movement; without a kind its sign says whether points came or went."""
    record = records[0]
    points = record["points"]
    kind = record.get("type", "earn" if points >= 0 else "redeem")
    if kind in ("earn", "bonus") and points < 0:
        raise BadCell(f"{points} are lost by {kind!r}", "give redeem, expire or adjust, or points above zero", "points")
    properties = {
        "points": points if kind == "adjust" else abs(points), "bonus": True if kind == "bonus" else None,
        "transaction_id": record.get("transaction"), "order_id": record.get("receipt"),
        "balance": record.get("balance"), "store_id": record.get("store"), "reason": record.get("reason"),
    }  # fmt: skip
    return [
        event(
            type="track", event=_NAMES[kind], messageId=message_id("points", record, key=reading.key),
            timestamp=record["time"], **about(record, channel="pos"),
            properties={name: value for name, value in properties.items() if value is not None},
        )
    ]  # fmt: skip


_SAMPLE: Final = """\
transaction;time;card;type;points;receipt;balance;store;reason
P-9001;2026-03-02 09:12:41;70001;earn;18;B-1001;1498;Ulm;
P-9002;2026-03-02 09:12:41;70001;bonus;50;B-1001;1548;Ulm;spring week
P-9003;2026-03-02 11:40:10;70001;redeem;-500;;1048;Ulm;voucher 5 EUR
P-9004;2026-02-28 23:59:59;70002;expire;-60;;250;;older than three years
"""

POINTS: Final = SourceType(
    name="loyalty-points",
    en="Movements on loyalty cards: a row for each time points were earned, redeemed or lost.",
    de="Bewegungen auf Kundenkarten: eine Zeile je Gutschrift, Einlösung oder Verfall.",
    columns=(
        Column("transaction", "id", "Number of the movement.", "Nummer der Bewegung.",
               also=("transaction_id", "id", "booking", "buchung", "buchungsnummer", "bewegung")),
        Column("time", "time", "When it was.", "Wann sie war.", required=True,
               also=("timestamp", "date", "booked_at", "datum", "zeit", "buchungsdatum")),
        Column(CARD.name, CARD.kind, CARD.en, CARD.de, required=True, also=CARD.also),
        CUSTOMER,
        Column("type", "text", "earn, bonus, redeem, expire or adjust; by the sign of the points if empty.",
               "earn, bonus, redeem (Einlösung), expire (Verfall) oder adjust (Korrektur); leer: nach dem Vorzeichen.",
               one_of=tuple(_NAMES), also=("kind", "movement", "art", "buchungsart")),
        Column("points", "number", "How many.", "Wie viele Punkte.", required=True, also=("amount", "punkte")),
        Column("receipt", "id", "Receipt that they came by.", "Bon, mit dem sie kamen.",
               also=("receipt_id", "order_id", "bon", "bonnummer", "beleg")),
        Column("balance", "number", "Points on the card afterwards.", "Punkte danach.",
               also=("balance_after", "saldo", "punktestand", "stand")),
        Column("store", "id", "Store.", "Filiale.", also=("store_id", "filiale")),
        Column("reason", "text", "Why, in the shop's words.", "Warum, mit den Worten des Hauses.",
               also=("comment", "grund", "text", "buchungstext")),
    ),
    translate=_translate,
    sample=_SAMPLE,
)  # fmt: skip
