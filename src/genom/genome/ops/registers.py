"""The property of the first or the last event that has it, by (time, id, line): the id breaks ties, not arrival."""

from datetime import UTC, datetime, timedelta
from typing import Final

from genom.genome.ops.base import CODED, Kept, Laws, Op, Reading, Storage, Value

__all__ = ["FIRST_OF", "LAST_OF", "as_value"]

_LAWS = Laws(commutative=True, idempotent=True, invertible=False, rtol=0.0)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PROPERTIES = ("time", "channel", "category_1", "category_2", "amount", "quantity", "discount", "device")


def as_value(reading: Reading, property: str, number: int) -> Value:
    """A stored integer as people read it: a time, a term or a number."""
    if property == "time":
        return (_EPOCH + timedelta(milliseconds=number)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if property in CODED:
        return reading.term(property, number) or None
    return float(number * reading.scale)


def _finish(reading: Reading) -> Value:
    """The value of a register of time, id, line + 1 and value.

    >>> how = {"decayed": None, "ring": None, "length": 0, "term": str}
    >>> _finish(Reading(at=0, property="amount", integers=[0, 7, 1, 9_990_000], **how))
    9.99
    >>> _finish(Reading(at=0, property="time", integers=[0, 7, 1, 1500], **how))
    '1970-01-01T00:00:01.500Z'
    """
    _, _, line, value = reading.integers  # line + 1, 0 = nothing yet
    return as_value(reading, reading.property, value) if line else None


FIRST_OF = Op(
    name="first",
    laws=_LAWS,
    storage=Storage.REGISTER,
    finish=_finish,
    keeps=(Kept(form="first", present=True),),
    properties=_PROPERTIES,
    says={"en": "The first one's", "de": "Vom ersten"},
)

LAST_OF = Op(
    name="last",
    laws=_LAWS,
    storage=Storage.REGISTER,
    finish=_finish,
    keeps=(Kept(form="last", present=True),),
    properties=_PROPERTIES,
    says={"en": "The last one's", "de": "Vom letzten"},
)
