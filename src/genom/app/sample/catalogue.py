"""The sample's catalogue: its products, and its campaign coupons as actions of the point `next_offer`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from genom.app.sample.shop import Column
from genom.app.sample.source import read_table, unix_ms
from genom.app.sample.text import digits, escaped, glue, in_words, joined
from genom.app.sample.times import end_of_day, rfc3339

__all__ = ["actions_as_json", "products_as_json"]


def products_as_json(folder: Path) -> Any:
    """Every product with its name, its two levels of categories and its brand (National or Private)."""
    columns = ("product_id", "department", "product_category", "product_type", "package_size", "brand")
    table = read_table(folder, "products", *columns)
    category = _narrow(table)
    kind = _renamed(pc.coalesce(table["product_type"], category), in_words)
    size = pc.fill_null(glue(" ", table["package_size"]), "")
    return glue(
        '{"product_id":"',
        table["product_id"].cast(pa.string()),
        '","name":"',
        escaped(kind),
        escaped(size),
        '","category_1":"',
        escaped(table["department"].fill_null("OTHER")),
        '","category_2":"',
        escaped(category),
        '","brand":"',
        escaped(table["brand"].fill_null("")),
        '"}',
    ).combine_chunks()


def actions_as_json(folder: Path, *, shift: int) -> Any:
    """One action for each coupon of each campaign, with the products that it covers and the campaign's days."""
    campaign, coupon, product = _covered(folder)
    first = np.flatnonzero(np.append(True, np.diff(campaign).astype(bool) | np.diff(coupon).astype(bool)))
    starts, ends = _days(folder, campaign[first], shift)
    names = digits(campaign[first])
    return glue(
        glue('{"id":"', names, "-", digits(coupon[first]), '","point":"next_offer","label":'),
        _labels(folder, product, first),
        glue(',"campaign":"', names, '","starts":"', starts, '","ends":"', ends, '","products":['),
        joined(glue('"', digits(product), '"'), np.append(first, len(product))),
        "]}",
    )


def _narrow(table: Any) -> Any:
    """The narrower category, else the department."""
    return pc.coalesce(table["product_category"], table["department"], pa.scalar("OTHER"))


def _renamed(words: Any, change: Callable[[str], str]) -> Any:
    coded = words.combine_chunks().dictionary_encode()
    return pa.array([change(word) for word in coded.dictionary.to_pylist()]).take(coded.indices)


def _covered(folder: Path) -> tuple[Column, Column, Column]:
    """Campaign, coupon and product of each pair, sorted, each once (the source repeats some)."""
    table = read_table(folder, "coupons", "campaign_id", "coupon_upc", "product_id")
    columns = [table[name].to_numpy() for name in table.column_names]
    rows = np.stack(columns)[:, np.lexsort(columns[::-1])]
    campaign, coupon, product = rows[:, np.append(True, np.diff(rows, axis=1).any(axis=0))]
    return campaign, coupon, product


def _days(folder: Path, campaign: Column, shift: int) -> tuple[Any, Any]:
    """First moment of the first day and last second of the last day of each campaign."""
    table = read_table(folder, "campaign_descriptions", "campaign_id", "start_date", "end_date").sort_by("campaign_id")
    which = np.searchsorted(table["campaign_id"].to_numpy(), campaign)
    starts, ends = (unix_ms(table[name])[which] + shift for name in ("start_date", "end_date"))
    return rfc3339(starts), rfc3339(end_of_day(ends))


def _labels(folder: Path, product: Column, first: Column) -> Any:
    """What a coupon is called: the category that most of its products are of."""
    names, codes = _categories(folder, product)
    spans = zip(first.tolist(), [*first[1:].tolist(), len(product)], strict=True)
    main = [names[int(np.bincount(codes[begin:end], minlength=len(names)).argmax())] for begin, end in spans]
    words = [in_words(name) for name in main]
    return pa.array([msgspec.json.encode({"en": f"Coupon: {w}", "de": f"Gutschein: {w}"}).decode() for w in words])


def _categories(folder: Path, product: Column) -> tuple[list[str], Column]:
    """Names of the narrower categories, and which one each product has; the last is that of unknown products."""
    table = read_table(folder, "products", "product_id", "product_category", "department").sort_by("product_id")
    known, coded = table["product_id"].to_numpy(), _narrow(table).combine_chunks().dictionary_encode()
    names = [*coded.dictionary.to_pylist(), "OTHER"]
    at = np.minimum(np.searchsorted(known, product), len(known) - 1)
    return names, np.where(known[at] == product, coded.indices.to_numpy()[at], len(names) - 1)
