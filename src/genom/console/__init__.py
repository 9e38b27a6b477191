"""The marketer's pages."""

from genom.console.app import build_console
from genom.console.door import Door, SignedIn
from genom.console.page import GROUPS, Entry, Page, Route
from genom.console.visit import Visit

__all__ = ["GROUPS", "Door", "Entry", "Page", "Route", "SignedIn", "Visit", "build_console"]
