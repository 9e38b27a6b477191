"""The pages that the rules are held against, and the small data set that they show.

A page joins by one line in PAGES; `Ids` are what the data set made, such as a person to open.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from msgspec import structs
from playwright.sync_api import Page

from genom.learn import save, train
from genom.learn.dataset import DAY
from tests.learn.making import MANIFEST, question, table
from tests.node import Node

__all__ = ["EMPTY", "PAGES", "PASSWORD", "Ids", "Listed", "define_segments", "fill"]

PASSWORD: Final = "a long enough password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """What the data set made."""

    person: str  # public id; has two devices, orders, and withheld price genes
    decision: str  # about that person
    request: str = ""  # of an erasure that waits for proof
    erased: str = ""  # public id of somebody who was erased
    receipt: str = ""  # of that erasure


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page."""

    name: str
    path: Callable[[Ids], str]
    portal: bool = False  # of the person: opened with the portal's session
    stranger: bool = False  # seen by whoever is not signed in
    status: int = 200  # of the answer
    drawn: bool = False  # shows a choice that is drawn anew at each look
    role: str = ""  # of the reader; empty: may do everything
    act: Callable[[Page], object] | None = None  # what is done there; the page that answers is looked at


_BUYERS: Final = {"gene": "rhythm.orders.count.lifetime", "is": ">=", "value": 1}
RULE: Final = {
    "all": [
        _BUYERS,
        {"event": "Order Completed", "days": 90, "at_least": 1, "where": {"channel": "web", "amount_at_least": 1.5}},
        {
            "any": [
                {"gene": "rhythm.order.recency", "is": "<=", "value": 30},
                {"not": {"attribute": "size", "is": "in", "value": ["M", "L"]}},
                {"gene": "channels.mix.histogram.365d", "cell": "web", "is": "between", "value": [0.5, 20]},
            ]
        },
    ]
}
WRONG: Final = {"any": [_BUYERS | {"value": "many"}, {"gene": "gone.for.ever", "is": ">=", "value": 1}]}
_NAMED: Final = {
    "regular_buyers": ("Regular buyers", "Stammkunden", RULE),
    "others": ("Everybody else", "Alle anderen", {"not": {"segment": "regular_buyers"}}),
}


def _log_in_wrongly(page: Page, name: str = "somebody") -> int:
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    with page.expect_response("**/login") as reply:
        page.locator("form.login button").click()
    page.locator(".alert").wait_for()
    return reply.value.status


def _log_in_too_often(page: Page) -> None:
    while _log_in_wrongly(page, "nobody") != 429:
        pass


def _reveal(page: Page) -> None:
    page.locator("#reveal-reason").fill("4711")
    page.locator(".reveal-form button").click()
    page.locator("#revealed-title").wait_for()


def _own_link(page: Page) -> None:
    page.locator("form[action$=own-page] button").click()
    page.locator("#own-link").wait_for()


def _try_all(page: Page) -> None:
    page.locator("#try button[value=all]").click()
    page.locator("#again-title").wait_for()


def _add_source(page: Page) -> None:
    page.locator("#new-name").fill(f"shop-{time.time_ns()}-mit-langem-namen")
    page.locator("form.row-form button").click()
    page.locator("#made-title").wait_for()


