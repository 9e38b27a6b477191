"""The key is found wherever a client puts it; what is damaged offers nothing."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.collect import offered_keys

KEYS = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=60)


@given(KEYS)
def test_every_client_s_way_offers_the_key(key):
    assert offered_keys(b"Basic " + base64.b64encode(f"{key}:".encode()), "") == [key]
    assert offered_keys(b"basic " + base64.b64encode(key.encode()), "") == [key]
    assert offered_keys(b"Bearer " + key.encode(), "") == [key]
    assert offered_keys(None, key) == [key]


def test_the_header_comes_before_the_body():
    assert offered_keys(b"Bearer sk", "wk") == ["sk", "wk"]


def test_the_same_key_is_offered_once():
    assert offered_keys(b"Bearer wk", "wk") == ["wk"]


@pytest.mark.parametrize(
    "header",
    [b"Basic d2s", b"Basic d2s6!", b"Basic \xff", b"Basic /////w==", b"Bearer \xff", b"Digest x", b"Basic", b""],
)
def test_a_damaged_header_offers_nothing(header):
    assert offered_keys(header, "") == []


@given(st.binary(max_size=600), st.text(max_size=300))
def test_no_header_raises(header, body_key):
    assert all(0 < len(key) <= 256 for key in offered_keys(header, body_key))


def test_a_key_of_any_length_is_not_looked_up():
    assert offered_keys(b"Bearer " + b"x" * 10_000, "y" * 10_000) == []
