"""What the shop keeps in a visitor's browser: language, choice, cart and log-in, each only when asked for it."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from genom_demo.catalogue import Catalogue
from genom_demo.shop.words import PURPOSES

__all__ = ["Line", "read_cart", "read_choices", "read_user", "signed_user", "written_cart", "written_choices"]

MOST_LINES: Final = 30
MOST_PIECES: Final = 20
_DECISION: Final = re.compile(r"d[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Line:
    """A product in the cart, and the decision that led to it."""

    product: str
    pieces: int
    decision: str = ""


def read_cart(cookie: str, shop: Catalogue) -> list[Line]:
    """The cart that a cookie holds; what cannot be understood is left out.

    >>> from genom_demo.catalogue import catalogue
    >>> read_cart("mug-moss:2:-robot:1:_mug-sand:0:_x", catalogue())
    []
    >>> read_cart("mug-moss:2:d00000000000000ff_gone:1:_mug-sand:99:", catalogue())
    [Line(product='mug-moss', pieces=2, decision='d00000000000000ff'), Line(product='mug-sand', pieces=20, decision='')]
    """
    lines = []
    for part in cookie[:4000].split("_")[:MOST_LINES]:
        product, _, rest = part.partition(":")
        pieces, _, decision = rest.partition(":")
        if product in shop.products and pieces.isdecimal() and int(pieces[:6]) > 0:
            known = decision if _DECISION.fullmatch(decision) else ""
            if decision in {"", known}:
                lines.append(Line(product, min(int(pieces[:6]), MOST_PIECES), known))
    return lines


def written_cart(lines: Iterable[Line]) -> str:
    """The cookie that holds a cart.

    >>> written_cart([Line("mug-moss", 2), Line("mug-sand", 1, "d00000000000000ff")])
    'mug-moss:2:_mug-sand:1:d00000000000000ff'
    """
    return "_".join(f"{line.product}:{line.pieces}:{line.decision}" for line in lines)


def read_choices(cookie: str | None) -> dict[str, bool] | None:
    """What the visitor permitted, None if they were not asked yet.

    >>> read_choices(None), sum(read_choices("none").values()), read_choices("recommend.price.x")["price"]
    (None, 0, True)
    """
    if not cookie:
        return None
    granted = set(cookie.split("."))
    return {purpose: purpose in granted for purpose in PURPOSES}


def written_choices(choices: Mapping[str, bool]) -> str:
    """The cookie that holds a choice.

    >>> written_choices({"recommend": True, "price": False}), written_choices({})
    ('recommend', 'none')
    """
    return ".".join(purpose for purpose, granted in choices.items() if granted) or "none"


def signed_user(user: str, secret: bytes) -> str:
    """The cookie of somebody who is logged in: the user id with the shop's seal."""
    return f"{user}.{_seal(user, secret)}"


def read_user(cookie: str, secret: bytes) -> str:
    """The user id of a log-in cookie, "" if the shop did not seal it.

    >>> read_user(signed_user("ada", b"s"), b"s"), read_user("ada.0000", b"s")
    ('ada', '')
    """
    user, _, seal = cookie.rpartition(".")
    return user if user and hmac.compare_digest(seal.encode(), _seal(user, secret).encode()) else ""


def _seal(user: str, secret: bytes) -> str:
    return hmac.new(secret, b"shop login\0" + user.encode(), hashlib.sha256).hexdigest()[:32]
