"""Versions in shadow: decided beside what is live, recorded, explained, compared, and counted for nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import copytree
from typing import Any

import msgspec
import pytest

from genom.app import audit
from genom.app import node as node_module
from genom.app.decisions import deciding
from genom.app.decisions.deciding import shadow_number
from genom.decide import agrees, decode_record
from genom.words import Kind
from tests.app.events import order, track, view
from tests.app.house import House
from tests.app.test_learned_points import BANNER, HERO, click, decided, permit, settle

OTHER: list[dict[str, Any]] = [
    HERO | {"policy": HERO["policy"] | {"temperature": 5.0}},
    HERO | {"features": HERO["features"][:1]},
    HERO | {"model": "own-purchases-1", "features": [], "policy": HERO["policy"] | {"control": 0.5}},
    HERO | {"model": "experiment", "features": [], "shares": {"tea": 0.5, "milk": 0.5}},
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        furnish(house)
        yield house


def furnish(house: House) -> None:
    house.post("/v1/points", {"points": [HERO, BANNER]}).told  # noqa: B018
    actions = [{"id": name, "point": "hero", "categories": [name.upper()]} for name in ("tea", "milk")]
    arms = [{"id": name, "point": "banner"} for name in ("plain", "vivid")]
    house.post("/v1/actions", {"actions": actions + arms}).told  # noqa: B018


def try_out(house: House, point: dict[str, Any]) -> int:
    told = house.post("/v1/points", {"points": [point], "stage": "shadow"}).told
    return int(told["points"][0]["version"])


def compared(house: House, point: str = "hero") -> dict[str, Any]:
    found: dict[str, Any] = house.get(f"/v1/points/{point}/shadow").told
    return found


def deeds(house: House) -> list[tuple[str, str, str]]:
    return [(row.action, row.name, row.who) for row in audit.rows(house.node.catalogue)]


def live(house: House, random: Random, steps: int) -> None:
    """Some life: visits, purchases, decisions, clicks, windows that pass, somebody who withdraws."""
    shown: list[tuple[str, str]] = []
    for _ in range(steps):
        user, turn = random.choice(["u1", "u2", "u3"]), random.random()
        if turn < 0.6:
            shown.append((decided(house, user, random.choice(["hero", "hero", "banner"]))["decision_id"], user))
        elif turn < 0.8 and shown:
            click(house, *random.choice(shown))
        elif turn < 0.9:
            house.take(order(user, category=random.choice(["TEA", "MILK"])))
        elif turn < 0.95:
            house.consent(user, "personalise_onsite", granted=random.random() < 0.7)
        else:
            settle(house)


@pytest.mark.parametrize("other", OTHER)
def test_a_version_in_shadow_changes_no_bit_of_what_is_counted_learned_or_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    """Law: the same life with and without a shadow leaves the same outcomes, traffic and effects."""
    with House(tmp_path / "first") as house:
        furnish(house)
        permit(house, "u1", "u2", "u3")
    copytree(tmp_path / "first", tmp_path / "second")
    left: list[dict[str, Any]] = []
    for name, shadow in (("first", False), ("second", True)):
        seeds = Random(7)
        monkeypatch.setattr(node_module.secrets, "randbits", seeds.getrandbits)
        with House(tmp_path / name) as house:
            if shadow:
                try_out(house, other)
            live(house, Random(11), 120)
            outcomes = house.node.outcomes
            left.append(
                {
                    "counters": {point: counter.dump() for point, counter in outcomes.counters.items()},
                    "lessons": {point: lessons.dump() for point, lessons in outcomes.lessons.items()},
                    "open": {n: msgspec.structs.replace(one, after=0) for n, one in outcomes.open.items()},
                    "traffic": {
                        point: (one.decisions, one.fallbacks, one.neutral) for point, one in outcomes.traffic.items()
                    },
                    "effects": [house.get(f"/v1/points/{point}/effect").told for point in ("hero", "banner")],
                    "answers": [
                        (record.decision_id, record.choices, record.seed)
                        for record in records(house, Kind.DECISION)
                    ],
                    "shadows": len(records(house, Kind.SHADOW)),
                }
            )  # fmt: skip

    without, with_shadow = left
    assert without.pop("shadows") == 0
    assert with_shadow.pop("shadows") > 20
    assert with_shadow == without


def records(house: House, kind: Kind) -> list[Any]:
    house.run(house.nothing())
    return [
        decode_record(block.body(index))
        for block in house.node.journal.blocks()
        for index, row in enumerate(block.rows)
        if row["kind"] == kind
    ]


@pytest.mark.parametrize("other", OTHER)
def test_its_records_give_the_same_choice_again_and_are_explained(house: House, other: dict[str, Any]) -> None:
    permit(house, "u1")
    house.take(order("u1", category="TEA"))
    version = try_out(house, other)
    answers = [decided(house, "u1") for _ in range(10)]

    kept = records(house, Kind.SHADOW)

    assert len(kept) == 10
    assert all(agrees(record) for record in kept)
    assert [record.shadow.decision for record in kept] == [answer["decision_id"] for answer in answers]
    assert {(record.point_version, record.measured) for record in kept} == {(version, "")}
    number = shadow_number(int(answers[0]["decision_id"][1:], 16))
    explained = house.get(f"/v1/decisions/d{number:016x}").told
    assert explained["shadow"]["decision"] == answers[0]["decision_id"]
    assert explained["outcomes"] == []


def test_nobody_is_told_that_it_was_shown(house: House) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    try_out(house, OTHER[0])
    answer = decided(house, "u1")
    number = shadow_number(int(answer["decision_id"][1:], 16))
    house.take(track("Promotion Clicked", "u1", decision_id=f"d{number:016x}"))
    settle(house)

    listed = house.get(f"/v1/people/{house.person('u1')}/decisions").told["decisions"]

    assert [one["decision_id"] for one in listed] == [answer["decision_id"]]
    effect = house.get("/v1/points/hero/effect").told
    assert effect["decisions"] == 1
    assert sum(arm["reward"] for arm in effect["arms"]) == 0
    assert house.get(f"/v1/decisions/d{number:016x}").told["outcomes"] == []


def test_without_a_live_version_the_answer_is_to_do_nothing(house: House) -> None:
    permit(house, "u1")
    house.take(order("u1", category="TEA"))
    try_out(house, HERO | {"id": "side"})
    house.post("/v1/actions", {"actions": [{"id": "a", "point": "side"}]}).told  # noqa: B018

    answer = decided(house, "u1", "side")

    assert [choice["action"] for choice in answer["choices"]] == ["do_nothing"]
    assert answer["choices"][0]["reasons"][0]["label"] == deciding.IN_SHADOW
    record = house.get(f"/v1/decisions/{answer['decision_id']}").told
    assert record["shadow"] == {"decision": "", "action": "do_nothing", "control": False}
    assert set(record["evidence"]["candidates"]) == {"a"}
    found = compared(house, "side")
    assert (found["decisions"], found["compared"]) == (1, 0)
    assert {point["id"]: point["stage"] for point in house.get("/v1/points").told["points"]}["side"] == "shadow"


def test_what_it_would_have_shown_is_set_against_what_was(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Live shows nothing, ever; the shadow shows something, ever: they agree on nothing but the control."""
    permit(house, "u1")
    house.take(view("u1"))
    monkeypatch.setattr(deciding, "_seed", lambda *_: next(seeds))
    seeds = iter(range(1_000, 2_000))
    never = HERO["policy"] | {"control": 0.1, "epsilon": 1e-9, "temperature": 1e-3, "do_nothing": 900.0}
    always = never | {"do_nothing": -900.0}
    house.post("/v1/points", {"points": [HERO | {"policy": never}]}).told  # noqa: B018
    version = try_out(house, HERO | {"policy": always})

    answers = [decided(house, "u1") for _ in range(40)]
    found = compared(house)

    random = sum(answer["control"] for answer in answers)
    assert 0 < random < 40
    assert found["version"] == version
    assert (found["decisions"], found["compared"], found["agreed"]) == (40, 40 - random, 0)
    assert sum(found["pairs"]["do_nothing"].values()) == 40 - random
    assert len(found["recent"]) == 20
    newest = next(answer for answer in reversed(answers) if not answer["control"])
    assert found["recent"][0]["live"] == newest["decision_id"]
    for remove in (False, True):
        house.restart()
        if remove:  # as after a crash before the first save
            (house.path / "models" / "online" / "shadows.state").unlink()
            house.node.compared = type(house.node.compared)(house.node)
        assert compared(house) == found


