"""Segment's and RudderStack's libraries in a real browser, pointed at a node as the guide says."""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response

from tests.browser.library_site import serve_page
from tests.clients.installed import libraries
from tests.node import Node

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "segment.md"


def snippet(node: Node, number: int) -> str:
    """The guide's n-th block of HTML, for this node."""
    blocks = re.findall(r"```html\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    return str(blocks[number]).replace("https://genom.example.org", node.url).replace("wk_…", node.write_key)


@pytest.fixture
def asked(page: Page) -> list[Response]:
    """All answers that the page got."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 -- Playwright marks what it calls
    return answers


def arrived(node: Node, anonymous: str, *, at_least: int) -> list[dict[str, Any]]:
    """The person's events at the node, oldest first, once there are that many."""
    deadline, events = time.monotonic() + 60, list[dict[str, Any]]()
    while time.monotonic() < deadline:
        try:
            person = node.post("/v1/people:lookup", {"type": "anonymous_id", "value": anonymous})["person"]
            events = node.get(f"/v1/people/{person}/events?limit=100")["events"][::-1]
        except OSError:
            events = []
        if len(events) >= at_least:
            return events
        time.sleep(0.1)
    raise AssertionError(f"{len(events)} of {at_least} events arrived: {events}")


def served(page: Page, answers: list[Response], node: Node) -> dict[str, set[int]]:
    """Path → statuses of what the node was asked; the page asked nobody else but its own site."""
    page.wait_for_load_state("networkidle")
    hosts = {urlsplit(answer.url).hostname for answer in answers}
    assert hosts == {"127.0.0.1"}
    found: dict[str, set[int]] = {}
    for answer in answers:
        if answer.url.startswith(node.url):
            path = urlsplit(answer.url).path.replace(node.write_key, "KEY")
            found.setdefault(path, set()).add(answer.status)
    return found


@pytest.fixture
def hosted(node: Node) -> Iterator[None]:
    """The node serves Segment's library."""
    path = node.data / "web" / "analytics.min.js"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes((libraries() / "@segment/analytics-next/dist/umd/standalone.js").read_bytes())
    yield
    path.unlink()


def test_segments_library_comes_from_the_node_and_its_visit_is_the_persons(
    node: Node, hosted: None, page: Page, asked: list[Response]
) -> None:
    with serve_page(snippet(node, 0), files=libraries()) as site:
        page.goto(f"{site}/tea?q=1")
        page.wait_for_function("() => window.analytics.initialized")
        anonymous = page.evaluate("() => window.analytics.user().anonymousId()")
        page.evaluate("() => window.analytics.track('Product Viewed', {product_id: 'p1', category: 'TEA'})")

        events = arrived(node, anonymous, at_least=2)

    told = {event["event"] or event["type"]: event for event in events}  # requests may overtake each other
    assert told.keys() == {"page", "Product Viewed"}
    assert told["page"]["context"]["page"]["path"] == "/tea"
    assert told["Product Viewed"]["properties"]["product_id"] == "p1"
    assert served(page, asked, node) == {
        "/analytics.js/v1/KEY/analytics.min.js": {200},
        "/v1/projects/KEY/settings": {200},
        "/v1/p": {200},
        "/v1/t": {200},
    }


def test_segments_library_joins_who_logs_in(node: Node, hosted: None, page: Page) -> None:
    with serve_page(snippet(node, 0), files=libraries()) as site:
        page.goto(site)
        page.wait_for_function("() => window.analytics.initialized")
        anonymous = page.evaluate("() => window.analytics.user().anonymousId()")
        page.evaluate("() => window.analytics.identify('library-ada', {city: 'Ulm'})")

        events = arrived(node, anonymous, at_least=2)

    assert {event["type"] for event in events} == {"page", "identify"}
    user = node.post("/v1/people:lookup", {"type": "user_id", "value": "library-ada"})["person"]
    assert user == node.post("/v1/people:lookup", {"type": "anonymous_id", "value": anonymous})["person"]


RUDDER = """<script type="module">
import {{ RudderAnalytics }} from "/lib/{module}";
window.rudder = new RudderAnalytics();
window.rudder.load("{key}", "{node}", {{ configUrl: "{node}", integrations: {{ All: false }}, {more} }});
window.rudder.page();
</script>"""


@pytest.mark.parametrize(("more", "path"), [("", "/v1/page"), ("useBeacon: true", "/beacon/v1/batch")])
def test_rudderstacks_library_asks_for_its_config_and_its_visit_is_the_persons(
    node: Node, page: Page, asked: list[Response], more: str, path: str
) -> None:
    module = "@rudderstack/analytics-js/dist/npm/modern/bundled/esm/index.mjs"
    body = RUDDER.format(module=module, key=node.write_key, node=node.url, more=more)
    with serve_page(body, files=libraries()) as site:
        page.goto(f"{site}/coffee")
        page.wait_for_function("() => window.rudder && window.rudder.getAnonymousId()")
        anonymous = page.evaluate("() => window.rudder.getAnonymousId()")
        page.evaluate("() => window.rudder.track('Product Viewed', {product_id: 'p2'})")
        if more:
            page.goto("about:blank")  # a beacon is for a page that is left

        events = arrived(node, anonymous, at_least=2)

    told = {event["event"] or event["type"]: event for event in events}  # requests may overtake each other
    assert told.keys() == {"page", "Product Viewed"}
    assert told["page"]["context"]["page"]["path"] == "/coffee"
    assert served(page, asked, node)["/sourceConfig/"] == {200}
    with urllib.request.urlopen(f"{node.url}/metrics") as figures:
        assert f'genom_replies{{route="{path}",status="200"}}' in figures.read().decode()


def test_a_pixel_of_a_letter_is_the_readers(node: Node, page: Page) -> None:
    with serve_page(snippet(node, 1), files=Path(__file__).parent) as site:
        page.goto(site)

        (event,) = arrived(node, "reader-7", at_least=1)

    assert page.evaluate("() => document.querySelector('img').naturalWidth") == 1
    assert (event["event"], event["properties"]) == ("Campaign Opened", {"campaign_id": "autumn"})
