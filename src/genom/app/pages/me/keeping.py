"""How long data are used and kept for a purpose, in a person's words."""

from __future__ import annotations

from typing import Final

from genom.app.pages.me.words import say
from genom.consent import STORED, Purpose

__all__ = ["kept_for"]

_ALL: Final = {
    "identity": ("What you told us about yourself", "Angaben zu Ihrer Person"),
    "visits": ("Visits", "Besuche"),
    "purchases": ("Purchases", "Einkäufe"),
    "messages": ("Messages", "Nachrichten"),
    "statements": ("Your preferences and reviews", "Ihre Vorlieben und Bewertungen"),
    "decisions": ("What we suggested to you", "Was wir Ihnen vorgeschlagen haben"),
    "": ("Your data for this purpose", "Ihre Daten für diesen Zweck"),
}
_SAID: Final = {
    "both": (
        "{what}: used for {read} days and kept for {kept} days.",
        "{what}: {read} Tage lang genutzt und {kept} Tage lang gespeichert.",
    ),
    "read": ("{what}: used for {read} days.", "{what}: {read} Tage lang genutzt."),
    "ever": ("{what}: without a limit in time.", "{what}: ohne zeitliche Begrenzung."),
    "records": (
        "What we decided for this purpose, and why: kept for {kept} days.",
        "Was wir für diesen Zweck entschieden haben und warum: {kept} Tage lang gespeichert.",
    ),
}


def kept_for(purpose: Purpose, language: str) -> str:
    """One sentence for all data, one for each category with other times, one for records of decisions.

    >>> from genom.consent import load_purposes
    >>> kept_for(load_purposes().purpose("ads_retarget"), "en").partition(". ")[0]
    'Your data for this purpose: used for 90 days and kept for 730 days'
    """
    usual = purpose.read_window_days or purpose.storage_window_days, purpose.storage_window_days
    others = [(name, (purpose.read_days(name), purpose.storage_days(name))) for name in STORED]
    told = [_said("", *usual, language)] if any(usual) else []
    told += [_said(name, *times, language) for name, times in others if times != usual]
    if purpose.decision_class:
        told.append(say(_SAID, "records", language, kept=f"{purpose.decision_days}"))
    return " ".join(told)


def _said(name: str, read: int | None, kept: int | None, language: str) -> str:
    how = "both" if kept else "read" if read else "ever"
    return say(_SAID, how, language, what=say(_ALL, name, language), read=f"{read}", kept=f"{kept}")