def test_a_shadow_that_fails_costs_no_answer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    version, decide = try_out(house, OTHER[0]), deciding.decide

    def broken(point: Any, *given: Any, **more: Any) -> Any:
        if point.version == version:
            raise ValueError("it cannot")
        return decide(point, *given, **more)

    monkeypatch.setattr(deciding, "decide", broken)

    assert decided(house, "u1")["choices"]
    assert compared(house)["decisions"] == 0


def test_publishing_names_the_point_and_leaves_one_row(house: House) -> None:
    before = len(deeds(house))
    version = try_out(house, OTHER[0])
    refused = house.post("/v1/points/hero/publish", {"confirm": "banner"})
    told = house.post("/v1/points/hero/publish", {"confirm": "hero", "reason": "It agrees."}).told

    assert (refused.status, refused.json["code"]) == (400, "point.not-confirmed")
    assert told["stages"] == {"live": version, "previous": version - 1, "shadow": None, "draft": None}
    assert house.node.points["hero"].policy.temperature == 5.0
    assert [deed[0] for deed in deeds(house)][: len(deeds(house)) - before] == ["point.published", "point.shadowed"]
    assert house.get("/v1/points/hero/shadow").status == 404

    again = house.post("/v1/points/hero/publish", {"confirm": "hero", "version": version}).told

    assert again["stages"] == told["stages"]
    assert len(deeds(house)) == before + 2


