"""Waiting for the first event in a real browser: told what is wrong, and turned by the event, without a reload."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.node import Node

EVENT = {"type": "track", "event": "Product Viewed", "userId": "first", "messageId": "m1", "properties": {}}


@pytest.mark.parametrize("path", ["/", "/events/live"])
def test_a_waiting_page_diagnoses_itself_and_turns_with_the_first_event(page: Page, own_node: Node, path: str) -> None:
    page.goto(own_node.url + own_node.post("/v1/console-links", {})["url"])
    page.goto(own_node.url + path)
    expect(page.get_by_text("Listening for the first event.")).to_be_visible()
    expect(page.locator(".checked li")).to_have_count(0)

    refused = page.context.request.post(
        f"{own_node.url}/v1/track", data=EVENT, headers={"Authorization": "Bearer wk_mistyped-9876"}
    )
    assert refused.status == 401
    expect(page.locator(".checked li")).to_have_count(4)
    expect(page.locator(".check-wrong")).to_contain_text("Wrong key")
    expect(page.locator(".check-wrong")).to_contain_text("9876")
    assert Axe().run(page, options={"resultTypes": ["violations"]}).violations_count == 0

    own_node.post("/v1/track", EVENT)
    expect(page.get_by_text("Received: Product Viewed")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing has arrived yet")).to_be_hidden()
    assert Axe().run(page, options={"resultTypes": ["violations"]}).violations_count == 0

    page.get_by_role("link", name="Open this person").first.click()
    expect(page).to_have_url(f"{own_node.url}/people/{person(own_node)}")


def person(node: Node) -> str:
    return str(node.post("/v1/people:lookup", {"type": "user_id", "value": "first"})["person"])
