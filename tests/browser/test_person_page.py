"""The person's page in a real browser: the strip read by keys, chips, what happens shown as it happens, a split."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests import node as nodes
from tests.browser.conftest import NARROW, SOON, SOURCE, WIDE, timed
from tests.browser.pages import Ids, fill
from tests.node import Node

NAME = "shopper-0"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Ids]]:
    node = nodes.start(tmp_path_factory.mktemp("person") / "data", env=SOURCE)
    node.post("/v1/consent", {"type": "user_id", "value": NAME, "purpose": "price", "granted": True})
    yield node, fill(node)
    assert node.stop() == 0, node.log.read_text("utf-8")[-4000:]


@pytest.fixture
def page(browser: Browser, site: tuple[Node, Ids]) -> Iterator[Page]:
    """The person's page of somebody who is signed in."""
    yield from _page(browser, site, viewport=WIDE)


@pytest.fixture
def plain(browser: Browser, site: tuple[Node, Ids]) -> Iterator[Page]:
    """The same without scripts, narrow."""
    yield from _page(browser, site, viewport=NARROW, java_script_enabled=False)


def _page(browser: Browser, site: tuple[Node, Ids], **how: Any) -> Iterator[Page]:
    node, ids = site
    context: BrowserContext = browser.new_context(locale="en-GB", reduced_motion="reduce", **how)
    context.set_default_timeout(SOON)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(node.url + node.post("/v1/console-links", {})["url"])
    page.goto(f"{node.url}/people/{ids.person}")
    yield page
    assert not problems, problems
    context.close()


def track(node: Node, name: str, **properties: Any) -> None:
    event = {"type": "track", "event": name, "userId": NAME, "messageId": uuid.uuid4().hex, "properties": properties}
    node.post("/v1/batch", {"batch": [event]})


def consent(node: Node, purpose: str, *, granted: bool) -> None:
    node.post("/v1/consent", {"type": "user_id", "value": NAME, "purpose": purpose, "granted": granted})


def live(page: Page) -> None:
    """Wait until the page listens."""
    expect(page.locator("#live")).to_be_visible()


def test_a_value_is_shown_once_for_a_reason_that_a_dialog_asks_for(page: Page, site: tuple[Node, Ids]) -> None:
    page.goto(f"{site[0].url}/people/{site[1].person}")
    page.get_by_role("link", name="Show", exact=True).click()
    dialog = page.get_by_role("dialog", name="Show a masked value")
    expect(dialog.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="Show", exact=True)).to_be_focused()
    assert NAME not in page.content()

    page.get_by_role("link", name="Show", exact=True).click()
    dialog.get_by_role("button", name="Show once").click()  # the browser asks for the reason itself
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_label("Reason").fill("complaint 4711")
    dialog.get_by_role("button", name="Show once").click()

    expect(page.locator(".facts dd")).to_have_text([NAME])
    page.get_by_role("link", name="Open the audit log").click()
    expect(page.get_by_role("row").filter(has_text="complaint 4711")).to_have_count(1)


def test_without_scripts_the_reason_is_asked_for_on_a_page(plain: Page, site: tuple[Node, Ids]) -> None:
    plain.goto(f"{site[0].url}/people/{site[1].person}")
    plain.get_by_role("link", name="Show", exact=True).click()
    plain.get_by_label("Reason").fill("complaint 12")
    plain.get_by_role("button", name="Show once").click()

    expect(plain.locator(".facts dd")).to_have_text([NAME])


def test_arrow_keys_read_one_gene_after_the_other(page: Page) -> None:
    strip, line = page.get_by_role("slider", name="Genes, one by one"), page.locator("#reading")
    strip.focus()
    told = []
    for key in ("ArrowRight", "ArrowRight", "PageUp", "PageDown", "ArrowLeft", "End"):
        page.keyboard.press(key)
        told.append(int(strip.get_attribute("aria-valuenow") or 0))
        assert strip.get_attribute("aria-valuetext") == line.inner_text()

    assert told == [1, 2, 22, 2, 1, 200]
    assert strip.get_attribute("aria-valuemax") == "200"


def test_the_mouse_reads_the_gene_below_it(page: Page) -> None:
    bar = page.locator("#strip .bar").nth(60)

    bar.hover(force=True)

    expect(page.locator("#reading")).to_have_text(bar.get_attribute("data-say") or "")


def test_a_chip_fills_the_table_and_reload_and_back_keep_it(page: Page) -> None:
    chip = page.get_by_role("button", name=re.compile("^Rhythm"))
    number = int(re.search(r"\d+", chip.inner_text())[0])  # type: ignore[index]

    chip.click()

    rows = page.locator("#genes tr[data-gene]")
    expect(rows).to_have_count(number)
    expect(page.get_by_role("button", name=re.compile("^Rhythm"))).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("button", name=re.compile("^Rhythm"))).to_be_focused()
    page.reload()
    expect(rows).to_have_count(number)
    page.get_by_role("button", name=re.compile("^Trust")).click()
    expect(page.locator("#genes h2")).to_have_text("Genes: Trust")
    page.go_back()
    expect(page.locator("#genes h2")).to_have_text("Genes: Rhythm")


def test_without_scripts_chips_and_purposes_work(plain: Page) -> None:
    plain.get_by_role("button", name=re.compile("^Value")).click()
    expect(plain.locator("#genes h2")).to_have_text("Genes: Value")

    plain.get_by_label("Read for").select_option("recommend")
    plain.get_by_role("button", name="Read", exact=True).click()

    expect(plain.locator("#genes h2")).to_have_text("Genes: Value")
    assert "purpose=recommend" in plain.url


