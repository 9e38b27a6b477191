"""Rules over what models predict: the numbers of people's pages, in time, and honest where there is no model."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from genom.app.segmenting import keeping
from genom.app.segmenting.columns import SegmentColumns, permitted_now
from tests.app.events import consenting, order
from tests.app.house import DAY, House
from tests.app.learned import PERSONS, filled, learned
from tests.app.segment_house import PURPOSE, changes, define, members, pass_time, tend

STAYS_AWAY = "lifecycle.inactive_30d.prediction"
BUYS = "intent.buys_category.prediction"
ONSITE = {"personalise_onsite": True, "recommend": True, "model_training": True}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with two trained models, made once."""
    path = tmp_path_factory.mktemp("trained") / "data"
    with House(path) as house:
        filled(house)
        learned(house)
        learned(house, "buys_category")
    return path


@pytest.fixture
def house(trained: Path, tmp_path: Path) -> Iterator[House]:
    shutil.copytree(trained, tmp_path / "data")
    with House(tmp_path / "data", segment_floor=1) as opened:
        yield opened


def said(house: House, user: str, gene: str, purpose: str = "personalise_onsite") -> Any:
    """What the person's page says."""
    told = house.get(f"/v1/people/{house.person(user)}/genome?purpose={purpose}").told["genes"]
    found = next(one for one in told if one["id"] == gene)
    return found.get("value") if found.get("cells") is None else found["cells"]


def seen(house: House, path: str, language: str = "en") -> str:
    """A page of the console."""
    answer = house.browse(path, cookie=house.sign_in(), language=language)
    assert answer.status == 200, answer.body[:400]
    return answer.body.decode()


def risk(is_: str, value: float) -> dict[str, Any]:
    return {"gene": STAYS_AWAY, "is": is_, "value": value}


def test_a_rule_means_exactly_the_people_whose_page_says_so(house: House) -> None:
    pages = {user: said(house, user, STAYS_AWAY) for user in (f"p{n}" for n in range(PERSONS))}
    middle = float(np.median([value for value in pages.values() if value is not None]))

    define(house, risk(">=", middle), "away")

    assert members(house, "away") == {house.person(user) for user, value in pages.items() if value and value >= middle}
    assert 0 < len(members(house, "away")) < PERSONS


def test_many_people_are_answered_as_each_of_them(house: House) -> None:
    who = np.arange(1, house.node.world.profiles.count + 1)
    may = permitted_now(house.node, who, now=house.clock.now)
    for name, purpose in (("inactive_30d", "personalise_onsite"), ("buys_category", "recommend")):
        model = house.node.models.together(name)
        assert model is not None
        at = house.node.world.last_ts + 1

        found = model.answer(house.node, who, may, at=at)

        for person, mask, row in zip(who.tolist(), may.tolist(), found.chances, strict=True):
            view = house.node.gate.view(person, purpose=purpose, effective=mask, at=at)
            alone = house.node.models.predict(name, view, person=person, purpose=purpose)
            known = {thing: p for thing, p in zip(found.things, row.tolist(), strict=True) if not np.isnan(p)}
            assert known == (alone if isinstance(alone, dict) else {} if alone is None else {"": alone})


def test_a_category_is_asked_as_one_part_and_as_the_likeliest(house: House) -> None:
    tea = {"gene": BUYS, "cell": "TEA", "is": ">=", "value": 0.5}
    define(house, tea, "tea", purpose="recommend")
    define(house, {"gene": BUYS, "top": True, "is": "=", "value": "TEA"}, "most", purpose="recommend")

    cells = {user: said(house, user, BUYS, "recommend") or {} for user in (f"p{n}" for n in range(PERSONS))}

    assert members(house, "tea") == {house.person(user) for user, told in cells.items() if told.get("TEA", 0) >= 0.5}
    assert members(house, "most") == {
        house.person(user) for user, told in cells.items() if told and max(told, key=told.__getitem__) == "TEA"
    }
    assert members(house, "tea")


def buyer(house: House) -> tuple[str, float]:
    """Somebody who has not bought for long, and what is said of them."""
    told = {user: said(house, user, STAYS_AWAY) for user in (f"p{n}" for n in range(0, PERSONS, 2))}
    user = max((user for user in told if told[user] is not None), key=lambda user: told[user])
    return user, told[user]


