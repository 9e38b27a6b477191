"""A person on their own pages: enters by a link, reads without tags, presses buttons."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from tests.app.house import Answer, House

PATHS = ("/me", "/me/why", "/me/choices", "/me/tell", "/me/data", "/me/requests", "/me/erase")


@dataclass
class Visitor:
    """One person's browser."""

    house: House
    cookie: str
    language: str = "en"

    def get(self, path: str = "/me") -> str:
        """The HTML of a page that must be there."""
        answer = self.house.browse(path, cookie=self.cookie, language=self.language)
        assert answer.status == 200, (answer.status, answer.body)
        return answer.body.decode()

    def text(self, path: str = "/me") -> str:
        """What a page says."""
        return plain(self.get(path))

    def press(self, path: str, **fields: str) -> Answer:
        """Send a form; a change leads back to a page."""
        answer = self.house.browse(path, fields, cookie=self.cookie, language=self.language)
        assert answer.status == 303, (answer.status, plain(answer.body.decode()))
        return answer

    def turn(self, purpose: str, *, on: bool) -> None:
        """Turn the switch of a purpose."""
        self.press("/me/choices", purpose=purpose, on="yes" if on else "no")


def plain(page: str) -> str:
    """The words of a page."""
    body = page[page.index("<body") :]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)))


def visit(house: House, user: str, *, kind: str = "user_id", language: str = "en") -> Visitor:
    """Enter by a link as the shop asks for it."""
    link = house.post("/v1/portal-links", {"type": kind, "value": user}).told["url"]
    entered = house.browse(link)
    assert (entered.status, entered.headers["location"]) == (303, "/me")
    return Visitor(house, entered.headers["set-cookie"].partition(";")[0], language)
