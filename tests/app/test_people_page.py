"""People: found by what they are known by, masked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.house import House

ADA = {
    "type": "identify",
    "userId": "C-204118",
    "anonymousId": "device-77-of-ada",
    "traits": {"email": "ada@example.org", "name": "Ada Lovelace", "phone": "+49301234567"},
    "context": {"externalIds": [{"type": "card", "id": "9000017"}]},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as built:
        built.serve(ADA)
        built.serve({"type": "track", "event": "Product Viewed", "userId": "other", "properties": {}})
        yield built


def page(house: House, text: str = "", language: str = "en", **how: str) -> str:
    answer = house.browse(f"/people?q={text}", cookie=house.sign_in(), language=language, headers=how)
    assert answer.status == 200
    return answer.body.decode()


@pytest.mark.parametrize("text", ["ada%40example.org", "ADA%40Example.org", "C-204118", "9000017", "card:9000017"])
def test_a_person_is_found_by_each_of_their_names(house: House, text: str) -> None:
    html = page(house, text)

    assert "1 person found" in html
    assert f"/people/{house.person('C-204118')}" in html


def test_a_person_is_found_by_their_public_id(house: House) -> None:
    assert "1 person found" in page(house, house.person("other"))


@pytest.mark.parametrize("text", ["ada", "ada%40example.com", "C-20411", "%00", "x" * 300, "person:1", ":", "a:b:c"])
def test_nobody_is_found_by_a_part_of_a_name(house: House, text: str) -> None:
    assert "Nobody has this number or address" in page(house, text)


def test_nothing_in_the_list_names_anybody(house: House) -> None:
    html = page(house) + page(house, "9000017")

    for secret in ("C-204118", "ada@example.org", "Lovelace", "9000017<", "+49301234567", "device-77-of-ada"):
        assert secret not in html
    assert "a•••@example.org" in html


def test_who_was_here_last_stands_first_and_the_total_is_told(house: House) -> None:
    house.serve({"type": "track", "event": "Order Completed", "userId": "other", "properties": {"total": 3}})

    html = page(house, language="de")

    assert html.index(house.person("other")) < html.index(house.person("C-204118"))
    assert "Insgesamt 2 Personen" in html
    assert "Einkauf abgeschlossen" in html


def test_a_search_as_one_types_answers_with_a_part(house: House) -> None:
    part = page(house, "9000017", **{"hx-request": "true"})

    assert "<html" not in part
    assert "1 person found" in part


def test_withheld_families_are_hatched_in_the_list(house: House) -> None:
    house.put("/v1/sources", {"name": "default", "consent": "required"})
    house.consent("C-204118", "personalise_onsite", granted=False)

    assert "no consent" in page(house, "9000017")


def test_an_empty_node_says_how_people_come(tmp_path: Path) -> None:
    with House(tmp_path / "empty") as empty:
        assert "Nobody is known yet" in page(empty)
