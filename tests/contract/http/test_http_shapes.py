"""The shapes of the interface: exact keys, states and orders, which outside checks rely on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.contract.http.black_box import Door, basic, order, scores_of, track, unique

ERROR = {"code", "message", "why", "fix"}
READS = ["/v1/stats", "/v1/people/p1/genome", "/v1/people/p1/events", "/v1/decisions/d1"]
WRITES = {
    "/v1/people:lookup": {"type": "user_id", "value": "u"},
    "/v1/decide": {"point": "next_product", "person": {"user_id": "u"}, "context": {}, "n": 1},
    "/v1/consent": {"type": "user_id", "value": "u", "purpose": "email", "granted": True},
    "/v1/actions": {"actions": []},
}


def test_an_unknown_person_is_answered_404(door: Door) -> None:
    reply = door.ask("/v1/people:lookup", {"type": "user_id", "value": unique()})

    assert (reply.status_code, set(reply.json())) == (404, ERROR)


def test_a_lookup_answers_with_the_person_alone(door: Door) -> None:
    door.take(order(user := unique()))

    answer = door.told("/v1/people:lookup", {"type": "user_id", "value": user})

    assert set(answer) == {"person"}
    assert isinstance(answer["person"], str)


def test_a_genome_has_its_shape(door: Door) -> None:
    door.take(order(user := unique()))
    person = door.person(user)

    genome = door.told(f"/v1/people/{person}/genome")

    assert set(genome) == {"person", "as_of", "purpose", "genes"}
    assert (genome["person"], genome["purpose"]) == (person, "personalise_onsite")
    assert datetime.fromisoformat(genome["as_of"]).tzinfo


def test_a_gene_says_what_it_is_and_whether_it_is_known(door: Door) -> None:
    door.take(order(user := unique()))

    genes = door.genes(door.person(user))

    assert len(genes) >= 200
    for gene in genes.values():
        assert {"id", "family", "label", "unit", "state"} <= set(gene) <= {
            "id", "family", "label", "unit", "value", "state", "cells"
        }  # fmt: skip
        assert gene["state"] in {"known", "unknown", "withheld"}
        assert gene["state"] == "known" or ("value" not in gene and "cells" not in gene)
        assert isinstance(gene.get("value"), int | float | str | None)


def test_the_standard_genome_has_nine_families(door: Door) -> None:
    door.take(order(user := unique()))

    families = {gene["family"] for gene in door.genes(door.person(user)).values()}

    assert families == {
        "identity", "channels", "rhythm", "intent", "value", "taste", "price", "lifecycle", "trust"
    }  # fmt: skip


def test_a_histogram_is_one_gene_with_its_cells(door: Door) -> None:
    door.take(order(user := unique()))

    histograms = [gene for gene in door.genes(door.person(user)).values() if "cells" in gene]

    assert histograms
    assert all(gene["state"] == "known" and gene["cells"] for gene in histograms)


def test_a_count_of_a_known_person_is_known_also_at_zero(door: Door) -> None:
    counts, sums = door.counting_genes()
    door.take(track("Product Viewed", user := unique(), product_id="p1"))

    genes = door.genes(door.person(user))

    assert counts
    assert sums
    assert {(genes[name]["state"], genes[name]["value"]) for name in counts | sums} <= {("known", 0), ("known", 1)}
    assert any(genes[name]["value"] == 0 for name in counts)


def test_a_genome_read_in_the_future_has_decayed(door: Door) -> None:
    door.take(order(user := unique()))
    person = door.person(user)
    later = (datetime.now(UTC) + timedelta(days=30)).isoformat()

    now, then = door.values(person), door.values(person, at=later)

    assert now.keys() == then.keys()
    assert any(0 < then[name] < now[name] for name in now)


def test_a_genome_read_in_the_past_does_not_know_what_came_later(door: Door) -> None:
    counts, _ = door.counting_genes()
    door.take(order(user := unique()))

    genes = door.genes(door.person(user), at="2020-01-01T00:00:00Z")

    assert all(genes[name].get("value", 0) == 0 for name in counts)


def test_times_and_purposes_that_do_not_exist_are_answered_400(door: Door) -> None:
    door.take(order(user := unique()))
    path = f"/v1/people/{door.person(user)}/genome"

    replies = [door.ask(f"{path}?at=yesterday"), door.ask(f"{path}?purpose=recomend")]

    assert [(reply.status_code, set(reply.json())) for reply in replies] == [(400, ERROR)] * 2


def test_events_come_newest_first(door: Door) -> None:
    user, start = unique(), datetime.now(UTC) - timedelta(hours=1)
    moments = [(start + timedelta(minutes=minute)).isoformat() for minute in (3, 1, 2)]

    door.take(*[order(user) | {"timestamp": moment} for moment in moments])

    stamps = [event["timestamp"] for event in door.events(door.person(user))]
    assert stamps == sorted(stamps, reverse=True)
    assert len(stamps) == 3


def test_an_event_is_told_as_it_was_sent(door: Door) -> None:
    sent = order(user := unique()) | {"context": {"channel": "pos"}}

    door.take(sent)

    told = door.events(door.person(user))[0]
    assert {"messageId", "type", "event", "timestamp", "channel", "properties"} <= set(told)
    assert (told["messageId"], told["type"], told["event"]) == (sent["messageId"], "track", "Order Completed")
    assert told["properties"]["total"] == 2.5


def test_as_many_events_are_told_as_asked_for(door: Door) -> None:
    user = unique()
    for _ in range(3):
        door.take(*[track("Product Viewed", user, product_id="p1") for _ in range(50)])
    person = door.person(user)

    default = door.told(f"/v1/people/{person}/events")["events"]

    assert (len(default), len(door.events(person, 7)), len(door.events(person))) == (100, 7, 150)


@pytest.mark.parametrize("limit", ["0", "100001", "many", "-1"])
def test_other_limits_are_answered_400(door: Door, limit: str) -> None:
    door.take(order(user := unique()))

    reply = door.ask(f"/v1/people/{door.person(user)}/events?limit={limit}")

    assert (reply.status_code, set(reply.json())) == (400, ERROR)


def test_a_choice_is_confirmed(door: Door) -> None:
    door.take(order(user := unique()))

    answer = door.consent(user, "email", granted=True)

    assert answer == {"person": door.person(user), "purpose": "email", "granted": True}


def test_a_choice_about_an_unknown_purpose_is_answered_400_with_a_hint(door: Door) -> None:
    reply = door.ask("/v1/consent", {"type": "user_id", "value": unique(), "purpose": "recomend", "granted": True})

    assert (reply.status_code, set(reply.json())) == (400, ERROR)
    assert "recommend" in reply.json()["fix"]


def test_the_stats_count(door: Door) -> None:
    before = door.told("/v1/stats")

    door.take(order(unique()))

    after = door.told("/v1/stats")
    assert after["people"] == before["people"] + 1
    assert after["profiles"] == before["profiles"] + 1
    assert after["genes"] >= 200
    assert (set(after["sample"]), after["sample"]["state"]) == ({"state", "lines"}, "none")


def test_a_decision_has_its_shape(door: Door) -> None:
    door.take(order(user := unique()))

    decision = door.decide(user, n=2)

    assert set(decision) == {"decision_id", "choices", "purpose", "model", "control", "ms"}
    assert (decision["purpose"], type(decision["control"])) == ("recommend", bool)
    assert 1 <= len(decision["choices"]) <= 2
    for choice in decision["choices"]:
        assert set(choice) == {"action", "score", "probability", "reasons", "start"}
        assert 0 < choice["probability"] <= 1
        assert choice["reasons"]
        assert all(set(reason) == {"gene", "label", "contribution"} for reason in choice["reasons"])


def test_the_reason_of_a_random_control_is_that_it_is_one(door: Door) -> None:
    door.take(order(user := unique()))

    decisions = [door.decide(user) for _ in range(150)]  # none in control: a chance of one in ten million

    control = [decision for decision in decisions if decision["control"]]
    assert 0 < len(control) < 75
    expected = [{"gene": None, "label": "random control", "contribution": 0}]
    assert all(choice["reasons"] == expected for decision in control for choice in decision["choices"])


def test_a_decision_can_be_read_again_with_what_it_knew(door: Door) -> None:
    reply = door.send("/v1/batch", {"batch": [order(user := unique(), category="TEA")]})

    decision = door.decide(user)

    record = door.told(f"/v1/decisions/{decision['decision_id']}")
    assert record["decision_id"] == decision["decision_id"]
    assert record["position"] >= int(reply.headers["x-genom-position"])
    assert record["choices"] == decision["choices"]
    assert "TEA" in scores_of(record)


def test_an_event_changes_the_very_next_decision(door: Door) -> None:
    door.take(order(user := unique(), category="TEA"))
    before = door.scores(user)

    door.take(order(user, category="TEA"))

    assert door.scores(user)["TEA"] > before["TEA"]


def test_posted_actions_compete_for_the_next_offer(door: Door) -> None:
    now = datetime.now(UTC)
    action = {
        "id": unique("coupon"),
        "point": "next_offer",
        "label": {"en": "Tea for less", "de": "Tee für weniger"},
        "campaign": None,
        "starts": (now - timedelta(days=1)).isoformat(),
        "ends": (now + timedelta(days=1)).isoformat(),
        "products": [],
        "categories": ["TEA"],
    }
    door.take(order(user := unique(), category="TEA"))
    door.consent(user, "price", granted=True)

    reply = door.ask("/v1/actions", {"actions": [action]})

    assert reply.status_code == 200, reply.text
    assert action["id"] in door.scores(user, "next_offer")


def test_an_unknown_decision_point_is_answered_400_with_a_hint(door: Door) -> None:
    reply = door.ask("/v1/decide", {"point": "next_ofer", "person": {"user_id": "u"}, "context": {}, "n": 1})

    assert (reply.status_code, set(reply.json())) == (400, ERROR)
    assert "next_offer" in reply.json()["fix"]


@pytest.mark.parametrize("n", [0, -1, 101, "three"])
def test_impossible_numbers_of_choices_are_answered_400(door: Door, n: object) -> None:
    reply = door.ask("/v1/decide", {"point": "next_product", "person": {"user_id": "u"}, "context": {}, "n": n})

    assert (reply.status_code, set(reply.json())) == (400, ERROR)


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("key", ["none", "write"])
def test_reading_needs_a_server_key(door: Door, path: str, key: str) -> None:
    reply = door.http.get(path, headers=basic(door.node.write_key) if key == "write" else {})

    assert (reply.status_code in {401, 403}, set(reply.json())) == (True, ERROR)


@pytest.mark.parametrize("path", WRITES)
def test_the_key_is_checked_before_the_body(door: Door, path: str) -> None:
    reply = door.http.post(path, content=b"anything")

    assert (reply.status_code, set(reply.json())) == (401, ERROR)


@pytest.mark.parametrize(("path", "body"), WRITES.items(), ids=WRITES)
def test_asking_and_changing_need_a_server_key(door: Door, path: str, body: object) -> None:
    reply = door.http.post(path, json=body, headers={"Authorization": f"Bearer {door.node.write_key}"})

    assert (reply.status_code in {401, 403}, set(reply.json())) == (True, ERROR)


@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics", "/openapi.json"])
def test_the_operator_pages_answer(door: Door, path: str) -> None:
    assert door.ask(path).status_code == 200


def test_the_interface_describes_itself(door: Door) -> None:
    described = door.told("/openapi.json")

    assert described["openapi"].startswith("3.1")
    assert {"/v1/batch", "/v1/decide", "/v1/consent", "/v1/stats", "/v1/people:lookup"} <= set(described["paths"])


def test_the_keys_are_readable_by_the_owner_alone(door: Door) -> None:
    keys = door.node.data / "keys.json"

    assert keys.stat().st_mode & 0o077 == 0
    assert door.node.data.stat().st_mode & 0o777 == 0o700
