"""Boundaries are found as a plain reader of brackets and strings finds them, in linear time."""

import json

from hypothesis import given
from hypothesis import strategies as st

from genom.collect.tolerant import depth, members, parts

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(['"', "\\", "]}", ',{"']),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
NOISE = st.lists(st.sampled_from([b"{", b"}", b"[", b"]", b",", b'"', b"\\", b"a", b" ", b"\xff"])).map(b"".join)


def _plain_parts(body):
    """The slow reader: one byte after the other."""
    slices, begin, levels, text, at = [], 1, 0, False, 1
    while at < len(body):
        mark = body[at : at + 1]
        if text:
            at += mark == b"\\"
            text = mark != b'"'
        elif mark == b'"':
            text = True
        elif mark in b"{[":
            levels += 1
        elif mark in b"}]" and levels:
            levels -= 1
        elif mark == b"]":
            break
        elif mark == b"," and not levels:
            slices.append((begin, at))
            begin = at + 1
        at += 1
    end, closed = min(at, len(body)), at < len(body)
    return [*slices, (begin, end)] if body[begin:end].strip() else slices, closed


@given(st.lists(VALUES, max_size=6), st.sampled_from([None, 1]))
def test_a_list_is_cut_into_its_parts(values, indent):
    body = json.dumps(values, indent=indent).encode()

    found = parts(body, 0)

    assert [json.loads(body[begin:end]) for begin, end in found.slices] == values
    assert found.closed


@given(NOISE)
def test_noise_is_cut_as_a_plain_reader_cuts_it(noise):
    assert tuple(parts(b"[" + noise, 0)) == _plain_parts(b"[" + noise)


@given(st.dictionaries(st.text("abc", max_size=3), VALUES, max_size=5))
def test_members_are_found_by_their_keys(values):
    body = json.dumps(values).encode()

    found = members(body, 0)

    assert {key.decode(): json.loads(body[begin:end]) for key, (begin, end) in found.items()} == values


@given(VALUES)
def test_depth_counts_brackets_outside_of_texts(value):
    def levels(part):
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else None
        return 0 if inner is None else 1 + max(map(levels, inner), default=0)

    assert depth(json.dumps(value).encode()) == levels(value)


def test_half_a_megabyte_of_quotes_and_escapes_is_one_pass():
    """A scan that starts again at every quote would take minutes."""
    for evil in (
        b'"\\' * 250_000,
        b'\\"' * 250_000,
        b"[" * 500_000,
        b"[]{}" * 125_000,
        b'["' * 250_000,
        b"," * 500_000,
    ):
        parts(b"[" + evil, 0)
        depth(evil)
