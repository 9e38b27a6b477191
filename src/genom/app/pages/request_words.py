"""What the pages say of requests, in English and German."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from genom.errors import GenomError

__all__ = ["DOES", "FOUND", "KINDS", "PROOFS", "STATES", "STORES", "TYPES", "VIA", "options", "refusal", "say"]

Words = Mapping[str, tuple[str, str]]

KINDS: Final[Words] = {
    "access": ("Access", "Auskunft"),
    "portability": ("Copy to take along", "Datenübertragung"),
    "rectification": ("Correction", "Berichtigung"),
    "restriction": ("Restriction", "Einschränkung"),
    "objection": ("Objection to marketing", "Werbewiderspruch"),
    "erasure": ("Erasure", "Löschung"),
}
STATES: Final[Words] = {
    "open": ("Open", "Offen"),
    "received": ("Received", "Eingegangen"),
    "proof_asked": ("Waiting for proof", "Nachweis angefordert"),
    "in_work": ("In work", "In Bearbeitung"),
    "done": ("Done", "Erledigt"),
    "refused": ("Refused", "Abgelehnt"),
}
PROOFS: Final[Words] = {
    "document": ("A document was shown", "Ausweis oder Dokument vorgelegt"),
    "in_person": ("In person", "Persönlich erschienen"),
    "mail": ("Answered a message to a known address", "Antwort auf Nachricht an bekannte Adresse"),
    "known": ("Known to the staff", "Dem Personal bekannt"),
    "session": ("A new link from the shop", "Neuer Link aus dem Shop"),
    "login": ("Logged in to the shop just before", "Unmittelbar zuvor im Shop angemeldet"),
}
FOUND: Final[Words] = {
    "yes": ("checked by Genom", "von Genom geprüft"),
    "no": ("said, not checked by Genom", "angegeben, nicht von Genom geprüft"),
}
VIA: Final[Words] = {
    "portal": ("on the own page", "auf der eigenen Seite"),
    "console": ("entered by staff", "vom Personal erfasst"),
    "api": ("by a program", "über die Schnittstelle"),
}
TYPES: Final[Words] = {
    "user_id": ("Customer account", "Kundenkonto"),
    "card": ("Customer card", "Kundenkarte"),
    "email": ("E-mail address", "E-Mail-Adresse"),
    "phone": ("Phone number", "Telefonnummer"),
    "person": ("Person id in Genom", "Personen-ID in Genom"),
}
STORES: Final[Words] = {
    "outcomes": ("Decisions that are still followed", "Entscheidungen, deren Wirkung noch verfolgt wird"),
    "consents": ("Choices about purposes", "Einwilligungen und Ablehnungen"),
    "genome": ("Genome and identifiers", "Genom und Kennungen"),
    "segments": ("Segments, entered and left", "Segmente, Ein- und Austritte"),
    "keys": ("Keys of the person's data", "Schlüssel der Daten der Person"),
    "journal": ("Events, decisions and links", "Ereignisse, Entscheidungen und Verknüpfungen"),
    "vault": ("Names and addresses", "Namen und Adressen"),
    "rejected": ("Rejected events", "Abgewiesene Ereignisse"),
    "destinations": ("Destinations outside", "Ziele außerhalb"),
    "requests": ("Requests", "Anfragen"),
    "catalogue": ("Log-ins and lists that were read", "Anmeldungen und gelesene Listen"),
}
"""The stores that can hold something of one person."""
DOES: Final[Words] = {
    "access": (
        "The person gets a file with everything that is held of them.",
        "Die Person erhält eine Datei mit allem, was zu ihr vorliegt.",
    ),
    "portability": (
        "The person gets a file that another Genom can take in as it is.",
        "Die Person erhält eine Datei, die ein anderes Genom unverändert übernehmen kann.",
    ),
    "rectification": (
        "The right value replaces the wrong one, and everything that rests on it is computed again.",
        "Der richtige Wert ersetzt den falschen, und alles, was darauf beruht, wird neu berechnet.",
    ),
    "restriction": (
        "The data stay stored, and nothing else: no purpose reads them until you lift the restriction.",
        "Die Daten bleiben gespeichert, mehr nicht: Kein Zweck liest sie, bis Sie die Einschränkung aufheben.",
    ),
    "objection": (
        "All direct marketing ends at once, profiling included. No reason is needed.",
        "Jede Direktwerbung endet sofort, Profilbildung eingeschlossen. Eine Begründung ist nicht nötig.",
    ),
    "erasure": (
        "Nobody reads the person any more from that moment; then every file is overwritten. It cannot be undone.",
        "Ab sofort liest niemand die Person mehr; dann wird jede Datei überschrieben. Es gibt keinen Weg zurück.",
    ),
}
_REFUSED: Final[Words] = {
    "request.no-proof": (
        "First say how the person proved who they are.",
        "Geben Sie zuerst an, wie die Person nachgewiesen hat, wer sie ist.",
    ),
    "request.reason": (
        "Give a reason of up to 500 characters; the person reads it.",
        "Geben Sie eine Begründung mit höchstens 500 Zeichen an; die Person liest sie.",
    ),
    "request.no-extension": (
        "The date cannot be moved (again), or it has passed.",
        "Die Frist lässt sich nicht (noch einmal) verlängern, oder sie ist schon abgelaufen.",
    ),
    "request.closed": ("The request is closed already.", "Die Anfrage ist bereits abgeschlossen."),
    "request.field": ("Choose what is to be corrected.", "Wählen Sie aus, was berichtigt werden soll."),
    "request.value": (
        "Enter the right value, 1 to 256 characters.",
        "Geben Sie den richtigen Wert an, 1 bis 256 Zeichen.",
    ),
    "request.act": (
        "Nothing was done. To erase somebody, tick the box to say that you are sure.",
        "Es wurde nichts getan. Für eine Löschung bestätigen Sie bitte das Kästchen.",
    ),
    "request.nobody": ("Nobody has this identifier.", "Niemand hat diese Kennung."),
    "request.too-many": (
        "This person has too many open requests; answer them first.",
        "Zu dieser Person sind zu viele Anfragen offen; beantworten Sie diese zuerst.",
    ),
    "request.note": ("The note has more than 500 characters.", "Die Notiz hat mehr als 500 Zeichen."),
}


def say(words: Words, code: str, language: str) -> str:
    """The words for a code; the code itself if there are none.

    >>> say(KINDS, "access", "de"), say(KINDS, "else", "de")
    ('Auskunft', 'else')
    """
    return words[code][language == "de"] if code in words else code


def options(words: Words, language: str) -> Sequence[tuple[str, str]]:
    """All codes with their words."""
    return [(code, of[language == "de"]) for code, of in words.items()]


def refusal(error: GenomError, language: str) -> str:
    """Why nothing was done; in English as the error says it, if there are no words of its own."""
    return say(_REFUSED, error.code, language) if error.code in _REFUSED else f"{error.what} {error.why}. {error.fix}"
