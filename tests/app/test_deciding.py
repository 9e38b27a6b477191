"""Decisions on a whole node: fresh, recorded, repeatable, joined to what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import choice
from typing import Any

import msgspec
import pytest

from genom.app.reading import rfc3339
from genom.decide import agrees, decode_record
from genom.words import Kind
from tests.app.events import Event, order, track, view
from tests.app.house import DAY, START, House

BREADTH = 40  # categories: enough for a record to pack its arrays


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def offer(house: House, *actions: dict[str, Any]) -> None:
    assert house.post("/v1/actions", {"actions": list(actions)}).told == {"accepted": len(actions)}
    for user in ("u1", "u2", "u3"):  # an offer is a personal price
        house.consent(user, "price", granted=True)


def candidates(record: dict[str, Any]) -> set[str]:
    return set(record["evidence"]["candidates"]) if record["evidence"] else set()


def stored_records(house: House) -> Iterator[bytes]:
    for block in house.node.journal.blocks():
        for index, row in enumerate(block.rows):
            if row["kind"] == Kind.DECISION:
                yield block.body(index)


def mailed(user: str, campaign: str) -> Event:
    return track("Campaign Received", user, campaign_id=campaign)


def scores(record: dict[str, Any]) -> dict[str, float]:
    return dict(zip(record["evidence"]["candidates"], record["evidence"]["scores"], strict=True))


def test_every_record_gives_the_same_choice_again(house: House) -> None:
    """Law L8, for people who bought, who did not, who refused, and for nobody."""
    house.take(*[order("u1", 1 + n, category=f"C{n}") for n in range(BREADTH)], view("u2", "C1"))
    house.consent("u2", "recommend", granted=False)
    offer(
        house, {"id": "k1", "campaign": "spring", "categories": ["C1"]}, {"id": "k2", "categories": {"C2": 2, "C3": 1}}
    )
    controls: set[bool] = set()
    while len(controls) < 2 or len(list(stored_records(house))) < 30:
        house.clock.now += 1_000_003
        user, point = choice(["u1", "u1", "u2", "nobody"]), choice(["next_product", "next_offer"])
        controls.add(house.decide(user, point, n=choice([1, 2, 5]))["control"])

    records = [decode_record(body) for body in stored_records(house)]

    assert all(agrees(record) for record in records)
    house.restart()
    assert [decode_record(body) for body in stored_records(house)] == records


def test_a_record_that_was_changed_does_not_agree(house: House) -> None:
    house.take(order("u1"), order("u1", category="MILK"))
    while (record := decode_record(_record(house))).control:
        pass
    assert agrees(record)

    assert record.evidence is not None
    other = msgspec.structs.replace(record, evidence=msgspec.structs.replace(record.evidence, scores=[9.0, 9.0]))

    assert not agrees(other)


def _record(house: House) -> bytes:
    house.decide("u1")
    return list(stored_records(house))[-1]


def test_a_purchase_changes_the_very_next_decision(house: House) -> None:
    house.take(order("u1", category="TEA"), order("u2", category="MILK"))
    before = house.decide("u1")

    acknowledged = house.send(order("u1", category="MILK")).headers["x-genom-position"]
    after = house.decide("u1")

    assert after["position"] >= int(acknowledged)
    assert scores(after)["MILK"] > scores(before)["MILK"]


def test_the_position_of_a_record_reaches_every_acknowledgement(house: House) -> None:
    """Also that of a batch that brought nothing new, right after a decision was written."""
    event = order("u1")
    house.take(event)
    for sent in ([event], [], [order("u1")], [{"type": "track"}]):
        house.decide("u1")
        acknowledged = int(house.send(*sent).headers["x-genom-position"])

        assert house.decide("u1")["position"] >= acknowledged


def test_what_came_of_it_is_joined(house: House) -> None:
    house.take(order("u1"))
    decision = house.decide("u1")["decision_id"]

    house.take(
        order("u1", 7, decision_id=decision), view("u1"), order("u1", 9) | {"context": {"decision_id": decision}}
    )
    house.restart()

    outcomes = house.get(f"/v1/decisions/{decision}").told["outcomes"]
    assert [(outcome["event"], outcome["amount"]) for outcome in outcomes] == [
        ("Order Completed", 7),
        ("Order Completed", 9),
    ]


@pytest.mark.parametrize(
    "said", ["d", "d00", "0123456789abcdef", "dffffffffffffffff0", "nonsense", "d000000000000000g"]
)
def test_what_is_no_decision_joins_nothing(house: House, said: str) -> None:
    house.take(order("u1", 7, decision_id=said))

    assert house.orders("u1") == 1


def test_a_decision_is_kept_with_its_person(house: House) -> None:
    house.take(order("u1"))
    first, second = (house.decide("u1")["decision_id"] for _ in range(2))
    house.decide("u2")

    listed = house.get(f"/v1/people/{house.person('u1')}/decisions").told["decisions"]

    assert [record["decision_id"] for record in listed] == [second, first]


def test_decisions_do_not_change_the_genome(house: House) -> None:
    house.take(order("u1"))
    before = house.genome("u1")

    for _ in range(20):
        house.decide("u1")

    assert house.genome("u1") == before
    assert house.verify().differences == []
    house.restart()
    assert house.genome("u1") == before


def test_who_was_mailed_gets_that_campaigns_offers_and_others_all_that_run(house: House) -> None:
    offer(
        house,
        {"id": "spring-1", "campaign": "spring"},
        {"id": "spring-old", "campaign": "spring", "ends": rfc3339(START - DAY)},
        {"id": "autumn-1", "campaign": "autumn", "starts": rfc3339(START + 100 * DAY)},
        {"id": "free"},
    )
    house.take(mailed("u1", "spring"), mailed("u2", "autumn"), order("u3"))

    offered = [candidates(house.decide(user, "next_offer")) for user in ("u1", "u2", "u3")]

    assert offered == [{"spring-1"}, {"spring-1", "free"}, {"spring-1", "free"}]


def test_an_offer_needs_the_purpose_price_too(house: House) -> None:
    offer(house, {"id": "a"})
    house.take(order("u1"))

    before = house.decide("u1", "next_offer")
    house.consent("u1", "price", granted=False)
    after = house.decide("u1", "next_offer")

    assert candidates(before) == {"a"}
    assert (after["evidence"], after["permitted"], after["also"], after["basis"]) == (None, False, ["price"], "denied")
    assert [choice["action"] for choice in after["choices"]] == ["do_nothing"]
    assert after["choices"][0]["reasons"][0]["label"] == "no permission for price"
    assert candidates(house.decide("u1")), "other points go on"


def test_an_offer_ends_at_its_end(house: House) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    offer(house, {"id": "a", "starts": rfc3339(START), "ends": rfc3339(START + DAY)})
    house.take(order("u1"))

    assert candidates(house.decide("u1", "next_offer")) == {"a"}
    house.clock.now = START + DAY
    assert house.decide("u1", "next_offer")["choices"][0]["action"] == "do_nothing"


def test_an_action_is_replaced_by_a_new_one_of_its_name(house: House) -> None:
    house.take(order("u1"))
    offer(house, {"id": "a"}, {"id": "b"})

    offer(house, {"id": "a", "ends": rfc3339(START - 1)})
    house.restart()

    assert candidates(house.decide("u1", "next_offer")) == {"b"}


@pytest.mark.parametrize(
    "action",
    [
        {"id": "do_nothing"},
        {"id": ""},
        {"id": "a", "label": {"de": "Nur deutsch"}},
        {"id": "a", "categories": {"TEA": 1e308, "MILK": 1e308}},
        {"id": "a", "label": {}, "categories": {"TEA": 0}},
        {"id": "a", "categories": {"TEA": -1}},
        {"id": "a", "categories": [""]},
        {"id": "a", "starts": "never"},
        {"id": "a", "starts": "9999-12-31T23:59:59Z"},
        {"id": "a", "point": "next_product"},
    ],
)
def test_an_action_is_refused_or_leaves_decisions_possible(house: House, action: dict[str, Any]) -> None:
    house.take(order("u1"))
    offer(house, {"id": "good"})

    assert house.post("/v1/actions", {"actions": [action]}).status in {200, 400}

    assert "good" in candidates(house.decide("u1", "next_offer"))
    assert house.decide("u1", "next_product")


def test_categories_first_seen_in_events_can_be_chosen_at_once(house: House) -> None:
    house.take(order("u1", category="TEA"))
    house.decide("u1")

    house.take(order("u2", category="HONEY"))

    assert candidates(house.decide("u1")) >= {"TEA", "HONEY"}


def test_a_category_called_like_doing_nothing_harms_nobody(house: House) -> None:
    house.take(order("u1", category="do_nothing"), order("u1", category="TEA"))

    assert "do_nothing" not in candidates(house.decide("u1"))


def test_somebody_unknown_gets_the_neutral_choice(house: House) -> None:
    house.take(order("u1"))

    record = house.decide("nobody")

    assert [choice["action"] for choice in record["choices"]] == ["do_nothing"]
    assert record["person"] == ""


def test_a_browser_may_ask_only_where_it_is_allowed_and_sees_no_scores(tmp_path: Path) -> None:
    points = Path(__file__).parents[2] / "src/genom/decide/points.yaml"
    (tmp_path / "d").mkdir()
    text = points.read_text("utf-8")
    (tmp_path / "d" / "points.yaml").write_text(
        text[::-1].replace("browser: false"[::-1], "browser: true"[::-1], 1)[::-1]
    )
    with House(tmp_path / "d") as house:
        house.take(order("u1"))
        body = {"person": {"user_id": "u1"}}

        answer = house.post("/v1/decide", body | {"point": "next_product"}, key=house.write_key)
        refused = house.post("/v1/decide", body | {"point": "next_offer"}, key=house.write_key)

    assert answer.told.keys() == {"decision_id", "choices"}
    assert all(choice.keys() == {"action"} for choice in answer.told["choices"])
    assert (refused.status, refused.json["code"]) == (403, "key.no-right")


def test_the_answer_has_the_promised_form(house: House) -> None:
    house.take(order("u1"))

    told = house.post("/v1/decide", {"point": "next_product", "person": {"user_id": "u1"}, "context": {}, "n": 3}).told

    assert told.keys() == {"decision_id", "choices", "purpose", "model", "control", "ms"}
    assert told["choices"][0].keys() == {"action", "score", "probability", "reasons", "start"}
    assert all(reason.keys() == {"gene", "label", "contribution"} for c in told["choices"] for reason in c["reasons"])
    assert told["purpose"] == "recommend"


def test_actions_are_compiled_when_they_change_and_not_by_a_decision(house: House) -> None:
    offer(house, {"id": "k1", "categories": ["C1"]})
    compiled = house.app.cache["shelf"]
    offer(house, {"id": "k2", "categories": ["C2"]})
    changed = house.app.cache["shelf"]

    house.decide("u1", point="next_offer")

    assert (len(compiled.actions["next_offer"]), len(changed.actions["next_offer"])) == (1, 2)
    assert house.app.cache["shelf"] is changed
