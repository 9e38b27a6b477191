"""A node behind a proxy that ends TLS: its public name is answered, its cookies are for TLS alone, links carry it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.pages.live import LiveEvents
from genom.collect import browser_tag
from tests.app.events import order
from tests.app.house import Answer, House

NAME = "genom.example.org"
PUBLIC = f"https://{NAME}"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d", public_url=f"{PUBLIC}/") as house:
        house.take(order("ada"))
        yield house


def browse(house: House, link: str, host: str = NAME) -> Answer:
    return house.browse(link.removeprefix(PUBLIC), headers={"host": host})


def links(house: House) -> tuple[str, str]:
    person = {"type": "user_id", "value": "ada"}
    return house.post("/v1/console-links", {}).told["url"], house.post("/v1/portal-links", person).told["url"]


def test_links_carry_the_public_address_and_open_the_pages_with_secure_cookies(house: House) -> None:
    for link in links(house):
        entered = browse(house, link)

        assert link.startswith(f"{PUBLIC}/")
        assert entered.status == 303
        assert "Secure" in entered.headers["set-cookie"].split("; ")


def test_on_this_machine_cookies_go_without_tls(house: House) -> None:
    entered = browse(house, links(house)[0], "127.0.0.1:8765")

    assert entered.status == 303
    assert "Secure" not in entered.headers["set-cookie"]


def test_a_form_sent_from_the_public_address_is_taken(house: House) -> None:
    sent = house.browse("/look", {"language": "de"}, headers={"host": NAME, "origin": PUBLIC})

    assert sent.status == 303


@pytest.mark.parametrize("host", ["evil.example.org", f"{NAME}.evil.example", ""])
def test_other_names_are_still_refused(house: House, host: str) -> None:
    assert browse(house, "/login", host).status == 400


def test_the_marketers_link_to_a_persons_page_is_public_too(house: House) -> None:
    page = house.browse(f"/people/{house.person('ada')}/own-page", {}, cookie=house.sign_in())

    assert f"{PUBLIC}/me/enter?token=" in page.body.decode()


def test_the_tag_is_fetched_from_the_public_address(house: House) -> None:
    assert f"{PUBLIC}/genom.{browser_tag().hash}.js" in LiveEvents(house.app).snippet()
