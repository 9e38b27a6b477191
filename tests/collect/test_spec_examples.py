"""The examples of Segment's specification are understood."""

import json
from pathlib import Path

import pytest

from tests.collect.calls import received

EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "segment_spec_examples.json"
CALLS = ("track", "identify", "page", "screen", "group", "alias")


@pytest.fixture(scope="module")
def payloads():
    if not EXAMPLES.exists():
        pytest.skip("the specification's examples are not here: ../shared/data/segment_spec_examples.json")
    return [example["payload"] for example in json.loads(EXAMPLES.read_text("utf-8"))]


def _is_complete(payload):
    call = payload.get("type", "track")
    return bool(payload.get("userId") or payload.get("anonymousId")) and (call != "track" or bool(payload.get("event")))


def test_each_example_is_taken_or_refused_for_what_it_lacks(payloads):
    for payload in payloads:
        call = payload.get("type", "track")
        decoded = received(json.dumps(payload).encode(), call if call in CALLS else "track")

        assert len(decoded.events) == _is_complete(payload), (payload, decoded.rejected)
        assert len(decoded.events) + len(decoded.rejected) == 1


def test_all_examples_pass_as_one_batch(payloads):
    items = [{**payload, "type": payload.get("type", "track")} for payload in payloads]

    decoded = received(json.dumps({"batch": items}).encode())

    assert len(decoded.events) == sum(map(_is_complete, items)) >= 60
    assert {no.code for no in decoded.rejected} <= {"collect.no-identifier", "collect.no-event-name"}
