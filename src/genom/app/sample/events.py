"""What happened in the sample shop, as events in the order of time.

Message ids are made from the source's own numbers, so sending an event again counts it once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from genom.app.sample.shop import Column, Mailings, Receipts, Redemptions, Shop
from genom.app.sample.text import amounts, digits, glue, joined
from genom.app.sample.times import rfc3339

__all__ = [
    "card",
    "event_slices",
    "lines_before",
    "mailings_as_json",
    "orders_as_json",
    "redemptions_as_json",
    "timeline",
]

BASKET: Final = 2  # place in `Shop.parts`
COUPON: Final = ("}", ',"coupon":"manufacturer"}')  # end of a line without and with a coupon; its number is unknown
SLICE: Final = 8_192  # events made at once: about 8 MB of JSON


def card(household: Any) -> Any:
    """The part of a context that names the household by its loyalty card."""
    return glue('"externalIds":[{"id":"', household, '","type":"card","collection":"users","encoding":"none"}]')


def orders_as_json(receipts: Receipts, begin: int, end: int, *, shift: int) -> Any:
    """Baskets as `Order Completed`."""
    baskets = slice(begin, end)
    first = receipts.first[begin : end + 1]
    lines = slice(first[0], first[-1])
    number = digits(receipts.basket[baskets])
    return glue(
        _head("Order Completed", glue("order-", number), receipts.ts[baskets] + shift),
        _context("pos", receipts.household[baskets]),
        glue('"order_id":"', number, '","store_id":"', digits(receipts.store[baskets]), '","total":'),
        amounts(np.add.reduceat(receipts.sales[lines], first[:-1] - first[0])),
        ',"discount":',
        amounts(np.add.reduceat(receipts.discount[lines], first[:-1] - first[0])),
        ',"currency":"EUR","products":[',
        joined(_lines(receipts, lines), first - first[0]),
        "]}}",
    )


def mailings_as_json(mailings: Mailings, begin: int, end: int, *, shift: int) -> Any:
    """Mailings as `Campaign Received`."""
    some = slice(begin, end)
    campaign, household = digits(mailings.campaign[some]), digits(mailings.household[some])
    return glue(
        _head("Campaign Received", glue("mailing-", campaign, "-", household), mailings.ts[some] + shift),
        _context("mail", mailings.household[some]),
        glue('"campaign_id":"', campaign, '","campaign_type":"', pa.array(mailings.kind[some].tolist(), pa.string())),
        '","channel":"mail"}}',
    )


def redemptions_as_json(redemptions: Redemptions, begin: int, end: int, *, shift: int) -> Any:
    """Redemptions as `Coupon Redeemed`."""
    some = slice(begin, end)
    coupon, campaign = digits(redemptions.coupon[some]), digits(redemptions.campaign[some])
    day = pc.utf8_slice_codeunits(rfc3339(redemptions.ts[some]), 0, 10)
    names = (campaign, coupon, digits(redemptions.household[some]), day, digits(redemptions.again[some]))
    joined_by_dash = pc.binary_join_element_wise(*names, "-")
    return glue(
        _head("Coupon Redeemed", glue("redemption-", joined_by_dash), redemptions.ts[some] + shift),
        _context("pos", redemptions.household[some]),
        glue('"coupon_id":"', coupon, '","campaign_id":"', campaign, '","channel":"pos"}}'),
    )


def timeline(shop: Shop) -> Column:
    """The kind of each event in the order of time: its place in ``shop.parts``."""
    kinds = np.repeat(np.arange(3, dtype=np.int8), [len(part.ts) for part in shop.parts])
    return kinds[np.argsort(np.concatenate([part.ts for part in shop.parts]), kind="stable")]


def lines_before(shop: Shop, kinds: Column, done: int) -> int:
    """How many receipt lines the first `done` events of the timeline hold."""
    return int(shop.receipts.first[np.count_nonzero(kinds[:done] == BASKET)])


def event_slices(shop: Shop, kinds: Column, done: int, *, shift: int) -> Iterator[Any]:
    """Arrow arrays of events in the order of time, after the first `done`."""
    begins = [int(np.count_nonzero(kinds[:done] == kind)) for kind in range(3)]
    for start in range(done, len(kinds), SLICE):
        here = kinds[start : start + SLICE]
        ends = [begin + int(np.count_nonzero(here == kind)) for kind, begin in enumerate(begins)]
        place = np.empty(len(here), np.int64)
        place[np.argsort(here, kind="stable")] = np.arange(len(here))
        yield pa.concat_arrays(_made(shop, begins, ends, shift)).take(pa.array(place))
        begins = ends


def _made(shop: Shop, begins: list[int], ends: list[int], shift: int) -> list[Any]:
    spans = zip(_WAYS, shop.parts, begins, ends, strict=True)
    return [way(part, begin, end, shift=shift) for way, part, begin, end in spans if begin < end]


def _head(name: str, message: Any, times: Column) -> Any:
    return glue(
        '{"type":"track","event":"', name, '","messageId":"cj-', message, '","timestamp":"', rfc3339(times), '",'
    )


def _context(channel: str, household: Column) -> Any:
    return glue('"context":{"channel":"', channel, '",', card(digits(household)), '},"properties":{')


def _lines(receipts: Receipts, lines: slice) -> Any:
    return glue(
        '{"product_id":"',
        digits(receipts.product[lines]),
        '","quantity":',
        digits(receipts.quantity[lines]),
        ',"total":',
        amounts(receipts.sales[lines]),
        ',"discount":',
        amounts(receipts.discount[lines]),
        pa.array(COUPON).take(pa.array(receipts.coupon[lines].astype(np.int8))),
    )


_WAYS: Final[tuple[Callable[..., Any], ...]] = (mailings_as_json, redemptions_as_json, orders_as_json)
"""How each of `Shop.parts` is said."""
