"""Signals of consent that others define: TC strings, Google's Consent Mode, strings of the Global Privacy Platform.

Each decoder gives a `Said`, and `all_said` those of an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from genom.consent.purposes import Purposes
from genom.consent.signals.bits import Damaged
from genom.consent.signals.google import google_said
from genom.consent.signals.gpp_said import gpp_said, heard_gpp
from genom.consent.signals.said import Said
from genom.consent.signals.tcf import LEAST_POLICY, TcString, Vendors, decode_tc
from genom.consent.signals.tcf_said import tc_said

__all__ = [
    "LEAST_POLICY", "Damaged", "Said", "TcString", "Vendors", "all_said", "decode_tc", "google_said", "gpp_said",
    "tc_said",
]  # fmt: skip

_SAID: Final[Mapping[str, Callable[[Any, Purposes], Said]]] = {"google": google_said, "gpp": heard_gpp}


def all_said(signals: Mapping[str, Any], purposes: Purposes) -> dict[str, Said]:
    """What the signals of an event say, by the signal's name."""
    return {name: _SAID[name](value, purposes) for name, value in signals.items() if name in _SAID}
