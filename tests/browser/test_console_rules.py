"""Rules A1 to A12 for every page: both languages, light and dark, 1440 and 390 px, in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from tests import node as nodes
from tests.browser.conftest import NARROW, SOON, SOURCE, WIDE, note, timed
from tests.browser.pages import EMPTY, PAGES, PASSWORD, Ids, Listed, fill
from tests.node import Node

LOOKS: Final = [("en", "light", WIDE), ("de", "dark", WIDE), ("de", "light", NARROW), ("en", "dark", NARROW)]
KEYS, COLD = LOOKS[0], LOOKS[1]  # where the keyboard is tried, and where the cache is empty
USUAL: Final = Listed(name="any", path=lambda _: "/")
KIBIBYTES, REQUESTS = 150, 12  # of a cold page
UNSEEN_NARROW: Final = """() => [...document.querySelectorAll("select, input:not([type=hidden]), textarea, button")]
  .filter((e) => e.offsetParent && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 2)
  .map((e) => e.outerHTML.slice(0, 120))"""
HIDDEN_SCROLL: Final = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
ENGLISH: Final = re.compile(r"\b(the|and|of|with|not|this|that|people|events?|orders?|nothing)\b", re.IGNORECASE)
DECIMAL: Final = re.compile(r"(?<![\d.])\d+\.\d{1,2}(?![\d.])")
FOREIGN_DATE: Final = re.compile(r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b")


@dataclass(slots=True)
class Heard:
    """What a page caused while it was looked at."""

    origin: str
    said: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    replies: list[Response] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        page.on("console", lambda said: self.said.append(said.text))
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("response", lambda reply: self._take(reply))  # noqa: PLW0108 -- Playwright marks what it is given

    def _take(self, reply: Response) -> None:
        self.replies.append(reply)
        if not reply.url.startswith((self.origin, "data:")):
            self.elsewhere.append(reply.url)

    def newest(self) -> Response:
        """The answer that the page is."""
        return [reply for reply in self.replies if reply.request.is_navigation_request()][-1]

    def refused(self) -> list[int]:
        """The statuses of pages that were refused."""
        return [reply.status for reply in self.replies if reply.request.is_navigation_request() and not reply.ok]

    def bytes(self) -> int:
        sizes = [reply.request.sizes() for reply in self.replies if "/stream" not in reply.url]
        return sum(s["responseBodySize"] + s["responseHeadersSize"] for s in sizes)


@dataclass(slots=True)
class Visitor:
    """Contexts that are signed in: one for each look, kept; or a fresh one with an empty cache."""

    browser: Browser
    node: Node
    ids: Ids
    kept: dict[tuple[Any, ...], BrowserContext] = field(default_factory=dict)

    def fresh(self, look: tuple[str, str, Any], listed: Listed = USUAL) -> BrowserContext:
        language, theme, viewport = look
        context = self.browser.new_context(viewport=viewport, locale="en-GB", reduced_motion="reduce")
        context.set_default_timeout(SOON)
        choices = {"genom_language": language, "genom_theme": theme}
        context.add_cookies([{"name": name, "value": value, "url": self.node.url} for name, value in choices.items()])
        if listed.stranger:
            return context
        if listed.role:
            form = {"name": listed.role, "password": PASSWORD}
            assert context.request.post(f"{self.node.url}/login", form=form, headers={"Origin": self.node.url}).ok
            return context
        if listed.portal:
            link = self.node.post("/v1/portal-links", {"type": "person", "value": self.ids.person})["url"]
        else:
            link = self.node.post("/v1/console-links", {})["url"]
        assert context.request.get(self.node.url + link).ok
        return context

    def known(self, look: tuple[str, str, Any], listed: Listed = USUAL) -> BrowserContext:
        key = (look[0], look[1], look[2]["width"], listed.portal, listed.stranger, listed.role)
        if key not in self.kept:
            self.kept[key] = self.fresh(look, listed)
        return self.kept[key]


@pytest.fixture(scope="module")
def visitor(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    node = nodes.start(tmp_path_factory.mktemp("rules") / "data", env=SOURCE)
    yield Visitor(browser, node, fill(node))
    assert node.stop() == 0, node.log.read_text("utf-8")[-4000:]


@pytest.fixture(scope="module")
def newcomer(browser: Browser, node: Node) -> Visitor:
    """Who looks at an installation without data."""
    return Visitor(browser, node, Ids(person="", decision=""))


@dataclass(slots=True)
class Visit:
    """A page that was opened, and what was heard meanwhile."""

    page: Page
    heard: Heard
    reply: Response | None = None
    refused: list[int] = field(default_factory=list)  # statuses of pages that were refused on the way


def opened(visitor: Visitor, context: BrowserContext, listed: Listed, look: Any) -> Visit:
    visit = Visit(context.new_page(), Heard(visitor.node.url))
    visit.heard.listen(visit.page)
    started = time.perf_counter()
    visit.reply = visit.page.goto(visitor.node.url + listed.path(visitor.ids), wait_until="load")
    expect(visit.page.locator("h1")).to_be_visible()
    if look == COLD:
        note(f"cold.{listed.name}", time.perf_counter() - started)
    if listed.act is not None:
        listed.act(visit.page)
        visit.page.wait_for_load_state()
        visit.reply = visit.heard.newest()
        visit.refused = visit.heard.refused()
        visit.heard.replies = visit.heard.replies[visit.heard.replies.index(visit.reply) :]  # A6 is about one page
    visit.refused += visit.heard.refused()
    return visit


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]}-{look[2]['width']}")
@pytest.mark.parametrize("listed", PAGES, ids=lambda listed: listed.name)
def test_a_page_keeps_the_rules(visitor: Visitor, listed: Listed, look: Any) -> None:
    """A1 to A5 and A8; on the same page, in one look A6, and in another A7 and A9."""
    assert_rules(visitor, listed, look)


@pytest.mark.parametrize("look", LOOKS, ids=lambda look: f"{look[0]}-{look[1]}-{look[2]['width']}")
@pytest.mark.parametrize("listed", EMPTY, ids=lambda listed: listed.name)
def test_a_page_without_data_keeps_the_rules(newcomer: Visitor, listed: Listed, look: Any) -> None:
    """The same, of a node that nobody has sent anything to."""
    assert_rules(newcomer, listed, look)


def assert_rules(visitor: Visitor, listed: Listed, look: Any) -> None:
    enter = visitor.fresh if look == COLD else visitor.known
    context = enter(look, listed)
    visit = opened(visitor, context, listed, look)
    page = visit.page

    if look == COLD:
        assert_light(visit)
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, f"A3 {found.generate_report()}"
    assert visit.reply is not None
    assert visit.reply.status == listed.status
    assert visit.heard.elsewhere == [], "A1"
    # Chromium says of a refused document that it is
    said = [text for text in visit.heard.said if not any(str(status) in text for status in visit.refused)]
    assert said == [], "A2"
    assert page.locator("h1").count() == 1, "A4"
    assert page.locator("html").get_attribute("lang") == look[0], "A4"
    heading = " ".join(page.locator("h1").inner_text().split())
    assert page.title().startswith(heading), f"A4 {page.title()!r} {heading!r}"
    assert page.evaluate(HIDDEN_SCROLL) <= 0, "A5"
    assert page.evaluate(UNSEEN_NARROW) == [], "A5"
    if look[0] == "de":
        assert german(page) == [], "A8"
    if look == KEYS:
        assert_keyboard(page)
        if listed.act is None:  # what was asked for once is not asked for again by a reload
            assert_restored(visitor, listed, page)
    page.close()
    if look == COLD:
        context.close()


def assert_light(visit: Visit) -> None:
    """A6, for a page that was opened with an empty cache."""
    assert visit.heard.bytes() <= KIBIBYTES * 1024, "A6"
    assert len(visit.heard.replies) <= REQUESTS, [reply.url for reply in visit.heard.replies]


def german(page: Page) -> list[str]:
    """Texts of a German page that are not: code, brands and what came with data are left out."""
    text = page.evaluate(
        """() => { const copy = document.body.cloneNode(true);
        for (const e of copy.querySelectorAll('code, pre, script, [lang], dialog, .facts, .known, svg')) e.remove();
        return copy.textContent; }"""
    )
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return [line for line in lines if ENGLISH.search(line) or DECIMAL.search(line) or FOREIGN_DATE.search(line)]


def assert_keyboard(page: Page) -> None:
    """A7: Tab visits every control, each with a visible focus; of a page whose figures are all there."""
    expect(page.locator("#genes[hx-get]")).to_have_count(0, timeout=3 * SOON)
    wanted = page.evaluate(
        """() => { let n = 0; window.seen = new WeakMap();
        for (const e of document.querySelectorAll('a[href], button, input, select, summary'))
        if (e.checkVisibility() && !e.disabled && e.tabIndex >= 0 && e.type !== 'hidden') window.seen.set(e, ++n);
        return n; }"""
    )
    radio_groups = page.evaluate("() => document.querySelectorAll('input[type=radio]').length")
    reached, unseen = set[int](), list[str]()
    for _ in range(min(wanted, 80) + 40):
        page.keyboard.press("Tab")
        told = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e);
            const seen = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1;
            return [window.seen.get(e) ?? 0, seen, e.outerHTML.slice(0, 90)]; }"""
        )
        if told[0]:
            reached.add(told[0])
            if not told[1]:
                unseen.append(told[2])
        if len(reached) >= wanted:
            break

    assert unseen == [], "A7"
    assert len(reached) >= min(wanted, 80) - radio_groups, "A7"


