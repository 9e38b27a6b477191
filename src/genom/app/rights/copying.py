"""The copy as a ZIP file: everything as JSON with its schema, the lists as CSV, and a letter that explains them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

__all__ = ["SCHEMA", "zipped"]

Json = Mapping[str, Any]

_TEXT: Final = {"type": "string"}
_MAYBE: Final = {"type": ["string", "null"]}
_ITEMS: Final[Mapping[str, Mapping[str, Any]]] = {
    "identifiers": {"type": _TEXT, "value": _TEXT},
    "profiles": {"type": _TEXT, "value": _TEXT},
    "links": {"what": _TEXT, "one": _TEXT, "other": _TEXT, "at": _TEXT},
    "events": {
        "messageId": _MAYBE, "type": _TEXT, "event": _MAYBE, "timestamp": _TEXT, "receivedAt": _TEXT, "channel": _TEXT,
        "source": _TEXT, "properties": {"type": "object"}, "context": {"type": "object"}, "purposes": {"type": "array"},
        "decision": _MAYBE, "by": {"type": "object"}, "hourOfWeek": {"type": "integer"}, "clamped": {"type": "boolean"},
        "categories": {"type": "array"}, "more": {"type": "object"},
    },
    "choices": {
        "at": _TEXT, "purpose": _TEXT, "name": _TEXT, "granted": {"type": "boolean"}, "text": _MAYBE,
        "text_sha256": _TEXT, "by": _TEXT, "source": _TEXT, "recorded_as": _TEXT, "act": _TEXT,
        "valid_until": _MAYBE, "region": _MAYBE, "evidence": _TEXT, "number": {"type": "integer"}, "sha256": _TEXT,
        "previous_sha256": _TEXT,
    },
    "rejected": {"received_at": _TEXT, "source": _TEXT, "code": _TEXT, "why": _MAYBE, "sent": _MAYBE},
    "requests": {
        "id": _TEXT, "kind": _TEXT, "state": _TEXT, "region": _TEXT, "asked_at": _TEXT, "due_at": _TEXT, "note": _TEXT,
        "via": _TEXT, "proof": _TEXT, "checked_at": _MAYBE, "extended": _TEXT, "answer": _TEXT, "handled_by": _TEXT,
        "receipt": _TEXT, "done_at": _MAYBE,
    },
    "genes": {
        "id": _TEXT, "label": _TEXT, "purpose": _TEXT, "value": {"type": ["number", "string", "object", "null"]},
        "unit": _TEXT, "estimated": {"type": "boolean"}, "used": {"type": "boolean"},
    },
    "segments": {"name": _TEXT, "label": _TEXT, "purpose": _TEXT},
    "decisions": {"at": _TEXT},
    "decisions_never_shown": {"at": _TEXT},
    "recipients": {
        "destination": _TEXT, "recipient": _TEXT, "country": _TEXT, "purposes": {"type": "array"},
        "known_there_as": _TEXT, "state": _TEXT, "since": _TEXT,
    },
    "looked_at": {"at": _TEXT, "action": _TEXT, "by": _TEXT, "reason": _TEXT},
    "kept_for": {"purpose": _TEXT, "text": _TEXT, "read_for_days": {"type": ["integer", "null"]}, "basis": _TEXT},
}  # fmt: skip
SCHEMA: Final[Json] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "A person's own data",
    "type": "object",
    "required": ["format", "made_at", "person", "also_known_as", "permitted_now", "regions", "told", *_ITEMS],
    "properties": {
        "format": {"const": 2},
        "made_at": _TEXT,
        "person": _TEXT,
        "also_known_as": {"type": "array", "items": _TEXT},
        "permitted_now": {"type": "array", "items": _TEXT},
        "regions": {"type": "array", "items": _TEXT},
        "told": {"type": "object", "required": ["liked", "disliked", "attributes"]},
        **{
            name: {"type": "array", "items": {"type": "object", "required": [*of], "properties": of}}
            for name, of in _ITEMS.items()
        },
    },
}
"""JSON Schema (2020-12) of `data.json`."""

_TABLES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "events.csv": ("events", ("timestamp", "event", "type", "channel", "source", "properties", "purposes")),
    "choices.csv": (
        "choices",
        (
            "at",
            "purpose",
            "name",
            "granted",
            "by",
            "source",
            "text",
            "text_sha256",
            "evidence",
            "number",
            "sha256",
            "previous_sha256",
        ),
    ),
    "rejected.csv": ("rejected", ("received_at", "source", "code", "why", "sent")),
    "requests.csv": ("requests", ("asked_at", "kind", "state", "due_at", "done_at", "note", "answer", "proof", "id")),
    "known.csv": ("genes", ("label", "value", "unit", "purpose", "estimated", "used", "id")),
    "decisions.csv": ("decisions", ("at", "point", "purpose", "choices", "reasons")),
}
_LETTER: Final = {
    "en": """Your data
