"""Whatever is about tagged products is turned round, and nothing that must not know it notices (P51): genome, model,
prediction, segment, destination and decision are equal to the bit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from shutil import copytree
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genom.app.segmenting.live import Live
from genom.app.tables import outbox
from tests.app.art9_house import EVERYTHING, EXPLICIT, rows_of, special, stocked
from tests.app.destination_house import Recipient, define, deliver, name_recipients
from tests.app.events import Event, consenting, order, track, view, when
from tests.app.house import DAY, HOUR, House
from tests.app.learned import QUESTION, learned
from tests.app.segment_house import define as define_segment
from tests.app.two_lives import two_lives

PERSONS, DAYS = 200, 190
TAGGED = ("PILLS", "TESTS")
NUMBERS = count()
ADS: dict[str, Any] = {
    "id": "ads", "label": {"en": "Advertiser", "de": "Werber"}, "recipient": "Advertiser Ltd", "country": "DE",
    "contract": "processor", "purposes": ["ads_retarget"], "segment": "spenders", "url": "https://ads.example/genom",
    "removal": "api", "send": [],
}  # fmt: skip


def about_health(user: str, *, at: int, number: int, turned: bool) -> Event:
    """One of four ways in which somebody tells of their health; `turned`: about something else that is tagged."""
    name, total = (TAGGED[number % 2], 3.0) if not turned else (TAGGED[1 - number % 2], 777.0)
    made = (
        order(user, total, at=at, category=name, **({"coupon": "X"} if turned else {})),
        view(user, name, at=at),
        track("Preference Disliked" if turned else "Preference Liked", user, at=at, category_2=name),
        track("Product Added", user, at=at, product_id=f"p-{name}", category=name, price=total, quantity=9),
    )
    return made[number % 4]


def history(now: int, *, turned: bool) -> list[Event]:
    """Orders of tea and milk, between which many also buy at the chemist's shelf; all permit everything they can."""
    rng, events = np.random.default_rng(3), list[tuple[int, Event]]()
    for number in range(PERSONS):
        name, gap = f"p{number}", 12 if number % 2 else 55
        at = now - DAYS * DAY + int(rng.integers(0, gap * DAY))
        while at < now - DAY:
            bought = order(name, 5.0, at=at, category="TEA" if number % 4 < 2 else "MILK")
            if number % 3 == 0 and rng.random() < 0.5:
                bought = about_health(name, at=at, number=int(rng.integers(100)), turned=turned)
            bought["messageId"] = f"m{number}-{at}"
            events.append((at, consenting(bought, **(EXPLICIT if number % 6 == 0 else EVERYTHING))))
            at += int(gap * DAY * rng.uniform(0.6, 1.4))
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


def lived(house: House, *, turned: bool) -> None:
    house.source("archive", history=True)
    stocked(house)
    events = history(house.clock.now, turned=turned)
    for start in range(0, len(events), 500):
        house.serve(*events[start : start + 500], headers={"X-Genom-Source": "archive"})


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    place = tmp_path_factory.mktemp("art9")
    name_recipients(place / "one", ads_retarget=["Advertiser Ltd"])
    with two_lives(place, lived) as both:
        yield both


def live(house: House) -> list[Live]:
    return [house.node.segments.shown(name) for name in ("spenders", "viewers", "orderers")]


def same(of_houses: list[Any]) -> None:
    assert of_houses[0] == of_houses[1]


def test_what_is_turned_is_really_another(houses: tuple[House, House]) -> None:
    rows = [rows_of(house) for house in houses]
    changed = (rows[0]["amount"] != rows[1]["amount"]) | (rows[0]["category_2"] != rows[1]["category_2"])

    assert changed.sum() > 150
    assert np.array_equal(special(rows[0]), special(rows[1]))
    assert all(np.array(special(rows[0]))[changed])
    forbidden = houses[0].node.purposes.mask(EVERYTHING)
    assert not (rows[0]["mask"][changed] & np.uint64(forbidden)).any()


