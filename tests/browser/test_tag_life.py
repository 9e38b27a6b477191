"""The browser tag through the life of a page: full storage, other tabs, a page that comes back, one nobody sees yet."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from genom.collect import browser_tag
from tests.browser.conftest import CHROMIUM, SOON
from tests.browser.tag_site import ALL, EMPTY, NONE, STORED, Site, arrived, consent, names, said, serve_site, told
from tests.node import Node

BEACONS = """
  window.beacons = [];
  const usual = navigator.sendBeacon.bind(navigator);
  navigator.sendBeacon = (url, text) => {
    const taken = usual(url, text);
    beacons.push([taken, ...JSON.parse(text).batch.map((one) => one.event || one.type)]);
    return taken;
  };
"""
UNANSWERED = """() => {
  window.released = [];
  const usual = window.fetch;
  window.fetch = (url, how) => new Promise((resolve) => released.push(resolve)).then(() => usual(url, how));
}"""  # batches stay on their way until the test lets them go
PRERENDERED = """
  let unseen = true;
  Object.defineProperty(document, "prerendering", { get: () => unseen });
  window.see = () => { unseen = false; document.dispatchEvent(new Event("prerenderingchange")); };
"""
GONE = "() => dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))"
BACK = "() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[Site]:
    with serve_site(node, "tag-life", measure=["dwell"]) as site:
        yield site


# ---- storage


def test_with_full_storage_the_page_still_works_and_its_events_arrive(site: Site, node: Node, page: Page) -> None:
    page.goto(site.url)
    page.evaluate("""() => {
      let size = 1 << 22;
      for (let n = 0; size; n++) { try { localStorage.setItem("shop" + n, "x".repeat(size)); } catch { size >>= 1; } }
    }""")

    consent(page, ALL)
    page.evaluate("() => genom.track('Full')")

    assert "Full" in names(told(node, page, holding="Full"))
    assert all(name.startswith("shop") for name in page.evaluate(STORED)["local"])


def test_in_a_private_window_a_visit_leaves_nothing_for_the_next(browser: Browser, site: Site) -> None:
    ids = set()
    for _ in range(2):
        context = browser.new_context()  # as a private window: its storage ends with it
        page = context.new_page()
        page.goto(site.url)
        assert page.evaluate(STORED) == EMPTY
        ids.add(consent(page, ALL))
        context.close()

    assert len(ids) == 2


def test_what_a_tab_writes_before_it_hears_of_a_withdrawal_in_another_goes_as_well(site: Site, page: Page) -> None:
    page.goto(site.url)
    consent(page, ALL)
    page.evaluate("() => genom.flush()")

    page.evaluate("""() => {
      localStorage.removeItem("genom.me");  // by another tab; the news of it comes after these two
      genom.track("Late");
      genom.identify("late");
      dispatchEvent(new StorageEvent("storage", { key: "genom.me", newValue: null }));
    }""")

    assert page.evaluate(STORED) == EMPTY
    assert page.evaluate("() => [genom.anonymousId(), genom.user()]") == [None, None]


def test_a_login_in_one_tab_counts_in_the_other(site: Site, node: Node, context: BrowserContext, page: Page) -> None:
    other = context.new_page()
    for tab in (page, other):
        tab.goto(site.url)
        consent(tab, ALL)

    other.evaluate("""() => addEventListener("storage", (change) => {
      if (change.newValue.includes('"price":false')) window.heard = true;
    })""")

    page.evaluate("() => genom.identify('tag-two-tabs')")
    other.wait_for_function("() => genom.user() === 'tag-two-tabs'")
    consent(page, ALL | {"price": False})
    other.wait_for_function("() => window.heard")
    other.evaluate("() => genom.track('Other tab')")

    events = arrived(node, "tag-two-tabs", kind="user_id", holding="Other tab")
    event = next(one for one in events if one["event"] == "Other tab")
    assert event["context"]["consent"]["categoryPreferences"]["price"] is False


# ---- leaving


def test_what_is_on_its_way_is_not_sent_again_when_the_page_is_left(site: Site, page: Page) -> None:
    page.add_init_script(BEACONS)
    page.goto(site.url)
    consent(page, ALL)
    page.evaluate("() => genom.flush()")
    page.evaluate(UNANSWERED)

    page.evaluate("() => { genom.track('On its way'); genom.flush(); genom.track('Waits'); }")
    page.evaluate(GONE)

    assert page.evaluate("() => beacons") == [[True, "Waits", "Page Left"]]


def test_what_the_browser_does_not_take_at_once_is_halved_and_the_rest_stays_in_the_outbox(
    site: Site, node: Node, page: Page
) -> None:
    page.add_init_script(BEACONS.replace("usual(url, text)", "text.length < 30_000 && usual(url, text)"))
    page.goto(site.url)
    anonymous = consent(page, ALL)
    page.evaluate("() => genom.flush()")
    page.evaluate(UNANSWERED)

    page.evaluate("""() => {
      for (let n = 0; n < 4; n++) genom.track("Large " + n, { text: "x".repeat(11_000) });
      dispatchEvent(new PageTransitionEvent("pagehide"));
    }""")

    assert page.evaluate("() => beacons") == [
        [False, "Large 0", "Large 1", "Large 2", "Large 3", "Page Left"], [True, "Large 0", "Large 1"],
    ]  # fmt: skip
    assert len(page.evaluate(STORED)["local"]) == 6
    page.evaluate("() => { for (const release of released) release(); }")
    page.goto(f"{site.url}/next")
    assert consent(page, ALL) == anonymous
    events = told(node, page, holding="Large 3")
    assert sorted(name for name in names(events) if name.startswith("Large")) == [f"Large {n}" for n in range(4)]


def test_hundreds_of_events_survive_the_end_of_a_page(site: Site, node: Node, page: Page) -> None:
    page.goto(site.url)
    anonymous = consent(page, ALL)
    page.evaluate("() => genom.flush()")

    page.evaluate("""() => {
      for (let n = 0; n < 90; n++) genom.track("Many", { n, text: "x".repeat(2_000) });
      location.href = "/next";
    }""")
    page.wait_for_url("**/next")
    consent(page, ALL)
    page.evaluate("() => genom.flush()")

    events = arrived(node, anonymous, at_least=94)
    assert sorted(one["n"] for one in said(events, "Many")) == list(range(90))


# ---- coming back


def test_a_page_that_comes_back_from_the_browsers_memory_is_viewed_again(site: Site, node: Node, page: Page) -> None:
    page.goto(site.url)
    consent(page, ALL)
    told(node, page, holding="page")

    page.evaluate(GONE)
    page.evaluate(BACK)
    page.evaluate("() => genom.track('Last')")

    assert sorted(names(told(node, page, holding="Last"))) == [
        "Consent Preference Updated", "Last", "Page Left", "page", "page",
    ]  # fmt: skip


def test_a_page_that_comes_back_hears_what_was_withdrawn_meanwhile(site: Site, page: Page) -> None:
    page.goto(site.url)
    consent(page, ALL)
    page.evaluate("() => genom.flush()")

    page.evaluate(GONE)
    page.evaluate("() => localStorage.clear()")  # by another page; a page that rests is told nothing
    page.evaluate(BACK)

    assert page.evaluate("() => { genom.track('X'); return genom.anonymousId(); }") is None
    assert page.evaluate(STORED) == EMPTY


def test_a_page_that_comes_back_without_storage_goes_on_as_it_was(site: Site, page: Page) -> None:
    page.add_init_script("""Object.defineProperty(window, 'localStorage', {
      get() { throw new DOMException('blocked', 'SecurityError'); } })""")
    page.goto(site.url)
    anonymous = consent(page, ALL)

    page.evaluate(GONE)
    page.evaluate(BACK)

    assert page.evaluate("() => genom.anonymousId()") == anonymous


def test_the_first_show_of_a_page_is_no_return(site: Site, node: Node, page: Page) -> None:
    page.goto(site.url)
    consent(page, ALL)
    page.evaluate("() => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))")
    page.evaluate("() => genom.track('Last')")

    assert names(told(node, page, holding="Last")).count("page") == 1


def test_a_browser_that_keeps_pages_gives_one_back_that_counts_again_and_knows_of_the_withdrawal(
    browser: Browser, site: Site, node: Node
) -> None:
    """Playwright's browsers keep no page; this one is started so that it does."""
    keeping = browser.browser_type.launch(
        executable_path=CHROMIUM, args=["--no-sandbox"], ignore_default_args=["--disable-back-forward-cache"]
    )
    page = keeping.new_page()
    page.set_default_timeout(SOON)
    page.goto(f"{site.url}/kept")
    page.evaluate("() => { window.kept = true; }")
    anonymous = consent(page, ALL)
    page.evaluate("() => genom.flush()")
    page.goto(f"{site.url}/next")
    page.go_back(wait_until="commit")
    assert page.evaluate("() => window.kept")  # the same page, and not a new one
    events = arrived(node, anonymous, at_least=4)
    assert sorted(names(events)) == ["Consent Preference Updated", "Page Left", "page", "page"]

    page.goto(f"{site.url}/next")
    consent(page, NONE)
    page.go_back(wait_until="commit")

    assert page.evaluate("() => window.kept")
    assert page.evaluate("() => genom.anonymousId()") is None
    assert page.evaluate(STORED) == EMPTY
    keeping.close()