def test_an_event_changes_a_membership_before_it_is_acknowledged(house: House) -> None:
    user, high = buyer(house)
    define(house, risk(">=", high - 0.001))
    assert house.person(user) in members(house)

    house.serve(consenting(order(user, 5.0, category="TEA"), **ONSITE))

    assert said(house, user, STAYS_AWAY) < high - 0.001
    assert house.person(user) not in members(house)
    assert ("left", house.person(user), "event") in changes(house)


def test_where_there_is_no_time_for_all_the_rest_follow_and_nobody_is_out_meanwhile(house: House) -> None:
    define(house, {"not": risk(">=", 2)})  # everybody who has an answer
    define(house, {"gene": "rhythm.orders.count.lifetime", "is": ">=", "value": 1}, "bought")
    before = members(house)
    crowd = [f"new{n}" for n in range(60)]

    house.serve(*(consenting(order(user, 5.0), **ONSITE) for user in crowd))

    mine = {house.person(user) for user in crowd}
    assert mine <= members(house, "bought"), "what needs no model is right at once"
    assert before <= members(house)
    assert house.node.segments._keeper.waiting.late
    tend(house)
    assert mine <= members(house)


def test_time_alone_moves_a_prediction(house: House) -> None:
    told = {user: said(house, user, STAYS_AWAY) for user in (f"p{n}" for n in range(1, PERSONS, 2))}
    user = min((user for user in told if told[user] is not None), key=lambda user: told[user])
    define(house, risk(">", told[user]))
    assert house.person(user) not in members(house)

    pass_time(house, 45 * DAY)

    assert said(house, user, STAYS_AWAY) > told[user]
    assert ("entered", house.person(user), "time") in changes(house)


def test_turns_of_a_sweep_go_on_until_everybody_was_computed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """With as little time as can be a turn computes its least, and whoever crosses a level enters in that turn."""
    told = {user: said(house, user, STAYS_AWAY) for user in (f"p{n}" for n in range(1, PERSONS, 2))}
    user = min((user for user in told if told[user] is not None), key=lambda user: told[user])
    define(house, risk(">", told[user]))
    at, computed, predict = iter(range(1 << 30)), list[int](), SegmentColumns.predict

    def counted(self: SegmentColumns, who: Any, **how: Any) -> None:
        computed.extend(who.tolist())
        predict(self, who, **how)

    monkeypatch.setattr(keeping, "time", SimpleNamespace(monotonic=lambda: float(next(at))))
    monkeypatch.setattr(keeping, "_FORETOLD_LEAST", 50)
    monkeypatch.setattr(SegmentColumns, "predict", counted)

    seen = []
    house.clock.now += 45 * DAY
    for _ in range(4):
        tend(house)
        seen.append(len(computed))

    everybody = house.node.world.profiles.count
    assert seen == [50, 100, everybody, everybody]
    assert computed == [*range(1, everybody + 1)]
    assert ("entered", house.person(user), "time") in changes(house)


def test_who_takes_the_purpose_back_is_out_at_once_of_it_and_of_its_negation(house: House) -> None:
    define(house, {"not": risk(">=", 2)})
    person = house.person("p1")
    assert person in members(house)

    house.consent("p1", "personalise_onsite", granted=False)

    assert person not in members(house)


def test_without_a_model_a_condition_is_neither_true_nor_false(house: House) -> None:
    (house.path / "models" / "inactive_30d" / "current").unlink()
    for version in (house.path / "models" / "inactive_30d").iterdir():
        if version.is_dir():
            (version / "model.json").write_bytes(b"{}")
    define(house, risk(">=", 0.0), "yes")
    assert members(house, "yes")

    house.post("/v1/models:refresh", {}).told  # noqa: B018
    tend(house)
    define(house, {"not": risk(">=", 0.0)}, "no")

    assert (members(house, "yes"), members(house, "no")) == (set(), set())
    assert {why for _, _, why in changes(house, "yes") if why != "built"} == {"model"}
    shown = house.get("/v1/segments/yes").told["segment"]
    assert "checksum" in shown["absent"][STAYS_AWAY]
    assert "genom learn --only inactive_30d" in shown["absent"][STAYS_AWAY]
    tried = house.post("/v1/segments/preview", {"purpose": PURPOSE, "rule": risk(">=", 0.0)}).told
    assert tried["absent"].keys() == {STAYS_AWAY}


