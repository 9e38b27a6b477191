"""The sample's households: what is known of them, and what they permit (simulated)."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any, Final

import msgspec
import pyarrow as pa

from genom.app.sample.events import card
from genom.app.sample.shop import Shop
from genom.app.sample.source import read_table
from genom.app.sample.text import digits, glue
from genom.app.sample.times import rfc3339

__all__ = ["TRAITS", "WITHHELD", "consents_as_json", "identifies_as_json", "permits"]

TRAITS: Final = (
    "age",
    "income",
    "home_ownership",
    "marital_status",
    "household_size",
    "household_comp",
    "kids_count",
)

WITHHELD: Final = {
    "personalise_onsite": 0.08,
    "recommend": 0.08,
    "measure_person": 0.08,
    "model_training": 0.08,
    "price": 0.15,
    "email": 0.25,
    "crm_sales": 0.25,
    "ads_measure": 0.25,
    "ads_retarget": 0.25,
}
"""Share of the households that withhold a purpose."""

SEED: Final = "the complete journey"


def permits(household: int, purpose: str, *, consents: str = "simulated") -> bool:
    """Whether a household grants a purpose; drawn by a hash, so that it is the same on every machine.

    >>> permits(900, "email"), permits(900, "email", consents="all")
    (False, True)
    """
    drawn = blake2b(f"{SEED}:{household}:{purpose}".encode(), digest_size=8).digest()
    return consents == "all" or int.from_bytes(drawn, "big") / 2**64 >= WITHHELD[purpose]


def consents_as_json(shop: Shop, *, consents: str) -> Any:
    """A grant or a denial for each household and purpose, labelled as the sample's."""
    return pa.array(
        [
            f'{{"type":"card","value":"{household}","purpose":"{purpose}",'
            f'"granted":{str(permits(household, purpose, consents=consents)).lower()},"mechanism":"sample"}}'
            for household in shop.households.tolist()
            for purpose in WITHHELD
        ]
    )


def identifies_as_json(shop: Shop, *, shift: int) -> Any:
    """An `identify` for each household, one second before its first event, with the traits that are known."""
    household = digits(shop.households)
    rows = read_table(shop.folder, "demographics", "household_id", *TRAITS).to_pylist()
    known = {row["household_id"]: {name: row[name] for name in TRAITS if row[name] is not None} for row in rows}
    traits = [msgspec.json.encode(known.get(one, {})).decode() for one in shop.households.tolist()]
    return glue(
        glue('{"type":"identify","messageId":"cj-identify-', household, '","timestamp":"'),
        rfc3339(shop.first_ts + shift - 1_000),
        glue('","context":{', card(household), '},"traits":'),
        pa.array(traits),
        "}",
    )