# ---- not seen yet


def test_a_page_that_is_rendered_in_advance_counts_when_somebody_sees_it(site: Site, node: Node, page: Page) -> None:
    page.add_init_script(PRERENDERED)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/ahead")
    before = len(asked)

    page.evaluate("(all) => { genom.consent(all); genom.product({ product_id: 'p1' }); }", ALL)
    page.evaluate("() => { window.told = genom.decide('next_product', { timeout: 1 }); }")
    assert page.evaluate("() => genom.anonymousId()") is None
    assert page.evaluate(STORED) == EMPTY
    assert len(asked) == before
    page.evaluate("() => see()")

    assert page.evaluate("() => window.told.then((told) => told.choices)") == []
    events = told(node, page, holding="Product Viewed")
    assert sorted(names(events)) == ["Consent Preference Updated", "Product Viewed", "page"]


def test_a_page_that_nobody_ever_sees_does_not_count(site: Site, page: Page) -> None:
    page.add_init_script(PRERENDERED)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{site.url}/never")
    before = len(asked)
    consent(page, ALL)

    page.evaluate("() => { genom.page(); genom.track('X'); }")
    page.evaluate(GONE)

    assert page.evaluate(STORED) == EMPTY
    assert len(asked) == before


# ---- the script itself


def loaded(page: Page, url: str, integrity: str) -> str:
    """What becomes of a script element: `load` or `error`."""
    became: str = page.evaluate(
        """([src, integrity]) => new Promise((resolve) => {
          const script = Object.assign(document.createElement("script"), { src, integrity, crossOrigin: "anonymous" });
          script.onload = script.onerror = (event) => resolve(event.type);
          document.head.append(script);
        })""",
        [url, integrity],
    )
    return became


def test_a_page_of_another_origin_loads_the_tag_by_its_hash_and_no_other_bytes(
    site: Site, node: Node, page: Page
) -> None:
    page.goto(site.url)
    tag, other = browser_tag(), "sha384-" + "A" * 64
    url = f"{node.url}/genom.{tag.hash}.js"

    assert loaded(page, url, tag.integrity) == "load"
    assert loaded(page, f"{url}?other", other) == "error"


def test_the_tag_finds_its_node_by_the_address_that_it_was_loaded_from(site: Site, node: Node, page: Page) -> None:
    page.goto(site.url)
    tag = browser_tag()
    assert loaded(page, f"{node.url}/genom.{tag.hash}.js", tag.integrity) == "load"

    page.evaluate("(key) => { genom.load(key); genom.page(); }", site.write_key)
    consent(page, NONE | {"measure_person": True})

    assert names(told(node, page, holding="page")).count("page") == 1