PAGES: Final = [
    Listed(name="door", path=lambda _: "/login", stranger=True),
    Listed(name="door-link-used", path=lambda _: "/login?token=used", stranger=True, status=401),
    Listed(name="door-wrong", path=lambda _: "/login", stranger=True, status=401, act=_log_in_wrongly),
    Listed(name="door-busy", path=lambda _: "/login", stranger=True, status=429, act=_log_in_too_often),
    Listed(name="home", path=lambda _: "/"),
    Listed(name="live", path=lambda _: "/events/live"),
    Listed(name="refused", path=lambda _: "/events/live?state=refused"),
    Listed(name="rejected", path=lambda _: "/events/rejected"),
    Listed(name="rejected-again", path=lambda _: "/events/rejected", act=_try_all),
    Listed(name="no-rejected", path=lambda _: "/events/rejected?day=2020-01-01"),
    Listed(name="sources", path=lambda _: "/sources"),
    Listed(name="source", path=lambda _: "/sources/1"),
    Listed(name="source-added", path=lambda _: "/sources", act=_add_source),
    Listed(name="people", path=lambda _: "/people"),
    Listed(name="nobody", path=lambda _: "/people?q=nobody"),
    Listed(name="person", path=lambda ids: f"/people/{ids.person}"),
    Listed(name="identity", path=lambda ids: f"/people/{ids.person}/identity"),
    Listed(name="reveal", path=lambda ids: f"/people/{ids.person}/reveal"),
    Listed(name="decisions-of", path=lambda ids: f"/people/{ids.person}/decisions"),
    Listed(name="decision", path=lambda ids: f"/decisions/log/{ids.decision}"),
    Listed(name="decision-log", path=lambda _: "/decisions/log"),
    Listed(name="who-saw", path=lambda _: "/decisions/log?point=next_product&arm=policy"),
    Listed(name="permitting", path=lambda _: "/people?permits=any"),
    Listed(name="waiting", path=lambda _: "/events/waiting?since=1"),
    Listed(name="genes", path=lambda _: "/genes"),
    Listed(name="no-genes", path=lambda _: "/genes?words=nothing+of+the+kind"),
    Listed(name="gene", path=lambda _: "/genes/value.order_value.sum.30d"),
    Listed(name="segments", path=lambda _: "/segments"),
    Listed(name="segment", path=lambda _: "/segments/regular_buyers"),
    Listed(name="segment-removal", path=lambda _: "/segments/regular_buyers?ask=delete"),
    Listed(name="builder", path=lambda _: f"/segments/_builder?{urlencode({'rule': json.dumps(RULE)})}"),
    Listed(name="builder-wrong", path=lambda _: "/segments/_builder?good=66&rule=" + quote(json.dumps(WRONG))),
    Listed(name="segment-people", path=lambda _: "/segments/_people?id=regular_buyers"),
    Listed(name="points", path=lambda _: "/decisions"),
    Listed(name="point", path=lambda _: "/decisions/next_product"),
    Listed(name="simulator", path=lambda ids: f"/decisions/next_product?person={ids.person}", drawn=True),
    Listed(name="experiment", path=lambda _: "/decisions/shop_banner"),
    Listed(name="models", path=lambda _: "/models"),
    Listed(name="model", path=lambda _: "/models/inactive_30d"),
    Listed(name="requests", path=lambda _: "/requests"),
    Listed(name="request", path=lambda ids: f"/requests/{ids.request}"),
    Listed(name="no-requests", path=lambda _: "/requests?state=refused"),
    Listed(name="audit", path=lambda _: "/audit"),
    Listed(name="reason", path=lambda _: "/reason"),
    Listed(name="access", path=lambda _: "/access"),
    Listed(name="kit", path=lambda _: "/dev/kit"),
    Listed(name="forbidden", path=lambda _: "/audit", status=403, role="marketer"),
    Listed(name="not-found", path=lambda _: "/nothing/here", status=404),
    Listed(name="erased", path=lambda ids: f"/people/{ids.erased}", status=410),
    Listed(name="revealed", path=lambda ids: f"/people/{ids.person}/reveal", act=_reveal),
    Listed(name="own-link", path=lambda ids: f"/people/{ids.person}", act=_own_link),
    Listed(name="own-door", path=lambda _: "/me", portal=True, stranger=True, status=401),
    Listed(name="own-link-used", path=lambda _: "/me/enter?token=used", portal=True, stranger=True, status=401),
    Listed(name="own-left", path=lambda _: "/me/left", portal=True, stranger=True),
    Listed(name="own-erased", path=lambda ids: f"/me/erased?receipt={ids.receipt}", portal=True, stranger=True),
    Listed(name="own-not-found", path=lambda _: "/me/nowhere", portal=True, status=404),
    Listed(name="own-know", path=lambda _: "/me", portal=True),
    Listed(name="own-why", path=lambda _: "/me/why", portal=True),
    Listed(name="own-choices", path=lambda _: "/me/choices", portal=True),
    Listed(name="own-tell", path=lambda _: "/me/tell", portal=True),
    Listed(name="own-data", path=lambda _: "/me/data", portal=True),
    Listed(name="own-requests", path=lambda _: "/me/requests", portal=True),
    Listed(name="own-erase", path=lambda _: "/me/erase", portal=True),
]

EMPTY: Final = [
    listed
    for listed in PAGES
    if listed.name
    in {"refused", "rejected", "sources", "source", "people", "genes", "gene", "segments", "points", "point",
        "decision-log", "models", "requests", "audit", "access", "waiting"}
]  # fmt: skip
"""Those that show something else before there are data."""

_GOODS: Final = [("tea", "Pantry", 4.5), ("coffee", "Pantry", 7.9), ("mug", "Kitchen", 12.0), ("lamp", "Living", 39.0)]

_ASKED: Final = [
    ("access", "eu", "By letter of Monday"),
    ("objection", "us_ca", ""),
    ("erasure", "eu", "I close my account and ask you to erase everything."),
]


def fill(node: Node) -> Ids:
    """A dozen people with orders, views, devices, consents and decisions."""
    node.post("/v1/products", {"products": [_product(*good) for good in _GOODS]})
    now = int(time.time())
    node.post("/v1/batch", {"batch": [_crowd(n, now) for n in range(132)]})
    events = [_event(n, now) for n in range(160)]
    events.append({"type": "identify", "userId": "shopper-0", "anonymousId": "tablet-0", "messageId": "i0"})
    node.post("/v1/batch", {"batch": events})
    node.post("/v1/batch", {"batch": [{"type": "track", "event": "Product Viewed", "properties": {"price": 1}}]})
    for n in range(12):
        for purpose in ("personalise_onsite", "recommend", "model_training", "measure_person"):
            body = {"type": "user_id", "value": f"shopper-{n}", "purpose": purpose, "granted": n % 4 != 3}
            node.post("/v1/consent", body)
    define_segments(node)
    experiment(node)
    serve_model(node)
    asked = {"point": "next_product", "person": {"user_id": "shopper-0"}, "n": 3}
    decisions = [node.post("/v1/decide", asked)["decision_id"] for _ in range(5)]
    person = node.post("/v1/people:lookup", {"type": "user_id", "value": "shopper-0"})["person"]
    for role in ("marketer",):
        node.post("/v1/users", {"name": role, "role": role, "password": PASSWORD})
    erased, receipt = _erase_somebody(node)
    return Ids(person=person, decision=decisions[0], request=file_requests(node), erased=erased, receipt=receipt)


