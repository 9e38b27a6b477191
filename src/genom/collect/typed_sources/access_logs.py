"""Requests in a web server's log: pages that were looked at, by whom as far as the log knows.

An address is no person, and is not kept: a visitor is a pseudonym of address and browser for one day, and is never
linked to who logs in, for an office shares both.
What follows the ? of a link is not kept either, but for the names of campaigns.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from genom.collect.typed_sources.bots import is_machine
from genom.collect.typed_sources.messages import message_id, pseudonym
from genom.collect.typed_sources.reading import LeftOut, Reading
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType, event

__all__ = ["ACCESS_LOGS"]

_PAGES: Final = frozenset({"", "html", "htm", "php", "asp", "aspx", "jsp"})
_CAMPAIGN: Final = {"utm_campaign": "name", "utm_source": "source", "utm_medium": "medium"}
_LONGEST: Final = 1_000  # characters of a path


def _translate(records: list[Record], reading: Reading) -> list[Said]:
    """A page that was answered is a `page`; of a machine it says so in its context."""
    record = records[0]
    path, _, query = record["path"].partition("?")
    if record.get("method", "GET") != "GET":
        raise LeftOut("requests that look at no page (other methods than GET)")
    if not 200 <= record.get("status", 200) < 300 and record.get("status") != 304:
        raise LeftOut("requests that were answered by no page (an error or another address)")
    if _extension(path) not in _PAGES:
        raise LeftOut("requests for parts of pages, such as pictures and scripts")
    agent = record.get("agent", "")
    visitor = pseudonym("visitor", f"{record.get('host', '')}\0{agent}\0{record['time'][:10]}", key=reading.key)
    content = {name: value for name, value in record.items() if name != "host"} | {"visitor": visitor}
    campaign = _campaign(query)
    context: dict[str, Any] = {
        "channel": "web", "userAgent": agent[:512] or None, "bot": True if is_machine(agent) else None,
        "campaign": campaign or None,
    }  # fmt: skip
    properties = {"path": unquote(path)[:_LONGEST], "referrer": _host_of(record.get("referrer", "")) or None}
    return [
        event(
            type="page", messageId=message_id("access", content, key=reading.key), timestamp=record["time"],
            anonymousId=None if "user" in record else visitor, userId=record.get("user"),
            context={name: value for name, value in context.items() if value is not None},
            properties={name: value for name, value in properties.items() if value is not None},
        )
    ]  # fmt: skip


def _extension(path: str) -> str:
    """What follows the last point of the last part.

    >>> _extension("/a.b/tea"), _extension("/tea.PNG"), _extension("/")
    ('', 'png', '')
    """
    return path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path.rpartition("/")[2] else ""


def _campaign(query: str) -> dict[str, str]:
    if "utm_" not in query:
        return {}
    try:
        said = parse_qs(query, max_num_fields=100)
    except ValueError:
        return {}
    return {name: said[key][0][:100] for key, name in _CAMPAIGN.items() if key in said}


def _host_of(link: str) -> str:
    """The site that a visitor came from, without the page.

    >>> _host_of("https://www.example.org/private?x=1"), _host_of("-")
    ('www.example.org', '')
    """
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


_SAMPLE: Final = """\
192.0.2.17 - - [02/Mar/2026:09:00:01 +0100] "GET /tea/assam HTTP/1.1" 200 5120 "https://search.example/?q=tea" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/135.0"
192.0.2.17 - - [02/Mar/2026:09:00:02 +0100] "GET /static/tea.png HTTP/1.1" 200 20480 "https://shop.example/tea/assam" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/135.0"
192.0.2.17 - C-501 [02/Mar/2026:09:01:30 +0100] "GET /account HTTP/1.1" 200 3072 "https://shop.example/tea/assam" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Firefox/135.0"
198.51.100.4 - - [02/Mar/2026:09:02:00 +0100] "GET /tea/assam HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (compatible; ExampleBot/1.0; +https://bot.example)"
192.0.2.99 - - [02/Mar/2026:09:03:12 +0100] "GET /gone HTTP/1.1" 404 310 "-" "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"
"""  # noqa: E501 -- lines of a log

ACCESS_LOGS: Final = SourceType(
    name="access-logs",
    en="A web server's access log in the combined format: a line for each request.",
    de="Zugriffsprotokoll eines Webservers im Combined-Format: eine Zeile je Anfrage.",
    columns=(
        Column("host", "text", "Address that asked; it is not kept.", "Anfragende Adresse; sie wird nicht behalten.",
               also=("remote_addr", "client", "ip", "client_ip")),
        Column("user", "who", "Who was logged in, as the shop's userId.", "Wer angemeldet war (userId des Shops).",
               also=("remote_user", "auth_user")),
        Column("time", "time", "When it was.", "Wann sie kam.", required=True, also=("timestamp", "time_local")),
        Column("method", "text", "GET and the like.", "GET und dergleichen.", also=("request_method", "verb")),
        Column("path", "text", "What was asked for.", "Was angefragt wurde.", required=True,
               also=("request_uri", "uri", "url", "request_path")),
        Column("status", "whole", "Status of the answer.", "Status der Antwort.", also=("status_code", "code")),
        Column("bytes", "whole", "Size of the answer.", "Größe der Antwort.", also=("size", "body_bytes_sent")),
        Column("referrer", "text", "Page before; its site alone is kept.",
               "Seite davor; nur ihr Host wird behalten.", also=("referer", "http_referer")),
        Column("agent", "text", "What the browser calls itself.", "Wie sich der Browser nennt.",
               also=("user_agent", "http_user_agent")),
    ),
    translate=_translate,
    sample=_SAMPLE,
    form="log",
)  # fmt: skip
