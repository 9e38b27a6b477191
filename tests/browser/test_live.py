"""Live events in a real browser: on top within a second, held back by a pause, never more than 500 rows."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.conftest import SOON, timed
from tests.node import Node

WATCHED = """
window.streams = [];
window.EventSource = class extends EventSource { constructor(url) { super(url); window.streams.push(this); } };
let hidden = false;
Object.defineProperty(document, "hidden", { get: () => hidden });
window.look = (away) => { hidden = away; document.dispatchEvent(new Event("visibilitychange")); };
"""


def event(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "track",
        "event": "Product Viewed",
        "userId": f"watched-{number % 50}",
        "messageId": f"live-{number}",
        "properties": {"name": f"Thing {number}", "price": number},
    } | more


def opened(page: Page, node: Node, query: str = "") -> None:
    page.goto(node.url + node.post("/v1/console-links", {})["url"])
    page.goto(f"{node.url}/events/live{query}")
    expect(page.locator("#state")).to_have_text("Live")


def test_an_event_is_on_top_and_opens_in_place(page: Page, node: Node) -> None:
    opened(page, node)

    first = page.locator("#rows > li").first

    def shows(number: int) -> None:
        expect(first).to_contain_text(f"Thing {20 + number}", timeout=SOON)

    timed("live.event", shows, before=lambda number: node.post("/v1/batch", {"batch": [event(20 + number)]}))
    node.post("/v1/batch", {"batch": [event(1)]})
    expect(first).to_contain_text("Thing 1", timeout=SOON)
    first.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(first.locator("dl")).to_contain_text("Thing 1")
    expect(first.locator("pre")).to_contain_text('"messageId": "live-1"')
    assert "watched-1" not in page.content()


def test_a_refused_event_shows_field_and_reason(page: Page, node: Node) -> None:
    opened(page, node)

    node.post("/v1/batch", {"batch": [{"type": "track", "event": "Lonely Event", "properties": {}}]})

    first = page.locator("#rows > li").first
    expect(first).to_contain_text("refused", timeout=SOON)
    first.locator("summary").click()
    expect(first.locator("code").first).to_have_text("$.batch[0]")
    expect(first).to_contain_text("does not say whose it is")


def test_a_pause_holds_rows_back_and_counts_them(page: Page, node: Node) -> None:
    opened(page, node)
    page.get_by_role("button", name="Pause").click()
    before = page.locator("#rows > li").count()

    node.post("/v1/batch", {"batch": [event(100), event(101), event(102)]})

    expect(page.locator("#held")).to_contain_text("3 events are held back.")
    assert page.locator("#rows > li").count() == before
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#rows > li").first).to_contain_text("Thing 102")
    expect(page.locator("#held")).to_be_empty()


def test_a_filter_holds_for_new_rows_and_stands_in_the_address(page: Page, node: Node) -> None:
    opened(page, node)
    page.get_by_role("searchbox").fill("thing 201")

    node.post("/v1/batch", {"batch": [event(200), event(201)]})

    expect(page.locator("#rows > li:visible")).to_have_count(1)
    expect(page.locator("#rows > li:visible")).to_contain_text("Thing 201")
    assert page.url.endswith("?q=thing+201")
    page.reload()
    expect(page.locator("#rows > li")).to_have_count(1)


def test_ten_thousand_events_leave_at_most_500_rows(page: Page, node: Node) -> None:
    opened(page, node)

    for start in range(1_000, 11_000, 500):
        node.post("/v1/batch", {"batch": [event(n) for n in range(start, start + 500)]})

    expect(page.locator("#held")).to_contain_text("came too fast")
    expect(page.locator("#rows > li").first).to_contain_text("Thing 10999", timeout=SOON)
    assert page.locator("#rows > li").count() <= 500


def test_of_a_flood_of_both_fates_at_most_500_rows_are_left(page: Page, node: Node) -> None:
    opened(page, node)
    shown = page.locator("#rows > li[data-state=refused]")

    for start in range(20_000, 40_000, 100):
        if start >= 24_000 and shown.count() >= 100:
            break  # a browser that has little time shows several messages as one
        refused = [event(n) | {"timestamp": "never"} for n in range(start, start + 50)]
        node.post("/v1/batch", {"batch": [*refused, *(event(n) for n in range(start + 50, start + 100))]})
        page.wait_for_timeout(60)  # of each message 40 are shown, so that many messages are needed

    expect(page.locator("#rows > li").first).to_be_visible(timeout=SOON)
    expect(shown).to_have_count(100)
    assert page.locator("#rows > li").count() <= 500


def test_a_pause_counts_also_what_it_does_not_keep(page: Page, node: Node) -> None:
    page.add_init_script(WATCHED)
    opened(page, node)
    page.get_by_role("button", name="Pause").click()
    page.evaluate(
        """() => {
            const row = document.querySelector("#rows > li"), source = window.streams.at(-1);
            for (let n = 0; n < 30; n++) {
                const again = (k) => row.outerHTML.replace(/data-key="[^"]*"/, `data-key="x${n}-${k}"`);
                const rows = Array.from({ length: 40 }, (_, k) => again(k));
                source.dispatchEvent(new MessageEvent("rows", { data: rows.join("") }));
            }
        }"""
    )
    expect(page.locator("#held")).to_contain_text("1,200 events are held back.")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#held")).to_be_empty()
    assert page.locator("#rows > li").count() <= 500


def test_what_came_while_the_tab_was_hidden_is_there_afterwards_once(page: Page, node: Node) -> None:
    page.add_init_script(WATCHED)
    opened(page, node)
    node.post("/v1/batch", {"batch": [event(30_000)]})
    expect(page.locator("#rows > li").first).to_contain_text("Thing 30000")
    page.evaluate("window.look(true)")

    node.post("/v1/batch", {"batch": [event(30_001), event(30_002)]})
    page.wait_for_timeout(600)
    assert "Thing 30002" not in page.locator("#rows > li").first.inner_text()
    page.evaluate("window.look(false)")

    expect(page.locator("#rows > li").first).to_contain_text("Thing 30002")
    for number in (30_000, 30_001, 30_002):
        expect(page.locator("#rows > li", has_text=f"Thing {number}")).to_have_count(1)
