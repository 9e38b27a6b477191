"""Slots that wait for a decision of the browser tag: hidden without a flash, then shown, whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.tag_site import ALL, Site, consent, serve_site
from tests.node import Node

RULE = """
@keyframes genom-slot { from, to { visibility: hidden } }
[data-genom-slot]:not([data-genom-shown]) { animation: genom-slot DURATION }
"""
BODY = """<p id="slot" data-genom-slot="shop_hero">own content</p><p id="other" data-genom-slot="shop_row">own row</p>
<p id="after">after</p>"""
LONG = "3600s"  # no test waits for it
POLICY = (
    "default-src 'none'; script-src NODE 'unsafe-inline'; style-src 'self'; connect-src NODE; img-src data:;"
    " require-trusted-types-for 'script'"
)
ASKED = """
  window.reply = new Promise((resolve) => { window.decideNow = resolve; });
  const usual = window.fetch;
  window.fetch = (url, how) => (new URL(url).pathname === "/v1/decide" ? reply : usual(url, how));
  addEventListener("DOMContentLoaded", () => {
    window.seen = [];  // what a slot held when it was shown
    for (const slot of document.querySelectorAll("[data-genom-slot]"))
      new MutationObserver(() => seen.push(slot.textContent)).observe(slot, { attributes: true });
  });
"""
FILL = """(how) => { window.told = genom.decide("shop_hero", how).then((told) => {
  if (told.choices.length) document.getElementById("slot").textContent = told.choices[0].action;
  return told.why || "decided";
}); }"""
DECIDED = {"decision_id": "d1", "choices": [{"action": "tea week"}]}


def styled(node: Node, name: str, duration: str = LONG) -> Any:
    head = '<link rel="stylesheet" href="/style.css">'
    return serve_site(node, name, head=head, body=BODY, style=RULE.replace("DURATION", duration), policy=POLICY)


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[Site]:
    with styled(node, "tag-slots") as site:
        yield site


@pytest.fixture
def waiting(site: Site, page: Page) -> Page:
    """A page with consent, on which the node's decisions come when the test says so."""
    page.add_init_script(ASKED)
    page.goto(site.url)
    consent(page, ALL)
    return page


def places(page: Page) -> list[Any]:
    return [page.locator(one).bounding_box() for one in ("#slot", "#other", "#after")]


def decide(page: Page) -> None:
    page.evaluate("(told) => decideNow(new Response(JSON.stringify(told)))", DECIDED)


def test_a_slot_is_hidden_until_the_decision_fills_it_and_nothing_moves(waiting: Page) -> None:
    before = places(waiting)
    waiting.evaluate(FILL, {"timeout": 3_600_000})
    expect(waiting.locator("#slot")).to_be_hidden()

    decide(waiting)

    expect(waiting.locator("#slot")).to_be_visible()
    assert waiting.evaluate("() => window.told") == "decided"
    assert waiting.evaluate("() => seen") == ["tea week"]
    assert places(waiting) == before
    expect(waiting.locator("#other")).to_be_hidden()  # of a point that nobody has asked yet


def test_without_an_answer_in_time_the_page_shows_its_own_content(waiting: Page) -> None:
    waiting.evaluate(FILL, {"timeout": 1})

    assert waiting.evaluate("() => window.told") == "too late"
    expect(waiting.locator("#slot")).to_be_visible()
    assert waiting.evaluate("() => seen") == ["own content"]


def test_a_node_that_fails_shows_the_pages_own_content(waiting: Page) -> None:
    waiting.evaluate(FILL, {"timeout": 3_600_000})

    waiting.evaluate("() => decideNow(new Response('{}', { status: 503 }))")

    assert waiting.evaluate("() => window.told") == "no answer"
    expect(waiting.locator("#slot")).to_be_visible()


def test_an_element_can_be_named_instead_of_the_points_slots(waiting: Page) -> None:
    waiting.evaluate("""() => {
      window.told = genom.decide("shop_hero", { timeout: 1, element: document.getElementById("other") });
    }""")

    expect(waiting.locator("#other")).to_be_visible()
    expect(waiting.locator("#slot")).to_be_hidden()


def test_before_consent_the_page_shows_its_own_content_at_once(site: Site, page: Page) -> None:
    page.goto(site.url)
    expect(page.locator("#slot")).to_be_hidden()

    assert page.evaluate("() => genom.decide('shop_hero', null).then((told) => told.why)") == "no consent"

    expect(page.locator("#slot")).to_be_visible()


def test_a_page_whose_tag_never_comes_shows_its_own_content_by_its_style_alone(node: Node, page: Page) -> None:
    page.route("**/genom.js", lambda route: route.abort())
    with styled(node, "tag-none", "1ms") as site:
        page.goto(site.url)

        expect(page.locator("#slot")).to_be_visible()
        assert page.evaluate("() => typeof genom") == "undefined"
