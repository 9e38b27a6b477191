"""The browser tag, a script that shops load from the node."""

from __future__ import annotations

from pathlib import Path

__all__ = ["tag_script"]


def tag_script() -> bytes:
    """The script as it stands in `genom.js`.

    >>> tag_script()[:28]
    b"/* Genom's browser tag: tell"
    """
    return Path(__file__).with_name("genom.js").read_bytes()
