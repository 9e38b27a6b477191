"""The browser tag as the node serves it."""

from __future__ import annotations

import gzip

from tests.app.house import House


def test_the_tag_is_small_compressed_kept_and_of_the_right_kind(tmp_path) -> None:
    with House(tmp_path) as house:
        answer = house.get("/genom.js", key="", headers={"accept-encoding": "gzip, br"})

        assert answer.status == 200
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["cache-control"] == "public, max-age=3600"
        assert len(answer.body) <= 6 * 1024
        plain = house.get("/genom.js", key="")
        assert gzip.decompress(answer.body) == plain.body
        assert "content-encoding" not in plain.headers


def test_a_browser_that_has_the_tag_is_told_that_it_has_not_changed(tmp_path) -> None:
    with House(tmp_path) as house:
        etag = house.get("/genom.js", key="").headers["etag"]

        again = house.get("/genom.js", key="", headers={"if-none-match": f'"old", {etag}'})

        assert (again.status, again.body, again.headers["etag"]) == (304, b"", etag)
