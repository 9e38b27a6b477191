"""Learned points and experiments on a whole node: defined over HTTP, decided, recorded, learned from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import numpy as np
import pytest

from genom.app.decisions import deciding
from genom.app.decisions.deciding import Shelf, simulate_decision
from genom.app.decisions.outcomes import Outcomes
from genom.app.reading import find_person
from genom.decide import agrees, decode_record
from genom.decide.experiment import arm_of
from genom.decide.linear import Learned
from genom.learn.online import Sums
from genom.measure.shares import SUSPECT, evidence_against
from genom.words import Kind
from tests.app.events import order, track, view
from tests.app.house import House
from tests.app.portal import visit

HERO: dict[str, Any] = {
    "id": "hero",
    "label": {"en": "Hero", "de": "Bühne"},
    "purpose": "personalise_onsite",
    "candidates": "actions",
    "model": "learned",
    "policy": {"control": 0.1, "epsilon": 0.05, "temperature": 0.5, "do_nothing": -1.0},
    "features": [
        {"gene": "taste.category.histogram.365d", "cell": "TEA", "form": "log"},
        {"gene": "rhythm.orders.count.365d", "form": "log"},
    ],
    "reward": {"events": ["Promotion Clicked"], "value": "count", "within_seconds": 60},
}
BANNER: dict[str, Any] = {
    "id": "banner",
    "label": {"en": "Banner", "de": "Banner"},
    "purpose": "personalise_onsite",
    "candidates": "actions",
    "model": "experiment",
    "shares": {"plain": 0.5, "vivid": 0.5},
    "reward": {"events": ["Promotion Clicked"], "within_seconds": 60},
}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.post("/v1/points", {"points": [HERO, BANNER]}).told  # noqa: B018
        actions = [{"id": name, "point": "hero"} for name in ("tea", "milk")]
        arms = [{"id": name, "point": "banner"} for name in ("plain", "vivid")]
        house.post("/v1/actions", {"actions": actions + arms}).told  # noqa: B018
        yield house


def learned_sums(outcomes: Outcomes) -> Sums:
    """What the live version of the hero has learned."""
    rules = outcomes.rules("hero")
    assert rules is not None
    return outcomes.lessons_of(rules).sums


def permit(house: House, *users: str) -> None:
    for user in users:
        for purpose in ("personalise_onsite", "model_training"):
            house.consent(user, purpose, granted=True)


def settle(house: House, seconds: float = 61) -> None:
    """The reward windows pass."""
    house.clock.now += int(seconds * 1000)
    house.node.outcomes._fitted_at = 0.0  # it learns each second of real time
    house.run(house.node.outcomes.settle(house.committer, now=house.clock.now))


def decided(house: House, user: str, point: str = "hero") -> dict[str, Any]:
    told: dict[str, Any] = house.post("/v1/decide", {"point": point, "person": {"user_id": user}}).told
    return told


def click(house: House, decision: str, user: str) -> None:
    house.take(track("Promotion Clicked", user, decision_id=decision))


def test_a_defined_point_is_listed_with_its_version(house: House) -> None:
    again = house.post("/v1/points", {"points": [HERO]}).told
    changed = house.post("/v1/points", {"points": [HERO | {"browser": True}]}).told
    house.restart()

    points = {point["id"]: point for point in house.get("/v1/points").told["points"]}
    assert (again["points"][0]["version"], changed["points"][0]["version"]) == (1, 2)
    assert points["hero"]["browser"]
    assert points["banner"]["shares"] == {"plain": 0.5, "vivid": 0.5}
    assert {"next_offer", "next_product"} < points.keys()


def test_it_learns_what_is_clicked_and_says_why(house: House) -> None:
    permit(house, "drinker", "other")
    house.take(*[order("drinker", category="TEA") for _ in range(5)], order("other", category="MILK"))
    for _ in range(150):
        for user, wanted in (("drinker", "tea"), ("other", "milk")):
            decision = decided(house, user)
            if decision["choices"][0]["action"] == wanted:
                click(house, decision["decision_id"], user)
    settle(house)

    shown = [decided(house, user)["choices"][0] for user in ["drinker", "other"] * 40]

    right = sum(choice["action"] == wanted for choice, wanted in zip(shown, ["tea", "milk"] * 40, strict=True))
    assert right >= 65
    best = next(c for c in shown if c["action"] == "tea" and len(c["reasons"]) == 2)
    assert best["reasons"][0]["gene"] == "taste.category.histogram.365d"
    assert best["start"] + sum(r["contribution"] for r in best["reasons"]) == pytest.approx(best["score"])


def test_a_page_calls_the_cell_that_spoke_for_it_by_the_catalogues_name(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = Learned(
        places={"tea": 0}, coefficients=np.array([[0.1, 0.3, 0.0]]), pooled=np.zeros(3), deviation=0.01, ceiling=1.0,
        signature="s",
    )  # fmt: skip
    monkeypatch.setattr(house.node.outcomes, "learned", lambda _: known)
    called = {"TEA": {"en": "Tea", "de": "Teesorten"}}
    house.post("/v1/products", {"products": [], "names": called}).told  # noqa: B018
    permit(house, "drinker")
    house.take(order("drinker", category="TEA"))
    while (decision := decided(house, "drinker"))["control"] or decision["choices"][0]["action"] != "tea":
        pass

    path, cookie = f"/decisions/log/{decision['decision_id']}", house.sign_in()
    german, english = (house.browse(path, cookie=cookie, language=name).body.decode() for name in ("de", "en"))

    assert "Gekaufte Kategorien, letzte Jahre: Teesorten" in german
    assert "TEA" not in german
    assert re.search(r"Categories bought, last years: Tea\b", english)


def test_every_record_of_every_model_gives_the_same_choice_again(house: House) -> None:
    permit(house, "u1")
    house.take(order("u1", category="TEA"))
    for number in range(40):
        decision = decided(house, "u1", "hero" if number % 2 else "banner")
        if number % 3:
            click(house, decision["decision_id"], "u1")
        settle(house)

    records = [
        decode_record(block.body(index))
        for block in house.node.journal.blocks()
        for index, row in enumerate(block.rows)
        if row["kind"] == Kind.DECISION
    ]
    assert len(records) == 40
    assert all(agrees(record) for record in records)


def test_a_restart_gives_the_same_statistics_to_the_last_bit(house: House) -> None:
    permit(house, "u1", "u2")
    house.take(order("u1", category="TEA"), view("u2"))
    chance = Random(1)
    for number in range(60):
        user = chance.choice(["u1", "u2"])
        decision = decided(house, user, chance.choice(["hero", "banner"]))["decision_id"]
        if chance.random() < 0.5:
            click(house, decision, user)
        if number % 20 == 7:
            settle(house)
    before = house.node.outcomes

    for remove in (False, True):
        house.restart()
        if remove:  # as after a crash before the first save
            (house.path / "models" / "online" / "outcomes.state").unlink()
            house.node.outcomes = Outcomes(house.node)
            house.node.outcomes.close(house.clock.now)
        after = house.node.outcomes
        assert after.open == before.open
        assert after.counters == before.counters
        assert after.lessons == before.lessons


def test_decisions_that_wait_are_not_saved_but_read_again(house: House) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    decided(house, "u1")
    settle(house)
    first = decided(house, "u1")["decision_id"]
    few = len(msgspec.msgpack.encode(house.node.outcomes.kept(position=house.node.journal.last)))
    for _ in range(80):
        decided(house, "u1")
    many = len(msgspec.msgpack.encode(house.node.outcomes.kept(position=house.node.journal.last)))
    click(house, first, "u1")

    house.restart()

    assert many - few < 80
    assert len(house.node.outcomes.open) == 81
    assert house.node.outcomes.open[int(first[1:], 16)].rewards[0] == 1
    settle(house)
    assert house.get("/v1/points/hero/effect").told["decisions"] == 82


def test_an_outcome_after_the_window_does_not_count(house: House) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    early, late = decided(house, "u1")["decision_id"], decided(house, "u1")["decision_id"]
    click(house, early, "u1")
    house.clock.now += 60_001
    click(house, late, "u1")

    settle(house)

    effect = house.get("/v1/points/hero/effect").told
    assert effect["decisions"] == 2
    assert sum(arm["reward"] for arm in effect["arms"]) == 1


def test_who_does_not_permit_training_is_measured_and_not_learned_from(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    house.take(view("u1"))
    click(house, decided(house, "u1")["decision_id"], "u1")

    settle(house)

    points = {point["id"]: point for point in house.get("/v1/points").told["points"]}
    assert points["hero"]["learned_decisions"] == 0
    assert house.get("/v1/points/hero/effect").told["decisions"] == 1


def test_an_arm_sticks_to_a_person_and_shares_are_kept(house: House) -> None:
    users = [f"u{n}" for n in range(200)]
    permit(house, *users)

    first, second = ([decided(house, user, "banner")["choices"][0]["action"] for user in users] for _ in range(2))

    assert first == second
    assert 60 <= first.count("plain") <= 140  # outside: 1 in 10^8
    assert house.get("/v1/experiments").told["experiments"][0]["verdict"] == "too_early"


def test_an_arm_that_is_switched_off_is_no_problem_of_the_measurement(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Plain and vivid take turns; when vivid is off, only those of plain are shown anything."""
    seeds = cycle([next(seed for seed in range(99) if arm_of(np.array([0.5, 0.5]), seed) == arm) for arm in (0, 1)])
    monkeypatch.setattr(deciding, "_seed", lambda *_: next(seeds))
    users = [f"u{n}" for n in range(300)]
    permit(house, *users)
    for user in users[:100]:
        decided(house, user, "banner")
    house.post("/v1/actions", {"actions": [{"id": "vivid", "point": "banner", "enabled": False}]}).told  # noqa: B018
    off = [decided(house, user, "banner")["choices"][0]["action"] for user in users[100:]]
    settle(house)

    effect = house.get("/v1/points/banner/effect").told

    assert off == ["plain", "do_nothing"] * 100
    assert {arm["arm"]: arm["n"] for arm in effect["arms"]} == {"plain": 150, "vivid": 50}
    assert effect["verdict"] == "too_early"
    assert evidence_against([150, 50], [0.5, 0.5]) > SUSPECT  # what all of them together would have said


