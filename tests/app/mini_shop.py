"""A sample shop of three households, in Parquet files of the source's form."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

HOUSEHOLDS = (1, 2, 3)  # 3 is only described


def at(text: str) -> datetime:
    """A naive time, as in the source."""
    return datetime.fromisoformat(text)


RECEIPTS: list[tuple[Any, ...]] = [
    # household, store, basket, product, quantity, sales, retail, coupon, match, time
    (2, 9, 70, 500, 1, 1.10, 0.0, 0.0, 0.0, at("2017-01-02 10:00:00")),
    (1, 8, 60, 501, 2, 0.29, 0.1, 0.5, 0.25, at("2017-01-03 11:30:05")),
    (1, 8, 60, 500, 0, 0.0, 0.0, 0.0, 0.0, at("2017-01-03 11:30:05")),
    (1, 8, 60, 777, 1, 12.05, 0.0, 0.0, 0.0, at("2017-01-03 11:30:05")),
]
NAMES = (
    "household_id",
    "store_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "retail_disc",
    "coupon_disc",
    "coupon_match_disc",
    "transaction_timestamp",
)
TABLES: dict[str, dict[str, list[Any]]] = {
    "campaign_descriptions": {
        "campaign_id": [5, 4],
        "campaign_type": ["Type B", "Type A"],
        "start_date": [at("2017-01-03"), at("2016-12-20")],
        "end_date": [at("2017-02-01"), at("2017-01-31")],
    },
    "campaigns": {"campaign_id": [5, 4], "household_id": [1, 1]},
    "coupon_redemptions": {
        "household_id": [1, 1],
        "coupon_upc": [9001, 9001],
        "campaign_id": [4, 4],
        "redemption_date": [at("2017-01-03"), at("2017-01-03")],
    },
    "coupons": {
        "coupon_upc": [9001, 9001, 9001, 9001, 9002],
        "product_id": [500, 501, 502, 501, 12345],
        "campaign_id": [4, 4, 4, 4, 5],
    },
    "demographics": {
        "household_id": [3, 1],
        "age": ["65+", "25-34"],
        "income": ["35-49K", "Under 15K"],
        "home_ownership": [None, "Renter"],
        "marital_status": ["Married", None],
        "household_size": ["2", "5+"],
        "household_comp": ["2 Adults No Kids", "2 Adults Kids"],
        "kids_count": ["0", "3+"],
    },
    "products": {
        "product_id": [502, 500, 501],
        "manufacturer_id": [1, 2, 3],
        "department": ["GROCERY", "MISCELLANEOUS", "GROCERY"],
        "brand": ["Private", "National", "National"],
        "product_category": ["FRZN ICE", None, "FRZN ICE"],
        "product_type": ['6" ICE', None, "ICE - CRUSHED"],
        "package_size": [None, None, "22 LB"],
    },
}


def write_mini_shop(folder: Path, receipts: list[tuple[Any, ...]] | None = None) -> Path:
    """Writes the files and returns their folder."""
    columns = dict(zip(NAMES, map(list, zip(*(receipts or RECEIPTS), strict=True)), strict=True))
    for name, table in {"transactions": columns, **TABLES}.items():
        arrays = {key: _column(key, values) for key, values in table.items()}
        pq.write_table(pa.table(arrays), folder / f"{name}.parquet")
    return folder


def _column(name: str, values: list[Any]) -> Any:
    timed = name.endswith(("_date", "_timestamp"))
    return pa.array(values, pa.timestamp("ns") if timed else None)
