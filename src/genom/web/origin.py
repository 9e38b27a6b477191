"""Whose pages may ask: the Host must be ours, and what changes something must come from our own pages."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from genom.errors import BadRequest, Forbidden

__all__ = ["check_host", "check_origin"]

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def check_host(host: str, *, names: frozenset[str]) -> None:
    """Refuse a request for another name: a foreign page may point its own name at this machine (DNS rebinding).

    Addresses in digits cannot be pointed elsewhere, so they pass.  Raises BadRequest.
    Source: https://github.com/advisories/GHSA-vg6x-rcgg-rjx6 (the same rule in another server).
    """
    name = urlsplit(f"//{host}").hostname if _plain(host) else None
    if name and (name in names or name == "localhost" or name.endswith(".localhost") or _is_address(name)):
        return
    raise BadRequest(
        "This node does not answer to that name.",
        why=f"the request is for {host[:80]!r}",
        fix="use the address that `genom up` prints",
        code="page.host",
    )


def check_origin(method: str, headers: Mapping[str, str]) -> None:
    """Refuse a change that another site's page asks for.

    Browsers say where a request comes from (`Sec-Fetch-Site`, `Origin`); without either nothing is changed.
    Raises Forbidden (403).
    """
    if method in _SAFE:
        return
    site, origin, host = headers.get("sec-fetch-site"), headers.get("origin"), headers.get("host", "")
    if origin == "null" and site == "same-origin":  # what a form sends under the referrer policy `no-referrer`
        return
    if (site or origin) and site in {None, "same-origin"} and (origin is None or _same(origin, host)):
        return
    raise Forbidden(
        "This change was not asked for by a page of this node.",
        why=f"Sec-Fetch-Site is {site!r}, Origin is {(origin or '')[:80]!r}",
        fix="open the page here and press the button there",
        code="page.origin",
    )


def _same(origin: str, host: str) -> bool:
    parts = urlsplit(origin) if _plain(origin) else None
    return parts is not None and parts.scheme in {"http", "https"} and parts.netloc.lower() == host.lower() != ""


def _plain(text: str) -> bool:
    return text.isascii() and not set(text) & set("@\\ \t\r\n") and text.count("[") == text.count("]") <= 1


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
