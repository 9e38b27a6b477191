"""Collect: bytes become words.

A request's body is inflated, opened into its events, and each event is understood or rejected with its reason:

    inflate → open_envelope → understand → events (or columns), rejections

Nothing here knows a clock, a socket or another stage; only `BadRows` touches the disk.
"""

from genom.collect.badrows import BadRow, BadRows, Tally, Wanted, day_of
from genom.collect.body import inflate
from genom.collect.came import Came, how_it_came, read_again
from genom.collect.columns import Columns
from genom.collect.envelope import CALLS, Envelope, open_envelope
from genom.collect.keys import offered_keys
from genom.collect.lexicon import Lexicon
from genom.collect.rejected import RAW_KEPT
from genom.collect.segment import Decoded, understand
from genom.collect.settle import OTHER, THING
from genom.collect.tag import tag_script
from genom.collect.wrong_keys import WrongKeys

__all__ = [
    "CALLS",
    "OTHER",
    "RAW_KEPT",
    "THING",
    "BadRow",
    "BadRows",
    "Came",
    "Columns",
    "Decoded",
    "Envelope",
    "Lexicon",
    "Tally",
    "Wanted",
    "WrongKeys",
    "day_of",
    "how_it_came",
    "inflate",
    "offered_keys",
    "open_envelope",
    "read_again",
    "tag_script",
    "understand",
]
