"""What kind of device an event came from: as its sender says, else by what the browser calls itself.

Only the kind is kept in a row, and never what tells one phone from another.  A browser calls itself what it likes:
an iPad says that it is a Macintosh unless its sender knows better, and whoever says nothing known has no kind.
"""

from __future__ import annotations

import re
from typing import Final

from genom.collect.memo import Memo
from genom.collect.wire import Context, DeviceSaid
from genom.words import DEVICES, Device

__all__ = ["AGENT_LONGEST", "BY_AGENT", "BY_TYPE", "TYPE_LONGEST", "device_of"]

TYPE_LONGEST: Final = 40  # characters of a device's type that are looked at
AGENT_LONGEST: Final = 512  # … and of a browser's own words

_AGENTS: Final = tuple(  # the first that is found decides; letters beyond ASCII are like no others in every encoding
    (re.compile(pattern, re.ASCII | re.IGNORECASE), device)
    for pattern, device in (
        (r"bot\b|crawl|spider|slurp|headless", Device.UNKNOWN),
        (r"playstation|xbox|nintendo", Device.CONSOLE),
        (r"smart-?tv|apple ?tv|google ?tv|hbbtv|netcast|web0s|bravia|viera|roku|crkey|\baft[a-z]+\b", Device.TV),
        (r"\bwatch", Device.WATCH),
        (r"ipad|tablet|kindle|playbook|android(?!.*mobile)", Device.TABLET),
        (r"mobi|iphone|ipod|windows phone|opera mini|blackberry", Device.PHONE),
        (r"windows nt|macintosh|x11|cros", Device.DESKTOP),
    )
)


def device_of(context: Context) -> int:
    """The number of the device's kind.

    >>> Device(device_of(Context(device=DeviceSaid("tablet"), userAgent="Mozilla/5.0 (Macintosh)"))).name
    'TABLET'
    >>> Device(device_of(Context(userAgent="Mozilla/5.0 (Linux; Android 15; Pixel 9) Mobile Safari/537.36"))).name
    'PHONE'
    """
    said = context.device.type if type(context.device) is DeviceSaid else None
    if type(said) is str and (named := BY_TYPE[said[: TYPE_LONGEST + 1]]):
        return named
    return BY_AGENT[context.userAgent[:AGENT_LONGEST]] if type(context.userAgent) is str else 0


def _by_type(text: str) -> int:
    known = text.isascii() and len(text) <= TYPE_LONGEST
    return int(DEVICES.get(text.strip().lower(), Device.UNKNOWN)) if known else 0


def _by_agent(text: str) -> int:
    return next((int(device) for pattern, device in _AGENTS if pattern.search(text)), 0)


BY_TYPE: Final[Memo[str, int]] = Memo(_by_type, most=1_024)
"""Type of a device → number of its kind."""

BY_AGENT: Final[Memo[str, int]] = Memo(_by_agent, most=4_096)
"""What a browser calls itself → number of the device's kind."""