def test_an_event_appears_as_it_happens(page: Page, site: tuple[Node, Ids]) -> None:
    live(page)

    def shows(number: int) -> None:
        expect(page.locator("#entries")).to_contain_text(f"blue kettle {number}", timeout=SOON)

    timed(
        "person.event", shows, before=lambda number: track(site[0], "Products Searched", query=f"blue kettle {number}")
    )


def test_a_decision_appears_with_its_reasons(page: Page, site: tuple[Node, Ids]) -> None:
    live(page)
    before = page.locator("#why time, #why a").first.get_attribute("href")

    made = site[0].post("/v1/decide", {"point": "next_product", "person": {"user_id": NAME}})

    expect(page.locator(f"#why a[href='/decisions/log/{made['decision_id']}']")).to_be_visible(timeout=SOON)
    assert made["decision_id"] not in (before or "")


def test_a_withdrawn_consent_shows_at_once_and_takes_the_values_along(page: Page, site: tuple[Node, Ids]) -> None:
    node = site[0]
    page.goto(f"{page.url.split('?')[0]}?family=price")
    live(page)
    badge = page.locator("#badges li", has_text="Personal prices").first
    expect(badge.locator(".granted")).to_be_visible(timeout=SOON)
    shown = page.locator("#genes td.num").first.inner_text()
    assert shown

    consent(node, "price", granted=False)

    expect(badge.locator(".withheld")).to_be_visible(timeout=SOON)
    hatched = page.locator("#strip .bar.withheld")
    expect(hatched.first).to_be_visible()
    assert {gene.split(".")[0] for gene in hatched.evaluate_all("(all) => all.map((e) => e.dataset.gene)")} == {"price"}
    expect(page.locator("#genes .withheld")).to_have_count(page.locator("#genes tr[data-gene]").count())
    expect(page.locator("#entries")).to_contain_text("Withdrew consent: personal prices")
    consent(node, "price", granted=True)
    expect(badge.locator(".granted")).to_be_visible(timeout=SOON)


def test_what_is_read_stays_read_while_the_page_renews(page: Page, site: tuple[Node, Ids]) -> None:
    live(page)
    strip = page.locator("#strip")
    strip.focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("PageUp")
    before = strip.get_attribute("aria-valuenow")

    track(site[0], "Products Searched", query="green kettle")

    expect(page.locator("#entries")).to_contain_text("green kettle", timeout=SOON)
    expect(strip).to_be_focused()
    assert strip.get_attribute("aria-valuenow") == before


def test_a_split_asks_first_and_is_undone_or_a_sign_in_joins_again(page: Page, site: tuple[Node, Ids]) -> None:
    node, ids = site
    page.goto(f"{node.url}/people/{ids.person}/identity")
    tablet = page.locator(".tree li", has_text="ta•••-0")
    button = tablet.get_by_role("link", name="Split off")
    button.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("there are 2 people")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()

    button.click()
    page.get_by_role("dialog").get_by_role("button", name="Split off").click()

    expect(page.get_by_role("heading", name="Split into 2 people")).to_be_visible()
    expect(page.locator(".parted .chip")).to_have_count(2)
    page.get_by_role("link", name="Undo the split").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo the split").click()
    expect(page.get_by_role("heading", name="One person again")).to_be_visible()
    expect(page.get_by_role("link", name="Undo the split")).to_have_count(0)

    tablet.get_by_role("link", name="Split off").click()
    page.get_by_role("dialog").get_by_role("button", name="Split off").click()
    expect(page.get_by_role("heading", name="Split into 2 people")).to_be_visible()
    event = {"type": "identify", "userId": NAME, "anonymousId": "tablet-0", "messageId": uuid.uuid4().hex}
    node.post("/v1/batch", {"batch": [event]})
    page.goto(f"{node.url}/people/{ids.person}/identity")
    expect(page.locator(".tree li", has_text="ta•••-0")).to_be_visible()


def test_a_split_works_without_scripts(plain: Page, site: tuple[Node, Ids]) -> None:
    node, ids = site
    plain.goto(f"{node.url}/people/{ids.person}/identity")

    plain.locator(".tree li", has_text="ta•••-0").get_by_role("link", name="Split off").click()

    expect(plain.get_by_role("dialog")).to_contain_text("You can undo the split once")


def test_the_persons_own_page_opens_once(page: Page, browser: Browser) -> None:
    page.get_by_role("button", name="Open this person's own page").click()
    link = page.get_by_label("One-time link").input_value()
    assert "15 minutes" in page.locator("#own-link-hint").inner_text()
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()

    other = browser.new_context()
    own = other.new_page()
    own.goto(link)
    assert own.url.endswith("/me")
    again = browser.new_context().new_page()
    answer = again.goto(link)
    assert answer is not None
    assert answer.status >= 400 or "/me/enter" in again.url
    other.close()


def test_ten_open_pages_leave_room_for_one_more(browser: Browser, site: tuple[Node, Ids]) -> None:
    node, ids = site
    context = browser.new_context()
    page = context.new_page()
    page.goto(node.url + node.post("/v1/console-links", {})["url"])
    for _ in range(10):
        context.new_page().goto(f"{node.url}/people/{ids.person}")

    eleventh = context.new_page()

    def opens(_: int) -> None:
        eleventh.goto(f"{node.url}/people/{ids.person}")
        expect(eleventh.locator("h1")).to_be_visible(timeout=SOON)

    timed("person.eleventh_tab", opens)
    context.close()