def test_pages_say_that_a_model_is_missing_and_lead_to_it(house: House) -> None:
    define(house, risk(">=", 0.5))
    assert "cannot be computed" not in seen(house, "/segments/buyers")
    assert "buyers" in seen(house, "/models/inactive_30d").split('id="used-title"')[1]
    for version in (house.path / "models" / "inactive_30d").iterdir():
        if version.is_dir():
            (version / "model.json").write_bytes(b"{}")

    house.post("/v1/models:refresh", {}).told  # noqa: B018

    assert "“Stays away for 30 days” cannot be computed now." in seen(house, "/segments/buyers")
    assert "lässt sich zurzeit nicht berechnen" in seen(house, "/segments/buyers", language="de")
    assert "a prediction has no model" in seen(house, "/segments")
    leads = house.browse(f"/genes/{STAYS_AWAY}", cookie=house.sign_in())
    assert "cannot be used" in seen(house, leads.headers["location"])


def test_a_question_without_a_model_can_be_asked_about_before_it_is_trained(house: House) -> None:
    define(house, {"gene": "intent.redeems_coupon.prediction", "is": "known"}, "coupons")

    assert members(house, "coupons") == set()
    assert (
        "genom learn --only redeems_coupon"
        in house.get("/v1/segments/coupons").told["segment"]["absent"]["intent.redeems_coupon.prediction"]
    )


def test_another_model_counts_for_everybody_as_soon_as_it_is_in_force(house: House) -> None:
    define(house, risk(">=", 0.5))
    before = members(house)
    served = house.node.models.together("inactive_30d").served.stored.model
    served["calibration"] = {"kind": "platt", "slope": 0.0, "offset": 5.0}  # everybody stays away
    house.node.models.turn += 1

    tend(house)

    assert before < members(house)
    assert {why for what, _, why in changes(house) if what == "entered"} == {"model"}


def test_a_model_that_fails_costs_nobody_an_event_and_is_told(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    define(house, {"any": [risk(">=", 2), {"gene": "rhythm.orders.count.lifetime", "is": ">=", "value": 1}]})
    before = members(house)
    monkeypatch.setattr(
        type(house.node.models.together("inactive_30d")),
        "answer",
        lambda *_, **__: (_ for _ in ()).throw(ValueError("no")),
    )

    house.serve(consenting(order("p1", 5.0), **ONSITE))
    pass_time(house, DAY)

    assert members(house) == before
    assert any(problem.name == "inactive_30d" for problem in house.node.models.problems)


def test_a_model_that_fails_puts_nobody_into_a_segment_by_its_negation_and_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    define(house, {"not": risk(">=", 2)}, "safe")
    assert members(house, "safe")
    monkeypatch.setattr(
        type(house.node.models.together("inactive_30d")),
        "answer",
        lambda *_, **__: (_ for _ in ()).throw(ValueError("no")),
    )
    house.node.models.turn += 1  # as after another model: everybody is computed anew, a few at a time

    tend(house)
    define(house, {"not": risk(">=", 0.0)}, "others")

    assert (members(house, "safe"), members(house, "others")) == (set(), set())
    assert house.node.models.together("inactive_30d") is None


def test_somebody_of_whom_a_model_fails_is_in_neither_a_segment_nor_its_negation(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, ill = type(house.node.models.together("inactive_30d")), house.node.public.number(house.person("p1"))
    answer = model.answer

    def fails_of_one(self: Any, node: Any, who: Any, may: Any, *, at: int) -> Any:
        if ill in who.tolist():
            raise ValueError("no")
        return answer(self, node, who, may, at=at)

    monkeypatch.setattr(model, "answer", fails_of_one)
    define(house, risk(">=", 0.0), "yes")
    define(house, {"not": risk(">=", 0.0)}, "no")
    define(house, {"not": risk(">=", 2)}, "safe")

    assert members(house, "yes")
    assert house.person("p1") not in members(house, "yes") | members(house, "no") | members(house, "safe")
    assert len(members(house, "safe")) == len(members(house, "yes"))
    assert house.node.models.together("inactive_30d") is not None


def test_an_answer_is_compared_by_more_or_less_and_only_for_its_own_purpose(house: House) -> None:
    equal = house.post("/v1/segments/preview", {"purpose": PURPOSE, "rule": risk("=", 0.5)})
    other = house.post("/v1/segments/preview", {"purpose": "recommend", "rule": risk(">=", 0.5)})

    assert (equal.status, other.status) == (400, 400)
    assert "never exactly a number" in equal.json["why"]
    assert "personalise_onsite" in other.json["why"]
