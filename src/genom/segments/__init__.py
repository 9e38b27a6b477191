"""Segments: rules over genes, events and other segments, compiled to predicates over columns of everybody."""

from genom.segments.bank import Columns, Place, Programs, put_together
from genom.segments.changes import CHANGE, NOBODY, ChangeLog, Reason
from genom.segments.growth import Growth, Point
from genom.segments.kernel import keep_newest, settle, touched
from genom.segments.known import AttributeField, GeneField, Known, check_rule, check_segment, purposes_read
from genom.segments.program import Column, Program, Window, compile_rule
from genom.segments.rule import Rule, Where, as_plain, conditions, read_rule
from genom.segments.segment import Segment, in_order, kept_form, read_segment
from genom.segments.sentence import condition_text, sentence
from genom.segments.told import Crowd, Held, Teller
from genom.segments.windows import ANY, WANTED, take_events

__all__ = [
    "ANY",
    "CHANGE",
    "NOBODY",
    "WANTED",
    "AttributeField",
    "ChangeLog",
    "Column",
    "Columns",
    "Crowd",
    "GeneField",
    "Growth",
    "Held",
    "Known",
    "Place",
    "Point",
    "Program",
    "Programs",
    "Reason",
    "Rule",
    "Segment",
    "Teller",
    "Where",
    "Window",
    "as_plain",
    "check_rule",
    "check_segment",
    "compile_rule",
    "condition_text",
    "conditions",
    "in_order",
    "keep_newest",
    "kept_form",
    "purposes_read",
    "put_together",
    "read_rule",
    "read_segment",
    "sentence",
    "settle",
    "take_events",
    "touched",
]
