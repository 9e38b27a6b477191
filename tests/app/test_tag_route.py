"""The browser tag as the node serves it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from collections.abc import Iterator

import pytest

from genom.app.snippet import snippet
from genom.collect import browser_tag
from tests.app.house import House


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("tag") / "d") as house:
        yield house


def named_in_snippet() -> tuple[str, str]:
    """The address and the integrity of the tag, as a page has them."""
    found = re.search(
        r'src="https://n\.example(\S+)" integrity="(\S+)" crossorigin', snippet("https://n.example", "wk")
    )
    assert found
    return found[1], found[2]


def test_the_tag_is_small_compressed_kept_and_of_the_right_kind(house: House) -> None:
    answer = house.get("/genom.js", key="", headers={"accept-encoding": "gzip, br"})

    assert answer.status == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert len(answer.body) <= 6 * 1024
    plain = house.get("/genom.js", key="")
    assert gzip.decompress(answer.body) == plain.body
    assert "content-encoding" not in plain.headers


@pytest.mark.parametrize("path", ["/genom.js", f"/genom.{browser_tag().hash}.js"])
def test_a_browser_that_has_the_tag_is_told_that_it_has_not_changed(house: House, path: str) -> None:
    etag = house.get(path, key="").headers["etag"]

    again = house.get(path, key="", headers={"if-none-match": f'"old", {etag}'})

    assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)


def test_the_address_of_the_snippet_gives_the_bytes_that_its_integrity_promises(house: House) -> None:
    path, integrity = named_in_snippet()

    answer = house.get(path, key="", headers={"accept-encoding": "gzip"})

    script = gzip.decompress(answer.body)
    assert integrity == "sha384-" + base64.b64encode(hashlib.sha384(script).digest()).decode()
    assert path == f"/genom.{hashlib.sha256(script).hexdigest()[:16]}.js"
    assert script == house.get("/genom.js", key="").body


def test_under_its_hash_the_tag_is_kept_for_a_year_and_open_to_pages_of_every_shop(house: House) -> None:
    answer = house.get(named_in_snippet()[0], key="", headers={"origin": "https://shop.example"})

    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


def test_no_copy_fetched_without_an_origin_is_given_to_a_page_with_one(house: House) -> None:
    answer = house.get(named_in_snippet()[0], key="")

    assert "origin" in answer.headers["vary"].split(", ")


@pytest.mark.parametrize("hashed", ["0123456789abcdef", "", browser_tag().hash.upper(), browser_tag().hash + "0"])
def test_an_unknown_hash_is_answered_with_the_one_that_there_is(house: House, hashed: str) -> None:
    answer = house.get(f"/genom.{hashed}.js", key="")

    assert (answer.status, answer.json["code"]) == (404, "tag.unknown-hash")
    assert named_in_snippet()[0] in answer.json["fix"]


@pytest.mark.parametrize("path", ["/genom.", "/genom.x/y.js", "/genom.map"])
def test_what_only_looks_like_the_tag_is_no_address(house: House, path: str) -> None:
    answer = house.get(path, key="")

    assert (answer.status, answer.json["code"]) == (404, "request.not-found")
