"""The browser tag, a script that shops load from the node."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Tag", "browser_tag"]

_DIGITS: Final = 16  # of the hash in its address


class Tag(NamedTuple):
    """The script, and what tells it from every other."""

    script: bytes
    hash: str  # the beginning of its SHA-256, in hexadecimal digits
    integrity: str  # its SHA-384, as the attribute `integrity` of a page takes it


@cache
def browser_tag() -> Tag:
    """The script as it stands in `genom.js`.

    >>> tag = browser_tag()
    >>> tag.script[:22], len(tag.hash), tag.integrity[:7]
    (b"/* Genom's browser tag", 16, 'sha384-')
    """
    script = Path(__file__).with_name("genom.js").read_bytes()
    integrity = base64.b64encode(hashlib.sha384(script).digest()).decode()
    return Tag(script, hashlib.sha256(script).hexdigest()[:_DIGITS], f"sha384-{integrity}")
