"""Events of any kind: a name, a time, somebody; every other column is a property under its own name."""

from __future__ import annotations

from typing import Any, Final

from genom.collect.typed_sources.messages import message_id
from genom.collect.typed_sources.people import CARD, CUSTOMER, EMAIL, PHONE, about, subject
from genom.collect.typed_sources.reading import BadCell, Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, event

__all__ = ["EVENTS"]


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """An event with all that its row says."""
    record = records[0]
    who: dict[str, Any]
    if not {"customer", "card", "email", "phone"} & record.keys() and "anonymous" in record:
        who = {"context": {"channel": record.get("channel", "server")}}
    else:
        try:
            subject(record)
        except BadCell as nobody:
            raise BadCell(nobody.what, "give a customer, a card, an anonymous id, or an address") from None
        who = about(record, channel=record.get("channel", "server"))
    return [
        event(
            type="track", event=record["event"], timestamp=record["time"],
            messageId=message_id("event", record, key=reading.key), **who, anonymousId=record.get("anonymous"),
            properties=record.get("rest", {}),
        )
    ]  # fmt: skip


_SAMPLE: Final = """\
event;time;customer;channel;workshop;seats
Workshop Booked;2026-03-01 10:00:00;C-501;web;tea tasting;2
Workshop Attended;2026-03-02 09:00:00;C-501;pos;tea tasting;1
"""

EVENTS: Final = SourceType(
    name="events",
    en="Events of any kind: a row for each; columns that are not listed become properties.",
    de="Ereignisse jeder Art: eine Zeile je Ereignis; nicht genannte Spalten werden Eigenschaften.",
    columns=(
        Column("event", "text", "Its name, such as Order Completed.", "Sein Name, etwa Order Completed.", required=True,
               also=("event_name", "ereignis")),
        Column("time", "time", "When it was.", "Wann es geschah.", required=True,
               also=("timestamp", "date", "datetime", "event_time", "occurred_at", "datum", "zeit", "zeitpunkt")),
        CUSTOMER,
        CARD,
        EMAIL,
        PHONE,
        Column("anonymous", "who", "Id of somebody whose name nobody knows, such as a cookie's.",
               "Kennung von jemandem, den niemand kennt, etwa eines Cookies.",
               also=("anonymous_id", "anonymousid", "cookie", "device_id")),
        Column("channel", "text", "Such as web, app, pos or call_centre.", "Etwa web, app, pos oder call_centre.",
               also=("kanal",)),
    ),
    translate=_translate,
    sample=_SAMPLE,
    open=True,
)  # fmt: skip
