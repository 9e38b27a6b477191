"""What the audit log says, in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from genom.app import audit
from genom.app.catalogue import OPERATING
from genom.app.pages.request_words import KINDS, say
from genom.app.pages.who import identifier_name
from genom.app.show import names
from genom.app.show.clean import clean

__all__ = ["action_words", "actor_words", "detail_words", "name_words", "object_words", "problem_words", "reason_words"]

_ACTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "person.revealed": ("Masked values shown", "Maskierte Werte angezeigt"),
    "person.split": ("Profile split off", "Profil abgetrennt"),
    "person.rejoined": ("Split undone", "Trennung rückgängig gemacht"),
    "source.added": ("Source added", "Quelle hinzugefügt"),
    "rejected.read": ("Refused event read as it came", "Abgelehntes Ereignis im Wortlaut gelesen"),
    "rejected.replayed": ("Refused events tried again", "Abgelehnte Ereignisse erneut versucht"),
    "person.exported": ("Copy of everything handed out", "Kopie aller Daten ausgehändigt"),
    "person.imported": ("Copy from another Genom taken in", "Kopie aus einem anderen Genom übernommen"),
    "person.link_made": ("Link to the own page made", "Link zur eigenen Seite erstellt"),
    "console.link_made": ("Link into the console made", "Link in die Konsole erstellt"),
    "segment.defined": ("Segment defined", "Segment definiert"),
    "segment.removed": ("Segment removed", "Segment entfernt"),
    "segment.members_read": ("Members of a segment read", "Mitglieder eines Segments gelesen"),
    "segment.exported": ("Segment exported", "Segment exportiert"),
    "point.published": ("Decision point published", "Entscheidungspunkt veröffentlicht"),
    "point.rolled_back": (
        "Decision point back to the version before",
        "Entscheidungspunkt auf die vorige Version zurück",
    ),
    "point.shadowed": ("Version put into shadow", "Version in den Schatten gestellt"),
    "point.shadow_ended": ("Shadow ended", "Schattenbetrieb beendet"),
    "point.drafted": ("Version kept as a draft", "Version als Entwurf abgelegt"),
    "records.signed": ("Records of processing signed", "Verarbeitungsverzeichnis unterschrieben"),
    "ledger.accepted": ("Ledger taken as it is", "Einwilligungsregister so übernommen, wie es ist"),
    "user.added": ("User added", "Zugang hinzugefügt"),
    "user.role_changed": ("Role changed", "Rolle geändert"),
    "user.password_changed": ("Password changed", "Passwort geändert"),
    "user.removed": ("User removed", "Zugang entfernt"),
    "key.made": ("Key made", "Schlüssel erstellt"),
    "key.removed": ("Key removed", "Schlüssel entfernt"),
    "person.seen": ("Data of a person read", "Daten einer Person gelesen"),
    "person.erased": ("Person erased", "Person gelöscht"),
    "audit.redacted": ("Names and words erased from entries", "Namen und Worte aus Einträgen gelöscht"),
    "events.expired": (
        "Events and records of decisions past their storage window overwritten",
        "Ereignisse und Aufzeichnungen von Entscheidungen nach Ablauf der Speicherfrist gelöscht",
    ),
    "purposes.kept": (
        "Purposes kept as they were: this Genom comes with others",
        "Zwecke unverändert beibehalten: diese Genom-Version bringt andere mit",
    ),
    "destination.defined": ("Destination defined", "Zielsystem festgelegt"),
    "destination.removed": ("Destination removed", "Zielsystem entfernt"),
    "webhook.defined": ("Webhook declared", "Webhook festgelegt"),
    "webhook.removed": ("Webhook removed", "Webhook entfernt"),
    "keys.rotated": ("Keys wrapped anew", "Schlüssel neu eingehüllt"),
    "catalogue.tagged": (
        "Special categories of data tagged",
        "Besondere Kategorien personenbezogener Daten gekennzeichnet",
    ),
    "root.changed": ("Root key changed", "Hauptschlüssel gewechselt"),
    "sample.removed": ("Sample shop removed", "Beispielshop entfernt"),
    "request.filed": ("Request filed", "Anfrage gestellt"),
    "request.proved": ("Checked who asks", "Identität geprüft"),
    "request.proof_asked": ("Proof of identity asked for", "Identitätsnachweis angefordert"),
    "request.started": ("Request in work", "Anfrage in Bearbeitung"),
    "request.extended": ("Request extended", "Frist der Anfrage verlängert"),
    "request.refused": ("Request refused", "Anfrage abgelehnt"),
    "request.lifted": ("Restriction lifted", "Einschränkung aufgehoben"),
    "request.done": ("Request carried out", "Anfrage erledigt"),
    "genes.added": ("Genes added", "Gene hinzugefügt"),
    "genes.rolled_back": ("Genes taken back", "Gene zurückgenommen"),
    "model.approved": ("Model approved", "Modell freigegeben"),
    "model.rolled_back": ("Model rolled back", "Modell zurückgesetzt"),
}
_BY: Final[Mapping[str, tuple[str, str]]] = {
    "console": ("console", "Konsole"),
    "key": ("API key", "API-Schlüssel"),
    "cli": ("command line", "Kommandozeile"),
    "node": ("Genom itself", "Genom selbst"),
    "person": ("the person", "die Person selbst"),
}
_PROBLEMS: Final[tuple[tuple[str, str], ...]] = (  # patterns of audit.Verdict.problem, in German
    (r"row (\d+) is missing", "Zeile {} fehlt"),
    (r"row (\d+) does not follow the row before", "Zeile {} folgt nicht auf die Zeile davor"),
    (
        r"the head of row (\d+) was not signed by this node",
        "der Kopf von Zeile {} ist nicht von diesem Knoten signiert",
    ),
    (r"row (\d+) is another than its signed head says", "Zeile {} ist anders, als ihr signierter Kopf sagt"),
    (r"row (\d+) was changed", "Zeile {} wurde verändert"),
    (
        r"row (\d+) was redacted, and no row tells of it",
        "aus Zeile {} wurde etwas gelöscht, und keine Zeile berichtet davon",
    ),
    (r"rows (\d+) to (\d+) were taken away at the end", "am Ende fehlen die Zeilen {} bis {}"),
)
_DETAILS: Final[Mapping[str, tuple[str, str]]] = {
    "profile": ("profile", "Profil"),
    "values": ("values", "Werte"),
    "purpose": ("purpose", "Zweck"),
    "version": ("version", "Version"),
    "live": ("live", "gültig"),
    "live_before": ("live before", "zuvor gültig"),
    "served_before": ("served before", "zuvor im Einsatz"),
    "before": ("version before", "vorige Version"),
    "genes": ("genes", "Gene"),
    "bytes": ("bytes", "Bytes"),
    "entries": ("entries", "Einträge"),
    "acknowledged": ("acknowledged", "bestätigt"),
    "request": ("request", "Anfrage"),
    "what": ("what", "was"),
    "purposes": ("purposes", "Zwecke"),
    "recipient": ("recipient", "Empfänger"),
    "role": ("role", "Rolle"),
    "rows": ("rows", "Zeilen"),
    "people": ("people", "Personen"),
    "profiles": ("profiles", "Profile"),
    "events": ("events", "Ereignisse"),
    "consents": ("consents", "Einwilligungen"),
    "name": ("name", "Name"),
    "tried": ("tried", "versucht"),
    "taken": ("taken", "übernommen"),
    "duplicates": ("came before", "kamen schon"),
    "erased": ("of erased people", "von gelöschten Personen"),
    "refused": ("refused again", "erneut abgelehnt"),
    "unable": ("cannot be tried", "nicht wiederholbar"),
    "source": ("source", "Quelle"),
    "code": ("reason", "Grund"),
    "day": ("day", "Tag"),
}
_READ: Final[Mapping[str, tuple[str, str]]] = {
    "genome": ("genome", "Genom"),
    "stream": ("live timeline", "laufender Verlauf"),
    "identity": ("identity", "Identität"),
    "reveal": ("masked values", "maskierte Werte"),
    "decision": ("a decision", "eine Entscheidung"),
    "simulator": ("a trial decision", "eine Probeentscheidung"),
    "decisions": ("decisions", "Entscheidungen"),
    "events": ("events", "Ereignisse"),
    "lookup": ("found by an identifier", "über eine Kennung gefunden"),
    "held": ("what each store holds, without its content", "was jeder Speicher enthält, ohne Inhalt"),
    "segments": ("segments", "Segmente"),
    "own-page": ("link to the own page", "Link zur eigenen Seite"),
}
"""What was read of a person; what is not here shows its name."""


_REASONS: Final[Mapping[str, str]] = {
    "answering a request or question of the person": "Anfrage oder Frage der Person",
    "a complaint, a return or a delivery": "Reklamation, Rückgabe oder Lieferung",
    "checking that data or decisions are right": "Prüfung, ob Daten oder Entscheidungen stimmen",
    OPERATING: "Betrieb dieses Knotens, mit dem eigenen Schlüssel des Betreibers",
}
"""Reasons that are chosen, or come with a key, and are not written."""


def reason_words(reason: str, language: str) -> str:
    """A reason in the reader's language, if it is one of those that are chosen.

    >>> reason_words("a complaint, a return or a delivery", "de"), reason_words("audit 7", "de")
    ('Reklamation, Rückgabe oder Lieferung', 'audit 7')
    """
    return _REASONS.get(reason, reason) if language == "de" else reason


def action_words(action: str, language: str) -> str:
    """What was done; an action without words shows its name.

    >>> action_words("person.split", "de"), action_words("thing.done", "de")
    ('Profil abgetrennt', 'thing.done')
    """
    return _ACTIONS[action][language == "de"] if action in _ACTIONS else clean(action, most=60)


def actor_words(kind: str, language: str) -> str:
    """What kind of actor it was."""
    return _BY[kind][language == "de"] if kind in _BY else clean(kind, most=60)


def name_words(kind: str, name: str, language: str) -> str:
    """The name of an actor; the key that a node begins with has none of its own.

    >>> name_words("key", "first", "de"), name_words("console", "first", "de")
    ('erster', 'first')
    """
    return "erster" if (kind, name, language) == ("key", "first", "de") else clean(name, most=60)


def object_words(kind: str, name: str, language: str) -> str:
    """What it was done to; of the genes that is a version.

    >>> object_words("genes", "version 2", "de"), object_words("genes", "version 2", "en")
    ('Version 2', 'version 2')
    """
    number = re.fullmatch(r"version (\d+)", name) if kind == "genes" and language == "de" else None
    return f"Version {number[1]}" if number else clean(name, most=60)


def detail_words(name: str, value: audit.Detail, language: str) -> tuple[str, str]:
    """Name and value of a detail.

    >>> detail_words("values", ["email", "card"], "de"), detail_words("live_before", None, "en")
    (('Werte', 'E-Mail, Karte'), ('live before', 'none'))
    >>> detail_words("what", "lookup", "de"), detail_words("request", "access", "de")
    (('was', 'über eine Kennung gefunden'), ('Anfrage', 'Auskunft'))
    """
    told = _DETAILS[name][language == "de"] if name in _DETAILS else clean(name, most=40)
    parts = [str(part) for part in (value if isinstance(value, list) else [] if value is None else [value])]
    if name == "values":
        parts = [identifier_name(part, language) for part in parts]
    elif name in {"purpose", "purposes"}:
        parts = [names.purpose(part, language) for part in parts]
    elif name == "request":
        parts = [say(KINDS, part, language) for part in parts]
    elif name == "what":
        parts = [_READ[part][language == "de"] if part in _READ else part for part in parts]
    return told, clean(", ".join(parts), most=200) or ("keine" if language == "de" else "none")


def problem_words(problem: str, language: str) -> str:
    """What a check of the chain found.

    >>> problem_words("row 7 was changed", "de")
    'Zeile 7 wurde verändert'
    """
    for pattern, words in _PROBLEMS if language == "de" else ():
        if found := re.fullmatch(pattern, problem):
            return words.format(*found.groups())
    return problem