def test_the_genome_of_everybody_is_equal_to_the_bit(houses: tuple[House, House]) -> None:
    for purpose in houses[0].node.gate.purposes:
        for person in range(1, houses[0].node.world.profiles.count + 1):
            views = [
                house.node.gate.view(person, purpose=purpose, effective=(1 << 63) - 1, at=2**41) for house in houses
            ]
            one, other = (view.state() for view in views)
            assert one.decayed.tobytes() == other.decayed.tobytes()
            assert one.integers.tobytes() == other.integers.tobytes()
            assert one.rings == other.rings
    same([house.node.world.matrix.popularity(house.clock.now).tobytes() for house in houses])


def test_the_model_and_its_predictions_are_equal(houses: tuple[House, House]) -> None:
    stored = [learned(house, QUESTION) for house in houses]

    same([one.model for one in stored])
    for name in ("p0", "p1", "p3", "p6", "p9"):
        same([house.genome(name, purpose="personalise_onsite") for house in houses])


def test_decisions_are_equal_with_their_reasons_and_offer_nothing_tagged(houses: tuple[House, House]) -> None:
    for point in ("next_product", "next_offer"):
        for name in ("p0", "p1", "p3", "p6", "p9"):
            records = [house.decide(name, point=point) for house in houses]
            same([{k: v for k, v in one.items() if k not in {"sequence", "at"}} for one in records])
            if records[0]["evidence"]:
                assert not {*TAGGED} & {*records[0]["evidence"]["candidates"]}


def reached(house: House) -> list[tuple[int, str]]:
    """Number and state of each person at the advertiser."""
    with house.node.catalogue.begin() as connection:
        rows = connection.execute(sa.select(outbox.c.person, outbox.c.state))
        return sorted((int(person), str(state)) for person, state in rows)


def test_segments_and_what_advertisers_receive_are_equal(houses: tuple[House, House]) -> None:
    rules = {
        "spenders": {"gene": "value.order_value.sum.lifetime", "is": ">=", "value": 40},
        "viewers": {"event": "Product Viewed", "days": 200, "at_least": 1},
        "orderers": {"event": "Order Completed", "days": 200, "at_least": 12},
    }
    found = []
    for house in houses:
        for name, rule in rules.items():
            define_segment(house, rule, name)
        define(house, ADS)
        recipient = Recipient()
        deliver(house, recipient)
        who = {one.segment.id: house.node.segments.members(one, now=house.clock.now).tolist() for one in live(house)}
        found.append((who, reached(house), len(recipient.members)))

    same(found)
    members, _, sent = found[0]
    assert len(members["viewers"]) == 0
    assert 50 < len(members["orderers"]) < 150
    assert sent == len(members["spenders"]) > 50


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_lives_at_the_shelf_leave_the_same_genome(twins: tuple[House, House], data: st.DataObject) -> None:
    """Random people with random choices, whose tagged events are any others of the same number."""
    user = f"u{next(NUMBERS)}"
    choices = data.draw(st.fixed_dictionaries({name: st.booleans() for name in EXPLICIT}))
    plan = data.draw(st.lists(st.booleans(), min_size=1, max_size=8))
    tagged = st.builds(about_health, st.just(user), at=st.none(), number=st.integers(0, 99), turned=st.booleans())
    lives = [[data.draw(tagged) if health else order(user, category="TEA") for health in plan] for _ in twins]
    for house, events in zip(twins, lives, strict=True):
        for n, event in enumerate(events):
            event["messageId"] = f"{user}-{n}"
            event["timestamp"] = when(house.clock.now - (len(plan) - n) * HOUR)["timestamp"]
        house.serve(*(consenting(event, **choices) for event in events))

    for purpose in twins[0].node.gate.purposes:
        same([house.genome(user, purpose=purpose) for house in twins])
    same([house.node.world.matrix.popularity(house.clock.now).tolist() for house in twins])


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    place = tmp_path_factory.mktemp("twins")
    with House(place / "one") as one:
        stocked(one)
        one.close()
        copytree(place / "one", place / "other")
        one.open()
        with House(place / "other", clock=one.clock) as other:
            yield one, other
