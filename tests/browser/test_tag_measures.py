"""What the browser tag measures of a page view if a shop asks for it: clicks, scrolling, dwell time, forms."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.tag_site import ALL, NONE, Site, arrived, consent, names, said, serve_site, told
from tests.node import Node

BODY = """
<button data-genom-click="Promotion Clicked" data-genom-promotion-id="tea-week" data-genom-position="2">
  <b id="inside">Tea week</b></button>
<button id="unmarked">Something</button> <button id="unnamed" data-genom-click="">No name</button>
<form name="newsletter" action="/next">
  <input name="name" id="email"><input name="id"><button id="join">Join</button></form>
<form id="contact" action="/next"><textarea id="question"></textarea></form>
<form id="health" data-genom-form=""><input id="illness"></form>
<form id="search" data-genom-form="site search"><input id="words"></form>
<form><input id="nowhere"></form>
<div style="height: 6000px"></div>
"""
MEASURES = ["clicks", "scroll", "dwell", "forms"]
CLOCK = """
  let now = 0, away = false;
  performance.now = () => now;
  Object.defineProperty(document, "hidden", { get: () => away });
  window.pass = (seconds) => { now += 1000 * seconds; };
  window.look = (elsewhere) => { away = elsewhere; document.dispatchEvent(new Event("visibilitychange")); };