def test_the_effect_remembers_how_it_stood(house: House) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    for _ in range(3):
        for _ in range(40):
            decided(house, "u1")
        settle(house, 3_600)
    looks = house.get("/v1/points/hero/effect").told["looks"]

    house.restart()

    assert house.get("/v1/points/hero/effect").told["looks"] == looks
    assert all(look["early"] and look["low"] <= look["difference"] <= look["high"] for look in looks)
    assert [look["decisions"] for look in looks] == sorted(look["decisions"] for look in looks)


def test_without_permission_everything_is_neutral(house: House) -> None:
    house.take(view("u1"))
    house.consent("u1", "personalise_onsite", granted=False)

    answers = [decided(house, "u1", point) for point in ("hero", "banner")]

    assert [answer["choices"][0]["action"] for answer in answers] == ["do_nothing"] * 2


def test_a_point_may_need_further_purposes_and_none_of_its_decisions_goes_without(house: House) -> None:
    house.post("/v1/points", {"points": [HERO | {"also": ["price"]}]}).told  # noqa: B018
    permit(house, "u1")
    house.take(view("u1"))

    without = [decided(house, "u1") for _ in range(40)]  # some would be random controls
    house.consent("u1", "price", granted=True)
    house.restart()
    allowed = [decided(house, "u1") for _ in range(40)]

    assert {answer["choices"][0]["reasons"][0]["label"] for answer in without} == {"no permission for price"}
    assert {answer["choices"][0]["action"] for answer in without} == {"do_nothing"}
    assert {answer["choices"][0]["action"] for answer in allowed} & {"tea", "milk"}  # idle 40 times: 1 in 10^30
    assert simulate_decision(house.node, Shelf(house.node), point="hero", person=0, n=1).permitted is False


