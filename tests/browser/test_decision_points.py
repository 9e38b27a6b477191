"""Decision points in a real browser: find a person, see what would be decided, switch an action off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import node as nodes
from tests.browser.conftest import NARROW, SOON, SOURCE, WIDE
from tests.browser.pages import Ids, fill
from tests.node import Node


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Node, Ids]]:
    node = nodes.start(tmp_path_factory.mktemp("points") / "data", env=SOURCE)
    yield node, fill(node)
    assert node.stop() == 0, node.log.read_text("utf-8")[-4000:]


@pytest.fixture(params=["scripts", "plain"])
def page(request: pytest.FixtureRequest, browser: Browser, site: tuple[Node, Ids]) -> Iterator[Page]:
    """The list of points, with scripts on a wide page, and without them on a narrow one."""
    how: dict[str, Any] = {"viewport": WIDE}
    if request.param == "plain":
        how = {"viewport": NARROW, "java_script_enabled": False}
    context = browser.new_context(locale="en-GB", **how)
    context.set_default_timeout(SOON)
    page, problems = context.new_page(), list[str]()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.goto(site[0].url + site[0].post("/v1/console-links", {})["url"])
    page.goto(site[0].url + "/decisions")
    yield page
    assert not problems, problems
    context.close()


def ranking(page: Page) -> list[str]:
    actions: list[str] = page.locator("#candidates tr[data-action]").evaluate_all(
        "(all) => all.map((e) => e.dataset.action)"
    )
    return actions


def test_from_the_list_to_a_simulated_decision_and_back(page: Page, site: tuple[Node, Ids]) -> None:
    page.get_by_role("link", name="Next product").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Next product")
    page.get_by_role("searchbox").fill("shopper-0")
    page.get_by_role("button", name="Find").click()

    page.locator("#simulator .chip").first.click()

    expect(page.locator("#simulated")).to_contain_text("Chosen:")
    expect(page.locator("#simulated")).to_contain_text("ms")
    before = ranking(page)
    assert "do_nothing" in before
    assert len(before) > 2
    page.reload()
    assert set(ranking(page)) == set(before)


def test_switching_the_best_action_off_changes_the_ranking_and_writes_nothing(
    page: Page, site: tuple[Node, Ids]
) -> None:
    node, ids = site
    counted = node.get("/v1/stats")
    page.goto(f"{node.url}/decisions/next_product?person={ids.person}")
    best = ranking(page)[0]

    page.locator(f"tr[data-action='{best}'] input[type=checkbox]").check()
    page.get_by_role("button", name="Decide again").click()

    expect(page.locator("#simulated")).to_contain_text("Switched off:")
    assert best not in ranking(page)
    page.locator(".chip input[type=checkbox]").uncheck()
    page.get_by_role("button", name="Decide again").click()
    expect(page.locator("#simulated")).not_to_contain_text("Switched off:")
    assert best in ranking(page)
    after = node.get("/v1/stats")
    assert {name: after[name] for name in counted if "decision" in name or "row" in name} == {
        name: counted[name] for name in counted if "decision" in name or "row" in name
    }


def test_a_person_who_refused_gets_the_neutral_choice(page: Page, site: tuple[Node, Ids]) -> None:
    node = site[0]
    refused = node.post("/v1/people:lookup", {"type": "user_id", "value": "shopper-3"})["person"]

    page.goto(f"{node.url}/decisions/next_product?person={refused}")

    expect(page.locator("#simulated")).to_contain_text("has not permitted the purpose")
    expect(page.locator("#simulated")).to_contain_text("Do nothing")


def test_a_version_is_tried_in_shadow_and_published_by_its_name(page: Page) -> None:
    page.goto(page.url.partition("/decisions")[0] + "/decisions/next_offer")
    page.get_by_text("Try other settings in shadow").click()
    page.get_by_label("Temperature").fill("0.75")
    page.get_by_role("button", name="Try in shadow").click()
    shadow = page.get_by_role("heading", name="In shadow: version")
    expect(shadow).to_be_visible()

    opener = page.get_by_role("link", name="Publish version")
    opener.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the point").fill("next_offer")
    dialog.get_by_role("button", name="Publish").click()
    expect(page.locator(".told")).to_contain_text("is live")
    expect(shadow).to_have_count(0)

    page.get_by_role("link", name="Go back").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name of the point").fill("next_offer")
    dialog.get_by_role("button", name="Go back").click()
    expect(page.locator(".told")).to_contain_text("is live")
