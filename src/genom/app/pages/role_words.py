"""Roles and rights in words, English and German."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from genom.app.roles import OWNER

__all__ = ["RIGHT_NAMES", "ROLE_NAMES"]

ROLE_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "admin": ("Admin", "Administration"),
    "marketer": ("Marketer", "Marketing"),
    "analyst": ("Analyst", "Analyse"),
    "ml_engineer": ("ML engineer", "Modellentwicklung"),
    "privacy_agent": ("Privacy agent", "Datenschutz-Sachbearbeitung"),
    "dpo": ("Data-protection officer", "Datenschutzbeauftragte Person"),
    OWNER: ("Owner of the machine: everything", "Betrieb der Maschine: alles"),
    "": ("Collecting only", "Nur Erfassung"),
}
RIGHT_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "totals.read": ("figures of no single person", "Zahlen ohne einzelne Personen"),
    "segments.read": ("see segments", "Segmente sehen"),
    "destinations.read": ("destinations and their counts", "Zielsysteme und ihre Zahlen"),
    "destinations.write": ("change destinations", "Zielsysteme ändern"),
    "segments.write": ("change segments", "Segmente ändern"),
    "points.read": ("see decision points", "Entscheidungspunkte sehen"),
    "points.write": ("change decision points", "Entscheidungspunkte ändern"),
    "genes.read": ("see genes", "Gene sehen"),
    "genes.write": ("change genes", "Gene ändern"),
    "models.read": ("see models", "Modelle sehen"),
    "models.write": ("approve models", "Modelle freigeben"),
    "people.read": ("see single people", "einzelne Personen sehen"),
    "people.find": ("find a person by an identifier", "eine Person über eine Kennung finden"),
    "people.change": ("choices and links of a person", "Wahl und Verknüpfungen einer Person"),
    "people.erase": ("erase people", "Personen löschen"),
    "records": ("records of processing", "Verzeichnis von Verarbeitungstätigkeiten"),
    "erasures.read": ("receipts of erasures", "Quittungen von Löschungen"),
    "requests.read": ("see requests of people", "Anfragen von Personen sehen"),
    "requests.write": ("handle requests of people", "Anfragen von Personen bearbeiten"),
    "art9.read": ("tagged special categories", "Kennzeichnungen besonderer Kategorien"),
    "sources.read": ("see sources", "Quellen sehen"),
    "sources.write": ("change sources", "Quellen ändern"),
    "rejected.read": ("refused events, masked", "abgelehnte Ereignisse, verdeckt"),
    "rejected.raw": ("refused events as they came", "abgelehnte Ereignisse im Wortlaut"),
    "rejected.write": ("try refused events again", "abgelehnte Ereignisse erneut versuchen"),
    "system": ("state of the node", "Zustand des Knotens"),
    "owner": ("one-time links with every right", "Einmal-Links mit allen Rechten"),
    "access": ("users and keys", "Zugänge und Schlüssel"),
    "audit.read": ("the audit log", "das Prüfprotokoll"),
}
