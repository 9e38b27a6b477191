"""Keys that are made for purposes: what they define, count and send rests on data of these alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.destination_house import MAIL, name_recipients
from tests.app.house import House
from tests.app.segment_house import ORDERS, body, define
from tests.app.test_roles_matrix import key_of

ASKED: dict[str, Any] = {"gene": ORDERS, "is": ">=", "value": 0}
PRICED: dict[str, Any] = {"gene": "price.discounted_orders.count.30d", "is": ">=", "value": 0}


@pytest.fixture
def segmented(tmp_path: Path) -> Iterator[tuple[House, str]]:
    """A node with segments for `recommend`, for it and `price`, and for another purpose; a key serves the first."""
    with House(tmp_path / "d", segment_floor=1) as house:
        define(house, ASKED, "mine", purpose="recommend")
        define(house, PRICED, "priced", purpose="recommend")
        define(house, {"segment": "priced"}, "on_priced", purpose="recommend")
        define(house, ASKED, "theirs", purpose="personalise_onsite")
        yield house, key_of(house, "marketer", purposes=["recommend"])


@pytest.mark.parametrize(
    ("rule", "purpose", "lacking"),
    [
        (ASKED, "personalise_onsite", "'personalise_onsite'"),
        ({"event": "Order Completed", "days": 3, "at_least": 1}, "ads_retarget", "'ads_retarget'"),
        (PRICED, "recommend", "'price'"),
        ({"not": {"segment": "on_priced"}}, "recommend", "'price'"),
        (PRICED, "personalise_onsite", "'personalise_onsite' and 'price'"),
    ],
)
def test_a_key_of_a_purpose_defines_and_tries_no_rule_about_data_of_others(
    segmented: tuple[House, str], rule: dict[str, Any], purpose: str, lacking: str
) -> None:
    house, key = segmented

    for answer in (
        house.post("/v1/segments", body(rule, "new", purpose=purpose), key=key),
        house.post(
            "/v1/segments",
            {"segments": [body(ASKED, "fine", purpose="recommend"), body(rule, "new", purpose=purpose)]},
            key=key,
        ),
        house.post("/v1/segments/preview", {"purpose": purpose, "rule": rule}, key=key),
    ):
        assert (answer.status, answer.json["code"]) == (403, "key.no-purpose")
        assert lacking in answer.json["message"]
    assert [one["id"] for one in house.get("/v1/segments").told["segments"]] == [
        "mine",
        "on_priced",
        "priced",
        "theirs",
    ]
    assert house.post("/v1/segments", body(rule, "new", purpose=purpose)).status == 200  # the owner may


def test_a_key_of_a_purpose_sees_changes_and_removes_segments_for_it_alone(segmented: tuple[House, str]) -> None:
    house, key = segmented

    told = house.get("/v1/segments", key=key).told
    assert ([one["id"] for one in told["segments"]], told["segments"][0]["used_by"]) == (["mine"], [])
    assert house.get("/v1/segments/mine", key=key).status == 200
    for name in ("theirs", "priced", "on_priced"):
        changed = body(ASKED, name, purpose="recommend")
        for answer in (
            house.get(f"/v1/segments/{name}", key=key),
            house.post("/v1/segments", changed, key=key),
            house.run(house.ask("DELETE", f"/v1/segments/{name}", key=key)),
        ):
            assert (answer.status, answer.json["code"]) == (403, "key.no-purpose"), name
        assert house.get(f"/v1/segments/{name}").told["segment"]["version"] == 1
    assert house.get("/v1/segments/fields?purpose=recommend", key=key).status == 200
    assert house.get("/v1/segments/fields?purpose=email", key=key).json["code"] == "key.no-purpose"
    assert house.run(house.ask("DELETE", "/v1/segments/mine", key=key)).status == 200


def test_a_key_of_a_purpose_sends_nobody_for_others(tmp_path: Path) -> None:
    name_recipients(tmp_path / "d", email=["Mailer Ltd"], recommend=["Mailer Ltd"])
    with House(tmp_path / "d", segment_floor=1) as house:
        for name, purpose in (("mine", "recommend"), ("theirs", "email")):
            define(house, {"event": "Order Completed", "days": 3, "at_least": 1}, name, purpose=purpose)
        key = key_of(house, "admin", purposes=["recommend"])
        given = {
            f"{segment}_{purpose}": MAIL | {"id": f"{segment}_{purpose}", "segment": segment, "purposes": [purpose]}
            for segment in ("mine", "theirs")
            for purpose in ("recommend", "email")
        }

        sent = {name: house.post("/v1/destinations", {"destinations": [one]}, key=key) for name, one in given.items()}
        house.post("/v1/destinations", {"destinations": [*given.values()]}).told  # noqa: B018 -- must be good
        listed = [one["destination"]["id"] for one in house.get("/v1/destinations", key=key).told["destinations"]]
        gone = {name: house.run(house.ask("DELETE", f"/v1/destinations/{name}", key=key)).status for name in given}
        mine = given["theirs_email"] | {"segment": "mine", "purposes": ["recommend"]}
        moved = house.post("/v1/destinations", {"destinations": [mine]}, key=key)

        assert {name: answer.status for name, answer in sent.items() if answer.status == 200} == {"mine_recommend": 200}
        assert {answer.json["code"] for name, answer in sent.items() if name != "mine_recommend"} == {"key.no-purpose"}
        assert "'email'" in sent["theirs_recommend"].json["message"]
        assert listed == ["mine_recommend"]
        assert gone == {"mine_recommend": 200, "mine_email": 403, "theirs_recommend": 403, "theirs_email": 403}
        assert moved.json["code"] == "key.no-purpose"


def test_a_key_of_a_purpose_changes_no_decision_point_of_another(tmp_path: Path) -> None:
    def point(name: str, purpose: str, **more: Any) -> dict[str, Any]:
        reward = {"events": ["Promotion Clicked"], "value": "count", "within_seconds": 60}
        label = {"en": name, "de": name}
        given = {"id": name, "label": label, "purpose": purpose, "candidates": "actions", "model": "learned"}
        return given | {"reward": reward} | more

    with House(tmp_path / "d") as house:
        key = key_of(house, "marketer", purposes=["recommend"])
        house.post("/v1/points", {"points": [point("theirs", "personalise_onsite")]}).told  # noqa: B018 -- must be good
        house.post("/v1/points", {"points": [point("theirs", "recommend")], "stage": "draft"}).told  # noqa: B018

        mine = house.post("/v1/points", {"points": [point("mine", "recommend")]}, key=key)
        refused = [
            house.post("/v1/points", {"points": [point("new", "recommend"), point("other", "email")]}, key=key),
            house.post("/v1/points", {"points": [point("priced", "recommend", also=["price"])]}, key=key),
            house.post("/v1/points", {"points": [point("theirs", "recommend")]}, key=key),
            house.post("/v1/points/theirs/publish", {"confirm": "theirs", "version": 2}, key=key),
            house.post("/v1/points/theirs/rollback", {"confirm": "theirs"}, key=key),
            house.post("/v1/points/theirs/shadow", {"version": 2}, key=key),
        ]

        assert mine.status == 200, mine.body
        assert [(answer.status, answer.json["code"]) for answer in refused] == [(403, "key.no-purpose")] * 6
        assert house.node.points["theirs"].purpose == "personalise_onsite"
        assert {"new", "other", "priced"}.isdisjoint(house.node.points)
