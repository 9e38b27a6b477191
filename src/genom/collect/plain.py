"""Events that `scan` found plain, made from its rows; the same result as `read_event`, several times faster."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from genom.collect.channels import BY_CALL, BY_LIBRARY
from genom.collect.currencies import CURRENCIES, currency_number
from genom.collect.details import IS_ABOUT, IS_CATEGORISED, IS_SINGLE
from genom.collect.event import TRACK_KINDS, Frame
from genom.collect.labels import PATHS
from genom.collect.money import LARGEST, priced
from genom.collect.scan import ABSENT, PLAIN, SUSPECT, UNICODE, scan
from genom.collect.times import QUARTER, ZONE_HOURS
from genom.collect.vocabulary import USUAL, WIDTH, Field, Place
from genom.collect.wire import Consent
from genom.words import MILLI, Event, Kind

__all__ = ["Plain"]

_KINDS: Final = (0, 0, int(Kind.PAGE_VIEWED), int(Kind.SCREEN_VIEWED))  # by number of the call
_CHANNELS: Final = (0, 0, BY_CALL["page"], BY_CALL["screen"])
_OTHERWISE: Final = frozenset(IS_ABOUT | IS_CATEGORISED) - IS_SINGLE  # kinds whose details take a longer look
_PROPERTIES: Final = 1 << Place.PROPERTIES
_decode_consent = msgspec.json.Decoder(Consent).decode