@pytest.mark.parametrize(
    ("change", "place", "fix"),
    [
        ({"purpose": "recomend"}, "$.points[0].purpose", "recommend"),
        ({"also": ["model_training", "prise"]}, "$.points[0].also[1]", "price"),
        ({"also": ["personalise_onsite"]}, "$.points[0].also", "name each once"),
        ({"features": [{"gene": "value.order_value.sum.31d"}]}, "$.points[0].features[0].gene", "value.order_value"),
        ({"features": [{"gene": "taste.category.histogram.365d"}]}, "$.points[0].features[0].cell", "name one"),
        ({"features": HERO["features"][:1] * 2}, "$.points[0].features", "once"),
        ({"reward": {"events": ["Order Complete"]}}, "$.points[0].reward.events[0]", "Order Completed"),
        ({"reward": None}, "$.points[0].reward", "Order Completed"),
        ({"shares": {"a": 1}}, "$.points[0].shares", "experiment"),
        ({"model": "lerned"}, "$.points[0].model", ""),
        ({"colour": 1}, "$.points[0].colour", ""),
        (BANNER | {"features": [], "shares": {"a": 0.5, "b": 0.4}}, "$.points[0].shares", "sum to 1"),
        ({"features": [{"gene": f"g{n}"} for n in range(65)]}, "$.points[0].features", "fewer"),
    ],
)
def test_a_point_that_cannot_be_used_is_refused_in_words(house: House, change: Any, place: str, fix: str) -> None:
    answer = house.post("/v1/points", {"points": [HERO | change]})

    assert answer.status == 400
    assert place in answer.json["message"] + answer.json["why"]
    assert fix in answer.json["fix"] + answer.json["why"]


