"""What belongs to the visitor: language, choices about data, log-in, and the way to what is known about them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from starlette.responses import RedirectResponse, Response

from genom_demo.problems import LogInFirst, NodeGone
from genom_demo.shop.keeping import signed_user, written_choices
from genom_demo.shop.visit import ANONYMOUS, Visit, back_to
from genom_demo.shop.words import LANGUAGES, PURPOSES, speaker

__all__ = ["about_you", "ask_choices", "ask_login", "log_in", "log_out", "set_language", "take_choices", "user_id"]

CUSTOMERS: Final = tuple(f"living-{number:05d}" for number in range(1, 13))  # as the simulated people are called


async def set_language(visit: Visit) -> Response:
    """Switch the language."""
    fields = await visit.form()
    response, chosen = back_to(fields), fields.get("language", [""])[0]
    if chosen in LANGUAGES:
        visit.keep(response, "language", chosen)
    return response


async def ask_choices(visit: Visit) -> Response:
    """The banner as a page, with what is permitted now."""
    return visit.page("choices.html", asks=True, permitted_purposes=sum((visit.choices or {}).values()))


async def take_choices(visit: Visit) -> Response:
    """Keep the choice, and put what changed on record for whom the node knows already.

    Whoever permits something again renews it, for a year from now like the cookie; but what did not change here and
    was withdrawn elsewhere meanwhile stays withdrawn.
    """
    fields = await visit.form()
    answer, response = fields.get("answer", [""])[0], back_to(fields)
    if answer not in {"all", "none", "some"}:
        return response
    granted = set(fields.get("purpose", [])) if answer == "some" else set(PURPOSES) if answer == "all" else set()
    choices = {purpose: purpose in granted for purpose in PURPOSES}
    identifiers = {"user_id": visit.user} if visit.user else {}
    if anonymous := _anonymous(fields):
        identifiers["anonymous_id"] = anonymous
    before = visit.choices or {}
    changed = {purpose: given for purpose, given in choices.items() if before.get(purpose) is not given}
    if identifiers and any(choices.values()):
        renewed = await visit.desk.node.renewable(identifiers)
        changed |= {purpose: True for purpose, given in choices.items() if given and purpose in renewed}
    if identifiers and changed:
        await visit.desk.node.record(identifiers, changed)
    visit.keep(response, "choice", written_choices(choices))
    return response


async def ask_login(visit: Visit) -> Response:
    """Who the visitor would like to be."""
    return visit.page("login.html", asks=False, customers=CUSTOMERS, bad=False)


async def log_in(visit: Visit) -> Response:
    """Log in; the server confirms to the node whose browser this is, if the visitor permitted anything."""
    fields = await visit.form()
    picked = fields.get("user", [""])[0]
    user = picked if picked in CUSTOMERS else user_id(fields.get("name", [""])[0])
    if not user:
        return visit.page("login.html", status=422, customers=CUSTOMERS, bad=True)
    if visit.permitted:
        await visit.desk.node.identify(user, _anonymous(fields), visit.choices)
    response = RedirectResponse("/shop", 303)
    visit.keep(response, "login", signed_user(user, visit.desk.node.secret))
    return response


async def log_out(visit: Visit) -> Response:
    """Log out."""
    response = RedirectResponse("/shop", 303)
    visit.keep(response, "login", "")
    return response


async def about_you(visit: Visit) -> Response:
    """To the visitor's own page at the node, of the account or else of this browser; to the reasons, if asked for."""
    fields = await visit.form()
    say, anonymous = speaker(visit.language), _anonymous(fields)
    kind, value = ("user_id", visit.user) if visit.user else ("anonymous_id", anonymous)
    try:
        link = await visit.desk.node.portal_link(kind, value) if value else ""
    except NodeGone:
        return visit.page("note.html", status=503, title=say("about_late_title"), text=say("about_late"))
    except LogInFirst:
        return visit.page("note.html", status=403, title=say("about_log_in_title"), text=say("about_log_in"))
    if not link:
        return visit.page("note.html", title=say("about_nobody_title"), text=say("about_nobody"))
    return RedirectResponse(f"{link}&to=why" if fields.get("to") == ["why"] else link, 303)


def user_id(name: str) -> str:
    """The account of a name that somebody made up; "" if nothing of it can be used.

    >>> user_id("Ärmel Kanal 7"), user_id("  !! ")
    ('shop-armel-kanal-7', '')
    """
    plain = unicodedata.normalize("NFKD", name[:40]).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return f"shop-{slug}" if slug else ""


def _anonymous(fields: dict[str, list[str]]) -> str:
    given = fields.get("anonymous", [""])[0]
    return given if ANONYMOUS.fullmatch(given) else ""
