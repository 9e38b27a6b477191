"""What a reader may not open is not offered: links become plain text, and forms go."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Final

__all__ = ["Allowed", "without_forbidden"]

Allowed = Callable[[str, str], bool]
"""(method, path) → whether the reader may."""

_LINK: Final = re.compile(r"<a\b[^>]*?\bhref=\"(/[^\"]*)\"[^>]*>(.*?)</a>", re.DOTALL)
_FORM: Final = re.compile(r"<form\b([^>]*?\baction=\"(/[^\"]*)\"[^>]*)>.*?</form>", re.DOTALL)


def without_forbidden(page: str, allowed: Allowed) -> str:
    """The page as a reader with fewer rights gets it; the addresses themselves are refused, too.

    >>> mine = lambda method, path: path != "/people"
    >>> without_forbidden('<a class="x" href="/people?a=1&amp;b">12</a> <a href="/">Home</a>', mine)
    '<span>12</span> <a href="/">Home</a>'
    >>> without_forbidden('<form method="post" action="/people"><button>Do</button></form>', mine)
    ''
    """

    def link(found: re.Match[str]) -> str:
        return found[0] if allowed("GET", _path(found[1])) else f"<span>{found[2]}</span>"

    def form(found: re.Match[str]) -> str:
        method = "POST" if 'method="post"' in found[1] else "GET"
        return found[0] if allowed(method, _path(found[2])) else ""

    return _FORM.sub(form, _LINK.sub(link, page))


def _path(address: str) -> str:
    return re.split(r"[?#]", unescape(address), maxsplit=1)[0]
