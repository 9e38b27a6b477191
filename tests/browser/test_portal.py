"""The person's pages by keyboard alone, without JavaScript, on a narrow screen, and nothing from elsewhere."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import NARROW, SOON, timed
from tests.node import Node


@pytest.fixture
def user(request: pytest.FixtureRequest) -> str:
    """Kim, in each test somebody else: whoever was erased does not come back."""
    return f"kim-{request.node.name}"


@pytest.fixture
def phone(node: Node, browser: Browser, user: str) -> Iterator[Page]:
    """A phone without JavaScript, in German, with Kim's pages open."""
    for purpose in ("personalise_onsite", "recommend", "price"):
        node.post("/v1/consent", {"type": "user_id", "value": user, "purpose": purpose, "granted": True})
    line = {"product_id": "p-tea", "category": "TEA", "price": 9, "quantity": 1}
    bought = {"total": 9.0, "currency": "EUR", "products": [line]}
    order = {"type": "track", "event": "Order Completed", "userId": user, "messageId": f"kim-1-{user}"}
    node.post("/v1/batch", {"batch": [order | {"properties": bought}]})
    node.post("/v1/decide", {"point": "next_product", "person": {"user_id": user}})
    context = browser.new_context(viewport=NARROW, locale="de-DE", java_script_enabled=False)
    context.set_default_timeout(SOON)
    page = context.new_page()
    page.goto(node.url + node.post("/v1/portal-links", {"type": "user_id", "value": user})["url"])
    yield page
    context.close()


def tab_to(page: Page, name: str, *, role: str = "button", exact: bool = True) -> None:
    """Press Tab until the control with this name has the focus."""
    wanted = page.get_by_role(role, name=name, exact=exact).first  # type: ignore[arg-type]
    for _ in range(200):
        page.keyboard.press("Tab")
        try:
            expect(wanted).to_be_focused(timeout=15)
        except AssertionError:
            continue
        return
    raise AssertionError(f"Tab never reaches {name!r}")


def test_the_whole_journey_by_keyboard_without_javascript_on_a_phone(phone: Page, node: Node, user: str) -> None:
    expect(phone.get_by_role("heading", level=1)).to_have_text("Was wir wissen")
    tab_to(phone, "Warum", role="link")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Warum Sie das gesehen haben")

    tab_to(phone, "Ihre Wahl", role="link")
    phone.keyboard.press("Enter")
    switch = phone.locator("#purpose-recommend").get_by_role("button", name="Aus")
    for _ in range(200):
        phone.keyboard.press("Tab")
        try:
            expect(switch).to_be_focused(timeout=15)
        except AssertionError:
            continue
        break
    phone.keyboard.press("Enter")
    expect(phone.locator("#purpose-recommend [role=status]")).to_have_text("Gespeichert. Das gilt ab jetzt.")
    decided = node.post("/v1/decide", {"point": "next_product", "person": {"user_id": user}})
    assert "no permission for recommend" in {r["label"] for c in decided["choices"] for r in c["reasons"]}

    tab_to(phone, "Mitteilen", role="link")
    phone.keyboard.press("Enter")
    tab_to(phone, "Kein Interesse an TEA")
    phone.keyboard.press("Space")
    expect(phone.get_by_role("status")).to_contain_text("Wir bieten Ihnen das nicht mehr an")

    tab_to(phone, "Ihre Kopie", role="link")
    phone.keyboard.press("Enter")
    tab_to(phone, "Kopie herunterladen")
    with phone.expect_download() as told:
        phone.keyboard.press("Enter")
    with zipfile.ZipFile(told.value.path()) as copy:
        assert copy.testzip() is None
        assert b"kim-1" in b"".join(copy.read(name) for name in copy.namelist())

    tab_to(phone, "Zur Löschung", role="link")
    phone.keyboard.press("Enter")
    tab_to(phone, "Ich bin sicher: Löschen Sie alles über mich.", role="checkbox")
    phone.keyboard.press("Space")
    tab_to(phone, "Jetzt alles löschen")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Ihre Daten sind gelöscht")
    expect(phone.get_by_role("link", name="Unterschriebene Quittung herunterladen")).to_be_visible()
    phone.goto(f"{node.url}/me")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Bitte kommen Sie über den Shop herein")


def test_whoever_logs_out_is_out(phone: Page, node: Node) -> None:
    tab_to(phone, "Abmelden")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Sie sind abgemeldet")
    phone.goto(f"{node.url}/me")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Bitte kommen Sie über den Shop herein")


def test_on_and_off_are_equally_large_and_equally_far(phone: Page, node: Node) -> None:
    phone.goto(f"{node.url}/me/choices")

    for form in phone.locator(".switch:visible").all():
        sizes = {
            (round(box["width"]), round(box["height"]))
            for b in form.locator("button").all()
            if (box := b.bounding_box())
        }
        assert len(sizes) == 1
        assert min(*sizes.pop()) >= 44  # a thumb


def test_every_page_answers(node: Node, phone: Page) -> None:
    def all_pages(_: int) -> None:
        for path in ("/me", "/me/why", "/me/choices", "/me/tell", "/me/data", "/me/requests", "/me/erase"):
            reply = phone.goto(node.url + path, wait_until="commit")
            assert reply is not None
            assert reply.status == 200

    timed("portal.all_pages", all_pages)