def assert_restored(visitor: Visitor, listed: Listed, page: Page) -> None:
    """A9: reload and Back restore the page; figures that were still being counted may have come meanwhile, once."""
    node, ids = visitor.node, visitor.ids
    for _ in range(3):
        before = page.locator("main").inner_text()
        page.goto(f"{node.url}/look" if not listed.portal else f"{node.url}/me/nothing")
        page.go_back()
        assert urlsplit(page.url).path == urlsplit(listed.path(ids)).path, "A9"
        page.reload()
        if listed.drawn or says_again(page, before):
            return
    raise AssertionError(("A9", lines_of(before), lines_of(page.locator("main").inner_text())))


def says_again(page: Page, before: str) -> bool:
    """Whether the page says the same within some seconds; one that follows events says first that it connects."""
    deadline = time.monotonic() + 10
    while lines_of(page.locator("main").inner_text()) != lines_of(before):
        if time.monotonic() > deadline:
            return False
        page.wait_for_timeout(100)
    return True


def lines_of(text: str) -> list[str]:
    """Without what changes by the second."""
    return [line for line in text.splitlines() if line and not re.search(r"ago|\d\d:\d\d|[\d.]+ ms|^\W?\d", line)]


def test_who_has_no_right_gets_no_page(visitor: Visitor) -> None:
    """A10."""
    with visitor.browser.new_context() as context:
        page = context.new_page()
        for listed in PAGES:
            if not listed.portal:
                page.goto(visitor.node.url + listed.path(visitor.ids))
                assert urlsplit(page.url).path == "/login", listed.name
                assert page.locator("nav a").count() == 0, listed.name
        assert context.request.post(visitor.node.url + "/logout").status in {401, 403}


