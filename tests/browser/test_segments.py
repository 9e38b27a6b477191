"""The builder of segments in a real browser: counted while somebody types, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect

from tests import node as nodes
from tests.browser.conftest import SOURCE, WIDE, timed
from tests.node import Node

PEOPLE = 240  # u(i) has ordered i % 4 times
SIGNED_IN: dict[str, list[dict[str, str]]] = {}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node with people of whom it is known how many a rule means."""
    data = tmp_path_factory.mktemp("segments") / "data"
    data.mkdir(mode=0o700)
    (data / "settings.yaml").write_text("segment_floor: 1\n", "utf-8")  # counts as they are
    node = nodes.start(data, env=SOURCE)
    events = [event(i, k) for i in range(PEOPLE) for k in range(i % 4 + 1)]
    for first in range(0, len(events), 200):
        told = node.post("/v1/batch", {"batch": events[first : first + 200]})
        assert told["rejected"] == []
    yield node
    assert node.stop() == 0, node.log.read_text("utf-8")[-4000:]


def event(i: int, k: int) -> dict[str, object]:
    name = "Order Completed" if k < i % 4 else "Product Viewed"
    line = {"product_id": "p-tea", "name": "Tea", "price": 4.5, "quantity": 1}
    order = {"order_id": f"o{i}-{k}", "total": 9.0, "currency": "EUR", "products": [line]}
    consent = {"categoryPreferences": {"personalise_onsite": True, "email": i % 2 == 0}}
    return {
        "type": "track", "event": name, "userId": f"u{i}", "messageId": f"m{i}-{k}",
        "context": {"channel": "web", "consent": consent},
        "properties": order if name == "Order Completed" else line | {"currency": "EUR"},
    }  # fmt: skip


def sign_in(context: BrowserContext, node: Node) -> None:
    if node.url not in SIGNED_IN:
        assert context.request.get(node.url + node.post("/v1/console-links", {})["url"]).ok
        SIGNED_IN[node.url] = context.cookies()  # type: ignore[assignment]
    context.add_cookies(SIGNED_IN[node.url])  # type: ignore[arg-type]


@pytest.fixture
def builder(page: Page, context: BrowserContext, shop: Node) -> Page:
    """A page that is signed in and shows a rule of two conditions."""
    sign_in(context, shop)
    page.goto(f"{shop.url}/segments/_builder?rule={RULE}")
    expect(figure(page)).to_have_text("120")
    return page


RULE = (
    '{"all":[{"gene":"rhythm.orders.count.lifetime","is":">=","value":2},'
    '{"event":"Order Completed","days":30,"at_least":1}]}'
)


def figure(page: Page) -> Locator:
    return page.locator("#size .figure")


def number(page: Page, place: str = "0.0") -> Locator:
    return page.locator(f'[id="val-{place}"]')


def alone(page: Page, place: str) -> Locator:
    return page.locator(f'[id="alone-{place}"]')


def test_a_new_count_comes_while_one_types_and_focus_and_caret_stay(builder: Page) -> None:
    loaded: list[str] = []
    builder.on("framenavigated", lambda frame: loaded.append(frame.url))
    field = number(builder)
    field.fill("12")
    expect(figure(builder)).to_have_text("< 1")

    field.press("End")
    field.press("Backspace")
    field.press("ArrowLeft")

    expect(figure(builder)).to_have_text("180")  # at least 1
    expect(alone(builder, "0.0")).to_have_text("180 alone")
    expect(builder.locator(".sentence")).to_contain_text("is at least 1 and")
    expect(field).to_be_focused()
    assert field.evaluate("e => e.selectionStart") == 0
    assert "value%22%3A1%7D" in builder.url
    assert builder.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_the_count_follows_every_key(builder: Page) -> None:
    field, wanted = number(builder), ["180", "120"]

    def counted(_: int) -> None:
        for value in (0, 1):  # the builder begins with the other one, so that each is a change
            field.fill(str(1 + value))
            expect(figure(builder)).to_have_text(wanted[value])

    timed("segments.two_counts", counted)


def test_only_the_last_of_fast_requests_is_applied(builder: Page) -> None:
    """The answer to the first comes after the second was typed: it must not be shown."""
    held: list[Route] = []
    builder.route("**/segments/_builder", lambda route: held.append(route), times=1)  # noqa: PLW0108 -- Playwright marks what it is given
    figures = builder.evaluate_handle(
        """() => { const all = []; new MutationObserver(() => {
          const now = document.querySelector('#size .figure').textContent; if (all.at(-1) !== now) all.push(now); })
          .observe(document.getElementById('builder'), { childList: true, subtree: true }); return all; }"""
    )
    field = number(builder)
    with builder.expect_request("**/segments/_builder"):
        field.fill("1")

    field.fill("3")
    held[0].continue_()

    expect(figure(builder)).to_have_text("60")
    assert figures.json_value() == ["60"]
    expect(field).to_have_value("3")


