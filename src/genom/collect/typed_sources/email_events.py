"""What became of e-mail: sent, delivered, opened, clicked, bounced, complained about, unsubscribed from.

Opens and clicks that machines make are events of another name and marked, so that no gene takes them for interest.
Whoever unsubscribes, or marks a message as spam, refuses the purpose `email` from then on.
"""

from __future__ import annotations

from typing import Any, Final

from genom.collect.typed_sources.bots import is_machine, opens_for_everybody
from genom.collect.typed_sources.messages import message_id
from genom.collect.typed_sources.people import CARD, CUSTOMER, EMAIL, about, subject
from genom.collect.typed_sources.reading import Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, consent, event

__all__ = ["EMAIL_EVENTS"]

_NAMES: Final = {
    "sent": "Email Sent", "delivered": "Email Delivered", "opened": "Email Opened", "clicked": "Email Link Clicked",
    "bounced": "Email Bounced", "complained": "Email Marked as Spam", "unsubscribed": "Unsubscribed",
}  # fmt: skip
_BY_MACHINE: Final = {"opened": "Email Opened by Machine", "clicked": "Email Link Clicked by Machine"}
_PURPOSE: Final = "email"
_REFUSING: Final = frozenset({"complained", "unsubscribed"})


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """A message's fate is an event; an unsubscription is a refusal, too, if there is such a purpose."""
    record = records[0]
    what, agent = record["event"], record.get("agent", "")
    kind, value = subject(record)
    number, said = message_id("email", record, key=reading.key), []
    if what in _REFUSING and (reading.purposes is None or _PURPOSE in reading.purposes):
        said.append(
            consent(
                type=kind, value=value, purpose=_PURPOSE, granted=False, mechanism=f"email_{what}"[:40],
                at=record["time"], messageId=f"{number}-{_PURPOSE}",
            )
        )  # fmt: skip
    machine = what in _BY_MACHINE and _by_machine(record, what, agent)
    properties: dict[str, Any] = {
        "campaign_id": record.get("campaign"), "email_id": record.get("message"),
        "email_subject": record.get("subject"),
        "link_url": _without_query(record.get("link")), "bounce_type": record.get("bounce"),
        "reason": record.get("reason"), "machine": True if machine else None,
    }  # fmt: skip
    said.append(
        event(
            type="track", event=_BY_MACHINE[what] if machine else _NAMES[what], messageId=number,
            timestamp=record["time"], **about(record, channel="email", userAgent=agent or None),
            properties={name: value for name, value in properties.items() if value is not None},
        )
    )  # fmt: skip
    return said


def _by_machine(record: Record, what: str, agent: str) -> bool:
    told = record.get("machine")
    if told is not None:
        return bool(told)
    return bool(agent) and (opens_for_everybody(agent) if what == "opened" else is_machine(agent))


def _without_query(link: str | None) -> str | None:
    """Links carry who they were sent to behind the question mark."""
    return link and link.partition("?")[0].partition("#")[0]


_SAMPLE: Final = """\
event;time;email;customer;campaign;message;link;agent;bounce
sent;2026-03-01 06:00:00;ada.beispiel@example.org;C-501;spring;M-1;;;
delivered;2026-03-01 06:00:04;ada.beispiel@example.org;C-501;spring;M-1;;;
opened;2026-03-01 06:00:09;ada.beispiel@example.org;C-501;spring;M-1;;Mozilla/5.0;
opened;2026-03-01 18:20:31;ada.beispiel@example.org;C-501;spring;M-1;;"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)";
clicked;2026-03-01 18:21:02;ada.beispiel@example.org;C-501;spring;M-1;https://shop.example/tea?r=ada;"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)";
bounced;2026-03-01 06:00:07;cem.probe@example.org;;spring;M-2;;;hard
unsubscribed;2026-03-01 19:02:44;ben.muster@example.org;C-502;spring;M-3;;;
"""  # noqa: E501 -- a line of the file

EMAIL_EVENTS: Final = SourceType(
    name="email-events",
    en="What became of e-mail: a row each time one is sent, delivered, opened, clicked, bounced or refused.",
    de="Was aus E-Mails wurde: eine Zeile je Versand, Zustellung, Öffnung, Klick, Rückläufer oder Abmeldung.",
    columns=(
        Column("event", "text", f"{', '.join(_NAMES)}.", "Was geschah: sent, delivered, opened, clicked, bounced, "
               "complained oder unsubscribed.", required=True, one_of=tuple(_NAMES),
               also=("type", "event_type", "action", "status", "ereignis")),
        Column("time", "time", "When it was.", "Wann es geschah.", required=True,
               also=("timestamp", "date", "event_time", "datum", "zeit", "zeitpunkt")),
        EMAIL,
        CUSTOMER,
        CARD,
        Column("campaign", "id", "Campaign.", "Kampagne.", also=("campaign_id", "mailing", "kampagne", "newsletter")),
        Column("message", "id", "Number of the message.", "Nummer der Nachricht.",
               also=("message_id", "email_id", "nachricht")),
        Column("subject", "text", "Its subject.", "Ihr Betreff.", also=("email_subject", "betreff")),
        Column("link", "text", "Link that was clicked; what follows its ? is not kept.",
               "Geklickter Link; was nach dem ? kommt, wird nicht behalten.", also=("url", "link_url")),
        Column("agent", "text", "What the mail program calls itself.", "Wie sich das Mailprogramm nennt.",
               also=("user_agent", "useragent", "client")),
        Column("machine", "yes_no", "Whether a machine opened or clicked; by the agent if empty.",
               "Ob eine Maschine öffnete oder klickte; leer: nach dem Mailprogramm.", also=("is_bot", "bot")),
        Column("bounce", "text", "hard or soft.", "hard (endgültig) oder soft (vorübergehend).",
               one_of=("hard", "soft"), also=("bounce_type",)),
        Column("reason", "text", "Why, as the mail server says.", "Warum, wie der Mailserver sagt.",
               also=("bounce_reason", "grund")),
    ),
    translate=_translate,
    sample=_SAMPLE,
)  # fmt: skip
