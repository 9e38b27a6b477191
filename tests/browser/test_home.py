"""The start page in a real browser: figures that come anew take nobody's focus away."""

from __future__ import annotations

from playwright.sync_api import Page, Response, expect

from tests.node import Node

EVENT = {"type": "track", "event": "Product Viewed", "userId": "u1", "properties": {}}


def test_new_figures_leave_the_focus_where_it_is(page: Page, own_node: Node) -> None:
    own_node.post("/v1/track", EVENT | {"messageId": "m1"})
    page.goto(own_node.url + own_node.post("/v1/console-links", {})["url"])
    page.goto(own_node.url)
    events = page.locator(".pulse a").first
    expect(events).to_have_text("1")
    events.focus()

    with page.expect_response(lambda answer: came_anew(answer, own_node)):
        own_node.post("/v1/track", EVENT | {"messageId": "m2"})
    expect(events).to_have_text("2")

    expect(events).to_be_focused()


def came_anew(answer: Response, node: Node) -> bool:
    return answer.url == f"{node.url}/" and "hx-request" in answer.request.headers