def test_a_simulated_decision_is_written_nowhere_and_counted_nowhere(house: House) -> None:
    permit(house, "u1")
    house.take(order("u1", category="TEA"))
    shelf, last = Shelf(house.node), house.node.journal.last
    person = find_person(house.node, {"user_id": "u1"})

    records = [
        simulate_decision(house.node, shelf, point="hero", person=person, n=2, without=frozenset({"milk"}))
        for _ in range(10)
    ]

    assert all(record.evidence and record.evidence.candidates == ("tea",) for record in records)
    assert all(agrees(record) for record in records)
    assert (house.node.journal.last, house.node.outcomes.open, house.node.outcomes.traffic) == (last, {}, {})


def test_what_a_person_told_us_outranks_what_was_learned(house: House) -> None:
    permit(house, "u1")
    actions = [{"id": name.lower(), "point": "hero", "categories": [name]} for name in ("WINE", "BEER")]
    house.post("/v1/actions", {"actions": actions}).told  # noqa: B018
    house.take(order("u1", category="WINE"), track("Preference Disliked", "u1", category="WINE"))
    house.take(track("Preference Liked", "u1", category="BEER"))

    records = [decode_record(body) for body in (_record_of(house) for _ in range(40))]

    weighed = [record.evidence for record in records if record.evidence]
    assert weighed
    assert all("wine" not in evidence.candidates for evidence in weighed)
    assert {evidence.candidates[int(np.argmax(evidence.scores))] for evidence in weighed} == {"beer"}
    assert any(reason.label == "you told us" for record in records for reason in record.choices[0].reasons)
    assert all(agrees(record) for record in records)


def test_a_person_reads_which_category_a_learned_decision_rested_on(house: House) -> None:
    permit(house, "u1")
    house.take(*[order("u1", category="TEA") for _ in range(5)])
    while True:
        decision = decided(house, "u1")
        if decision["choices"][0]["action"] == "milk":
            click(house, decision["decision_id"], "u1")
            settle(house)
        first = decided(house, "u1")
        raising = {r["gene"] for r in first["choices"][0]["reasons"] if r["contribution"] > 0}
        if not first["control"] and "taste.category.histogram.365d" in raising:
            break

    assert "You often buy in this category: TEA." in visit(house, "u1").text("/me/why")


