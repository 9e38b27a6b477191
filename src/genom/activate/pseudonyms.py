"""What a recipient knows people by: another name for each recipient, and hashes that are made when they are sent."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

__all__ = ["hashed", "pseudonym"]

_LENGTH: Final = 32  # hexadecimal digits


def pseudonym(secret: bytes, destination: str, person: str) -> str:
    """A person's name at a destination; two recipients cannot join theirs, nor find the person.

    >>> mail, ads = (pseudonym(bytes(16), name, "p1") for name in ("mail", "ads"))
    >>> len(mail), mail == ads
    (32, False)
    """
    key = hmac.digest(secret, b"destination\0" + destination.encode(), "sha256")
    return hmac.digest(key, person.encode(), "sha256").hex()[:_LENGTH]


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
