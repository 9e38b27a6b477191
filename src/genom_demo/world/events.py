"""Events as they are sent: Segment's calls as JSON, each marked as simulated, with an id that follows from the seed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from genom_demo.catalogue import Product

__all__ = ["Line", "Scene", "Who", "identify", "order", "page", "rfc3339", "track"]

Json = str
"""A JSON text."""

_CONTEXT: Final = '"context":{"simulated":true,"timezone":"Europe/Berlin","channel":"'
_DEVICES: Final = {"app": "phone", "web": "desktop"}  # channel → what everybody uses there


@dataclass(frozen=True, slots=True)
class Who:
    """Under which names somebody is met: parts of an event, ready to be joined."""

    names: Json  # such as "userId":"living-00001",
    extra: Json = ""  # part of the context, such as ,"externalIds":[…]


@dataclass(slots=True)
class Scene:
    """Where somebody is met; gives each event its id and its time."""

    prefix: str
    at: int  # unix ms
    who: Who
    channel: str
    number: int = 0

    def next(self, seconds: float) -> tuple[str, str]:
        """Id and time of the next event, `seconds` after the last one."""
        self.number += 1
        self.at += int(1000 * seconds)
        return f"{self.prefix}-{self.number}", rfc3339(self.at)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order."""

    product: Product
    quantity: int
    discount: float  # EUR off the whole line
    coupon: bool = False

    @property
    def total(self) -> float:
        """EUR that was paid for the line."""
        return round(self.product.price * self.quantity - self.discount, 2)


def rfc3339(ms: int) -> str:
    """A time in unix ms as text.

    >>> rfc3339(1_483_271_606_250)
    '2017-01-01T11:53:26.250Z'
    """
    seconds, thousandths = divmod(ms, 1000)
    minute, second = divmod(seconds, 60)
    return f"{_minute(minute)}:{second:02d}.{thousandths:03d}Z"


@lru_cache(maxsize=4_096)
def _minute(minute: int) -> str:
    """Date, hour and minute; formatting a time is slow, and events of a visit share it."""
    return f"{datetime.fromtimestamp(60 * minute, UTC):%Y-%m-%dT%H:%M}"


def _device(channel: str) -> Json:
    """What the sender says of the device; a till says nothing."""
    return f',"device":{{"type":"{_DEVICES[channel]}"}}' if channel in _DEVICES else ""


def track(name: str, scene: Scene, properties: Json = "", *, after: float = 0.0) -> Json:
    """A track event, `after` seconds later; `properties` is the inside of a JSON object."""
    message, at = scene.next(after)
    return (
        f'{{"type":"track","event":"{name}","messageId":"{message}","timestamp":"{at}",{scene.who.names}'
        f'{_CONTEXT}{scene.channel}"{_device(scene.channel)}{scene.who.extra}}},"properties":{{{properties}}}}}'
    )


def page(name: str, scene: Scene, *, after: float = 0.0) -> Json:
    """A page view in a browser, a screen view in the app."""
    message, at = scene.next(after)
    call = "screen" if scene.channel == "app" else "page"
    return (
        f'{{"type":"{call}","name":"{name}","messageId":"{message}","timestamp":"{at}",{scene.who.names}'
        f'{_CONTEXT}{scene.channel}"{_device(scene.channel)}{scene.who.extra}}}}}'
    )


def identify(scene: Scene, traits: Json) -> Json:
    """Who somebody is; `traits` is the inside of a JSON object."""
    message, at = scene.next(1.0)
    return (
        f'{{"type":"identify","messageId":"{message}","timestamp":"{at}",{scene.who.names}'
        f'{_CONTEXT}{scene.channel}"{_device(scene.channel)}{scene.who.extra}}},"traits":{{{traits}}}}}'
    )


def order(number: str, lines: Sequence[Line], *, decision: str = "") -> Json:
    """The properties of a completed order.

    >>> from genom_demo.catalogue import catalogue
    >>> order("o1", [Line(catalogue().products["mug-moss"], 2, 2.5)])[:54]
    '"order_id":"o1","total":22.50,"discount":2.50,"currenc'
    """
    total, discount = sum(line.total for line in lines), sum(line.discount for line in lines)
    products = ",".join(map(_line, lines))
    outcome = f'"decision_id":{json.dumps(decision)},' if decision else ""
    return (
        f'{outcome}"order_id":"{number}","total":{total:.2f},"discount":{discount:.2f},"currency":"EUR",'
        f'"products":[{products}]'
    )


def _line(line: Line) -> Json:
    coupon = ',"coupon":"voucher"' if line.coupon else ""
    return (
        f'{{"product_id":"{line.product.id}","quantity":{line.quantity},"total":{line.total:.2f},'
        f'"discount":{line.discount:.2f}{coupon}}}'
    )
