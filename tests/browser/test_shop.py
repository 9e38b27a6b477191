"""The living shop in a real browser: what it does before consent, how it changes after clicks, and what it tells."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import NARROW
from tests.browser.shop_process import Shop
from tests.node import Node

STORED = "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
PAGES = [
    "/shop", "/shop/d/garden", "/shop/c/teas", "/shop/p/mug-moss", "/shop/cart", "/shop/login", "/shop/help",
    "/shop/choices", "/shop/control", "/shop/nowhere",
]  # fmt: skip


@pytest.fixture
def shop(node: Node, open_shop: Callable[[Node], Shop]) -> Shop:
    return open_shop(node)


def answer(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    expect(page.locator(".banner.asks")).to_have_count(0)


def shown_products(page: Page) -> list[str]:
    """The products of the recommendation row, once it no longer waits."""
    expect(page.locator('[data-slot="shop_row"]')).to_be_visible()
    expect(page.locator('[data-slot="shop_row"][data-wait]')).to_have_count(0)
    return page.locator('[data-slot="shop_row"] a').evaluate_all("links => links.map(a => a.dataset.category)")


def decided_row(page: Page) -> str:
    """The decision behind the row; a machine that is busy may need a second page to be in time."""
    for _ in range(30):
        shown_products(page)
        if decision := page.locator('[data-slot="shop_row"]').get_attribute("data-decision"):
            return decision
        page.reload()
    raise AssertionError("no decision came in time on thirty pages")


def decided(node: Node, asked: dict[str, Any]) -> str:
    """The first action of a new decision."""
    return str(node.post("/v1/decide", asked)["choices"][0]["action"])


def events(node: Node, kind: str, value: str, *, holding: str) -> list[dict[str, Any]]:
    """A person's events, oldest first, once there is one of that name."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            person = node.post("/v1/people:lookup", {"type": kind, "value": value})["person"]
            found = node.get(f"/v1/people/{person}/events?limit=100")["events"][::-1]
        except OSError:
            found = []
        if holding in {event["event"] or event["type"] for event in found}:
            return found
        time.sleep(0.1)
    raise AssertionError(f"no {holding!r} arrived")


def test_before_an_answer_nothing_is_on_the_device_and_nothing_leaves_the_two_origins(
    shop: Shop, node: Node, context: BrowserContext, page: Page
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    for path in PAGES:
        page.goto(shop.url + path)
        assert page.evaluate(STORED) == [0, 0, 0], path

    assert context.cookies() == []
    foreign = {url for url in asked if not url.startswith(f"{shop.url}/")}
    assert foreign == {f"{node.url}/genom.js"}


def test_after_consent_requests_stay_with_shop_and_node(shop: Shop, node: Node, page: Page) -> None:
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(f"{urlsplit(request.url).scheme}://{urlsplit(request.url).netloc}"))
    page.goto(f"{shop.url}/shop")
    answer(page, "Accept all")
    shown_products(page)

    page.goto(f"{shop.url}/shop/p/tea-sencha")
    shown_products(page)

    assert asked == {shop.url, node.url}


