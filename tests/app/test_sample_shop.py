"""The sample shop arrives whole, once, and goes on where it stopped."""

from __future__ import annotations

import io
from collections import Counter
from decimal import Decimal

import msgspec
import pytest
from rich.console import Console

from genom.app import sample_shop
from genom.app.sample.source import find_source
from genom.app.sample_shop import IN_FLIGHT, NodeClient, expected_totals, load_sample, shown
from genom.errors import BadConfiguration, GenomError
from tests.app.mini_shop import write_mini_shop
from tests.app.sample_node import busy, cut, serving

NOW = 1_770_000_000_000  # 2 February 2026
EVENTS = 164_539


@pytest.fixture
def node():
    with serving() as running:
        yield running


@pytest.fixture
def client(node):
    calling = NodeClient(node.url, "secret", patience=20)
    yield calling
    calling.close()


@pytest.fixture
def impatient(node):
    calling = NodeClient(node.url, "secret", patience=0.1)
    yield calling
    calling.close()


@pytest.fixture
def folder(tmp_path):
    return write_mini_shop(tmp_path)


@pytest.fixture(scope="module")
def real():
    try:
        return find_source()
    except BadConfiguration as error:
        pytest.skip(error.why)


class Line(msgspec.Struct):
    total: Decimal


class Properties(msgspec.Struct):
    total: Decimal = Decimal(0)
    products: list[Line] = []


class Sent(msgspec.Struct):
    messageId: str
    event: str = ""
    timestamp: str = ""
    properties: Properties | None = None


class Batch(msgspec.Struct):
    batch: list[Sent]


def test_the_real_source_arrives_whole_and_to_the_cent(node, client, real):
    state = load_sample(client, now_ms=NOW, folder=real)

    sent = [event for path, body, _ in node.posts if path == "/v1/batch" for event in _decoded(body)]
    orders = [event.properties for event in sent if event.event == "Order Completed"]
    names = Counter(event.event for event in sent)
    assert {
        "orders": len(orders),
        "lines": sum(len(order.products) for order in orders),
        "sales_micros": int(sum(order.total for order in orders) * 1_000_000),
        "households": names[""],
        "mailings": names["Campaign Received"],
        "redemptions": names["Coupon Redeemed"],
    } == expected_totals(real)
    assert all(order.total == sum(line.total for line in order.products) for order in orders)
    assert len({event.messageId for event in sent}) == len(sent)
    assert max(len(body) for _, body, _ in node.posts) <= 500_000
    assert (state.state, state.lines, node.state["lines"]) == ("complete", 1_469_307, 1_469_307)
    assert "2026-01-26T02:40:00Z" < max(event.timestamp for event in sent) <= "2026-02-02T02:40:00Z"


def _decoded(body):
    return msgspec.json.decode(body, type=Batch).batch


def test_the_real_totals_are_those_published(real):
    assert expected_totals(real) == {
        "orders": 155_848,
        "lines": 1_469_307,
        "sales_micros": 4_596_039_580_000,
        "households": 2_469,
        "mailings": 6_589,
        "redemptions": 2_102,
    }


def test_what_events_refer_to_comes_first(node, client, folder):
    load_sample(client, now_ms=NOW, folder=folder)

    assert [path for path, *_ in node.posts] == [
        "/v1/consent",
        "/v1/batch",
        "/v1/products",
        "/v1/actions",
        "/v1/batch",
    ]
    assert [event["type"] for event in node.items("/v1/batch")] == ["identify"] * 3 + ["track"] * 6


def test_a_second_start_loads_nothing(node, client, folder):
    load_sample(client, now_ms=NOW, folder=folder)
    before = len(node.posts)

    again = load_sample(client, now_ms=NOW + 10**9, folder=folder)

    assert len(node.posts) == before
    assert again.state == "complete"


def test_the_shift_and_the_consents_are_decided_once(node, client, folder):
    load_sample(client, now_ms=NOW, consents="all", folder=folder)
    first = {event["messageId"]: event for event in node.items("/v1/batch")}
    node.state |= {"state": "loading", "step": "", "done": 0}
    node.posts.clear()

    load_sample(client, now_ms=NOW + 10**10, consents="simulated", folder=folder)

    assert {event["messageId"]: event for event in node.items("/v1/batch")} == first
    assert all(one["granted"] for one in node.items("/v1/consent"))


def test_after_broken_connections_each_event_has_arrived_with_its_own_id(node, client, folder):
    node.faults = [cut, busy, cut, cut, busy, cut]

    load_sample(client, now_ms=NOW, folder=folder)

    arrived = node.message_ids()
    assert len(arrived) == 9
    assert not node.faults


@pytest.fixture
def near_the_end(node):
    """The real sample with 20,000 events to go: enough for some forty requests."""
    node.state = {"state": "loading", "shift_ms": 0, "step": "events", "done": EVENTS - 20_000, "consents": "all"}


def test_a_load_that_was_ended_goes_on_where_it_stopped(node, client, impatient, real, near_the_end):
    node.faults = [None] * 15 + [cut] * 100_000
    with pytest.raises(GenomError, match="does not answer"):
        load_sample(impatient, now_ms=NOW, folder=real)
    stopped = node.state["done"]
    node.faults = []
    node.posts = node.posts[:15]  # those that were answered

    state = load_sample(client, now_ms=NOW, folder=real)

    assert EVENTS - 20_000 < stopped < EVENTS
    assert len(node.message_ids()) == 20_000
    assert node.message_ids().total() < 40_000  # it did not begin anew
    assert (state.state, state.lines) == ("complete", 1_469_307)


def test_the_node_is_not_overloaded(node, client, real, near_the_end):
    node.slow = 0.01

    load_sample(client, now_ms=NOW, folder=real)

    assert 1 < node.most_at_once <= IN_FLIGHT


def test_the_place_that_is_kept_never_runs_ahead(node, client, real, near_the_end, monkeypatch):
    monkeypatch.setattr(sample_shop, "KEPT_EVERY", 1)
    node.slow = 0.002

    load_sample(client, now_ms=NOW, folder=real)

    places = [state["done"] for state in node.states]
    assert places == sorted(places)
    assert places[-1] == EVENTS
    assert node.message_ids().total() == 20_000


def test_a_rejected_event_ends_the_load_with_the_reason(node, client, folder):
    node.rejected = [{"index": 0, "messageId": "cj-order-60", "code": "collect.too-deep", "message": "too deep"}]

    with pytest.raises(GenomError, match="rejected 1 items") as caught:
        load_sample(client, now_ms=NOW, folder=folder)

    assert "too deep" in caught.value.why
    assert node.state["state"] == "loading"


def test_without_a_terminal_progress_is_a_line_for_each_tenth(node, client, folder):
    paper = io.StringIO()

    with shown(Console(file=paper)) as progress:
        load_sample(client, now_ms=NOW, folder=folder, progress=progress)
        for done in range(1, 101):
            progress("more", done, 100)

    lines = paper.getvalue().splitlines()
    assert "sample shop: events 100 % (6 of 6)" in lines
    assert sum("more" in line for line in lines) == 10


def test_in_a_terminal_progress_is_a_bar(node, client, folder):
    screen = io.StringIO()

    with shown(Console(file=screen, force_terminal=True, width=100)) as progress:
        load_sample(client, now_ms=NOW, folder=folder, progress=progress)

    assert "events" in screen.getvalue()
    assert "6/6" in screen.getvalue()
