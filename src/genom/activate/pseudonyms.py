"""What a recipient knows people by: another name for each recipient, and hashes that are made when they are sent."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

__all__ = ["hashed", "period_of", "pseudonym"]

_LENGTH: Final = 32  # hexadecimal digits
_DAY: Final = 86_400_000  # ms


def pseudonym(secret: bytes, destination: str, person: str, *, period: str = "") -> str:
    """A person's name at a destination; two recipients cannot join theirs, nor find the person.

    In another `period` the name is another one.

    >>> mail, ads = (pseudonym(bytes(16), name, "p1") for name in ("mail", "ads"))
    >>> len(mail), mail == ads, mail == pseudonym(bytes(16), "mail", "p1", period="2 of 30 days")
    (32, False, False)
    """
    about = f"{destination}\0{period}" if period else destination
    key = hmac.digest(secret, b"destination\0" + about.encode(), "sha256")
    return hmac.digest(key, person.encode(), "sha256").hex()[:_LENGTH]


def period_of(now: int, *, days: int) -> str:
    """The period of names that a moment (unix ms) is in; "" where names never change.

    >>> period_of(0, days=30), period_of(31 * 86_400_000, days=30), period_of(0, days=0)
    ('0 of 30 days', '1 of 30 days', '')
    """
    return f"{now // _DAY // days} of {days} days" if days else ""


def hashed(kind: str, value: str) -> str:
    """SHA-256 in hexadecimal, of an e-mail address in lower case or a telephone number in E.164; "" if it is none.

    Source: Google, Customer Match, "Format user data"; Meta, "Hash and normalize contact information".

    >>> hashed("email", " Ada@Example.org ") == hashlib.sha256(b"ada@example.org").hexdigest()
    True
    >>> hashed("phone", "0221 1234")
    ''
    """
    if kind == "email":
        text = value.strip().lower()
        return hashlib.sha256(text.encode()).hexdigest() if text.count("@") == 1 else ""
    digits = "".join(character for character in value if character.isdigit())
    if not value.strip().startswith("+") or not 7 <= len(digits) <= 15:
        return ""
    return hashlib.sha256(f"+{digits}".encode()).hexdigest()