def test_going_back_makes_the_version_before_live(house: House) -> None:
    version = try_out(house, OTHER[0])
    house.post("/v1/points/hero/publish", {"confirm": "hero"}).told  # noqa: B018

    told = house.post("/v1/points/hero/rollback", {"confirm": "hero"}).told

    assert (told["stages"]["live"], told["stages"]["previous"]) == (version - 1, version)
    assert house.node.points["hero"].policy.temperature == 0.5
    assert deeds(house)[0][:2] == ("point.rolled_back", "hero")
    house.restart()
    assert house.node.points["hero"].policy.temperature == 0.5
    nowhere = house.post("/v1/points/banner/rollback", {"confirm": "banner"})
    assert (nowhere.status, "no version to go back to" in nowhere.json["message"]) == (400, True)


def test_a_point_of_the_file_can_be_tried_published_and_left_again(house: House) -> None:
    file = house.node.points["next_product"]
    changed = msgspec.to_builtins(file)
    changed["policy"]["control"] = 0.2
    del changed["version"]
    version = try_out(house, changed)

    assert version == file.version + 1
    assert house.node.points["next_product"] is file
    house.post("/v1/points/next_product/publish", {"confirm": "next_product"}).told  # noqa: B018
    assert house.node.points["next_product"].policy.control == 0.2
    house.post("/v1/points/next_product/rollback", {"confirm": "next_product"}).told  # noqa: B018
    house.restart()
    assert house.node.points["next_product"] == file


def test_defining_goes_live_as_ever_and_is_on_record_once(house: House) -> None:
    before = len(deeds(house))
    for _ in range(2):
        told = house.post("/v1/points", {"points": [HERO | {"browser": True}]}).told

    assert told == {"points": [{"id": "hero", "version": 2}]}
    assert deeds(house)[: len(deeds(house)) - before] == [("point.published", "hero", "key:first")]


def test_the_first_definition_of_a_point_had_none_live_before(house: House) -> None:
    told = house.post("/v1/points", {"points": [HERO | {"id": "hall"}]}).told

    (row,) = audit.rows(house.node.catalogue, name="hall")
    assert told == {"points": [{"id": "hall", "version": 1}]}
    assert row.details == {"version": 1, "live_before": None, "live": 1}


def test_a_draft_rests_until_it_is_put_into_shadow(house: House) -> None:
    permit(house, "u1")
    house.take(view("u1"))
    drafted = house.post("/v1/points", {"points": [OTHER[0]], "stage": "draft"}).told["points"][0]["version"]
    decided(house, "u1")
    assert house.get("/v1/points/hero/shadow").status == 404

    house.post("/v1/points/hero/shadow", {"version": drafted}).told  # noqa: B018
    decided(house, "u1")
    assert compared(house)["decisions"] == 1

    ended = house.post("/v1/points/hero/shadow", {"version": None}).told
    decided(house, "u1")
    assert ended["stages"] == {"live": 1, "previous": None, "shadow": None, "draft": drafted}
    assert len(records(house, Kind.SHADOW)) == 1


def test_what_cannot_be_tried_is_refused_in_words(house: House) -> None:
    same = house.post("/v1/points", {"points": [HERO], "stage": "shadow"})
    gone = house.post("/v1/points/hero/shadow", {"version": 99})
    live = house.post("/v1/points/hero/shadow", {"version": 1})
    nothing = house.post("/v1/points/hero/publish", {"confirm": "hero"})
    unknown = house.post("/v1/points/heroo/publish", {"confirm": "heroo"})

    assert [answer.status for answer in (same, gone, live, nothing, unknown)] == [400, 404, 400, 400, 400]
    assert "its versions are 1" in gone.json["why"]
    assert "hero" in unknown.json["fix"]
