"""Points that score by a trained chance: what they read on a whole node, and what they do without the model."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genom.app.decisions.effects import problems_of
from genom.app.training.models import Pair
from genom.decide import FEATURES, agrees, decode_record
from tests.app.events import order, view
from tests.app.house import DAY, House
from tests.app.portal import visit

WEIGHTS = {"own": 0.8, "recent": 0.3, "viewed": 1.0, "popular": 0.2, "following": 0.7, "due": 0.4, "since": -0.1}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for user in ("u1", "u2", "a-1"):
            kind = "anonymous_id" if user.startswith("a-") else "user_id"
            for purpose in ("recommend", "model_training", "personalise_onsite"):
                house.consent(user, purpose, granted=True, kind=kind)
        house.clock.now += DAY
        house.take(order("u1", category="TEA"), order("u1", category="TEA"), order("u2", category="MILK"))
        yield house


def serve(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model as the registry gives it."""
    weights = np.array([WEIGHTS.get(name, 0.0) for name in FEATURES])
    pair = Pair(version="v1", names=FEATURES, weights=weights, intercept=-2.0)
    monkeypatch.setattr(house.node.models, "pair", lambda name: pair if name == "buys_category" else None)


def decided(house: House, user: str = "u1", kind: str = "user_id") -> dict[str, Any]:
    body = {"point": "next_product", "person": {kind: user}, "n": 2}
    told: dict[str, Any] = house.post("/v1/decide", body).told
    return told


def record(house: House, told: dict[str, Any]) -> Any:
    found = house.node.journal.rows_of_decision(int(told["decision_id"][1:], 16))
    return decode_record(house.node.journal.body(found.places[0]))


