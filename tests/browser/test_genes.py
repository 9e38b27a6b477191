"""Genes in a real browser: found by words, opened from a person, tied to segments; figures come by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import node as nodes
from tests.browser.conftest import NARROW, SOON, SOURCE, WIDE
from tests.browser.pages import Ids, fill
from tests.node import Node

MANY = 240  # more people than a page waits for
SPENT = "value.order_value.sum.lifetime"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Ids]]:
    node = nodes.start(tmp_path_factory.mktemp("genes") / "data", env=SOURCE)
    ids = fill(node)
    lines = [{"product_id": "p-tea", "price": 4.5, "quantity": 1}]
    bought = {"type": "track", "event": "Order Completed"}
    events = [
        bought
        | {"userId": f"many-{n}", "messageId": f"many{n}"}
        | {"properties": {"order_id": f"many{n}", "total": 4.5 + n, "currency": "EUR", "products": lines}}
        for n in range(MANY)
    ]
    node.post("/v1/batch", {"batch": events})
    yield node, ids
    assert node.stop() == 0, node.log.read_text("utf-8")[-4000:]


@pytest.fixture(params=["scripts", "plain"])
def page(request: pytest.FixtureRequest, browser: Browser, site: tuple[Node, Ids]) -> Iterator[Page]:
    """The catalogue, with scripts on a wide page, and without them on a narrow one."""
    how: dict[str, Any] = {"viewport": WIDE}
    if request.param == "plain":
        how = {"viewport": NARROW, "java_script_enabled": False}
    context = browser.new_context(locale="en-GB", **how)
    context.set_default_timeout(SOON)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(site[0].url + site[0].post("/v1/console-links", {})["url"])
    page.goto(site[0].url + "/genes")
    yield page
    assert not problems, problems
    context.close()


def test_figures_appear_by_themselves_and_add_up(browser: Browser, site: tuple[Node, Ids]) -> None:
    with browser.new_context(locale="en-GB", viewport=WIDE) as context:
        page = context.new_page()
        page.goto(site[0].url + site[0].post("/v1/console-links", {})["url"])
        page.goto(site[0].url + "/genes")
        expect(page.get_by_role("heading", name="Findings")).to_be_visible(timeout=3 * SOON)

        page.goto(f"{site[0].url}/genes/{SPENT}")
        page.get_by_text("As a table").click()

        rows = page.locator("table.shares tbody tr")
        told = rows.locator("td.num:nth-child(2)").all_inner_texts()
        *bins, known = map(int, told)
        assert known >= MANY
        assert len(bins) > 1
        assert sum(bins) == known


def test_from_words_to_a_gene_to_its_segment_and_back(page: Page) -> None:
    page.get_by_role("searchbox").fill("rhythm.orders.count.lifetime")
    page.get_by_role("button", name="Search").click()
    page.locator("table.catalogue").get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Orders, ever")

    page.locator("#uses a[href^='/segments/']").first.click()
    page.get_by_role("link", name="rhythm.orders.count.lifetime").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Orders, ever")


def test_the_family_narrows_and_going_back_widens(page: Page) -> None:
    page.get_by_role("link", name="Trust").click()
    expect(page.locator("tr[data-gene]").first).to_have_attribute("data-gene", re.compile(r"^trust\."))

    page.go_back()

    expect(page.get_by_role("link", name="All families")).to_have_attribute("aria-current", "true")


def test_a_persons_genes_lead_to_their_pages(page: Page, site: tuple[Node, Ids]) -> None:
    page.goto(f"{site[0].url}/people/{site[1].person}")

    page.locator("table.genes a.gene").first.click()

    expect(page.get_by_role("heading", name="At a glance")).to_be_visible()
