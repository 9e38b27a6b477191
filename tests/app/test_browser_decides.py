"""What a browser may ask with its write key: for itself, and for nobody whose name it happens to know."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.app.house import House

POINT = {
    "id": "row", "label": {"en": "Row", "de": "Zeile"}, "purpose": "recommend", "candidates": "categories",
    "browser": True, "policy": {"control": 0.0, "epsilon": 1e-9, "temperature": 1e-3, "do_nothing": 0.0},
}  # fmt: skip
CONSENT = {"consent": {"categoryPreferences": {"recommend": True, "personalise_onsite": True}}}


def bought(category: str, **who: str) -> dict[str, Any]:
    products = [{"product_id": f"p-{category}", "category": category, "price": 3.0, "quantity": 1}]
    return {"type": "track", "event": "Order Completed", "properties": {"products": products}, "context": CONSENT} | who


def asked(house: House, person: dict[str, str]) -> list[str]:
    """The decision as the tag asks for it: as plain text, with the key in the body."""
    body = json.dumps({"point": "row", "person": person, "n": 1, "writeKey": house.write_key}).encode()
    told = house.post("/v1/decide", body, key="", headers={"content-type": "text/plain"}).told
    assert told.keys() == {"decision_id", "choices"}
    return [choice["action"] for choice in told["choices"]]


@pytest.fixture
def house(tmp_path: Path):
    with House(tmp_path) as house:
        house.post("/v1/points", {"points": [POINT]}).told  # noqa: B018
        house.serve(*[bought("Tea", userId="ada") for _ in range(9)])
        house.take(*[bought("Soap", anonymousId="browser-1") for _ in range(9)])
        yield house


def test_a_browser_is_served_from_what_its_own_device_did(house: House) -> None:
    assert asked(house, {"anonymous_id": "browser-1"}) == ["Soap"]


def test_a_browser_that_names_somebody_else_learns_nothing_of_them(house: House) -> None:
    alone = asked(house, {"anonymous_id": "browser-new"})

    assert asked(house, {"user_id": "ada"}) == alone
    assert asked(house, {"user_id": "ada", "anonymous_id": "browser-1"}) == ["Soap"]
    assert asked(house, {"person": house.person("ada")}) == alone


def test_after_a_confirmed_link_the_browser_is_served_as_the_person(house: House) -> None:
    house.serve({"type": "identify", "userId": "ada", "anonymousId": "browser-2", "context": CONSENT})

    assert asked(house, {"anonymous_id": "browser-2"}) == ["Tea"]


def test_a_wrong_key_in_the_body_opens_nothing(house: House) -> None:
    body = {"point": "row", "person": {"anonymous_id": "browser-1"}, "writeKey": "wk_wrong"}

    assert house.post("/v1/decide", body, key="").status == 401