def test_a_bad_number_is_marked_and_the_last_good_count_greyed(builder: Page) -> None:
    field = number(builder)

    field.fill("many")

    expect(builder.locator('[id="fault-0.0"]')).to_contain_text("Enter a number.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(builder.locator("#size")).to_have_class("card size stale")
    expect(figure(builder)).to_have_text("120")
    expect(field).to_be_focused()
    field.fill("3")
    expect(figure(builder)).to_have_text("60")
    expect(builder.locator('[id="fault-0.0"]')).to_be_empty()
    assert field.get_attribute("aria-invalid") is None


def test_groups_nest_by_keyboard_and_reload_shows_the_same(builder: Page) -> None:
    builder.get_by_role("button", name="Add group").last.focus()
    builder.keyboard.press("Enter")
    expect(builder.locator('[id="family-0.2.0"]')).to_be_focused()
    for place in ("0.2", "0.2.1"):
        builder.locator(f'[id="add-{place}"] + button').press("Enter")
        expect(builder.locator(f'[id="family-{place}.1.0"]')).to_be_focused()
    expect(builder.locator("fieldset")).to_have_count(4)
    expect(builder.locator('[id="match-0.2.1.1"] option')).to_have_count(2)  # and/or only for several parts
    builder.locator('[id="match-0.2"]').select_option("none")
    expect(builder.locator(".sentence")).to_contain_text("and not (")

    before = builder.locator("#builder").inner_text()
    builder.reload()

    assert builder.locator("#builder").inner_text() == before


def test_what_is_typed_while_a_new_form_is_on_its_way_stays(builder: Page) -> None:
    held: list[Route] = []
    builder.route("**/segments/_builder", lambda route: held.append(route), times=1)  # noqa: PLW0108 -- Playwright marks what it is given
    with builder.expect_request("**/segments/_builder"):
        builder.get_by_role("button", name="Add condition").first.click()

    number(builder).fill("3")
    held[0].continue_()

    expect(builder.locator(".condition")).to_have_count(3)
    expect(number(builder)).to_have_value("3")
    expect(number(builder)).to_be_focused()
    expect(figure(builder)).to_have_text("60")


def test_a_family_and_a_property_are_chosen_and_the_operators_follow(builder: Page) -> None:
    builder.locator('[id="family-0.0"]').select_option("attribute")
    builder.locator('[id="field-0.0"]').select_option("attribute:size")
    expect(builder.locator('[id="op-0.0"] option')).to_have_text(["is", "is one of", "is known", "is not known"])
    expect(builder.locator('[id="val-0.0"]')).to_have_value("XS")

    builder.locator('[id="op-0.0"]').select_option("not known")

    expect(builder.locator('[id="val-0.0"]')).to_have_count(0)
    expect(alone(builder, "0.0")).to_contain_text("alone")
    expect(figure(builder)).to_have_text("180")


def test_twenty_people_open_in_place_and_lead_to_their_pages(builder: Page) -> None:
    builder.get_by_role("link", name="Show 20 people").click()

    people = builder.get_by_role("dialog").locator("li a")
    expect(people).to_have_count(20)
    people.first.click()
    expect(builder.locator("h1")).to_contain_text("Person")


def test_a_segment_is_saved_used_and_removed(builder: Page, shop: Node) -> None:
    builder.get_by_label("Name in English").fill("Regular buyers")
    builder.get_by_label("Name in German").fill("Stammkunden")
    builder.get_by_role("button", name="Save segment").click()
    expect(builder.get_by_role("heading", level=1)).to_have_text("Regular buyers")
    expect(builder.get_by_text("Version 1 is saved.")).to_be_visible()
    expect(builder.locator(".size .figure")).to_have_text("120")
    expect(builder.locator("#growth canvas")).to_be_visible()

    builder.get_by_role("link", name="Remove").click()
    dialog = builder.get_by_role("dialog")
    expect(dialog).to_contain_text("120 people belong to it.")
    dialog.get_by_role("button", name="Remove").click()

    expect(builder.get_by_text("The segment is removed")).to_be_visible()
    assert shop.get("/v1/segments")["segments"] == []


def test_without_scripts_buttons_change_the_tree_and_the_address_holds_it(browser: Browser, shop: Node) -> None:
    with browser.new_context(viewport=WIDE, locale="en-GB", java_script_enabled=False) as context:
        sign_in(context, shop)
        page = context.new_page()
        page.goto(f"{shop.url}/segments/_builder?rule={RULE}")

        page.get_by_role("button", name="Add group").click()
        number(page).fill("3")
        page.get_by_role("button", name="Count anew").click()

        assert figure(page).inner_text() == "60"
        assert page.locator("fieldset").count() == 2
        assert "good=60" in urlsplit(page.url).query
        number(page).fill("x")
        number(page).press("Enter")  # the first button counts
        assert "Enter a number." in page.locator('[id="fault-0.0"]').inner_text()
        assert figure(page).inner_text() == "60"


def test_a_restart_between_two_clicks_loses_nothing(
    page: Page, context: BrowserContext, own_node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(context, own_node)
    page.goto(f"{own_node.url}/segments/_builder?rule={RULE}")
    page.get_by_role("button", name="Add condition").click()
    expect(page.locator(".condition")).to_have_count(3)

    own_node.stop()
    monkeypatch.setattr(nodes, "free_port", lambda: urlsplit(own_node.url).port)
    again = nodes.start(own_node.data, env=SOURCE)
    try:
        page.get_by_role("button", name="Add condition").click()
        expect(page.locator(".condition")).to_have_count(4)
    finally:
        again.stop()


def test_in_german_the_sentence_and_the_controls_are_german(page: Page, context: BrowserContext, shop: Node) -> None:
    context.add_cookies([{"name": "genom_language", "value": "de", "url": shop.url}])
    sign_in(context, shop)
    page.goto(f"{shop.url}/segments/_builder?rule={RULE}")
    number(page).fill("1,0")

    expect(figure(page)).to_have_text("180")
    expect(page.locator(".sentence")).to_contain_text("ist mindestens 1 und")
    number(page).fill("viele")
    expect(page.locator('[id="fault-0.0"]')).to_contain_text("Geben Sie eine Zahl ein.")
