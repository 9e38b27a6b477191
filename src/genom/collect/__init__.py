"""Collect: bytes become words.

A request's body is inflated, opened into its events, and each event is understood or rejected with its reason:

    inflate → open_envelope → understand → events, rejections

Nothing here knows a clock, a socket or another stage; only `BadRows` touches the disk.
"""

from genom.collect.badrows import BadRow, BadRows
from genom.collect.body import inflate
from genom.collect.envelope import CALLS, Envelope, open_envelope
from genom.collect.keys import offered_keys
from genom.collect.segment import Decoded, understand
from genom.collect.tag import tag_script

__all__ = [
    "CALLS",
    "BadRow",
    "BadRows",
    "Decoded",
    "Envelope",
    "inflate",
    "offered_keys",
    "open_envelope",
    "tag_script",
    "understand",
]
