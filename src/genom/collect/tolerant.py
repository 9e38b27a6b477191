"""Event boundaries in a body that strict decoding refuses.

One linear pass over brackets; strings and their escapes are stepped over by the expression, so a bracket in a text
is none.  Nothing here judges what stands between the boundaries: each slice is decoded alone afterwards.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["Parts", "depth", "members", "parts"]

_STRING: Final = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'  # one without an end reaches to the end of the body
_STEP: Final = re.compile(rb'(?:[^"{}\[\],]++|' + _STRING + rb")*+([{}\[\],])", re.DOTALL)
_BRACKETS: Final = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+([{\[]++|[}\]]++)", re.DOTALL)
_KEY: Final = re.compile(rb'\s*"([^"\\]*)"\s*:\s*')
_CLOSERS: Final = {b"{": b"}", b"[": b"]"}


class Parts(NamedTuple):
    """What a list or an object holds: its parts as (begin, end), and whether its end was found."""

    slices: list[tuple[int, int]]
    closed: bool  # if not, the last slice is what came before the body ended


def parts(body: bytes, opener: int) -> Parts:
    """The parts between the commas of the container that opens at `opener`.

    >>> body = b'[{"a":NaN},{"b":"]"},{"c'
    >>> [body[begin:end] for begin, end in parts(body, 0).slices]
    [b'{"a":NaN}', b'{"b":"]"}', b'{"c']
    """
    closer = _CLOSERS[body[opener : opener + 1]]
    slices: list[tuple[int, int]] = []
    begin = at = opener + 1
    while step := _STEP.match(body, at):
        mark, at = step[1], step.end()
        if mark == b",":
            slices.append((begin, at - 1))
            begin = at
        elif mark in _CLOSERS:
            at = _end_of(body, at)
        elif mark == closer:
            return Parts(_with_last(body, slices, begin, at - 1), closed=True)
    return Parts(_with_last(body, slices, begin, len(body)), closed=False)


def _with_last(body: bytes, slices: list[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    """Nothing stands between the brackets of an empty container, nor after a trailing comma."""
    if body[begin:end].strip():
        slices.append((begin, end))
    return slices


def _end_of(body: bytes, at: int) -> int:
    """Behind the bracket that closes the one before `at`; the body's end if there is none."""
    level = 1
    while run := _BRACKETS.match(body, at):
        at = run.end()
        length = at - run.start(1)
        if run[1][0] in b"{[":
            level += length
        elif length >= level:
            return at - (length - level)
        else:
            level -= length
    return len(body)


def members(body: bytes, opener: int) -> dict[bytes, tuple[int, int]]:
    """Keys of the object that opens at `opener`, each with its value's begin and end.

    >>> members(b'{"sentAt":"now","batch":[', 0)
    {b'sentAt': (10, 15), b'batch': (24, 25)}
    """
    found = {}
    for begin, end in parts(body, opener).slices:
        if key := _KEY.match(body, begin, end):
            found[key[1]] = (key.end(), end)
    return found


def depth(raw: bytes) -> int:
    """How deep the brackets of an event are nested.

    >>> depth(b'{"a":[{"b":"[[["}]}')
    3
    """
    level = deepest = at = 0
    while run := _BRACKETS.match(raw, at):
        at = run.end()
        length = at - run.start(1)
        if run[1][0] in b"{[":
            level += length
            deepest = max(deepest, level)
        else:
            level -= length
    return deepest
