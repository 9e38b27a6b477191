"""One request of a visitor: who, in which language, with which cart and choices; and the page that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import parse_qsl

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from genom_demo.catalogue import Catalogue, Offer
from genom_demo.shop.keeping import Line, read_cart, read_choices, read_user
from genom_demo.shop.node import Node
from genom_demo.shop.words import LANGUAGES, PURPOSES, amount, number, preferred, speaker

__all__ = ["ANONYMOUS", "Desk", "Visit", "back_to"]

ANONYMOUS: Final = re.compile(r"[0-9a-f]{32}")  # as the tag makes them
_FORM: Final = 8_000  # bytes
_YEAR: Final = 365 * 86_400  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What every page works with."""

    shop: Catalogue
    node: Node
    pages: Environment
    static: str  # prefix of the static files' addresses


class Visit:
    """A request and what the visitor's browser brought along."""

    def __init__(self, desk: Desk, request: Request) -> None:
        self.desk, self.request, self._cookies = desk, request, request.cookies

    @cached_property
    def language(self) -> str:
        """As switched to, else as the browser asks."""
        chosen = self._cookies.get("language", "")
        return chosen if chosen in LANGUAGES else preferred(self.request.headers.get("accept-language", ""))

    @cached_property
    def choices(self) -> dict[str, bool] | None:
        """What was permitted, None before the banner was answered."""
        return read_choices(self._cookies.get("choice"))

    @cached_property
    def user(self) -> str:
        """Who is logged in, "" if nobody is."""
        return read_user(self._cookies.get("login", ""), self.desk.node.secret)

    def called(self, say: Callable[..., str]) -> str:
        """What the visitor who is logged in is called on the page."""
        if self.user.startswith("shop-"):
            return self.user.removeprefix("shop-").replace("-", " ").title()
        return say("account_of", number=self.user[-5:])

    @cached_property
    def cart(self) -> list[Line]:
        """The cart's lines."""
        return read_cart(self._cookies.get("cart", ""), self.desk.shop)

    @property
    def pieces(self) -> int:
        """How many things are in the cart."""
        return sum(line.pieces for line in self.cart)

    @property
    def permitted(self) -> bool:
        """Whether any purpose was permitted."""
        return any((self.choices or {}).values())

    @cached_property
    def voucher(self) -> tuple[Offer | None, str]:
        """The voucher in use, and the decision that offered it."""
        name, _, decision = self._cookies.get("voucher", "").partition(":")
        offer = self.desk.shop.offers.get(name)
        return (offer, decision) if offer and offer.point == "shop_voucher" else (None, "")

    async def form(self) -> dict[str, list[str]]:
        """The fields of the form that was sent; empty for what is no form or too large."""
        body = b""
        async for piece in self.request.stream():
            body += piece
            if len(body) > _FORM:
                return {}
        fields: dict[str, list[str]] = {}
        try:
            for name, value in parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=40):
                fields.setdefault(name, []).append(value)
        except ValueError:
            return {}
        return fields

    def page(self, template: str, *, status: int = 200, data: dict[str, Any] | None = None, **values: Any) -> Response:
        """A page in the visitor's language; `data` is what its script gets to know."""
        say, language = speaker(self.language), self.language
        known = {
            "node": self.desk.node.url, "key": self.desk.node.write_key, "choices": self.choices,
            "user": {"id": self.user, "hash": self.desk.node.proof(self.user)} if self.user else None,
            "language": language, **(data or {}),
        }  # fmt: skip
        text = self.desk.pages.get_template(template).render(
            say=say, language=language, other="en" if language == "de" else "de", visit=self, shop=self.desk.shop,
            data=known, purposes=PURPOSES, permitted=self.permitted, static=self.desk.static,
            path=self.request.url.path, euros=lambda value: amount(value, language),
            number=lambda value: number(value, language), **values,
        )  # fmt: skip
        return HTMLResponse(text, status)

    def keep(self, response: Response, name: str, value: str, *, seconds: int | None = _YEAR) -> None:
        """Keep something in the visitor's browser, because they asked for it; an empty value removes it."""
        if value:
            response.set_cookie(name, value, max_age=seconds, path="/shop", httponly=True, samesite="lax")
        else:
            response.delete_cookie(name, path="/shop", httponly=True, samesite="lax")


def back_to(fields: dict[str, list[str]]) -> Response:
    """Back to the page of the shop that a form names.

    >>> back_to({"back": ["/shop/p/mug-moss"]}).headers["location"]
    '/shop/p/mug-moss'
    >>> back_to({"back": ["//elsewhere.example/shop"]}).headers["location"]
    '/shop'
    """
    named = fields.get("back", [""])[0]
    inside = re.fullmatch(r"/shop(/[a-z0-9-]+)*", named)
    return RedirectResponse(named if inside else "/shop", 303)
