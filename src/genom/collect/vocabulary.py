"""What the compiled pass does with each key of an event, as tables that it can read."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

import numpy as np

from genom.collect.devices import AGENT_LONGEST, TYPE_LONGEST

__all__ = [
    "ACTIONS",
    "FIELDS",
    "KEY_BYTES",
    "KEY_SLOTS",
    "KEY_STARTS",
    "LIMITS",
    "USUAL",
    "WIDTH",
    "Do",
    "Field",
    "Place",
]


class Place(IntEnum):
    """The objects of an event whose keys are looked at."""

    EVENT = 0
    PROPERTIES = 1
    CONTEXT = 2
    LIBRARY = 3
    RARER = 4  # no object: the rarer columns hold something
    DEVICE = 5


class Do(IntEnum):
    """What becomes of a key's value."""

    SKIP = 0  # nobody reads it
    GENERAL = 1  # the event is read as a whole, unless the value is null
    REFUSE = 2  # the event is read as a whole, also if it is null
    TEXT = 3
    IDENTIFIER = 4  # a text that may stand for nobody
    PRICE = 5  # a number in millionths
    QUANTITY = 6  # a number in thousandths
    TIME = 7
    CALL = 8  # the event's type
    SPAN = 9  # an object that is decoded by itself
    ENTER = 10  # an object whose keys are looked at


class Field(IntEnum):
    """Columns of the row that describes an event; a text has two: begin and end in the body."""

    BEGIN = 0
    END = 1
    STATE = 2
    CALL = 3  # 1 track, 2 page, 3 screen, 0 another
    TIME = 4  # unix ms
    PRICE = 5
    QUANTITY = 6
    VALUE = 7
    MESSAGE = 8
    USER = 10
    ANONYMOUS = 12
    NAME = 14
    ITEM = 16
    CATEGORY = 18
    CURRENCY = 20
    ZONE = 22
    LIBRARY = 24
    DEVICE = 26
    AGENT = 28
    ENTERED = 30  # bit by place: the object is there
    PROOF = 31  # from here on the rarer ones
    CONSENT = 33
    SKU = 35
    LEVEL = 37  # how deep the event is nested


USUAL: Final = 31  # columns that nearly every event needs
WIDTH: Final = 38  # columns


_ANY: Final = 1 << 40  # bytes
_READ: Final[dict[tuple[Place, str], tuple[Do, int, int]]] = {  # action, field or place, longest text in bytes
    (Place.EVENT, "type"): (Do.CALL, Field.CALL, _ANY),
    (Place.EVENT, "messageId"): (Do.TEXT, Field.MESSAGE, 100),
    (Place.EVENT, "userId"): (Do.IDENTIFIER, Field.USER, 256),
    (Place.EVENT, "anonymousId"): (Do.IDENTIFIER, Field.ANONYMOUS, 256),
    (Place.EVENT, "event"): (Do.TEXT, Field.NAME, 200),
    (Place.EVENT, "timestamp"): (Do.TIME, Field.TIME, _ANY),
    (Place.EVENT, "properties"): (Do.ENTER, Place.PROPERTIES, _ANY),
    (Place.EVENT, "context"): (Do.ENTER, Place.CONTEXT, _ANY),
    (Place.PROPERTIES, "product_id"): (Do.TEXT, Field.ITEM, 256),
    (Place.PROPERTIES, "sku"): (Do.TEXT, Field.SKU, _ANY),
    (Place.PROPERTIES, "category"): (Do.TEXT, Field.CATEGORY, _ANY),
    (Place.PROPERTIES, "price"): (Do.PRICE, Field.PRICE, _ANY),
    (Place.PROPERTIES, "quantity"): (Do.QUANTITY, Field.QUANTITY, _ANY),
    (Place.PROPERTIES, "value"): (Do.PRICE, Field.VALUE, _ANY),
    (Place.PROPERTIES, "currency"): (Do.TEXT, Field.CURRENCY, _ANY),
    (Place.CONTEXT, "library"): (Do.ENTER, Place.LIBRARY, _ANY),
    (Place.CONTEXT, "device"): (Do.ENTER, Place.DEVICE, _ANY),
    (Place.CONTEXT, "userAgent"): (Do.TEXT, Field.AGENT, AGENT_LONGEST),
    (Place.CONTEXT, "timezone"): (Do.TEXT, Field.ZONE, _ANY),
    (Place.CONTEXT, "userHash"): (Do.TEXT, Field.PROOF, 128),
    (Place.CONTEXT, "consent"): (Do.SPAN, Field.CONSENT, _ANY),
    (Place.LIBRARY, "name"): (Do.TEXT, Field.LIBRARY, _ANY),
    (Place.DEVICE, "type"): (Do.TEXT, Field.DEVICE, TYPE_LONGEST),
}
_RARE: Final = {
    Place.EVENT: ("traits", "originalTimestamp", "sentAt", "previousId", "channel"),
    Place.PROPERTIES: (
        *("department", "category_1", "category_2", "revenue", "discount", "coupon", "decision_id", "channel"),
        "products",
    ),
    Place.CONTEXT: ("channel", "decision_id", "traits", "externalIds"),
}
_PERSONAL: Final = ("email", "phone", "firstName", "first_name", "lastName", "last_name")  # null leaves the body too

_WHAT: Final = {
    **_READ,
    **{(place, key): (Do.GENERAL, 0, 0) for place, keys in _RARE.items() for key in keys},
    **{(Place.PROPERTIES, key): (Do.REFUSE, 0, 0) for key in _PERSONAL},
}
_KEYS: Final = ["", *sorted({key for _, key in _WHAT})]  # 0 is every other key


def slot(key: bytes) -> int:
    """Where a key stands in KEY_SLOTS; `scan` computes the same.

    >>> len({slot(key.encode()) for key in _KEYS[1:]}) == len(_KEYS) - 1
    True
    """
    return (len(key) + key[0] * 3 + key[len(key) // 2] * 7 + key[-1] * 29) & 1023


def _table(column: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    table = np.zeros((len(Place), len(_KEYS)), np.int64)
    for (place, key), what in _WHAT.items():
        table[place, _KEYS.index(key)] = what[column]
    return table


ACTIONS: Final = _table(0)  # by place and number of the key
FIELDS: Final = _table(1)
LIMITS: Final = _table(2)
KEY_BYTES: Final = np.frombuffer("".join(_KEYS).encode(), np.uint8)
KEY_STARTS: Final = np.cumsum([0, *map(len, _KEYS)])
KEY_SLOTS: Final = np.zeros(1024, np.int64)
for _number, _key in enumerate(_KEYS[1:], 1):
    KEY_SLOTS[slot(_key.encode())] = _number
