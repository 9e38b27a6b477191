"""Refused events: they are listed, read as they came, and tried again once their cause is mended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from genom.app import audit
from genom.app.reading import rfc3339
from genom.collect import BadRow, Came
from tests.app.events import Event, consenting, identify, order, track
from tests.app.house import DAY, HOUR, House
from tests.app.test_roles_matrix import key_of

SMALL, LARGE = 1_000, 20_000  # bytes that an event may have: before and after the cause is mended
ALL = {"all": True}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d", event_bytes=SMALL, server_event_bytes=SMALL) as house:
        yield house


def long(event: Event) -> Event:
    """An event that is refused while an event may have few bytes."""
    return event | {"properties": event.get("properties", {}) | {"note": "x" * (2 * SMALL)}}


def bad(user: str = "u1") -> Event:
    """An event that nobody can mend."""
    return track("", user)


def mend(house: House) -> None:
    """Allow larger events."""
    house.node.settings = replace(house.node.settings, event_bytes=LARGE, server_event_bytes=LARGE)


def replay(house: House, **asked: Any) -> dict[str, Any]:
    told: dict[str, Any] = house.post("/v1/rejected:replay", asked or ALL).told
    return {name: value for name, value in told.items() if value or name in {"taken", "tried"}}


def events_of(house: House, user: str = "u1") -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = house.get(f"/v1/people/{house.person(user)}/events").told["events"]
    return events


def left(house: House) -> list[str]:
    return [row.code for row in house.node.bad_rows.newest(100)]


def test_a_refused_event_is_taken_once_its_cause_is_mended(house: House) -> None:
    house.send(long(order("u1", at=house.clock.now - HOUR)))
    assert replay(house) == {"tried": 1, "taken": 0, "refused": 1, "reasons": {"collect.too-large": 1}}
    mend(house)

    assert replay(house) == {"tried": 1, "taken": 1}

    assert house.orders("u1") == 1
    assert left(house) == []
    assert house.verify().equal


def test_trying_twice_doubles_nothing(house: House) -> None:
    house.send(long(order("u1")), long(order("u1")))
    mend(house)

    assert [replay(house)["tried"] for _ in range(2)] == [2, 0]
    assert house.orders("u1") == 2


def test_a_try_that_was_cut_short_after_its_commit_is_ended_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.send(long(order("u1")))
    mend(house)

    def full(*_: object) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patches:
        patches.setattr(house.node.bad_rows, "settle", full)
        assert house.post("/v1/rejected:replay", ALL).status == 500
    house.restart()
    mend(house)

    assert replay(house) == {"tried": 1, "taken": 0, "duplicates": 1}
    assert house.orders("u1") == 1
    assert left(house) == []


def test_two_who_try_at_once_double_nothing(house: House) -> None:
    house.send(*(long(order("u1")) for _ in range(5)))
    mend(house)

    answers = house.together(*(house.ask("POST", "/v1/rejected:replay", ALL) for _ in range(3)))

    assert sorted(answer.told["taken"] for answer in answers) == [0, 0, 5]
    assert house.orders("u1") == 5


def test_an_event_that_its_sender_has_sent_again_meanwhile_counts_once(house: House) -> None:
    event = long(order("u1"))
    house.send(event)
    mend(house)
    house.take(event)

    assert replay(house) == {"tried": 1, "taken": 0, "duplicates": 1}
    assert house.orders("u1") == 1
    assert left(house) == []


def test_what_is_refused_again_stays_with_the_reason_of_today(house: House) -> None:
    house.send(long(bad()))
    assert left(house) == ["collect.too-large"]
    (before,) = house.get("/v1/rejected").told["rows"]
    mend(house)

    assert replay(house)["reasons"] == {"collect.no-event-name": 1}

    (after,) = house.get("/v1/rejected").told["rows"]
    assert (after["code"], after["id"]) == ("collect.no-event-name", before["id"])
    assert after["message"].startswith("`$.batch[0].event` ")
    assert house.get("/v1/rejected").told["counts"] == [
        {"source": "default", "code": "collect.no-event-name", "rows": 1}
    ]


def test_its_time_is_that_of_its_first_receipt_and_it_is_known_from_now_on(house: House) -> None:
    ahead = house.clock.now + 3 * HOUR  # the sender's clock is three hours ahead
    batch = {"batch": [long(track("Seen", "u1", at=ahead - HOUR))], "sentAt": ahead}
    first = house.clock.now
    house.post("/v1/batch", batch, key=house.write_key)
    house.clock.now += 2 * DAY
    mend(house)

    replay(house)

    (event,) = events_of(house)
    assert event["timestamp"] == rfc3339(first - HOUR)
    assert event["receivedAt"] == rfc3339(house.clock.now)


def test_what_its_batch_said_for_all_comes_with_it(house: House) -> None:
    shared = {"context": {"channel": "pos"}}
    house.post("/v1/batch", {"batch": [long(order("u1"))]} | shared, key=house.write_key)
    mend(house)

    replay(house)

    assert events_of(house)[0]["channel"] == "pos"


def test_a_call_without_a_type_is_read_as_the_call_that_it_was(house: House) -> None:
    house.post("/v1/track", long({"userId": "u1", "event": "Signed Up", "messageId": "m"}), key=house.write_key)
    mend(house)

    assert replay(house)["taken"] == 1
    assert events_of(house)[0]["event"] == "Signed Up"


def test_an_objection_of_the_browser_counts_for_what_is_tried_again(house: House) -> None:
    house.send(long(order("u1")), headers={"sec-gpc": "1"})
    mend(house)

    replay(house)

    refused = {entry.purpose for entry in house.node.ledger.replay() if not entry.granted}
    assert refused == set(house.node.purposes.names_of(house.node.purposes.gpc))
    assert {entry.mechanism for entry in house.node.ledger.replay()} == {"gpc"}


def test_a_consent_of_then_grants_nothing_now(house: House) -> None:
    house.serve(order("u1"))
    house.send(long(consenting(order("u1"), recommend=True)), key=house.server_key)
    house.clock.now += HOUR
    house.consent("u1", "recommend", granted=False)
    entries = sum(1 for _ in house.node.ledger.replay())
    mend(house)

    assert replay(house)["taken"] == 1

    assert sum(1 for _ in house.node.ledger.replay()) == entries
    assert house.orders("u1", purpose="recommend") == "withheld"


def test_a_refusal_of_then_does_not_undo_a_choice_that_was_made_since(house: House) -> None:
    house.serve(order("u1"))
    house.send(long(consenting(order("u1"), recommend=False, email=False)), key=house.server_key)
    house.clock.now += HOUR
    house.consent("u1", "recommend", granted=True)
    mend(house)

    replay(house)

    newest = {entry.purpose: entry.granted for entry in house.node.ledger.replay()}
    assert newest == {"recommend": True, "email": False}


def test_events_of_erased_people_stay_out_and_leave_the_store(house: House) -> None:
    house.serve(order("u1"))
    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    late = long(order("u1", at=house.clock.now - HOUR))  # of before, from a phone that was offline
    house.send(late)
    mend(house)

    assert replay(house, dry_run=True, all=True) == {"tried": 1, "taken": 0, "erased": 1, "dry_run": True}
    assert replay(house) == {"tried": 1, "taken": 0, "erased": 1}
    assert left(house) == []
    assert not house.node.world.profiles.find("user_id", "u1")


def test_an_erasure_takes_an_event_that_names_the_person_by_what_its_batch_said(house: House) -> None:
    house.serve({"type": "identify", "userId": "u1", "traits": {"email": "ada@shop.example"}})
    shared = {"context": {"traits": {"email": "ada@shop.example"}}}
    house.post("/v1/batch", {"batch": [long(track("Seen", "a-1")), long(bad("u2"))]} | shared, key=house.write_key)
    assert len(left(house)) == 2

    house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}).told  # noqa: B018
    house.run(house.app.erasing.finish())

    assert left(house) == []


def test_a_dry_run_tells_what_would_come_of_it_and_changes_nothing(house: House) -> None:
    again = long(order("u1"))
    house.send(again, again, long(order("u2")), bad())
    mend(house)
    before = (house.node.journal.last, house.node.world.counts["events"], left(house))

    told = replay(house, dry_run=True, all=True)

    assert told == {"tried": 4, "taken": 3, "refused": 1, "reasons": {"collect.no-event-name": 1}, "dry_run": True}
    assert (house.node.journal.last, house.node.world.counts["events"], left(house)) == before
    assert replay(house)["taken"] == 2  # the same event twice counts once


def test_some_are_tried_and_the_others_stay(house: House) -> None:
    shop, _ = house.source("shop")
    house.send(long(order("u1")), bad())
    house.send(long(order("u2")), key=shop)
    mend(house)
    row = next(row for row in house.get("/v1/rejected?source=shop").told["rows"])

    assert replay(house, ids=[row["id"]])["tried"] == 1
    assert replay(house, code="collect.no-event-name")["tried"] == 1
    assert replay(house, source="shop")["tried"] == 0
    assert replay(house, day="2026-03-02")["tried"] == 2
    assert left(house) == ["collect.no-event-name"]


def test_many_are_tried_call_after_call(house: House) -> None:
    house.send(*(long(order(f"u{n}")) if n % 3 else bad(f"u{n}") for n in range(25)))
    house.clock.now += DAY
    house.send(*(long(order(f"u{n}")) for n in range(25, 30)))
    mend(house)
    calls, after = [], ""
    while not calls or after:
        calls.append(house.post("/v1/rejected:replay", ALL | {"most": 7, "after": after}).told)
        after = calls[-1]["next"]

    assert [call["tried"] for call in calls] == [7, 7, 7, 7, 2]
    assert sum(call["taken"] for call in calls) == 21
    assert left(house) == ["collect.no-event-name"] * 9


def test_what_was_cut_and_what_came_nobody_knows_how_is_not_tried(house: House) -> None:
    row = BadRow(house.clock.now, "default", 0, None, "collect.nan", "`$` is wrong; mend it.", b'{"userId":"u1"}')
    gone = msgspec.structs.replace(row, source="gone", came=Came("track"))
    house.node.bad_rows.add([row, gone])
    house.send(order("u1") | {"properties": {"note": "x" * 300_000}})

    assert [row["can_be_tried"] for row in house.get("/v1/rejected").told["rows"]] == [False, True, False]
    assert replay(house) == {"tried": 3, "taken": 0, "unable": 3}
    assert len(left(house)) == 3


def test_it_is_said_which_are_meant(house: House) -> None:
    for wrong in ({}, {"dry_run": True}, {"day": "yesterday"}, {"all": True, "most": 0}, {"all": True, "after": "x"}):
        assert house.post("/v1/rejected:replay", wrong).status == 400, wrong


def test_they_are_listed_page_by_page_newest_first(house: House) -> None:
    for n in range(7):
        house.clock.now += DAY // 4
        house.send(bad(f"u{n}"))
    seen, after = list[str](), ""
    while not seen or after:
        told = house.get(f"/v1/rejected?limit=3&after={after}").told
        assert told["total"] == 7
        seen += [row["received_at"] for row in told["rows"]]
        after = told["next"]

    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)


def test_a_list_goes_on_though_its_last_row_was_taken_meanwhile(house: House) -> None:
    for n in range(4):
        house.clock.now += HOUR
        house.send(long(order(f"u{n}")))
    page = house.get("/v1/rejected?limit=2").told
    mend(house)
    replay(house, ids=[page["next"]])

    assert [row["received_at"] for row in house.get(f"/v1/rejected?after={page['next']}").told["rows"]] == [
        rfc3339(house.clock.now - 2 * HOUR), rfc3339(house.clock.now - 3 * HOUR),
    ]  # fmt: skip


def test_they_are_found_and_counted_by_source_reason_day_and_message(house: House) -> None:
    shop, _ = house.source("shop")
    house.send(bad(), {"type": "nothing", "userId": "u1", "messageId": "m7"})
    house.send(bad(), key=shop)
    house.clock.now += DAY
    house.send(bad())

    def found(query: str) -> tuple[int, int]:
        told = house.get(f"/v1/rejected?{query}").told
        return len(told["rows"]), told["total"]

    assert found("") == (4, 4)
    assert found("source=shop") == (1, 1)
    assert found("code=collect.no-event-name") == (3, 3)
    assert found("day=2026-03-03") == (1, 1)
    assert found("message_id=m7") == (1, 4)
    assert house.get("/v1/rejected").told["counts"][0] == {
        "source": "default", "code": "collect.no-event-name", "rows": 2,
    }  # fmt: skip
    assert house.get("/v1/rejected?day=today").status == 400
    assert house.get("/v1/rejected?after=nothing").status == 400


def test_a_list_names_nobody(house: House) -> None:
    house.send(track("", "ada@shop.example") | {"messageId": "of ada@shop.example", "timestamp": "ada@shop.example"})

    assert b"ada@" not in house.get("/v1/rejected").body


def test_who_reads_one_as_it_came_says_why_and_is_on_record(house: House) -> None:
    house.send(bad("ada"), headers={"x-reason": "not for this"})
    row = house.get("/v1/rejected").told["rows"][0]["id"]
    silent = key_of(house, "privacy_agent", reason="")
    assert house.get(f"/v1/rejected/{row}", key=silent).json["code"] == "key.no-reason"

    told = house.get(f"/v1/rejected/{row}", key=silent, headers={"X-Reason": "case 7"}).told

    assert json.loads(told["raw"])["userId"] == "ada"
    assert (told["call"], told["sent_with"], told["can_be_tried"]) == ("batch", "write key", True)
    assert told["fix"] == "send the event's name, such as Order Completed."
    (noted,) = audit.rows(house.node.catalogue, action="rejected.read")
    assert (noted.who, noted.reason, noted.name) == ("key:of privacy_agent", "case 7", row)
    assert house.get("/v1/rejected/5-0-00000000").status == 404
    assert house.get("/v1/rejected/nothing").status == 404


def test_a_key_of_purposes_and_a_role_without_the_right_are_refused(house: House) -> None:
    house.send(bad())
    row = house.get("/v1/rejected").told["rows"][0]["id"]
    limited, admin = key_of(house, "privacy_agent", purposes=["recommend"]), key_of(house, "admin")
    asked = (("GET", "/v1/rejected"), ("GET", f"/v1/rejected/{row}"), ("POST", "/v1/rejected:replay"))

    for method, path in asked:
        answer = house.run(house.ask(method, path, ALL, key=limited))
        assert (answer.status, answer.json["code"]) == (403, "key.no-purpose")
    assert [house.run(house.ask(*one, ALL, key=admin)).status for one in asked] == [200, 403, 200]


def test_a_try_is_one_entry_of_the_audit_log(house: House) -> None:
    house.send(long(order("u1")), bad())
    replay(house, all=True, dry_run=True)
    mend(house)
    replay(house, source="default")
    replay(house, code="collect.nothing")

    (noted,) = audit.rows(house.node.catalogue, action="rejected.replayed")

    assert noted.details == {
        "tried": 2, "taken": 1, "duplicates": 0, "erased": 0, "refused": 1, "unable": 0, "source": "default",
    }  # fmt: skip


def test_links_of_what_is_tried_again_count_as_ever(house: House) -> None:
    house.serve(order("u1"))
    house.send(long(identify("u1", "a-1")), key=house.server_key)
    mend(house)

    replay(house)

    assert house.person("a-1", "anonymous_id") == house.person("u1")


def test_a_history_is_known_as_of_its_own_time_then_too(house: House) -> None:
    key, _ = house.source("past", history=True)
    then = house.clock.now - 30 * DAY
    house.send(long(order("u1", at=then)), key=key)
    mend(house)

    replay(house)

    assert [event["receivedAt"] for event in events_of(house)] == [rfc3339(then)]


def test_what_one_batch_says_for_all_is_not_copied_into_gigabytes(tmp_path: Path) -> None:
    with House(tmp_path / "d", body_bytes=100_000) as house:
        body = {"batch": [bad(f"u{n}") for n in range(50)], "context": {"note": "x" * 10_000}}
        house.post("/v1/batch", body, key=house.write_key)

        assert not any(row.came for row in house.node.bad_rows.newest(50))


def test_surplus_events_of_a_batch_are_tried_one_by_one(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        raw = b",".join(json.dumps(order(user)).encode() for user in ("u1", "u2", "u3")) + b',{"type":"page"}'
        house.node.bad_rows.add(
            [
                BadRow(
                    house.clock.now,
                    "default",
                    10_000,
                    None,
                    "collect.too-many-events",
                    "x",
                    raw,
                    Came("batch", local=True),
                )
            ]
        )

        assert replay(house) == {"tried": 1, "taken": 0, "refused": 1, "reasons": {"collect.no-identifier": 1}}

        assert [house.orders(user) for user in ("u1", "u2", "u3")] == [1, 1, 1]
        (row,) = house.node.bad_rows.newest(5)
        assert (row.raw, row.code, row.index) == (b'{"type":"page"}', "collect.no-identifier", 10_003)
