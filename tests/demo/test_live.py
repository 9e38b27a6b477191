"""Visits of the present: repeatable, honest about names, silent where somebody refused, and answered by the truth."""

from __future__ import annotations

import json
from random import Random

import pytest

from genom_demo.world import names
from genom_demo.world.events import Scene
from genom_demo.world.live import Memory, Now, asked, plan
from genom_demo.world.people import PURPOSES
from genom_demo.world.reactions import POINTS, react
from genom_demo.world.world import make_world

world = make_world(7, 200)
NOW = Now(at=1_772_452_800_000, arrivals=world.arrivals(19.0).tolist(), secret=b"secret")


def visits(count: int, memory: Memory | None = None):
    memory = memory or Memory()
    return [plan(world, memory, number, now=NOW) for number in range(count)]


def sent(visit) -> list[dict]:
    return [json.loads(event) for event in [*visit.browser, *visit.server]]


def test_a_number_and_a_memory_give_the_same_visit():
    one, again = visits(50), visits(50)

    assert [sent(visit) for visit in one] == [sent(visit) for visit in again]


def test_every_event_says_that_it_is_simulated():
    assert all(event["context"]["simulated"] is True for visit in visits(300) for event in sent(visit))


def test_message_ids_are_unique():
    ids = [event["messageId"] for visit in visits(300) for event in sent(visit)]

    assert len(set(ids)) == len(ids)


def test_whoever_refused_everything_is_asked_about_but_sends_nothing():
    def refused() -> Memory:
        return Memory(changed=dict.fromkeys(range(len(world.people)), False))

    made = [plan(world, refused(), number, now=NOW) for number in range(100)]
    quiet = [visit for visit in made if visit.asks and not visit.consents]

    assert quiet
    assert not any(visit.browser or visit.evaluated for visit in quiet)


def test_whoever_refuses_personal_prices_is_not_evaluated():
    made = [plan(world, Memory(), number, now=NOW) for number in range(1_000)]
    prices = world.people.granted[:, PURPOSES.index("price")]

    evaluated = {visit.someone.person for visit in made if visit.evaluated and not visit.consents}

    assert evaluated
    assert prices[sorted(evaluated)].all()


def test_a_withdrawal_is_recorded_before_anything_else_of_the_visit():
    memory = Memory()
    changed = [visit for visit in visits(3_000, memory) if visit.consents]

    assert changed
    assert memory.changed
    for visit in changed:
        assert len({choice["granted"] for choice in visit.consents}) == 1


def test_a_login_is_remembered():
    memory = Memory()
    visits(3_000, memory)

    assert memory.logins
    assert all(memory.knows(world, person) for person in memory.logins)


def test_a_browser_asks_with_its_anonymous_id_alone():
    by_browser = [visit for visit in visits(400) if visit.by_browser]

    assert by_browser
    assert all(set(visit.asks) == {"anonymous_id"} for visit in by_browser)


def test_logged_in_devices_bring_the_proof_of_the_shop():
    known = [e for v in visits(200) for e in map(json.loads, v.browser) if "userId" in e]

    assert known
    assert all(len(event["context"]["userHash"]) == 64 for event in known)


def test_each_visit_asks_every_point():
    visit = next(visit for visit in visits(50) if visit.asks)

    assert [ask["point"] for ask in asked(visit, POINTS)] == list(POINTS)


def answers_of(action: str):
    others = {"shop_hero": "do_nothing", "shop_row": "row_beans", "shop_banner": "banner_plain", "shop_aa": "aa_one"}
    chosen = {"shop_voucher": action} | others
    return {p: {"decision_id": f"d{n:016x}", "choices": [{"action": a}]} for n, (p, a) in enumerate(chosen.items(), 1)}


def reactions_to(person: int, action: str, count: int):
    for number in range(count):
        scene = Scene(f"t-{number}", NOW.at, names.known(person), "web")
        yield react(world.truth, world.shoppers[person], Random(number), scene, answers=answers_of(action))


def test_an_order_after_a_decision_names_it():
    for events, reactions in reactions_to(3, "voucher_coffee", 200):
        orders = [e for e in map(json.loads, events) if e.get("event") == "Order Completed"]
        bought = next(one.success for one in reactions if one.point == "shop_voucher")
        assert [order["properties"]["decision_id"] for order in orders] == ["d0000000000000001"] * bought


@pytest.mark.parametrize("action", ["voucher_kitchen", "do_nothing"])
def test_people_react_as_the_truth_says(action):
    for person in (1, 5, 9):
        wins = sum(
            one.success
            for _, all_of in reactions_to(person, action, 2_000)
            for one in all_of
            if one.point == "shop_voucher"
        )
        assert wins / 2_000 == pytest.approx(world.truth.of("shop_voucher", person, action), abs=0.04)
