"""Calls of a call centre: who called why, what came of it, and what they permitted or refused on the telephone.

An agent is a pseudonym: Genom keeps no number of who answered, and nothing here counts by it.
"""

from __future__ import annotations

from typing import Any, Final

from genom.collect.typed_sources.messages import message_id, pseudonym
from genom.collect.typed_sources.people import CARD, CUSTOMER, EMAIL, PHONE, about, subject
from genom.collect.typed_sources.purposes import checked
from genom.collect.typed_sources.reading import Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, consent, event

__all__ = ["CALLS"]

_NAMES: Final = {"inbound": "Call Received", "outbound": "Call Completed"}
_SAID: Final = {"granted": True, "refused": False}


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """A call is an event; each purpose that was permitted or refused in it is a choice with the mechanism `phone`."""
    record = records[0]
    kind, value = subject(record)
    for column in _SAID:
        checked(record.get(column, ()), reading, column)
    agent = record.get("agent")
    content = record | ({"agent": pseudonym("agent", agent, key=reading.key)} if agent else {})
    number = message_id("call", content, key=reading.key)
    choices = [
        consent(
            type=kind, value=value, purpose=purpose, granted=granted, mechanism="phone", at=record["time"],
            messageId=f"{number}-{purpose}",
        )
        for column, granted in _SAID.items()
        for purpose in record.get(column, ())
    ]  # fmt: skip
    properties: dict[str, Any] = {
        "call_id": record.get("call"), "direction": record.get("direction", "inbound"), "reason": record.get("reason"),
        "outcome": record.get("outcome"), "duration": record.get("duration"), "wait": record.get("wait"),
        "order_id": record.get("order"), "agent": content.get("agent"),
    }  # fmt: skip
    call = event(
        type="track", event=_NAMES[properties["direction"]], messageId=number, timestamp=record["time"],
        **about(record, channel="call_centre", traits=_contact(record, kind)),
        properties={name: value for name, value in properties.items() if value is not None},
    )  # fmt: skip
    return [*choices, call]


def _contact(record: Record, named_by: str) -> dict[str, Any]:
    """The number that was called from, for the vault; of somebody who is known by more it links nobody."""
    return {"phone": record["phone"]} if "phone" in record and named_by != "phone" else {}


_SAMPLE: Final = """\
call;time;customer;card;phone;direction;reason;outcome;duration;agent;granted;refused
T-301;2026-03-02 08:31:05;C-501;;+49 731 5550101;inbound;delivery;solved;4:12;a.agent;email;
T-302;2026-03-02 08:40:50;;70002;;inbound;return;promised;2:40;b.agent;;sms_push
T-303;2026-03-02 09:02:11;;;+49 731 5550199;inbound;opening hours;solved;0:35;a.agent;;
T-304;2026-03-02 09:30:00;C-502;;;outbound;survey;refused;0:20;b.agent;;email, crm_sales
"""

CALLS: Final = SourceType(
    name="calls",
    en="Calls of a call centre: a row for each call, with what was permitted or refused in it.",
    de="Gespräche eines Callcenters: eine Zeile je Anruf, mit dem, was darin erlaubt oder abgelehnt wurde.",
    columns=(
        Column("call", "id", "Number of the call.", "Nummer des Gesprächs.",
               also=("call_id", "id", "ticket", "case", "vorgang", "vorgangsnummer", "anruf", "gespraech")),
        Column("time", "time", "When it began.", "Wann es begann.", required=True,
               also=("timestamp", "date", "started_at", "start", "datum", "zeit", "beginn")),
        CUSTOMER,
        CARD,
        PHONE,
        EMAIL,
        Column("direction", "text", "inbound (what an empty cell means) or outbound.",
               "inbound (eingehend, auch eine leere Zelle) oder outbound (ausgehend).",
               one_of=tuple(_NAMES), also=("richtung",)),
        Column("reason", "text", "Why they called.", "Anlass.", also=("topic", "subject", "grund", "anlass", "thema")),
        Column("outcome", "text", "What came of it.", "Ergebnis.",
               also=("result", "disposition", "status", "ergebnis", "ausgang")),
        Column("duration", "seconds", "How long they spoke: seconds, mm:ss or hh:mm:ss.",
               "Gesprächsdauer: Sekunden, mm:ss oder hh:mm:ss.",
               also=("talk_time", "length", "dauer", "gespraechsdauer")),
        Column("wait", "seconds", "How long they waited.", "Wartezeit.", also=("wait_time", "queue_time", "wartezeit")),
        Column("order", "id", "Order that it was about.", "Auftrag, um den es ging.",
               also=("order_id", "auftrag", "bestellung", "auftragsnummer")),
        Column("agent", "id", "Who answered; kept as a pseudonym.", "Wer das Gespräch führte; nur als Pseudonym.",
               also=("agent_id", "user", "mitarbeiter", "agentin")),
        Column("granted", "words", "Purposes that were permitted in the call, such as email.",
               "Zwecke, die im Gespräch erlaubt wurden, etwa email.",
               also=("consent_granted", "opt_in", "einwilligung", "erlaubt")),
        Column("refused", "words", "Purposes that were refused in the call.",
               "Zwecke, die im Gespräch abgelehnt wurden.",
               also=("consent_refused", "opt_out", "widerspruch", "abgelehnt")),
    ),
    translate=_translate,
    sample=_SAMPLE,
)  # fmt: skip
