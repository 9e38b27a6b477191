"""What a shop puts into its pages to load the browser tag."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Final

from genom.collect import browser_tag

__all__ = ["UNKNOWN_KEY", "first_write_key", "snippet"]

UNKNOWN_KEY: Final = "WRITE_KEY"  # stands where the key is to be put in


def snippet(host: str, write_key: str) -> str:
    """The lines that load the tag from a node and name the source.

    The address holds the hash of the tag, so browsers keep it for a year and check that nobody has changed it.

    >>> print(snippet("https://genom.example.org", "wk_1"))  # doctest: +ELLIPSIS
    <script src="https://genom.example.org/genom....js" integrity="sha384-..." crossorigin="anonymous"></script>
    <script>genom.load("wk_1", {host: "https://genom.example.org"}); genom.page();</script>
    """
    tag, node, key = browser_tag(), escape(host), json.dumps(write_key)
    return (
        f'<script src="{node}/genom.{tag.hash}.js" integrity="{tag.integrity}" crossorigin="anonymous"></script>\n'
        f"<script>genom.load({key}, {{host: {json.dumps(host)}}}); genom.page();</script>"
    )


def first_write_key(directory: Path) -> str:
    """The write key of the source `default`, as the first start wrote it down; `UNKNOWN_KEY` if it is gone."""
    try:
        return str(json.loads((directory / "keys.json").read_bytes())["write_key"])
    except (OSError, ValueError, KeyError):
        return UNKNOWN_KEY
