"""What Segment's library for browsers finds at a node: its settings, itself, a place for its figures, and CORS."""

from __future__ import annotations

import gzip
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.http import Request
from tests.app.events import view
from tests.app.house import Answer, House

SCRIPT = b"window.analytics = []; // a library"
SENT = {  # headers of Segment's and of RudderStack's libraries that browsers ask about before they send them
    "authorization", "content-type", "x-retry-count", "anonymousid", "sentat", "rsa-recovered", "rsa-retry-attempt",
    "rsa-retry-reason", "rsa-since-first-attempt", "rsa-since-last-attempt",
}  # fmt: skip
ORIGIN = {"origin": "https://shop.example"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("segment") / "d") as house:
        yield house


@pytest.fixture
def put_script(house: House) -> Iterator[Path]:
    """The library where the operator puts it."""
    path = house.path / "web" / "analytics.min.js"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(SCRIPT)
    yield path
    path.unlink(missing_ok=True)


def settings(house: House, key: str = "", **headers: str) -> Answer:
    return house.get(f"/v1/projects/{key or house.write_key}/settings", key="", headers=headers)


def script(house: House, key: str = "", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return house.get(f"/analytics.js/v1/{key or house.write_key}/analytics.min.js", key="", headers=named)


def test_the_settings_name_this_node_as_the_one_integration_and_ask_for_no_figures(house: House) -> None:
    answer = settings(house, host="127.0.0.1:9000")

    assert answer.told["integrations"] == {
        "Segment.io": {
            "apiKey": house.write_key,
            "apiHost": "127.0.0.1:9000/v1",
            "protocol": "http",
            "unbundledIntegrations": [],
            "addBundledMetadata": True,
        }
    }
    assert answer.told["metrics"] == {"sampleRate": 0}
    assert "private" in answer.headers["cache-control"]  # it names the host that was asked


def test_the_settings_name_the_purposes_that_somebody_can_switch_off(house: House) -> None:
    said = settings(house).told["consentSettings"]

    assert {"recommend", "email", "measure_person"} <= set(said["allCategories"])
    assert not {"service", "security"} & set(said["allCategories"])
    assert said["hasUnmappedDestinations"] is True


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "127.0.0.1/evil", "127.0.0.1@evil.example", "127.0.0.1:x", "127.0.0.1:99999", "", "[::1%25x]",
        "<b>.localhost", "127.0.0.1?x=",
    ],
)  # fmt: skip
def test_a_host_that_somebody_made_up_is_not_repeated(house: House, host: str) -> None:
    told = settings(house, host=host).told["integrations"]["Segment.io"]

    assert (told["protocol"], told["apiHost"]) in {("http", "127.0.0.1:8765/v1"), ("http", "127.0.0.1/v1")}


@pytest.mark.parametrize("host", ["genom.example.org", "other.example"])
def test_behind_a_proxy_the_public_address_is_named(tmp_path: Path, host: str) -> None:
    with House(tmp_path / "d", public_url="https://genom.example.org") as house:
        told = settings(house, host=host).told["integrations"]["Segment.io"]

    assert (told["protocol"], told["apiHost"]) == ("https", "genom.example.org/v1")


@pytest.mark.parametrize("ask", [settings, script])
def test_an_unknown_key_is_not_found_and_counted_among_the_wrong_ones(house: House, put_script: Path, ask) -> None:  # type: ignore[no-untyped-def]
    before = house.app.access.wrong.newest()

    answer = ask(house, "wk_nobody-knows-9z9z")

    wrong = house.app.access.wrong.newest()
    assert (answer.status, answer.json["code"]) == (404, "key.unknown")
    assert wrong is not None
    assert (wrong.end, wrong.times) == ("9z9z", 1 + (before.times if before and before.end == "9z9z" else 0))


@pytest.mark.parametrize("ask", [settings, script])
def test_a_server_key_in_an_address_is_refused_in_words(house: House, put_script: Path, ask) -> None:  # type: ignore[no-untyped-def]
    answer = ask(house, house.server_key)

    assert (answer.status, answer.json["code"]) == (403, "key.in-page")
    assert house.server_key not in answer.body.decode()


def test_without_the_file_the_library_is_not_there_and_the_answer_says_what_to_do(house: House) -> None:
    answer = script(house)

    assert (answer.status, answer.json["code"]) == (404, "script.missing")
    assert "web/analytics.min.js" in answer.json["why"]
    assert "@segment/analytics-next" in answer.json["fix"]
    assert str(house.path) not in answer.body.decode()