def _erase_somebody(node: Node) -> tuple[str, str]:
    """Somebody who came and was erased: their public id and the receipt."""
    who, who_came = {"type": "user_id", "value": "gone"}, {"userId": "gone", "anonymousId": "gone", "messageId": "gone"}
    node.post("/v1/batch", {"batch": [_event(0, int(time.time())) | who_came]})
    person = node.post("/v1/people:lookup", who)["person"]
    return person, node.post("/v1/people:erase", who)["id"]


def file_requests(node: Any) -> str:
    """Requests of a person; the id of the erasure."""
    names = []
    for kind, region, note in _ASKED:
        body = {"kind": kind, "region": region, "note": note, "type": "user_id", "value": "shopper-3"}
        names.append(str(node.post("/v1/requests", body)["id"]))
    node.post(f"/v1/requests/{names[0]}", {"act": "extend", "reason": "Three systems have to be searched."})
    return names[-1]


def experiment(node: Any) -> None:
    """An experiment that is too young for a verdict."""
    arms = {"banner_plain": ("Plain", "Schlicht"), "banner_vivid": ("Detailed", "Ausführlich")}
    point = {
        "id": "shop_banner", "label": {"en": "Line about delivery", "de": "Zeile zum Versand"},
        "purpose": "experiment", "candidates": "actions", "model": "experiment", "shares": dict.fromkeys(arms, 0.5),
        "reward": {"events": ["Promotion Clicked"], "value": "count", "within_seconds": 1},
    }  # fmt: skip
    node.post("/v1/points", {"points": [point]})
    actions = [
        {"id": arm, "point": "shop_banner", "label": {"en": english, "de": german}}
        for arm, (english, german) in arms.items()
    ]
    node.post("/v1/actions", {"actions": actions})
    for n in range(24):
        node.post("/v1/decide", {"point": "shop_banner", "person": {"user_id": f"crowd-{n}"}})


def serve_model(node: Any) -> None:
    """A model with a card, trained on invented answers."""
    now, drawn = int(time.time() * 1000), table(300)
    genes = ("rhythm.orders.count.30d", "value.order_value.sum.30d", "rhythm.events.count.30d")
    answers = replace(drawn, names=genes, at=drawn.at - drawn.at.max() + now - 31 * DAY)
    manifest = structs.replace(MANIFEST, persons=300, rows=len(answers), events=5_000, at=now)
    save(Path(node.data) / "models", train(question(), answers, manifest, now=now, threads=1))
    node.post("/v1/models:refresh", {})


def define_segments(node: Any) -> None:
    """Segments to show; equal ones keep their version."""
    bodies = [
        {"id": name, "label": {"en": english, "de": german}, "purpose": "personalise_onsite", "rule": rule}
        for name, (english, german, rule) in _NAMED.items()
    ]
    node.post("/v1/segments", {"segments": bodies})


def _crowd(n: int, now: int) -> dict[str, Any]:
    """An order of one of 66 people, so many that a segment of them may be shown."""
    person, (name, _category, price) = n % 66, _GOODS[n % 4]
    line = {"product_id": f"p-{name}", "name": name.title(), "price": price, "quantity": 1}
    consent = {"personalise_onsite": True, "email": person > 8, "model_training": person % 5 > 0}
    return {
        "type": "track", "event": "Order Completed", "userId": f"crowd-{person}", "messageId": f"c{n}",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - (200 - n) * 21_600)),
        "context": {"channel": "web", "consent": {"categoryPreferences": consent}},
        "properties": {"order_id": f"c{n}", "total": price, "currency": "EUR", "products": [line]},
    }  # fmt: skip


def _product(name: str, category: str, _price: float) -> dict[str, str]:
    return {"product_id": f"p-{name}", "name": name.title(), "category_1": category, "category_2": f"{category} {name}"}


def _event(n: int, now: int) -> dict[str, Any]:
    name, _category, price = _GOODS[n % 4]
    person, at = n % 12, now - (160 - n) * 7_200
    body: dict[str, Any] = {
        "type": "track",
        "event": ("Product Viewed", "Order Completed", "Product Added", "Product Viewed")[n // 12 % 4],
        "userId": f"shopper-{person}",
        "anonymousId": f"phone-{person}",
        "messageId": f"m{n}",
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at)),
        "context": {"channel": ("web", "pos", "app")[n % 3]},
    }
    line = {"product_id": f"p-{name}", "name": name.title(), "price": price, "quantity": 1}
    order = {"order_id": f"o{n}", "total": price, "currency": "EUR", "products": [line]}
    body["properties"] = order if body["event"] == "Order Completed" else line | {"currency": "EUR"}
    return body
