"""All 75 examples of Segment's specification are taken, or refused for what they lack."""

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
    found = [example["payload"] for example in json.loads(EXAMPLES.read_text("utf-8"))]
    assert len(found) == 75
    return found


def _lacking(payload):
    """The code with which an example is refused that lacks a name or an identifier; nothing for all others."""
    if payload.get("type", "track") == "track" and not payload.get("event"):
        return ["collect.no-event-name"]
    return [] if payload.get("userId") or payload.get("anonymousId") else ["collect.no-identifier"]


def test_each_example_is_taken_or_refused_for_what_it_lacks(payloads):
    for payload in payloads:
        call = payload.get("type", "track")
        decoded = received(json.dumps(payload).encode(), call if call in CALLS else "track")

        assert [no.code for no in decoded.rejected] == _lacking(payload), payload
        assert len(decoded.events) + len(decoded.rejected) == 1


def test_all_examples_pass_as_one_batch(payloads):
    items = [{**payload, "type": payload.get("type", "track")} for payload in payloads]

    decoded = received(json.dumps({"batch": items}).encode())

    assert len(decoded.events) >= 60
    assert [no.code for no in decoded.rejected] == [code for item in items for code in _lacking(item)]
