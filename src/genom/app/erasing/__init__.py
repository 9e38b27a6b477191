"""Erasing a person: at once for everybody who reads, then in every file, from a durable intent."""

from genom.app.erasing.erasing import FAILED, LATE, Erasing
from genom.app.erasing.intents import Intent, Intents

__all__ = ["FAILED", "LATE", "Erasing", "Intent", "Intents"]
