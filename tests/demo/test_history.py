"""The past: complete, repeatable, marked as simulated, and nothing of whoever refused."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from genom_demo.world.history import DAYS, Past, choices_of, history_of, local_days, withdrawals_of
from genom_demo.world.people import PURPOSES, draw_people

END = 1_772_452_800_000  # Monday 2 March 2026, 12:00 UTC, unix ms
people = draw_people(5, 300)
PAST = Past(seed=5, days=local_days(END), end=END)


@pytest.fixture(scope="module")
def events():
    return [[json.loads(event) for event in history_of(people, person, PAST)] for person in range(len(people))]


def test_the_same_seed_and_end_give_the_same_bytes():
    assert history_of(people, 3, PAST) == history_of(people, 3, PAST)


def test_every_event_says_that_it_is_simulated(events):
    assert all(event["context"]["simulated"] is True for own in events for event in own)


def test_message_ids_are_unique(events):
    ids = Counter(event["messageId"] for own in events for event in own)

    assert max(ids.values()) == 1


def test_everything_happens_within_the_ninety_days(events):
    times = [event["timestamp"] for own in events for event in own]

    assert min(times) >= "2025-12-02"
    assert max(times) <= "2026-03-02T12:00:00.000Z"
    assert len(PAST.days) == DAYS


def test_all_touchpoints_are_there(events):
    channels = Counter(event["context"]["channel"] for own in events for event in own)

    assert set(channels) == {"web", "app", "pos", "call_centre", "email"}
    assert min(channels.values()) > 20


def test_a_browser_sends_nothing_of_somebody_who_refused_everything(events):
    silent = [person for person in range(len(people)) if people.silent(person)]

    assert silent
    for person in silent:
        assert not any(event["context"]["channel"] in {"web", "app"} for event in events[person])
        assert not any(choice["granted"] for choice in choices_of(people, person))


def test_an_anonymous_visitor_has_no_name_before_the_login(events):
    late = next(
        p for p in range(len(people)) if 20 < people.login[p] < 60 and not people.silent(p) and len(events[p]) > 40
    )
    at_home = [event for event in events[late] if event["context"]["channel"] in {"web", "app"}]
    named = ["userId" in event for event in at_home]

    assert not named[0]
    assert named[-1]
    assert named == sorted(named)
    assert any(event.get("event") == "Signed Up" for event in at_home)


def test_the_login_joins_device_account_and_card(events):
    login = next(e for own in events for e in own if e["type"] == "identify" and "externalIds" in e["context"])

    assert {"userId", "anonymousId"} <= login.keys()
    assert login["traits"]["email"].endswith("@example.org")


def test_choices_name_every_purpose_under_every_name():
    choices = choices_of(people, 0)

    assert len(choices) % len(PURPOSES) == 0
    assert {choice["purpose"] for choice in choices} == set(PURPOSES)


def test_only_whoever_takes_consents_back_withdraws():
    person = int(people.withdraws.argmax())

    assert {choice["granted"] for choice in withdrawals_of(people, person)} == {False}
    assert sum(bool(withdrawals_of(people, p)) for p in range(len(people))) == people.withdraws.sum()


def test_orders_add_up(events):
    orders = [e["properties"] for own in events for e in own if e.get("event") == "Order Completed"]

    for order in orders:
        assert order["total"] == pytest.approx(sum(line["total"] for line in order["products"]), abs=0.011)
        assert order["discount"] == pytest.approx(sum(line["discount"] for line in order["products"]), abs=0.011)


def test_who_looks_at_prices_buys_more_often_at_a_discount(events):
    share = []
    for own, sensitive in zip(events, people.price > 0.5, strict=True):
        lines = [li for e in own if e.get("event") == "Order Completed" for li in e["properties"]["products"]]
        share += [(sensitive, line["discount"] > 0) for line in lines]
    rate = {wanted: sum(d for s, d in share if s == wanted) / sum(s == wanted for s, _ in share) for wanted in (0, 1)}

    assert rate[1] > 2 * rate[0]
