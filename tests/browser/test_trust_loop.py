"""The trust loop in real browsers: the person turns a switch, and the marketer's open page and every decision obey."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import SOON, WIDE, timed
from tests.node import Node

DAY: Final = 86_400  # seconds


@dataclass(frozen=True, slots=True)
class Loop:
    """Two people at two screens: the marketer's open page of Ada, and Ada's own pages."""

    node: Node
    user: str
    person: str
    marketer: Page
    own: Page


@pytest.fixture
def loop(node: Node, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Loop]:
    user = f"ada-{abs(hash(request.node.name)) % 10**8}"
    _live(node, user)
    person = node.post("/v1/people:lookup", {"type": "user_id", "value": user})["person"]
    marketer, own = _screen(browser), _screen(browser)
    pages = marketer.new_page(), own.new_page()
    pages[0].goto(node.url + node.post("/v1/console-links", {})["url"])
    pages[1].goto(node.url + node.post("/v1/portal-links", {"type": "user_id", "value": user})["url"])
    yield Loop(node, user, person, *pages)
    marketer.close()
    own.close()


def _screen(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport=WIDE, locale="en-GB")
    context.set_default_timeout(SOON)
    return context


def _live(node: Node, user: str) -> None:
    """Somebody who permits three purposes, buys tea at a discount and looks at mugs."""
    for purpose in ("personalise_onsite", "recommend", "price"):
        node.post("/v1/consent", {"type": "user_id", "value": user, "purpose": purpose, "granted": True})
    now = time.time()
    events: list[dict[str, Any]] = [_order(user, n, now) for n in range(3)]
    events += [_order(f"other-{user}", 9, now, category="MUGS")]
    node.post("/v1/batch", {"batch": events})


def _order(user: str, n: int, now: float, *, category: str = "TEA") -> dict[str, Any]:
    line = {"product_id": f"p-{category}", "category": category, "price": 18, "quantity": 1}
    paid = {"total": 18.0, "discount": 2.5, "currency": "EUR", "products": [line]}
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now - (n + 1) * DAY))
    common = {"type": "track", "event": "Order Completed", "messageId": f"{user}-{n}", "timestamp": at}
    return common | {"userId": user, "properties": paid}


def decide(loop: Loop) -> dict[str, Any]:
    """A decision about Ada, as it was recorded."""
    asked = {"point": "next_product", "person": {"user_id": loop.user}, "n": 1}
    record: dict[str, Any] = loop.node.get(f"/v1/decisions/{loop.node.post('/v1/decide', asked)['decision_id']}")
    return record


def has_genes(record: dict[str, Any]) -> bool:
    """Whether something known of Ada spoke for what is shown; a tenth is drawn at random, and some are tried."""
    return any(reason["gene"] for choice in record["choices"] for reason in choice["reasons"])


def press(page: Page, purpose: str, word: str) -> None:
    """Turn a switch on Ada's own page and wait for the answer."""
    page.locator(f"#purpose-{purpose}").get_by_role("button", name=word).click()
    expect(page.locator(f"#purpose-{purpose} [role=status]")).to_have_text("Saved. It applies from now on.")


def bars(page: Page, look: str) -> int:
    return page.locator(f"#strip rect.bar.{look}").count()


def test_a_switch_shows_on_the_open_page_and_takes_its_values_away(loop: Loop) -> None:
    marketer, own = loop.marketer, loop.own
    marketer.goto(f"{loop.node.url}/people/{loop.person}?family=price")
    granted, withheld = (
        marketer.locator(f"#badges .badges .badge.{state}", has_text="Personal prices")
        for state in ("granted", "withheld")
    )
    expect(granted).to_be_visible()
    expect(marketer.locator("#live")).to_be_visible()
    assert bars(marketer, "withheld") == 0
    assert "€7.50" in marketer.content()

    def withdraw(number: int) -> None:
        if number:
            press(own, "price", "On")
            expect(granted).to_be_visible(timeout=SOON)
        press(own, "price", "Off")

    def shows(_: int) -> None:
        expect(withheld).to_be_visible(timeout=SOON)
        expect(marketer.locator("#timeline .withdrawn", has_text="personal prices").first).to_be_visible(timeout=SOON)

    own.goto(f"{loop.node.url}/me/choices")
    timed("trust.switch", shows, before=withdraw)

    prices = [gene for gene in loop.node.get(f"/v1/people/{loop.person}/genome")["genes"] if gene["family"] == "price"]
    assert {gene["state"] for gene in prices} == {"withheld"}
    assert 0 < bars(marketer, "withheld") <= len(prices)
    assert "€7.50" not in marketer.content()
    assert "€54.00" in marketer.content() or "€54.00" in _reads(loop, "value")
    own.goto(f"{loop.node.url}/me")
    expect(own.locator("section.off")).to_contain_text("you have not allowed this purpose: personal prices")
    assert "€7.50" not in own.content()

    press_again = own.goto(f"{loop.node.url}/me/choices")
    assert press_again is not None
    press(own, "price", "On")
    expect(granted).to_be_visible(timeout=SOON)


def _reads(loop: Loop, family: str) -> str:
    loop.marketer.goto(f"{loop.node.url}/people/{loop.person}?family={family}")
    return loop.marketer.content()


def test_the_next_decision_drops_the_reasons_and_both_pages_say_so(loop: Loop) -> None:
    assert any(has_genes(decide(loop)) for _ in range(200))
    loop.marketer.goto(f"{loop.node.url}/people/{loop.person}?purpose=recommend")
    loop.own.goto(f"{loop.node.url}/me/choices")

    press(loop.own, "recommend", "Off")
    after = decide(loop)

    assert after["permitted"] is False
    assert after["evidence"] is None
    assert not has_genes(after)
    expect(loop.marketer.locator("#strip rect.bar.known, #strip rect.bar[class*=q]")).to_have_count(0, timeout=SOON)
    expect(loop.marketer.locator("#why")).to_contain_text(re.compile("no permission|denied", re.IGNORECASE))
    loop.own.goto(f"{loop.node.url}/me/why")
    expect(loop.own.locator("main")).to_contain_text("Nothing personal was used, because you have not allowed")


def test_not_interested_is_obeyed_by_the_next_decision_and_stands_on_the_timeline(loop: Loop) -> None:
    assert "TEA" in decide(loop)["evidence"]["candidates"]
    loop.marketer.goto(f"{loop.node.url}/people/{loop.person}")
    loop.own.goto(f"{loop.node.url}/me/tell")

    loop.own.get_by_role("button", name="Not interested in TEA").click()
    expect(loop.own.get_by_role("status")).to_contain_text("We will not offer you this any more")

    assert "TEA" not in decide(loop)["evidence"]["candidates"]
    expect(loop.marketer.locator("#timeline")).to_contain_text("Preference Disliked", timeout=SOON)

    loop.own.get_by_role("button", name="Take back: You are not interested in: TEA.").click()
    expect(loop.own.get_by_role("status")).to_contain_text("Taken back")
    assert "TEA" in decide(loop)["evidence"]["candidates"]
