"""The page that an event is about, and the campaign that its address names."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

__all__ = ["campaign_of", "page_of", "said"]

_PARAMETERS: Final = 100  # of an address that are looked at
_CAMPAIGN: Final = {
    "utm_campaign": "name", "utm_source": "source", "utm_medium": "medium", "utm_term": "term",
    "utm_content": "content", "utm_id": "id",
}  # fmt: skip


def said(**values: str) -> dict[str, Any]:
    """Those that say something."""
    return {key: value for key, value in values.items() if value}


def page_of(url: str, *, title: str = "", referrer: str = "") -> dict[str, Any]:
    """A page as Segment's context has it.

    >>> page_of("https://shop.example/ale?utm_source=news", title="Ale")
    {'url': 'https://shop.example/ale?utm_source=news', 'title': 'Ale', 'path': '/ale', 'search': '?utm_source=news'}
    """
    try:
        found = urlsplit(url)
    except ValueError:  # a bracket that does not close
        return said(url=url, title=title, referrer=referrer)
    search = f"?{found.query}" if found.query else ""
    return said(url=url, title=title, referrer=referrer, path=found.path, search=search)


def campaign_of(page: dict[str, Any]) -> dict[str, str]:
    """The campaign that a page's address names.

    >>> campaign_of({"search": "?utm_source=news&utm_campaign=spring"})
    {'name': 'spring', 'source': 'news'}
    """
    try:
        named = dict(parse_qsl(page.get("search", "")[1:], max_num_fields=_PARAMETERS))
    except ValueError:
        return {}
    return {to: named[key] for key, to in _CAMPAIGN.items() if key in named}
