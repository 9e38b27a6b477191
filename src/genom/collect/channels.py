"""Where an event happened: as its sender says, else by the call and the library that sent it."""

from __future__ import annotations

from typing import Final

from genom.collect.memo import Memo
from genom.collect.wire import Context, Item, Library
from genom.words import CHANNELS, Channel

__all__ = ["BY_CALL", "BY_LIBRARY", "channel_of"]

BY_CALL: Final = {"page": int(Channel.WEB), "screen": int(Channel.APP)}

_LIBRARIES: Final = (  # the first part that a library's name contains decides
    ("react-native", Channel.APP),
    ("flutter", Channel.APP),
    ("kotlin", Channel.APP),
    ("android", Channel.APP),
    ("swift", Channel.APP),
    ("ios", Channel.APP),
    ("xamarin", Channel.APP),
    ("unity", Channel.APP),
    ("analytics.js", Channel.WEB),
    ("analytics-next", Channel.WEB),
    ("javascript", Channel.WEB),
    ("analytics-node", Channel.SERVER),
    ("node", Channel.SERVER),
    ("python", Channel.SERVER),
    ("java", Channel.SERVER),
    ("go", Channel.SERVER),
    ("ruby", Channel.SERVER),
    ("php", Channel.SERVER),
    (".net", Channel.SERVER),
    ("csharp", Channel.SERVER),
    ("rust", Channel.SERVER),
    ("clojure", Channel.SERVER),
    ("http", Channel.SERVER),
)


def channel_of(item: Item, call: str, context: Context) -> int:
    """The channel's number: context, event and properties may name it, in this order.

    >>> Channel(channel_of(Item(), "track", Context(library=Library("analytics.js")))).name
    'WEB'
    """
    given = item.channel if context.channel is None else context.channel
    if given is None and item.properties is not None:
        given = item.properties.channel
    if type(given) is str and (named := _NAMED[given]):
        return named
    if call in BY_CALL:
        return BY_CALL[call]
    name = context.library.name if type(context.library) is Library else None
    return BY_LIBRARY[name] if type(name) is str else 0


_NAMED: Final[Memo[str, int]] = Memo(
    lambda text: int(CHANNELS.get(text[:40].strip().lower(), Channel.UNKNOWN)), most=1_024
)


def _by_library(name: str) -> int:
    lower = name[:80].lower()
    return next((int(channel) for part, channel in _LIBRARIES if part in lower), 0)


BY_LIBRARY: Final[Memo[str, int]] = Memo(_by_library, most=1_024)
