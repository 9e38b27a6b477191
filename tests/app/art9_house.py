"""What tests of special categories do with a house: a chemist's shelf, and who permits what."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from genom.words import ROW, Flag
from tests.app.events import Event, consenting
from tests.app.house import House

EVERYTHING = {
    "personalise_onsite": True, "recommend": True, "price": True, "model_training": True, "measure_person": True,
    "email": True, "ads_retarget": True, "ads_measure": True, "lookalike": True, "experiment": True,
}  # fmt: skip
EXPLICIT = EVERYTHING | {"special_category": True}
SHELF = [
    {"product_id": "p-TEA", "category_1": "FOOD", "category_2": "TEA"},
    {"product_id": "p-MILK", "category_1": "FOOD", "category_2": "MILK"},
    {"product_id": "p-PILLS", "category_1": "DRUGS", "category_2": "PILLS"},
    {"product_id": "p-TESTS", "category_1": "DRUGS", "category_2": "TESTS"},
]


def tag(house: House, **tagged: list[str]) -> Any:
    """Tag by name, as `PUT /v1/art9` does."""
    return house.put("/v1/art9", tagged).told


def stocked(house: House, *, tagged: bool = True) -> None:
    """The shelf, of which the drugs are tagged."""
    house.post("/v1/products", {"products": SHELF}).told  # noqa: B018
    if tagged:
        tag(house, category_1=["DRUGS"])


def permitting(event: Event, **choices: bool) -> Event:
    """The event of somebody who permits everything but special categories, unless said otherwise."""
    return consenting(event, **(EVERYTHING | choices))


def rows_of(house: House) -> NDArray[np.void]:
    """All rows of events, in the journal's order."""
    parts = [block.rows[block.rows["kind"] < 200] for block in house.node.journal.blocks()]
    return np.concatenate([np.zeros(0, ROW), *parts])


def served_by(house: House, row: np.void) -> list[str]:
    """The purposes that a row may serve."""
    return house.node.purposes.names_of(int(row["mask"]))


def special(rows: NDArray[np.void]) -> list[bool]:
    """Which rows are marked."""
    return (rows["flags"] & Flag.SPECIAL != 0).tolist()
