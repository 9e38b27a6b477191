"""What a visitor states on their own page is obeyed by the shop's next decision."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom_demo.catalogue import catalogue
from genom_demo.prepare import LIVE, prepare
from tests.app.events import track
from tests.app.house import House
from tests.app.portal import visit


class Caller:
    """The demo's client over a house."""

    def __init__(self, house: House) -> None:
        self._house = house

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer."""
        return (self._house.get(path) if method == "GET" else self._house.post(path, body)).told


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        keys = prepare(Caller(house), tmp_path / "state")  # type: ignore[arg-type]
        house.consent("ada", "recommend", granted=True)
        viewed = [one for name in ("shirts", "knitwear") for one in catalogue().products_of(name)]
        events = [track("Product Viewed", "ada", product_id=one.id, category=one.category) for one in viewed]
        house.take(*events, key=keys[LIVE]["write_key"])
        yield house


def rows(house: House) -> set[str]:
    """The rows that the next decision chooses among."""
    return set(house.decide("ada", "shop_row")["evidence"]["candidates"])


def best_rows(house: House) -> set[str]:
    """Those with the highest score of all that may be chosen, whichever are drawn."""
    scores = {
        one["action"]: one["score"] for one in house.decide("ada", "shop_row", n=len(catalogue().categories))["choices"]
    }
    return {action for action, score in scores.items() if score == max(scores.values())}


def test_a_stated_size_leaves_out_the_garments_that_are_not_in_stock_in_it(house: House) -> None:
    everything = {f"row_{name}" for name in catalogue().categories}
    ada = visit(house, "ada")
    seen = {"": rows(house)}
    for size in ("XS", "S", "M", "L", "XL"):
        ada.press("/me/answer", question="size", value=size)
        seen[size] = rows(house)

    assert seen.pop("") == everything
    assert {size: everything - left for size, left in seen.items()} == {
        "XS": {"row_shirts"}, "S": {"row_knitwear"}, "M": {"row_knitwear"}, "L": {"row_shirts"}, "XL": {"row_shirts"},
    }  # fmt: skip
    ada.press("/me/answer", question="size", value="")
    assert rows(house) == everything


def test_a_stated_size_outranks_what_was_looked_at(house: House) -> None:
    ada = visit(house, "ada")
    best = {"": best_rows(house)}
    for size in ("M", "L"):
        ada.press("/me/answer", question="size", value=size)
        best[size] = best_rows(house)

    assert best == {"": {"row_shirts", "row_knitwear"}, "M": {"row_shirts"}, "L": {"row_knitwear"}}
    assert house.decide("ada", "shop_row")["narrowed"] == ["answered"]
    assert "Offers that are meant for another answer than yours were left out." in ada.text("/me/why")


def test_a_garment_says_in_which_sizes_it_is_in_stock_and_what_has_none_does_not() -> None:
    products = catalogue().products

    assert products["jumper-grey"].sizes == ("XS", "L", "XL")
    assert products["beanie"].sizes == products["mug-moss"].sizes == ()