def test_refusing_is_as_easy_as_accepting_and_can_be_changed_at_the_foot_of_each_page(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/shop")
    refuse, accept = (page.get_by_role("button", name=name).bounding_box() for name in ("Refuse all", "Accept all"))
    assert refuse
    assert accept
    assert (refuse["width"], refuse["height"], refuse["y"]) == (accept["width"], accept["height"], accept["y"])
    page.get_by_text("Choose by purpose").click()
    assert page.locator(".banner input:checked").count() == 0

    page.locator('input[value="recommend"]').check()
    page.get_by_role("button", name="Save my choice").click()
    page.get_by_role("link", name="Privacy settings").click()

    expect(page.get_by_text("Today you permit 1 of 7 purposes.")).to_be_visible()
    expect(page.locator('input[value="recommend"]')).to_be_checked()
    answer(page, "Refuse all")
    page.wait_for_load_state("networkidle")  # the choice leads to a page of its own
    assert page.evaluate("() => localStorage.length") == 0


def test_a_refusal_empties_what_every_tab_remembers_of_the_decisions(
    shop: Shop, context: BrowserContext, page: Page
) -> None:
    page.goto(f"{shop.url}/shop")
    answer(page, "Accept all")
    other = context.new_page()
    other.goto(f"{shop.url}/shop")
    for tab in (page, other):
        decided_row(tab)
        tab.locator('[data-slot="shop_row"] a').first.click()
        tab.wait_for_url("**/shop/p/*")
        assert tab.evaluate(STORED)[1] == 1

    page.goto(f"{shop.url}/shop/choices")
    answer(page, "Refuse all")
    page.wait_for_load_state("networkidle")

    assert page.evaluate(STORED) == [0, 0, 0]
    other.wait_for_function("() => sessionStorage.length === 0")
    other.evaluate("() => addEventListener('click', event => event.preventDefault())")  # the tab stays where it is
    other.evaluate(
        "() => document.querySelector('[data-slot] a').dispatchEvent("
        "new MouseEvent('click', {bubbles: true, cancelable: true}))"
    )
    assert other.evaluate(STORED) == [0, 0, 0]


def test_an_anonymous_visitors_clicks_change_the_next_page(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/shop")
    answer(page, "Accept all")
    shown_products(page)
    for product in ("tea-sencha", "tea-earl", "tea-herbs", "tea-east"):
        page.goto(f"{shop.url}/shop/p/{product}")
        shown_products(page)

    rows: list[list[str]] = []
    while len(rows) < 100 and sum(row[:1] == ["Teas"] for row in rows) < 3:  # a tenth is drawn at random
        page.goto(f"{shop.url}/shop")
        rows.append(shown_products(page))

    assert sum(row[:1] == ["Teas"] for row in rows) == 3, rows
    expect(page.get_by_role("heading", name="Chosen for you")).to_be_visible()


def test_a_login_joins_what_the_browser_did_before_and_the_order_carries_its_decision(
    shop: Shop, node: Node, page: Page
) -> None:
    page.goto(f"{shop.url}/shop")
    answer(page, "Accept all")
    page.goto(f"{shop.url}/shop/p/book-navy")
    shown_products(page)
    anonymous = page.evaluate("() => genom.anonymousId()")
    page.goto(f"{shop.url}/shop/login")
    page.get_by_label("Name").fill("Browser Test")
    page.get_by_role("button", name="Log in", exact=True).click()
    expect(page.get_by_role("link", name="Browser Test")).to_be_visible()

    decision = decided_row(page)
    page.locator('[data-slot="shop_row"] a').first.click()
    page.get_by_role("button", name="Put in the cart").click()
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()

    told = events(node, "user_id", "shop-browser-test", holding="Order Completed")
    assert {"Product Viewed", "Recommendation Clicked", "Product Added", "identify"} <= {
        event["event"] or event["type"] for event in told
    }
    assert all(event["context"]["simulated"] for event in told)
    assert "book-navy" in str(told[: len(told) // 2])  # before the log-in
    people = [("anonymous_id", anonymous), ("user_id", "shop-browser-test")]
    assert len({node.post("/v1/people:lookup", {"type": t, "value": v})["person"] for t, v in people}) == 1
    order = next(event for event in told if event["event"] == "Order Completed")
    assert order["properties"]["decision_id"] == decision
    outcomes = [one["event"] for one in node.get(f"/v1/decisions/{decision}")["outcomes"]]
    assert "Order Completed" in outcomes
    page.reload()
    page.evaluate("() => genom.flush()")
    again = events(node, "user_id", "shop-browser-test", holding="Order Completed")
    assert sum(event["event"] == "Order Completed" for event in again) == 1


def test_a_withdrawal_reaches_the_node_for_account_and_browser(shop: Shop, node: Node, page: Page) -> None:
    page.goto(f"{shop.url}/shop/login")
    answer(page, "Accept all")
    page.get_by_label("Name").fill("Withdrawer")
    page.get_by_role("button", name="Log in", exact=True).click()
    shown_products(page)
    events(node, "user_id", "shop-withdrawer", holding="identify")

    page.goto(f"{shop.url}/shop/choices")
    page.locator('input[value="recommend"]').uncheck()
    page.get_by_role("button", name="Save my choice").click()
    expect(page.get_by_text("Today you permit 6 of 7 purposes.")).to_be_visible()
    asked = {"point": "shop_row", "person": {"user_id": "shop-withdrawer"}}
    assert {decided(node, asked) for _ in range(10)} == {"do_nothing"}

    page.locator('input[value="recommend"]').check()
    page.get_by_role("button", name="Save my choice").click()
    expect(page.get_by_text("Today you permit 7 of 7 purposes.")).to_be_visible()
    assert any(decided(node, asked) != "do_nothing" for _ in range(200))  # one now and then is drawn so


def test_what_we_know_leads_to_the_visitors_own_page_and_says_so_if_there_is_nothing(
    shop: Shop, node: Node, page: Page
) -> None:
    page.goto(f"{shop.url}/shop/login")
    page.get_by_label("Name").fill("Nobody Known")
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("button", name="What we know about you").click()
    expect(page.get_by_role("heading", name="We know nothing about you")).to_be_visible()

    page.goto(f"{shop.url}/shop")
    answer(page, "Accept all")
    page.goto(f"{shop.url}/shop/p/mug-moss")
    decided_row(page)
    page.get_by_role("button", name="Why these?").click()

    page.wait_for_url(f"{node.url}/me/why")
    expect(page.locator("h1")).to_be_visible()


def test_what_a_visitor_says_on_their_own_page_counts_in_the_shop(shop: Shop, node: Node, page: Page) -> None:
    page.goto(f"{shop.url}/shop")
    answer(page, "Accept all")
    for product in ("socks-wool", "socks-dots", "socks-hike"):
        page.goto(f"{shop.url}/shop/p/{product}")
        decided_row(page)
    anonymous = page.evaluate("() => genom.anonymousId()")
    page.get_by_role("button", name="Why these?").click()
    page.goto(f"{node.url}/me/tell")
    page.get_by_label("Category").select_option(label="Socks and slippers")
    page.get_by_role("button", name="Not interested", exact=True).last.click()
    expect(page.get_by_role("status")).to_contain_text("We will not offer you this any more")

    for _ in range(5):
        page.goto(f"{shop.url}/shop")
        decided_row(page)
        assert "Socks and slippers" not in shown_products(page)

    withdrawn = {"type": "anonymous_id", "value": anonymous, "purpose": "recommend", "granted": False}
    node.post("/v1/consent", withdrawn)
    page.goto(f"{shop.url}/shop/choices")
    page.locator('input[value="email"]').uncheck()
    page.get_by_role("button", name="Save my choice").click()
    expect(page.get_by_text("Today you permit 6 of 7 purposes.")).to_be_visible()
    page.goto(f"{shop.url}/shop")
    shown_products(page)
    expect(page.get_by_role("heading", name="Many people like these")).to_be_visible()


@pytest.mark.parametrize(("locale", "title", "simulated"), [
    ("en-GB", "Things that stay", "Simulated shop"), ("de-AT", "Dinge, die bleiben", "Simulierter Laden"),
])  # fmt: skip
def test_the_shop_speaks_the_browsers_language_and_says_that_it_is_simulated(
    shop: Shop, browser: Browser, locale: str, title: str, simulated: str
) -> None:
    context = browser.new_context(locale=locale)
    page = context.new_page()
    page.goto(f"{shop.url}/shop")

    expect(page.get_by_role("heading", name=title)).to_be_visible()
    for path in PAGES:
        page.goto(shop.url + path)
        expect(page.locator(".simulated")).to_have_text(simulated)
        assert simulated in page.title()
    context.close()


def test_the_language_can_be_switched(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/shop/p/mug-moss")
    page.get_by_role("button", name="Deutsch").click()

    expect(page.get_by_role("heading", name="Becher Moos")).to_be_visible()
    expect(page.locator(".price.large")).to_contain_text("12,50 €")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_and_fits_a_phone(shop: Shop, browser: Browser, scheme: Any) -> None:
    context = browser.new_context(color_scheme=scheme, viewport=NARROW, locale="de-DE")
    page = context.new_page()
    for path in PAGES:
        page.goto(shop.url + path)
        results = Axe().run(page)
        assert results.violations_count == 0, (path, results.generate_report())
        assert page.evaluate("() => document.documentElement.scrollWidth") <= NARROW["width"], path
    page.goto(f"{shop.url}/shop")
    answer(page, "Alle annehmen")
    shown_products(page)
    page.goto(f"{shop.url}/shop/p/mug-moss")
    page.get_by_role("button", name="In den Warenkorb").click()
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    context.close()


def test_everything_can_be_done_with_the_keyboard(shop: Shop, page: Page) -> None:
    page.goto(f"{shop.url}/shop/p/mug-sand")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    names: list[str] = []
    for _ in range(6):
        page.keyboard.press("Tab")
        names.append(page.evaluate("() => document.activeElement.textContent.trim()"))

    assert "Put in the cart" in names
    page.locator(".add .button").press("Enter")
    expect(page.get_by_role("heading", name="Cart")).to_be_visible()


def test_the_shop_still_sells_when_its_node_is_gone(
    own_node: Node, open_shop: Callable[[Node], Shop], page: Page
) -> None:
    shop = open_shop(own_node)
    page.goto(f"{shop.url}/shop")
    answer(page, "Accept all")
    own_node.stop()

    page.goto(f"{shop.url}/shop")
    expect(page.get_by_role("heading", name="Things that stay")).to_be_visible()
    page.goto(f"{shop.url}/shop/p/mug-sand")
    page.get_by_role("button", name="Put in the cart").click()
    page.get_by_role("button", name="Place the order").click()

    expect(page.get_by_role("heading", name="Thank you for your order")).to_be_visible()
    page.get_by_role("button", name="What we know about you").click()
    expect(page.locator("h1")).to_be_visible()


def test_it_works_without_javascript(shop: Shop, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{shop.url}/shop")
    page.get_by_role("button", name="Accept all").click()
    page.wait_for_timeout(1500)  # a slot shows itself at the latest after 1.2 s

    expect(page.get_by_role("heading", name="Things that stay")).to_be_visible()
    page.goto(f"{shop.url}/shop/p/mug-sand")
    page.get_by_role("button", name="Put in the cart").click()
    expect(page.get_by_text("Mug sand")).to_be_visible()
    context.close()
