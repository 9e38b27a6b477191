"""The portal: a person's own pages.  What we know, why something was shown, choices, and what the person tells us."""

from genom.portal.app import build_portal
from genom.portal.port import (
    Asking,
    Choice,
    Choices,
    Decided,
    ErasedFrom,
    Erasure,
    Family,
    Holdings,
    Known,
    Port,
    Question,
    Receiver,
    Request,
    Saying,
    Suggestion,
    Telling,
)

__all__ = [
    "Asking",
    "Choice",
    "Choices",
    "Decided",
    "ErasedFrom",
    "Erasure",
    "Family",
    "Holdings",
    "Known",
    "Port",
    "Question",
    "Receiver",
    "Request",
    "Saying",
    "Suggestion",
    "Telling",
    "build_portal",
]