def _record_of(house: House) -> bytes:
    number = int(decided(house, "u1")["decision_id"][1:], 16)
    found = house.node.journal.rows_of_decision(number)
    return house.node.journal.body(found.places[0])


def test_an_action_that_is_off_is_no_candidate_and_keeps_what_was_learned(house: House) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    for _ in range(12):
        decided(house, "u1")
    settle(house)
    before = learned_sums(house.node.outcomes).by_action()

    house.post("/v1/actions", {"actions": [{"id": "milk", "point": "hero", "enabled": False}]}).told  # noqa: B018

    assert {decided(house, "u1")["choices"][0]["action"] for _ in range(12)} <= {"tea", "do_nothing"}
    assert learned_sums(house.node.outcomes).by_action() == before


def test_a_learned_point_takes_200_actions(house: House) -> None:
    answer = house.post("/v1/actions", {"actions": [{"id": f"a{n}", "point": "hero"} for n in range(199)]})

    assert answer.status == 400
    assert "200 actions" in answer.json["message"]


@pytest.mark.parametrize("content", [b"", b"GENOMOC1 of an older release", b"GENOMOC6" + bytes(40)])
def test_a_damaged_or_foreign_state_is_told_anew_by_the_journal(house: House, content: bytes) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    click(house, decided(house, "u1")["decision_id"], "u1")
    settle(house)
    before = house.node.outcomes

    house.close()
    (house.path / "models" / "online" / "outcomes.state").write_bytes(content)
    house.open()

    house.node.outcomes.close(house.clock.now)
    assert house.node.outcomes.counters == before.counters
    assert house.node.outcomes.lessons == before.lessons


def test_outcomes_of_a_point_with_other_rules_begin_anew(house: House) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    for _ in range(5):
        decided(house, "u1")
    settle(house)

    house.post("/v1/points", {"points": [HERO | {"features": HERO["features"][:1]}]}).told  # noqa: B018
    decided(house, "u1")
    settle(house)

    points = {point["id"]: point for point in house.get("/v1/points").told["points"]}
    assert points["hero"]["learned_decisions"] == 1


def test_a_start_forgets_which_orders_followed_each_other_of_who_has_withdrawn(house: House) -> None:
    for user in ("u1", "u2"):
        permit(house, user)
        house.consent(user, "recommend", granted=True)
        house.take(order(user, category="TEA"))
        house.take(order(user, category="MILK"))
    both = house.node.outcomes.companions.following.sum()

    house.restart()
    assert house.node.outcomes.companions.following.sum() == both
    house.consent("u1", "recommend", granted=False)
    house.restart()
    one = house.node.outcomes.companions.following.sum()
    house.consent("u2", "model_training", granted=False)
    house.restart()

    assert one == pytest.approx(both / 2, rel=0.01)
    assert not house.node.outcomes.companions.following.any()


def test_a_start_without_new_refusals_goes_on_from_the_saved_state(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    house.consent("u2", "model_training", granted=False)
    house.restart()  # folds all
    house.restart()
    began: list[int] = []
    blocks = house.node.journal.blocks
    monkeypatch.setattr(house.node.journal, "blocks", lambda first=1: began.append(first) or blocks(first))

    Outcomes(house.node)

    assert set(began) == {house.node.journal.last + 1}


def test_who_withdraws_training_is_taken_out_of_what_was_learned_and_stays_out_after_a_start(house: House) -> None:
    permit(house, "u1", "u2")
    house.take(view("u1"), view("u2"))
    for user in ("u1", "u2"):
        decided(house, user)
    settle(house)

    decided(house, "u1")
    house.consent("u1", "model_training", granted=False)
    settle(house)
    withdrawn = int(learned_sums(house.node.outcomes).counts.sum())
    house.restart()
    house.node.outcomes.close(house.clock.now)

    assert withdrawn == 1
    assert int(learned_sums(house.node.outcomes).counts.sum()) == 1
    assert house.get("/v1/points/hero/effect").told["decisions"] == 3