def test_the_library_is_served_packed_kept_for_a_day_and_known_by_its_hash(house: House, put_script: Path) -> None:
    plain, small = script(house), script(house, accept_encoding="gzip, br")

    assert plain.body == gzip.decompress(small.body) == SCRIPT
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert plain.headers["cache-control"] == "public, max-age=86400"
    again = script(house, if_none_match=plain.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_a_new_file_is_served_at_once(house: House, put_script: Path) -> None:
    old = script(house)
    put_script.write_bytes(SCRIPT + b" of another version")

    new = script(house, if_none_match=old.headers["etag"])

    assert (new.status, new.body) == (200, SCRIPT + b" of another version")


def test_a_file_that_is_no_library_for_its_size_is_not_taken_into_memory(house: House, put_script: Path) -> None:
    with put_script.open("wb") as out:
        out.truncate(4_000_001)

    assert script(house).json["code"] == "configuration.invalid"


@pytest.mark.parametrize("body", [b'{"series":[{"type":"Counter","metric":"analytics_js.invoke"}]}', b"", b"\xff"])
def test_figures_of_a_library_are_counted_and_not_kept(house: House, body: bytes) -> None:
    before = house.app.replies[("/v1/m", 200)]
    entries = house.node.journal.last

    answer = house.post("/v1/m", body, key="", headers=ORIGIN | {"content-type": "text/plain"})

    assert answer.told == {"success": True}
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    assert house.app.replies[("/v1/m", 200)] == before + 1
    assert f'genom_replies{{route="/v1/m",status="200"}} {before + 1}\n' in house.get("/metrics").body.decode()
    assert house.node.journal.last == entries


def test_figures_beyond_measure_are_refused(house: House) -> None:
    assert house.post("/v1/m", b"x" * 65_537, key="").json["code"] == "collect.body-too-large"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/t"), ("POST", "/v1/batch"), ("POST", "/v1/import/"), ("POST", "/v1/m"),
        ("GET", "/v1/projects/wk/settings"), ("GET", "/analytics.js/v1/wk/analytics.min.js"),
        ("GET", "/sourceConfig/"), ("POST", "/beacon/v1/batch"), ("GET", "/pixel/v1/track"),
    ],
)  # fmt: skip
def test_pages_may_ask_with_cookies_and_read_how_long_to_wait(house: House, method: str, path: str) -> None:
    preflight = house.run(
        house.ask("OPTIONS", path, key="", headers=ORIGIN | {"access-control-request-method": method})
    )
    answer = house.run(house.ask(method, path, b"", key="", headers=ORIGIN))

    assert preflight.status == 204
    assert set(preflight.headers["access-control-allow-headers"].split(", ")) >= SENT
    for one in (preflight, answer):
        assert one.headers["access-control-allow-origin"] == "https://shop.example"
        assert one.headers["access-control-allow-credentials"] == "true"
    assert answer.headers["access-control-expose-headers"] == "retry-after"


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b", "/v1/import", "/v1/batch/", "/v1/b/", "/v1/import/"])
def test_a_batch_comes_by_each_of_its_paths(house: House, path: str) -> None:
    sent = {"batch": [view("u1"), {"type": "track", "event": "Nobody"}], "writeKey": house.write_key}

    answer = house.post(path, json.dumps(sent).encode(), key="", headers={"content-type": "text/plain"})

    assert (answer.told["success"], answer.told["accepted"]) == (True, 1)
    assert [bad["code"] for bad in answer.told["rejected"]] == ["collect.no-identifier"]


def test_a_full_queue_is_answered_with_how_long_to_wait(tmp_path: Path) -> None:
    with House(tmp_path / "d", queue_bytes=1) as house:
        answer = house.post("/v1/b", {"batch": [view("u1")]}, key=house.write_key, headers=ORIGIN)

    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
    assert answer.headers["access-control-expose-headers"] == "retry-after"


def test_a_failure_tells_the_log_the_route_and_no_key(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(house.app.access, "page_key", fail)
    with caplog.at_level(logging.ERROR, "genom.server"):
        answer = settings(house, "sk_secret-in-a-path")

    assert answer.status == 500
    assert [record.route for record in caplog.records] == ["/v1/projects/{writeKey}/settings"]  # type: ignore[attr-defined]
    assert "sk_secret" not in str([vars(record) for record in caplog.records])


def test_a_query_in_no_known_encoding_is_refused() -> None:
    for query in (b"writeKey=%ff", b"writeKey=\xff", b"&".join(b"a%d=1" % n for n in range(51))):
        with pytest.raises(Exception, match="query cannot be used"):
            Request("GET", "/sourceConfig", query, {}, "").parameters()
