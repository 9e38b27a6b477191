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
from genom.collect.image import image_envelope, in_address, without_key
from genom.collect.keys import offered_keys
from genom.collect.lexicon import Lexicon
from genom.collect.pixel import pixel_envelope
from genom.collect.read_out import readings
from genom.collect.rejected import RAW_KEPT, Rejected, as_it_came, rejection
from genom.collect.rudder import header_id, merged_in
from genom.collect.segment import Decoded, understand
from genom.collect.settle import OTHER, THING
from genom.collect.snowplow import Sender
from genom.collect.snowplow_request import (
    Arrived,
    Translated,
    as_they_came,
    items_of,
    payload_of_query,
    payloads_of_body,
    translated,
)
from genom.collect.tag import Tag, browser_tag
from genom.collect.wrong_keys import WrongKeys

__all__ = [
    "CALLS",
    "OTHER",
    "RAW_KEPT",
    "THING",
    "Arrived",
    "BadRow",
    "BadRows",
    "Came",
    "Columns",
    "Decoded",
    "Envelope",
    "Lexicon",
    "Rejected",
    "Sender",
    "Tag",
    "Tally",
    "Translated",
    "Wanted",
    "WrongKeys",
    "as_it_came",
    "as_they_came",
    "browser_tag",
    "day_of",
    "header_id",
    "how_it_came",
    "image_envelope",
    "in_address",
    "inflate",
    "items_of",
    "merged_in",
    "offered_keys",
    "open_envelope",
    "payload_of_query",
    "payloads_of_body",
    "pixel_envelope",
    "read_again",
    "readings",
    "rejection",
    "translated",
    "understand",
    "without_key",
]