def test_a_failed_request_is_said_and_keeps_what_was_entered(visitor: Visitor) -> None:
    """A11."""
    page = visitor.known(("de", "light", WIDE)).new_page()
    page.goto(f"{visitor.node.url}/people")
    for answer in (lambda route: route.fulfill(status=500, body="broken"), lambda route: route.abort()):
        page.route("**/people?q=*", answer)
        page.get_by_role("searchbox").fill(f"shopper-{id(answer)}")
        expect(page.locator("#toast")).not_to_be_empty()
        assert page.get_by_role("searchbox").input_value() == f"shopper-{id(answer)}"
        assert page.locator("#found table").count() == 1  # what was there stays
        page.unroute("**/people?q=*")
        page.get_by_role("searchbox").fill("shopper-0")
        expect(page.locator("#found")).to_contain_text("1 Person gefunden")
        expect(page.locator("#toast")).to_be_empty()
    page.close()


def test_ten_tabs_leave_room_for_another(visitor: Visitor) -> None:
    """A12: a browser has six connections to a server, and a stream would hold one for ever."""
    node, ids = visitor.node, visitor.ids
    context = visitor.fresh(("en", "light", WIDE))
    for number in range(10):
        context.new_page().goto(node.url + ("/events/live" if number % 2 else f"/people/{ids.person}"))
    page = context.new_page()

    def opens(_: int) -> None:
        page.goto(f"{node.url}/people")
        expect(page.locator("h1")).to_be_visible(timeout=SOON)

    timed("people.eleventh_tab", opens)
    context.close()
