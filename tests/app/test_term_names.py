"""What departments and categories are called on the person's own page: as the catalogue says, in their language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.events import order, track
from tests.app.house import House
from tests.app.portal import plain, visit

NAMES = {
    "Kitchen and table": {"en": "Kitchen and table", "de": "Küche und Tisch"},
    "Tea": {"en": "Tea", "de": "Tee"},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in ("personalise_onsite", "recommend"):
            house.consent("ada", purpose, granted=True)
        product = {"product_id": "p-Tea", "category_1": "Kitchen and table", "category_2": "Tea"}
        house.post("/v1/products", {"products": [product], "names": NAMES}).told  # noqa: B018
        seen = {"product_id": "p-Tea", "category": "Tea", "category_1": "Kitchen and table"}
        house.take(order("ada", category="Tea"), track("Product Viewed", "ada", **seen))
        yield house


def test_the_console_names_departments_and_categories_in_the_readers_language(house: House) -> None:
    path, cookie = f"/people/{house.person('ada')}?family=taste", house.sign_in()
    german, english = (house.browse(path, cookie=cookie, language=language).body.decode() for language in ("de", "en"))

    assert "Küche und Tisch" in german
    assert "Kitchen and table" not in german
    assert "Kitchen and table" in english


def test_what_events_were_about_is_called_as_the_catalogue_says(house: House) -> None:
    house.take(track("Product List Viewed", "ada", category="Tea"))
    for path in ("/events/live", f"/people/{house.person('ada')}"):
        shown = house.browse(path, cookie=house.sign_in(), language="de").body.decode()
        assert re.search(r">\s*Tee\s*<", shown), path


def test_what_was_decided_is_called_as_the_catalogue_says(house: House) -> None:
    while (decided := house.decide("ada", n=1))["choices"][0]["action"] != "Tea":
        pass

    for path in ("/decisions/log", f"/decisions/log/{decided['decision_id']}"):
        page = plain(house.browse(path, cookie=house.sign_in(), language="de").body.decode())
        assert "Tee " in page, path
        assert "Tea " not in page, path


def test_a_new_name_is_read_at_once(house: House) -> None:
    called = {"Tea": {"en": "Tea", "de": "Tees"}}
    house.post("/v1/products", {"products": [], "names": called}).told  # noqa: B018

    path, cookie = f"/people/{house.person('ada')}?family=taste", house.sign_in()
    assert "Tees" in house.browse(path, cookie=cookie, language="de").body.decode()


def test_a_german_sentence_names_departments_and_categories_in_german(house: House) -> None:
    german, english = (visit(house, "ada", language=language).text() for language in ("de", "en"))

    assert "Küche und Tisch" in german
    assert "Kitchen and table" not in german
    assert "Tee" in german
    assert "Kitchen and table" in english


def test_departments_are_no_answer_to_what_somebody_likes(house: House) -> None:
    told = visit(house, "ada", language="de").text("/me/tell")

    assert "Tee" in told
    assert "Küche und Tisch" not in told


def test_a_later_request_adds_names_and_forgets_none(house: House) -> None:
    house.post("/v1/products", {"products": [], "names": {"Coffee": {"de": "Kaffee"}}}).told  # noqa: B018

    assert "Küche und Tisch" in visit(house, "ada", language="de").text()


@pytest.mark.parametrize("names", [{"Tea": {"de": ""}}, {"Tea": {"fr": "thé"}}, {"Tea": {"de": "x" * 81}}])
def test_a_name_that_cannot_be_read_is_refused(house: House, names: dict[str, dict[str, str]]) -> None:
    refused = house.post("/v1/products", {"products": [], "names": names})

    assert refused.status == 400
    assert "$.names" in refused.json["fix"]