"""
DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SECRET = "ada.secret@canary.example"


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[Site]:
    with serve_site(node, "tag-measures", body=BODY, measure=MEASURES) as site:
        yield site


@pytest.fixture
def opened(site: Site, page: Page) -> Page:
    """A page of the site on which the person has permitted everything."""
    page.goto(f"{site.url}/first")
    consent(page, ALL)
    return page


def scroll(page: Page, to: str) -> None:
    page.evaluate(f"() => scrollTo(0, {to})")
    page.evaluate(DRAWN)  # the browser tells it with the next picture


def depths(events: list[dict[str, Any]]) -> list[int]:
    return sorted(one["depth"] for one in said(events, "Page Scrolled"))


# ---- asked for, permitted


def test_nothing_is_measured_that_the_shop_did_not_ask_for(node: Node, page: Page) -> None:
    with serve_site(node, "tag-plain", body=BODY) as site:
        page.goto(site.url)
        anonymous = consent(page, ALL)
        page.locator("#inside").click()
        page.locator("#email").fill("x")
        scroll(page, "3000")

        page.evaluate("() => history.pushState({}, '', '/inside')")
        page.evaluate("() => { genom.track('Last'); return genom.flush(); }")

        assert set(names(arrived(node, anonymous, holding="Last"))) == {"Consent Preference Updated", "page", "Last"}


def test_what_happened_before_consent_is_never_told(site: Site, node: Node, page: Page) -> None:
    page.goto(site.url)
    page.locator("#inside").click()
    page.locator("#email").fill("x")
    scroll(page, "document.body.scrollHeight")

    consent(page, ALL)
    page.evaluate("() => genom.track('Last')")

    assert sorted(names(told(node, page, holding="Last"))) == ["Consent Preference Updated", "Last", "page"]


def test_after_a_withdrawal_nothing_is_measured(opened: Page, node: Node) -> None:
    anonymous = opened.evaluate("() => genom.anonymousId()")
    told(node, opened, holding="page")
    consent(opened, NONE)

    opened.locator("#inside").click()
    opened.locator("#email").fill("x")
    scroll(opened, "3000")
    opened.evaluate("() => genom.flush()")
    opened.goto("about:blank")

    assert sorted(names(arrived(node, anonymous, at_least=3))) == [
        "Consent Preference Updated", "Consent Preference Updated", "page",
    ]  # fmt: skip


# ---- clicks


def test_a_click_on_a_marked_element_is_told_by_its_name_with_its_properties(opened: Page, node: Node) -> None:
    opened.locator("#inside").click()

    clicks = said(told(node, opened, holding="Promotion Clicked"), "Promotion Clicked")
    assert clicks == [{"promotion_id": "tea-week", "position": "2"}]


def test_an_element_that_was_added_later_and_lets_no_click_through_is_told_too(opened: Page, node: Node) -> None:
    opened.evaluate("""() => {
      document.body.insertAdjacentHTML("afterbegin", '<button id="new" data-genom-click="Video Started">Play</button>');
      document.getElementById("new").addEventListener("click", (click) => click.stopImmediatePropagation());
    }""")

    opened.locator("#new").click()

    assert said(told(node, opened, holding="Video Started"), "Video Started") == [{}]


def test_a_click_elsewhere_is_not_told(opened: Page, node: Node) -> None:
    for one in ("#unmarked", "#unnamed"):
        opened.locator(one).click()
    opened.evaluate("() => { document.dispatchEvent(new Event('click')); genom.track('Last'); }")

    assert sorted(names(told(node, opened, holding="Last"))) == ["Consent Preference Updated", "Last", "page"]


# ---- scrolling


def test_each_quarter_of_the_page_is_told_once(opened: Page, node: Node) -> None:
    scroll(opened, "1500")
    assert depths(told(node, opened, holding="Page Scrolled")) == [25]

    for place in ("document.body.scrollHeight", "0", "document.body.scrollHeight"):
        scroll(opened, place)
    opened.evaluate("() => genom.track('Last')")

    assert depths(told(node, opened, holding="Last")) == [25, 50, 75, 100]


def test_the_next_page_view_begins_at_the_top_again(opened: Page, node: Node) -> None:
    scroll(opened, "1500")

    opened.evaluate(
        "() => { history.pushState({}, '', '/second'); return new Promise((done) => setTimeout(done, 0)); }"
    )
    scroll(opened, "1600")

    opened.evaluate("() => genom.track('Last')")
    events = told(node, opened, holding="Last")
    assert depths(events) == [25, 25]
    paths = [event["context"]["page"]["path"] for event in events if event["event"] == "Page Scrolled"]
    assert paths == ["/first", "/second"]


def test_what_scrolls_inside_the_page_says_nothing_of_its_depth(opened: Page, node: Node) -> None:
    opened.evaluate("""() => document.body.insertAdjacentHTML("afterbegin",
      '<div id="box" style="height: 50px; overflow: auto"><div style="height: 900px"></div></div>')""")
    opened.evaluate("() => { document.getElementById('box').scrollTop = 500; }")
    opened.evaluate(DRAWN)

    opened.evaluate("() => genom.track('Last')")

    assert depths(told(node, opened, holding="Last")) == []


# ---- dwell time


def test_only_the_time_counts_in_which_the_page_can_be_seen(site: Site, node: Node, page: Page) -> None:
    page.add_init_script(CLOCK)
    page.goto(f"{site.url}/read")
    anonymous = consent(page, ALL)

    page.evaluate("() => { pass(7); look(true); pass(600); look(false); pass(4); }")
    page.goto("about:blank")

    left = [event for event in arrived(node, anonymous, holding="Page Left") if event["event"] == "Page Left"]
    assert [(event["properties"], event["context"]["page"]["path"]) for event in left] == [({"seconds": 11}, "/read")]


def test_a_page_that_changes_without_loading_is_left_with_its_own_address(site: Site, node: Node, page: Page) -> None:
    page.add_init_script(CLOCK)
    page.goto(f"{site.url}/one")
    anonymous = consent(page, ALL)

    page.evaluate("() => { pass(5); history.pushState({}, '', '/two'); }")
    arrived(node, anonymous, holding="Page Left")
    page.evaluate("() => pass(3)")
    page.goto("about:blank")

    events = arrived(node, anonymous, at_least=5)
    left = [event for event in events if event["event"] == "Page Left"]
    assert [(event["context"]["page"]["path"], event["properties"]["seconds"]) for event in left] == [
        ("/one", 5), ("/two", 3),
    ]  # fmt: skip
    assert [event["context"]["page"]["path"] for event in events if event["type"] == "page"] == ["/one", "/two"]


def test_a_page_that_stays_open_for_days_counts_half_an_hour(site: Site, node: Node, page: Page) -> None:
    page.add_init_script(CLOCK)
    page.goto(site.url)
    anonymous = consent(page, ALL)

    page.evaluate("() => pass(200_000)")
    page.goto("about:blank")

    assert said(arrived(node, anonymous, holding="Page Left"), "Page Left") == [{"seconds": 1800}]


# ---- forms


def form_events(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((event["event"], event["properties"]["form"]) for event in events if "form" in event["properties"])


def test_a_form_is_started_and_submitted_or_abandoned_and_no_content_of_a_field_leaves_the_page(
    site: Site, node: Node, page: Page
) -> None:
    sent: list[str] = []
    page.on("request", lambda one: sent.append(f"{one.url} {one.post_data}") if one.url.startswith(node.url) else None)
    page.goto(site.url)
    anonymous = consent(page, ALL)

    page.locator("#question").fill(SECRET)
    page.locator("#email").press_sequentially(SECRET)
    stored = page.evaluate("async () => { const all = JSON.stringify(localStorage); await genom.flush(); return all; }")
    page.locator("#join").click()
    page.wait_for_url("**/next?*")

    events = arrived(node, anonymous, holding="Form Abandoned")
    assert form_events(events) == [
        ("Form Abandoned", "contact"), ("Form Started", "contact"), ("Form Started", "newsletter"),
        ("Form Submitted", "newsletter"),
    ]  # fmt: skip
    assert "Form Started" in "".join(sent)
    for told_of in (*sent, stored, str(events)):
        assert SECRET not in told_of
        assert "canary" not in told_of


def test_a_form_without_a_name_is_not_told_and_one_can_be_kept_out_or_renamed(opened: Page, node: Node) -> None:
    for field in ("#nowhere", "#illness", "#words"):
        opened.locator(field).fill("something")

    assert form_events(told(node, opened, holding="Form Started")) == [("Form Started", "site search")]


def test_a_second_attempt_is_a_start_of_its_own(opened: Page, node: Node) -> None:
    opened.evaluate("() => addEventListener('submit', (one) => one.preventDefault())")
    for _ in range(2):
        opened.locator("#email").fill("x")
        opened.locator("#email").fill("xy")
        opened.locator("#join").click()
    opened.evaluate("() => genom.track('Last')")

    assert [name for name, _ in form_events(told(node, opened, holding="Last"))] == [
        "Form Started", "Form Started", "Form Submitted", "Form Submitted",
    ]  # fmt: skip


def test_a_form_on_a_page_that_changes_without_loading_is_abandoned_there(opened: Page, node: Node) -> None:
    opened.locator("#question").fill("x")

    opened.evaluate("() => history.pushState({}, '', '/elsewhere')")

    events = told(node, opened, holding="Form Abandoned")
    abandoned = [event for event in events if event["event"] == "Form Abandoned"]
    assert [event["context"]["page"]["path"] for event in abandoned] == ["/first"]


# ---- the shop's own events


def test_each_helper_sends_the_name_of_the_e_commerce_specification(opened: Page, node: Node) -> None:
    helpers = {
        "product": "Product Viewed", "list": "Product List Viewed", "add": "Product Added", "remove": "Product Removed",
        "cart": "Cart Viewed", "checkout": "Checkout Started", "order": "Order Completed", "refund": "Order Refunded",
        "search": "Products Searched", "promotion": "Promotion Viewed",
    }  # fmt: skip
    for helper in helpers:
        opened.evaluate("(helper) => genom[helper]({ by: helper })", helper)
    opened.evaluate("() => genom.track('Last')")

    events = told(node, opened, holding="Last")

    assert {event["properties"]["by"]: event["event"] for event in events if "by" in event["properties"]} == helpers


def test_events_carry_the_campaign_and_nothing_else_of_the_address(site: Site, node: Node, page: Page) -> None:
    page.goto(f"{site.url}/c?utm_source=letter&utm_campaign=tea&email={SECRET}")
    consent(page, ALL)
    page.evaluate("() => genom.track('Last', null)")

    events = told(node, page, holding="Last")

    assert {str(event["context"]["campaign"]) for event in events} == {str({"source": "letter", "name": "tea"})}
    assert SECRET not in str(events)
    assert all("userHash" not in event["context"] for event in events)
