"""Erasing a person: at once for everybody who reads, then in every file, from a durable intent."""

from genom.app.erasing.erasing import Erasing
from genom.app.erasing.intents import Intent, Intents

__all__ = ["Erasing", "Intent", "Intents"]
