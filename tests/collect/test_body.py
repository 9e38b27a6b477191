"""A compressed body is restored, within its limit, or refused."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.collect import inflate
from genom.errors import BadRequest

LIMIT = 500_000


def _raw_deflate(plain: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(plain) + squeeze.flush()


@given(st.binary(max_size=2_000))
def test_every_encoding_gives_back_what_was_sent(plain):
    assert inflate(gzip.compress(plain), "gzip", LIMIT) == plain
    assert inflate(zlib.compress(plain), "deflate", LIMIT) == plain
    assert inflate(_raw_deflate(plain), "deflate", LIMIT) == plain
    assert inflate(plain, "identity", LIMIT) == plain
    assert inflate(plain, "", LIMIT) == plain


def test_several_gzip_streams_are_one_body():
    assert inflate(gzip.compress(b'{"batch":') + gzip.compress(b"[]}"), "GZIP", LIMIT) == b'{"batch":[]}'


@given(st.data())
def test_half_a_gzip_stream_is_refused(data):
    whole = gzip.compress(b'{"batch":[]}')
    half = whole[: data.draw(st.integers(0, len(whole) - 1))]

    with pytest.raises(BadRequest) as error:
        inflate(half, "gzip", LIMIT)

    assert error.value.code == "collect.body-encoding"


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "x"])
def test_an_unknown_encoding_is_refused(encoding):
    with pytest.raises(BadRequest, match="encoding is unknown") as error:
        inflate(b"{}", encoding, LIMIT)

    assert error.value.code == "collect.body-encoding"


def test_a_bomb_is_refused_at_the_limit():
    bomb = gzip.compress(bytes(50_000_000))

    with pytest.raises(BadRequest) as error:
        inflate(bomb, "gzip", LIMIT)

    assert error.value.code == "collect.body-too-large"


def test_the_limit_itself_is_allowed():
    assert len(inflate(gzip.compress(bytes(LIMIT)), "gzip", LIMIT)) == LIMIT
    assert len(inflate(bytes(LIMIT), "", LIMIT)) == LIMIT


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_one_byte_more_is_not(encoding):
    plain = bytes(LIMIT + 1)

    with pytest.raises(BadRequest) as error:
        inflate(gzip.compress(plain) if encoding else plain, encoding, LIMIT)

    assert error.value.code == "collect.body-too-large"


def test_thousands_of_empty_streams_are_refused():
    with pytest.raises(BadRequest):
        inflate(gzip.compress(b"") * 10_000, "gzip", LIMIT)
