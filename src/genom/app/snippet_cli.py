"""`genom source snippet`: the lines for a shop's pages, of a source of a directory."""

from __future__ import annotations

from pathlib import Path

from genom.app.client import call_all, serving_node
from genom.app.snippet import UNKNOWN_KEY, first_write_key, snippet
from genom.errors import NotFound, nearest
from genom.settings import load_settings

__all__ = ["snippet_of"]

_FIRST = "default"  # the source that the first start makes


def snippet_of(directory: Path, name: str, *, write_key: str) -> str:
    """The snippet of a source, for the address at which browsers find the node; raises NotFound."""
    known = [source["name"] for source in call_all(directory, ("GET", "/v1/sources", None))[0]["sources"]]
    if name not in known:
        raise NotFound(
            f"There is no source named {name!r}.",
            why=f"the node knows {', '.join(known)}",
            fix=nearest(name, known) or f"add it with `genom source add {name}`",
        )
    settings = load_settings(directory)
    node = None if settings.public_url else serving_node(directory)  # it may listen on another port than the settings'
    host = settings.url if node is None else str(node["url"])
    return snippet(host, write_key or (first_write_key(directory) if name == _FIRST else UNKNOWN_KEY))
