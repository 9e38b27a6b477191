"""Typed sources: records of tills, loyalty programmes, call centres and the like become events in Segment's form.

Each type is a file: its columns, what its records say, and a sample.

    cells of a row → Plan.read → records → (rows of one thing) → translate → what is said to the node

Nothing here opens a file, knows a clock or calls a node; `app/importing` does.
"""

from genom.collect.typed_sources.moments import date_format_of
from genom.collect.typed_sources.plan import Plan, bad_header, matched, spelled
from genom.collect.typed_sources.reading import (
    BadCell,
    BadRecord,
    LeftOut,
    Problem,
    Reading,
    shown,
    zone_named,
)
from genom.collect.typed_sources.source_type import Column, Record, Said, SourceType
from genom.collect.typed_sources.types import TYPES, type_named

__all__ = [
    "TYPES",
    "BadCell",
    "BadRecord",
    "Column",
    "LeftOut",
    "Plan",
    "Problem",
    "Reading",
    "Record",
    "Said",
    "SourceType",
    "bad_header",
    "date_format_of",
    "matched",
    "shown",
    "spelled",
    "type_named",
    "zone_named",
]