=========

This is a copy of everything that we hold about you, made on {made}.

data.json       everything, for programs; schema.json describes it
events.csv      what you did with us: visits, purchases, messages
choices.csv     what you permitted and refused, the text that you read, and the proof of it
known.csv       what we know or estimate about you ("estimated"), and whether we may use it now ("used")
decisions.csv   what was chosen for you
requests.csv    what you asked us about your data, and what became of it
rejected.csv    faulty events that name you and were turned away; a text is missing if others may be in it

The tables open in every spreadsheet program (UTF-8, separated by commas).
Keep the file safe: whoever has it knows what we know.
""",
    "de": """Ihre Daten
==========

Das ist eine Kopie von allem, was uns zu Ihrer Person vorliegt, erstellt am {made}.

data.json       alles, für Programme; schema.json beschreibt es
events.csv      was Sie bei uns getan haben: Besuche, Käufe, Nachrichten
choices.csv     was Sie erlaubt und abgelehnt haben, mit dem Text, den Sie gelesen haben, und dem Nachweis
known.csv       was wir wissen oder schätzen („estimated“) und ob wir es derzeit nutzen dürfen („used“)
decisions.csv   was für Sie ausgewählt wurde
requests.csv    was Sie bei uns zu Ihren Daten beantragt haben und was daraus wurde
rejected.csv    fehlerhafte Ereignisse, in denen Sie vorkommen; der Text fehlt, wenn er andere betreffen kann

Die Tabellen öffnet jedes Tabellenprogramm (UTF-8, durch Kommas getrennt).
Bewahren Sie die Datei sicher auf: Wer sie hat, weiß, was wir wissen.
""",
}


def zipped(held: Json, *, language: str) -> bytes:
    """The ZIP file of what is held of a person."""
    made = datetime.fromisoformat(str(held["made_at"])).astimezone(UTC)
    files = {
        "README.txt": _LETTER[language].format(made=made.strftime("%Y-%m-%d %H:%M UTC")).encode(),
        "data.json": msgspec.json.format(msgspec.json.encode(held), indent=1),
        "schema.json": msgspec.json.format(msgspec.json.encode(SCHEMA), indent=1),
        **{name: _table(held[of], columns) for name, (of, columns) in _TABLES.items()},
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, date_time=made.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return packed.getvalue()


def _table(rows: Sequence[Json], columns: Sequence[str]) -> bytes:
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(columns)
    table.writerows([_cell(row.get(column)) for column in columns] for row in rows)
    return text.getvalue().encode("utf-8-sig")  # spreadsheet programs know UTF-8 by its mark


def _cell(value: object) -> object:
    """A value that no spreadsheet program runs as a formula.

    >>> _cell("=1+1"), _cell(-2.5), _cell(None), _cell({"a": 1}), _cell(["x", "y"])
    ("'=1+1", -2.5, '', '{"a":1}', 'x, y')
    """
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        value = ", ".join(value)
    if isinstance(value, dict | list):
        value = msgspec.json.encode(value).decode()
    dangerous = isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}
    return f"'{value}" if dangerous else value
