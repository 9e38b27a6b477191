"""Under which address a library in a page finds the node again."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from genom.app.http import Request
from genom.errors import BadRequest
from genom.settings import Settings
from genom.web import check_host

__all__ = ["Address", "address_for"]

_NAME: Final = re.compile(r"[a-z0-9.:-]+")


class Address(NamedTuple):
    """Scheme and host."""

    scheme: str  # http or https
    host: str  # with the port, if it is not the scheme's own


def address_for(request: Request, settings: Settings) -> Address:
    """The address that the request came to, if it is one of the node's own; else the one that the settings name.

    A `Host` that anybody may have written is never repeated: it is put together anew, from a name of ours and a number.

    >>> came_to = lambda host: Request("GET", "/", b"", {b"host": host}, "127.0.0.1")
    >>> address_for(came_to(b"127.0.0.1:9000"), Settings())
    Address(scheme='http', host='127.0.0.1:9000')
    >>> address_for(came_to(b"evil.example"), Settings(public_url="https://genom.example.org"))
    Address(scheme='https', host='genom.example.org')
    """
    own = urlsplit(settings.url)
    usual = Address(own.scheme, own.netloc)
    given = request.headers.get(b"host", b"").decode("latin-1")
    try:
        check_host(given, names=frozenset({settings.host}))
        asked = urlsplit(f"//{given}")
        name, port = asked.hostname or "", asked.port
    except (BadRequest, ValueError):
        return usual
    if not _NAME.fullmatch(name) or (name == own.hostname and settings.public_url):
        return usual
    name = f"[{name}]" if ":" in name else name
    return Address("http", f"{name}:{port}" if port else name)
