"""Runs of base64 letters are read as the standard library reads them."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode, urlsafe_b64encode

from hypothesis import example, given
from hypothesis import strategies as st

from genom.privacy.coded import said

_LETTERS = "abcXYZ019+/-_"
words = st.text(st.sampled_from(_LETTERS), max_size=30).map(str.encode)
coded = st.binary(max_size=40).map(b64encode) | st.binary(max_size=40).map(urlsafe_b64encode)
texts = st.lists(words | coded | st.binary(max_size=6) | st.sampled_from([b" ", b'"', b"=", b"\0"])).map(b"".join)


def by_the_library(data: bytes, *, least: int, after: int) -> list[tuple[int, bytes]]:
    found = []
    for run in re.finditer(rb"[A-Za-z0-9+/_-]{%d,}" % -(-least * 4 // 3), data):
        for skipped in range((1 if run.start() else 4) if run.end() > after else 0):
            letters = run[0][skipped:].translate(bytes.maketrans(b"-_", b"+/"))
            found.append((run.start(), b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + b"==")))
    return found


@given(data=texts, least=st.integers(1, 9), after=st.integers(0, 60))
@example(data=b"", least=1, after=0)
@example(data=b"QWRh", least=8, after=0)
def test_each_run_says_what_the_library_says(data: bytes, least: int, after: int) -> None:
    found = said(data, least=least, after=after)

    wanted = by_the_library(data, least=least, after=after)
    assert list(found.each()) == wanted
    assert found.whole == b"".join(content + b"\0" for _, content in wanted)


@given(data=texts, heads=st.lists(st.binary(min_size=2, max_size=2), min_size=1, max_size=3).map(tuple))
def test_runs_are_chosen_by_what_they_begin_with(data: bytes, heads: tuple[bytes, ...]) -> None:
    found = said(data, least=1)

    some = heads if not found.places.size else (*heads, next(found.each())[1][:2].ljust(2, b"?"))
    assert list(found.each(found.begins(some))) == [one for one in found.each() if one[1].startswith(some)]