def test_a_served_model_scores_explains_and_repeats(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(house, monkeypatch)

    answers = [decided(house) for _ in range(12)]
    while answers[-1]["control"] or answers[-1]["choices"][0]["action"] != "TEA":
        answers.append(decided(house))

    assert {answer["model"] for answer in answers} == {"propensity"}
    assert all(agrees(record(house, answer)) for answer in answers)
    best = answers[-1]["choices"][0]
    assert best["reasons"][0]["gene"] == "taste.category.histogram.365d"
    assert best["start"] + sum(r["contribution"] for r in best["reasons"]) == pytest.approx(best["score"])
    assert problems_of(house.node) == []


def test_an_explanation_is_what_was_recorded_whatever_the_model_says_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explained() -> str:
        answer = house.browse(f"/decisions/log/{told['decision_id']}", cookie=house.sign_in())
        assert answer.status == 200
        return answer.body.decode()

    serve(house, monkeypatch)
    while (told := decided(house))["control"] or told["choices"][0]["action"] != "TEA":
        pass
    before = explained()
    assert "Bought before" in before

    later = Pair(version="v2", names=FEATURES, weights=np.full(len(FEATURES), -1.0), intercept=1.0)
    monkeypatch.setattr(house.node.models, "pair", lambda _: later)
    house.node.models.refresh(now=house.clock.now)

    assert explained() == before
    assert record(house, told).evidence.logistic.version == "v1"


@pytest.mark.parametrize(("language", "label"), [("en", "Often bought next"), ("de", "Wird oft als Nächstes gekauft")])
def test_a_reason_names_the_feature_and_not_only_its_gene(
    house: House, monkeypatch: pytest.MonkeyPatch, language: str, label: str
) -> None:
    weights = np.array([3.0 if name == "following" else 0.0 for name in FEATURES])
    pair = Pair(version="v1", names=FEATURES, weights=weights, intercept=-2.0)
    monkeypatch.setattr(house.node.models, "pair", lambda _: pair)
    house.take(*[order(user, category=name) for name in ("TEA", "MILK") * 5 for user in ("u1", "u2")])
    while (answer := decided(house))["control"] or answer["choices"][0]["reasons"][0]["label"] != "often bought next":
        pass

    path = f"/decisions/log/{answer['decision_id']}"
    shown = unescape(house.browse(path, cookie=house.sign_in(), language=language).body.decode())
    portal = visit(house, "u1", language=language).text("/me/why")

    gene = house.node.world.layout.genes["taste.lines.last_categories"].label[language]
    assert f"{gene} · {label}" in shown
    assert re.search("This is often bought after what you bought last|Das wird oft nach dem gekauft", portal)
    assert "You bought something like this recently" not in portal


def test_without_the_model_it_falls_back_and_says_so(house: House) -> None:
    answer = decided(house)

    assert answer["model"] == "own-purchases-1"
    assert [problem.name for problem in problems_of(house.node)] == ["next_product"]
    points = {point["id"]: point for point in house.get("/v1/points").told["points"]}
    assert points["next_product"]["traffic"]["fallback_share"] == 1.0


def test_what_an_anonymous_visitor_looked_at_changes_the_next_decision(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def score_of_milk() -> float:
        evidence = record(house, decided(house, "a-1", "anonymous_id")).evidence
        return float(evidence.scores[evidence.candidates.index("MILK")])

    for served in (False, True):
        if served:
            serve(house, monkeypatch)
        before = score_of_milk()
        house.take(view("a-1", "MILK"))

        assert score_of_milk() > before


def test_looks_that_stand_in_for_purchases_are_called_looks(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(house, monkeypatch)
    house.take(view("a-1", "MILK"))

    reasons = [reason for _ in range(40) for reason in decided(house, "a-1", "anonymous_id")["choices"][0]["reasons"]]

    looked = {reason["label"] for reason in reasons if reason["gene"] == "intent.viewed_category.last"}
    assert looked == {"looked at lately"}
    assert not [reason for reason in reasons if reason["label"] == "bought lately"]


def test_what_others_bought_next_counts(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    serve(house, monkeypatch)
    for number in range(3):
        house.clock.now += DAY
        house.take(order("u2", category=["TEA", "MILK", "TEA"][number]))
    house.take(order("u2", category="MILK"))

    evidence = record(house, decided(house)).evidence

    column = evidence.logistic.columns[FEATURES.index("following")]
    known = dict(zip(column.codes, column.values, strict=True))
    assert known[evidence.candidates.index("MILK")] > 0


def test_a_model_that_never_saw_a_look_leaves_who_has_only_looked_to_what_reads_looks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WEIGHTS, "viewed", 0.0)
    serve(house, monkeypatch)
    house.take(*[order("u2", category="TEA") for _ in range(20)], *[view("a-1", "MILK") for _ in range(3)])

    answers = [decided(house, "a-1", "anonymous_id") for _ in range(40)]

    assert {answer["model"] for answer in answers} == {"own-purchases-1"}
    evidence = record(house, answers[0]).evidence
    assert evidence.candidates[int(np.argmax(evidence.scores))] == "MILK"
    assert decided(house)["model"] == "propensity"  # somebody who buys
    house.take(order("a-1", category="TEA"))
    assert decided(house, "a-1", "anonymous_id")["model"] == "propensity"


def test_who_only_looked_raises_no_alarm_about_a_model_that_is_served(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(WEIGHTS, "viewed", 0.0)
    serve(house, monkeypatch)
    house.take(view("a-1", "MILK"))

    assert decided(house, "a-1", "anonymous_id")["model"] == "own-purchases-1"
    assert problems_of(house.node) == []


def test_what_is_bought_at_this_hour_is_looked_up_by_the_hour_where_the_person_is(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    serve(house, monkeypatch)
    heard = list[int]()
    monkeypatch.setattr(type(house.node.outcomes.companions), "at", lambda _, hour: heard.append(hour) or np.zeros(0))
    bought = order("u2", category="MILK")
    bought["context"] = {"timezone": "America/Los_Angeles"}
    house.clock.now += 60_000  # newer than the purchase that the house began with
    house.take(bought)

    decided(house, "u1")
    decided(house, "u2")

    in_utc = (house.clock.now // 3_600_000 + 72) % 168
    rows = house.node.journal.rows_of([house.node.world.profiles.find("user_id", "u2")]).rows
    there = int(rows["hour_of_week"][rows["kind"] < 200][-1])
    assert heard == [in_utc, there]
    assert (in_utc - there) % 168 in {7, 8}
