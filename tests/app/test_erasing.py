"""Erasing a person through the public door: nobody reads them at once, no byte stays, nothing comes back."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Any

import msgspec
import pytest

from genom.app.commit import now_ms
from genom.app.erasing import Intent
from genom.app.holders import subject_of_person
from genom.app.rights.holding import held_of
from genom.app.scanning import opened_contents
from genom.collect import BadRow
from genom.consent import Choice
from genom.errors import Busy
from genom.privacy import Hit, Receipt, StoreReceipt, Unread, receipt_is_genuine, scan
from tests.app.events import consenting, identify, named, order, track, view, when
from tests.app.house import DAY, START, House
from tests.app.portal import plain, visit

HOUR = 3_600_000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def erase(house: House, value: str = "u1", *, kind: str = "user_id", finish: bool = True) -> dict[str, Any]:
    """Erase through the API; returns the last receipt."""
    told: dict[str, Any] = house.post("/v1/people:erase", {"type": kind, "value": value, "reason": "asked"}).told
    if finish:
        house.run(house.app.erasing.finish())
        told = house.get(f"/v1/erasures/{told['id']}").told
    return told


def begin_again(house: House) -> None:
    """Restart, and do what a start does about erasures that were not done."""
    house.restart()
    house.run(house.app.erasing.resume())


def leftovers(house: House, *canaries: str) -> set[str]:
    """Which of these texts stand in some file, in whatever form, the vault opened; all must be readable."""
    found = list(scan(house.path, list(canaries), opened=opened_contents(house.path)))
    assert not [one for one in found if isinstance(one, Unread)]
    return {one.text for one in found if isinstance(one, Hit)}


def test_at_once_nobody_finds_the_person_any_more(house: House) -> None:
    house.serve(order("u1"), identify("u1", "a-1"), order("u2"))
    public = house.person("u1")
    house.consent("u1", "personalise_onsite", granted=True)

    receipt = erase(house, finish=False)

    assert receipt["state"] == "effective"
    for kind, value in (("user_id", "u1"), ("anonymous_id", "a-1")):
        assert house.post("/v1/people:lookup", {"type": kind, "value": value}).status == 404
    for what in ("genome?purpose=personalise_onsite", "events", "decisions", "segments", "export"):
        answer = house.get(f"/v1/people/{public}/{what}")
        assert (answer.status, answer.json["code"]) == (410, "person.erased"), what
    page = house.browse(f"/people/{public}", cookie=house.sign_in(), language="de")
    assert (page.status, "Diese Person wurde gelöscht" in page.body.decode()) == (410, True)
    assert house.get(f"/v1/people/{'p' + 26 * 'a'}/events").status == 404
    assert house.orders("u2") == 1


def test_the_receipt_is_signed_says_what_each_store_did_and_names_nobody(house: House) -> None:
    house.serve(order("u1"), identify("u1", "a-1", email="ada@canary.example"))
    public = house.person("u1")

    told = erase(house)

    receipt = msgspec.convert(told, Receipt)
    assert receipt.state == "done"
    assert receipt_is_genuine(receipt)
    assert receipt.public_key == house.node.signing.public_key
    stores = {one.store: one for one in receipt.stores}
    assert set(stores) == {holder.name for holder in house.app.erasing.holders}
    assert all(one.done_at for one in receipt.stores)
    assert stores["journal"].found == stores["journal"].erased >= 7  # two events, a line, three names, a link
    assert (stores["vault"].found, stores["vault"].erased) == (1, 1)
    assert not any(name in str(told) for name in ("u1", "a-1", "ada@", public))


def test_no_byte_of_the_person_stays_in_any_file(house: House) -> None:
    house.serve(order("canary-user", category="TEA"), order("u2"))
    house.serve(identify("canary-user", "a-canary-device", email="canary@mail.example", name="Canary Person"))
    house.serve(track("Canary Thing", "canary-user", note="canary note"))
    house.consent("canary-user", "personalise_onsite", granted=True)
    house.decide("canary-user")
    house.write_state()
    assert house.send({"type": "track", "userId": "canary-user", "properties": "canary-price"}).told["rejected"]
    canaries = ("canary-user", "a-canary-device", "canary note", "Canary Thing", "canary-price")
    canaries += ("canary@mail.example", "Canary Person")
    assert leftovers(house, *canaries) == set(canaries)

    erase(house, "canary-user")

    assert leftovers(house, *canaries) == set()
    house.restart()
    assert leftovers(house, *canaries) == set()
    assert house.orders("u2") == 1
    assert house.verify().equal


def test_every_holder_has_nothing_left(house: House) -> None:
    house.serve(order("u1"), identify("u1", "a-1", email="ada@mail.example"), order("u2"))
    house.consent("u1", "personalise_onsite", granted=True)
    house.decide("u1")
    visit(house, "u1")
    node = house.node
    subject = subject_of_person(node, node.world.people.person(node.world.profiles.find("user_id", "u1")))
    other = subject_of_person(node, node.world.profiles.find("user_id", "u2"))
    before = {holder.name: holder.count(other) for holder in house.app.erasing.holders}
    assert sum(bool(holder.count(subject).records) for holder in house.app.erasing.holders) >= 5

    erase(house)

    assert {h.name: h.count(subject).records for h in house.app.erasing.holders} == dict.fromkeys(before, 0)
    assert {holder.name: holder.count(other) for holder in house.app.erasing.holders} == before
    for holder in house.app.erasing.holders:  # again, and it does no harm
        holder.drop(subject)
        holder.erase(subject)
    assert {holder.name: holder.count(other) for holder in house.app.erasing.holders} == before
    assert house.verify().equal


@pytest.mark.parametrize("server", [True, False])
def test_what_happened_before_does_not_come_back_when_it_is_sent_again(house: House, server: bool) -> None:
    before = [order("u1", at=START - HOUR), view("u1", at=START - HOUR), consenting(order("u1"), email=True)]
    house.serve(*before[:2], order("u2"))
    erase(house)
    key = house.server_key if server else house.write_key

    plain = house.send(*before[:2], order("u2"), key=key).told  # as columns
    rich = house.send(before[2] | when(START - 1), key=key).told  # one by one

    assert (plain["accepted"], plain["erased"], rich["accepted"], rich["erased"]) == (1, 2, 0, 1)
    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404
    assert house.get("/v1/stats").told["erased"] == 3


@pytest.mark.parametrize("again", ["at once", "before the files", "after a start", "from a state file"])
def test_an_event_without_a_time_does_not_come_back_when_it_is_sent_again(house: House, again: str) -> None:
    events = [order("u1"), track("Seen", "u1"), view("u2")]
    assert not any("timestamp" in event for event in events)
    house.serve(*events)
    if again == "from a state file":
        house.write_state()
    erase(house, finish=again != "before the files")
    house.clock.now += DAY
    if again != "at once":
        begin_again(house)

    for _ in range(2):
        last = house.node.journal.last
        assert house.send(*events).status == 200
        assert house.node.journal.last == last
        assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404
        house.run(house.app.erasing.finish())
        begin_again(house)
    assert house.verify().equal


def test_who_comes_again_is_somebody_new_without_any_grant(house: House) -> None:
    house.serve(order("u1"))
    public = house.person("u1")
    house.consent("u1", "personalise_onsite", granted=True)
    house.consent("u1", "email", granted=False)
    erase(house)
    house.clock.now += DAY

    for _ in range(2):
        house.serve(order("u1", 4.0, at=house.clock.now))
        node = house.node
        person = node.world.people.person(node.world.profiles.find("user_id", "u1"))
        assert house.person("u1") != public
        assert node.pipeline.permits.choice_of(person, now_ms()) == Choice(
            0, node.purposes.bit("email")
        )  # refusals are not lost
        begin_again(house)
    house.consent("u1", "personalise_onsite", granted=True)
    begin_again(house)
    assert house.orders("u1", purpose="personalise_onsite") == 2


@pytest.mark.parametrize("step", ["intent", "ledger", "effective"])
def test_an_erasure_that_a_crash_ended_is_done_at_the_next_start(house: House, step: str) -> None:
    house.serve(order("u1"), identify("u1", "a-1"), order("u2"))
    erasing, node = house.app.erasing, house.node
    subject = subject_of_person(node, node.world.people.person(node.world.profiles.find("user_id", "u1")))
    if step == "effective":
        erase(house, finish=False)
    else:
        receipt = Receipt(id="e1", state="asked", asked_at=house.clock.now, effective_at=0)
        at = house.clock.now
        erasing.intents.keep(Intent(receipt=receipt, subject=subject, who="key:first", reason="", until=at))
        if step == "ledger":
            house.run(erasing._note_in_ledger(subject, at, "key:first"))

    begin_again(house)

    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404
    house.run(house.app.erasing.finish())
    (done,) = house.get("/v1/erasures").told["erasures"]
    assert done["state"] == "done"
    assert receipt_is_genuine(msgspec.convert(done, Receipt))
    assert house.app.erasing.intents.open() == []
    assert house.orders("u2") == 1
    assert house.verify().equal


def test_an_erasure_is_done_only_when_no_log_names_the_person(house: House, tmp_path: Path) -> None:
    """A reader of an older state keeps what was deleted in the write-ahead log: nobody is told that it is gone."""
    house.serve(order("canary-user"), order("u2"))
    erase(house, "canary-user", finish=False)
    erasing = house.app.erasing
    with house.node.catalogue.begin() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 50")  # milliseconds of patience
    with closing(sqlite3.connect(house.path / "catalogue.sqlite")) as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM erasures").fetchone() == (1,)

        with pytest.raises(Busy, match="write-ahead log"):
            house.run(erasing.finish())
        (told,) = house.get("/v1/erasures").told["erasures"]
        assert (told["state"], erasing.oldest_waits(now=house.clock.now + 5)) == ("effective", 5)
        assert receipt_is_genuine(msgspec.convert(told, Receipt))

    house.run(erasing.finish())
    (told,) = house.get("/v1/erasures").told["erasures"]
    assert (told["state"], erasing.oldest_waits(now=house.clock.now + 5)) == ("done", 0)
    assert receipt_is_genuine(msgspec.convert(told, Receipt))
    assert leftovers(house, "canary-user") == set()


def test_a_start_empties_the_log_of_an_erasure_that_a_crash_ended_there(house: House) -> None:
    house.serve(order("u1"), order("u2"))
    erase(house, finish=False)
    intents = house.app.erasing.intents
    (intent,) = intents.open()
    intents.clear(intent.receipt, at=house.clock.now)

    begin_again(house)
    house.run(house.app.erasing.finish())

    (told,) = house.get("/v1/erasures").told["erasures"]
    assert told["state"] == "done"


def test_who_comes_again_before_the_files_are_overwritten_stays(house: House) -> None:
    house.serve(order("u1"), order("u2"))
    erase(house, finish=False)
    house.clock.now += 1
    house.consent("u1", "personalise_onsite", granted=True)
    house.serve(order("u1", 9.0, at=house.clock.now))

    begin_again(house)
    house.run(house.app.erasing.finish())

    assert house.orders("u1", purpose="personalise_onsite") == 1
    assert house.orders("u2") == 1
    assert house.verify().equal
    begin_again(house)
    assert house.orders("u1", purpose="personalise_onsite") == 1


def test_a_rejected_event_goes_only_if_it_names_the_person(house: House) -> None:
    house.send({"type": "track", "userId": "u1", "messageId": "m1"}, {"type": "track", "userId": "u12"}, order("u1"))
    assert house.node.bad_rows.count() == 2

    erase(house)

    (left,) = house.node.bad_rows.newest(10)
    assert b'"u12"' in left.raw
    assert house.node.bad_rows.count() == 1


@pytest.mark.parametrize(
    ("event", "goes"),
    [
        ({"userId": "5"}, True),
        ({"userId": 5}, True),
        ({"anonymousId": "5"}, False),
        ({"userId": "u5"}, False),
        ({"userId": "u9", "properties": [5, "5", "Anna", "Ring 5"]}, False),
        ({"userId": "u9", "traits": {"firstName": "Anna", "address": "Ring 5", "phone": "+49 30 5"}}, False),
        ({"userId": "u9", "traits": {"name": "Anna Berg"}}, False),
        ({"traits": {"name": "anna berg"}}, True),
        ({"traits": {"firstName": "Anna", "lastName": "Berg"}}, True),
        ({"traits": {"firstName": "Anna"}}, False),
        ({"userId": "u9", "properties": "to Anna.Berg@shop.example, please"}, True),
        ({"userId": "u9", "traits": {"email": "ANNA@old.example"}}, True),
        ({"userId": "u9", "properties": "joanna@old.example"}, False),
        ({"userId": "u9", "context": {"externalIds": [{"type": "card", "id": "77"}]}}, True),
        ({"userId": "u9", "properties": {"total": 77}}, False),
        ({"mergeProperties": [{"type": "userId", "value": "5"}]}, True),
        ({"mergeProperties": [{"type": "card", "value": "5"}]}, False),
    ],
)  # fmt: skip
def test_a_rejected_event_goes_with_whom_it_names_and_with_nobody_else(
    house: House, event: dict[str, Any], goes: bool
) -> None:
    card = {"externalIds": [{"type": "card", "id": "77"}]}
    anna = {"firstName": "Anna", "lastName": "Berg", "name": "Anna Berg", "address": "Ring 5"}
    house.serve({"type": "identify", "userId": "5", "traits": {"email": "anna@old.example"} | anna, "context": card})
    house.serve({"type": "identify", "userId": "5", "traits": {"email": "anna.berg@shop.example"}})
    row = BadRow(house.clock.now, "shop", 0, "m1", "collect.x", "is wrong", json.dumps(event).encode())
    house.node.bad_rows.add([row])

    erase(house, "5")

    assert house.node.bad_rows.count() == (0 if goes else 1)


@pytest.mark.parametrize(
    ("raw", "goes"),
    [(b'{"userId":"5"', True), (b'{"userId" : 5,', True), (b'{"userId":"55"', False), (b'{"price":5', False)],
)
def test_a_rejected_event_that_is_no_json_goes_by_the_names_of_its_fields(house: House, raw: bytes, goes: bool) -> None:
    house.serve(order("5"))
    house.node.bad_rows.add([BadRow(house.clock.now, "shop", 0, None, "collect.json", "is no JSON", raw)])

    erase(house, "5")

    assert house.node.bad_rows.count() == (0 if goes else 1)


def packed(*entities: object) -> str:
    return base64.urlsafe_b64encode(json.dumps({"schema": "s", "data": entities}).encode()).decode().rstrip("=")


USER = "iglu:com.snowplowanalytics.snowplow.ecommerce/user/jsonschema/1-0-0"
OTHERS = "iglu:com.acme/order/jsonschema/1-0-0"


@pytest.mark.parametrize(
    ("raw", "goes"),
    [
        (b'{"e":"xx","uid":"5"}', True),
        (b'{"e":"xx","duid":"5"}', False),
        (b'{"e":"xx","uid":"5",', True),
        (b"e=xx&uid=5", True),
        (b"e=xx&uid=55", False),
        (b"userId=5&event=%ff", True),
        (b"price=5&userId=u9", False),
        (b"uid=u9&note=to+anna%40old.example", True),
        (json.dumps({"e": "xx", "uid": "u9", "cx": packed({"schema": USER, "data": {"id": "5"}})}).encode(), True),
        (json.dumps({"e": "xx", "uid": "u9", "cx": packed({"schema": OTHERS, "data": {"id": "5"}})}).encode(), False),
        (json.dumps({"cx": packed({"schema": OTHERS, "data": {"to": "Anna@old.example"}})}).encode(), True),
        (b'{"topic":"x","customer":{"id":5}}', True),
        (b'{"topic":"x","customer":{"id":6},"lines":5}', False),
    ],
)
def test_rejected_events_of_other_protocols_go_with_whom_they_name(house: House, raw: bytes, goes: bool) -> None:
    house.serve({"type": "identify", "userId": "5", "traits": {"email": "anna@old.example"}})
    rule = {"event": "A", "when": {"$.topic": "orders"}, "fields": {"userId": "$.customer.id"}}
    hook = {"name": "shop", "source": "default", "signature": {"header": "X", "format": "hex"}, "events": [rule]}
    house.post("/v1/webhooks", {"webhooks": [hook]})
    house.run(house.ask("DELETE", "/v1/webhooks/shop"))
    house.node.bad_rows.add([BadRow(house.clock.now, "shop", 0, None, "collect.x", "is wrong", raw)])

    erase(house, "5")

    assert house.node.bad_rows.count() == (0 if goes else 1)


def test_two_erasures_of_one_person_are_one(house: House) -> None:
    house.serve(order("u1"), order("u2"))
    node = house.node
    subject = subject_of_person(node, node.world.profiles.find("user_id", "u1"))

    one, two = house.together(
        house.app.erasing.erase(subject, who="key:first", reason=""),
        house.app.erasing.erase(subject, who="key:first", reason=""),
    )
    house.run(house.app.erasing.finish())

    assert one.id != two.id
    assert {told["state"] for told in house.get("/v1/erasures").told["erasures"]} == {"done"}
    assert house.orders("u2") == 1
    assert house.verify().equal
    again = house.post("/v1/people:erase", {"type": "user_id", "value": "u1"})
    assert again.status == 404
    assert again.json["code"] == "erasure.nobody"


def test_events_that_arrive_meanwhile_are_before_or_after(house: House) -> None:
    house.serve(order("u1"), order("u2"))

    async def send(number: int) -> Any:
        return await house.ask("POST", "/v1/track", order("u1", number, at=START + number))

    async def ask() -> Any:
        return await house.ask("POST", "/v1/people:erase", {"type": "user_id", "value": "u1"})

    answers = house.together(*(send(n) for n in range(1, 20)), ask(), *(send(n) for n in range(20, 40)))
    house.run(house.app.erasing.finish())

    assert {answer.status for answer in answers} == {200}
    assert house.verify().equal
    assert house.orders("u2") == 1


def test_the_person_is_signed_out(house: House) -> None:
    house.serve(order("u1"))
    cookie = visit(house, "u1").cookie
    assert house.browse("/me", cookie=cookie).status == 200

    erase(house, finish=False)

    assert house.browse("/me", cookie=cookie).status != 200
    begin_again(house)
    assert house.browse("/me", cookie=cookie).status != 200


def test_nobody_can_be_erased_without_a_name(house: House) -> None:
    for body in ({"type": "user_id", "value": "nobody"}, {"type": "email", "value": "no@body.example"}):
        assert house.post("/v1/people:erase", body).status == 404
    assert house.post("/v1/people:erase", {"type": "user_id", "value": "u1", "reason": "x" * 501}).status == 400
    assert house.post("/v1/people:erase", {"type": "user_id", "value": "u1"}, key=house.write_key).status == 403
    assert house.get("/v1/erasures").told == {"erasures": []}
    assert named("u1") == {"userId": "u1"}


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_person_has_everything_deleted_on_their_own_pages(house: House, language: str) -> None:
    house.serve(order("u1"), identify("u1", "a-1", email="ada@mail.example"), order("u2"))
    me = visit(house, "u1", language=language)
    assert "/me/erase" in me.get("/me/data")
    page = me.text("/me/erase")
    assert ("What stays, and why" if language == "en" else "Was bleibt und warum") in page

    unsure = house.browse("/me/erase", {}, cookie=me.cookie, language=language)
    assert unsure.status == 400
    assert house.orders("u1") == 1
    answer = house.browse("/me/erase", {"sure": "yes"}, cookie=me.cookie, language=language)

    assert answer.status == 303
    assert "genom_portal=" in answer.headers["set-cookie"]
    receipt = answer.headers["location"]
    assert house.browse("/me", cookie=me.cookie).status == 401
    assert house.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 404
    told = plain(house.browse(receipt, language=language).body.decode())
    assert ("being overwritten" if language == "en" else "gerade überschrieben") in told
    house.run(house.app.erasing.finish())
    told = plain(house.browse(receipt, language=language).body.decode())
    assert ("overwritten in every file" if language == "en" else "in jeder Datei überschrieben") in told
    file = house.browse(f"{receipt}&file=1", language=language)
    assert receipt_is_genuine(msgspec.json.decode(file.body, type=Receipt))
    assert "attachment" in file.headers["content-disposition"]
    assert house.get("/v1/audit?action=person.erased").told["rows"][0]["who"] == "person"


@pytest.mark.parametrize("chosen", [{"language": "de"}, {"theme": "dark"}])
def test_whoever_switches_language_or_theme_after_an_erasure_keeps_the_receipt(
    house: House, chosen: dict[str, str]
) -> None:
    house.serve(order("u1"))
    me = visit(house, "u1")
    receipt = house.browse("/me/erase", {"sure": "yes"}, cookie=me.cookie).headers["location"]
    page = house.browse(receipt).body.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))

    switched = house.browse("/me/look", hidden | chosen)

    assert (switched.status, switched.headers["location"]) == (303, receipt)
    again = house.browse(switched.headers["location"], language=chosen.get("language", "en"))
    assert f'href="{receipt}&amp;file=1"' in again.body.decode()


def test_the_switch_of_the_language_leads_to_no_page_but_a_persons_own(house: House) -> None:
    for back in ("/me/erased", "//elsewhere.example", "/people"):
        answer = house.browse("/me/look", {"back": back, "receipt": "x&file=1#//elsewhere", "language": "de"})
        assert answer.headers["location"] in {"/me", "/me/erased?receipt=x%26file%3D1%23%2F%2Felsewhere"}


def test_a_session_that_began_long_ago_deletes_nothing(house: House) -> None:
    house.serve(order("u1"))
    me = visit(house, "u1")
    house.clock.now += 16 * 60_000

    assert house.browse("/me/erase", {"sure": "yes"}, cookie=me.cookie).status == 403
    assert "Come back by a new link first" in me.text("/me/erase")
    assert house.browse("/me/erase", {"sure": "yes"}).status == 401
    assert (
        house.browse("/me/erase", {"sure": "yes"}, cookie=me.cookie, headers={"sec-fetch-site": "cross-site"}).status
        == 403
    )
    assert house.orders("u1") == 1


def test_an_unknown_receipt_is_not_found(house: House) -> None:
    assert house.browse("/me/erased?receipt=e0123456789abcdef").status == 404
    assert house.browse("/me/erased").status == 404


def test_whoever_comes_again_does_not_see_what_the_erased_person_chose(house: House) -> None:
    house.serve(order("u1"))
    house.consent("u1", "personalise_onsite", granted=True)
    erase(house)
    house.clock.now += DAY
    house.serve(order("u1", at=house.clock.now))
    house.consent("u1", "email", granted=True)

    held = house.run(held_of(house.node, house.node.world.profiles.find("user_id", "u1"), language="en"))

    assert [one["purpose"] for one in held["choices"]] == ["email"]


def test_a_pause_of_the_erased_person_brings_nobody_a_grant(house: House) -> None:
    house.serve(order("u1"))
    me = visit(house, "u1")
    me.turn("personalise_onsite", on=True)
    me.press("/me/pause", pause="yes")
    erase(house)
    house.clock.now += DAY
    house.serve(order("u1", at=house.clock.now))

    me = visit(house, "u1")
    me.press("/me/pause", pause="no")

    person = house.node.world.profiles.find("user_id", "u1")
    assert house.node.pipeline.permits.choice_of(person, now_ms()).grant == 0


def test_an_erased_person_is_counted_nowhere(house: House) -> None:
    house.serve(order("u1"), identify("u1", "a-1"), order("u2"), track("Seen", "u3"))
    assert house.get("/v1/stats").told["people"] == 3

    erase(house)

    for _ in range(2):
        assert house.get("/v1/stats").told["people"] == 2
        person_of = house.node.world.people.person_of
        numbers = range(1, house.node.world.profiles.count + 1)
        assert sum(int(person_of[number]) == number for number in numbers) == 2
        house.write_state()
        house.restart()
    assert house.verify().equal


def test_whoever_is_linked_before_the_effect_goes_as_well(house: House) -> None:
    house.serve(order("u1"), order("u2"))
    erasing = house.app.erasing

    async def linked_meanwhile() -> None:
        await erasing._turn.acquire()  # an erasure before this one
        asked = asyncio.ensure_future(house.ask("POST", "/v1/people:erase", {"type": "user_id", "value": "u1"}))
        while not erasing._turn._waiters:
            await asyncio.sleep(0)
        late = await house.ask("POST", "/v1/identify", identify("u1", "a-late-77"))
        erasing._turn.release()
        assert (late.status, (await asked).status) == (200, 200)

    house.run(linked_meanwhile())
    house.run(erasing.finish())

    assert leftovers(house, "a-late-77") == set()
    assert house.verify().equal
    begin_again(house)
    assert house.node.world.profiles.find("anonymous_id", "a-late-77") == 0
    assert house.orders("u2") == 1


def test_nobody_waits_for_the_files_of_somebody_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.serve(order("u1"), order("u2"))
    erasing, begun, go_on = house.app.erasing, Event(), Event()
    overwrite = erasing._erase_files

    def slowly(intent: Intent) -> list[StoreReceipt]:
        begun.set()
        assert go_on.wait(60)
        return overwrite(intent)

    monkeypatch.setattr(erasing, "_erase_files", slowly)

    async def both() -> Any:
        await house.ask("POST", "/v1/people:erase", {"type": "user_id", "value": "u1"})
        files = asyncio.ensure_future(erasing.finish())
        await asyncio.to_thread(begun.wait, 60)
        try:
            return await asyncio.wait_for(house.ask("POST", "/v1/people:erase", {"type": "user_id", "value": "u2"}), 30)
        finally:
            go_on.set()
            await files

    assert house.run(both()).json["state"] == "effective"
    house.run(erasing.finish())
    assert {told["state"] for told in house.get("/v1/erasures").told["erasures"]} == {"done"}
    assert house.verify().equal


def test_an_erasure_that_finds_no_room_is_a_promise_that_is_kept_later(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.serve(order("u1"), order("u2"))
    erasing = house.app.erasing
    last = erasing.holders[-1]
    drop, full = last.drop, [True]

    def without_room(subject: Any) -> None:
        if full:
            raise Busy("There is no room.", why="a test fills it", fix="wait")
        drop(subject)

    monkeypatch.setattr(last, "drop", without_room)
    refused = house.post("/v1/people:erase", {"type": "user_id", "value": "u1"})
    with pytest.raises(Busy):
        house.run(erasing.finish())
    assert {told["state"] for told in house.get("/v1/erasures").told["erasures"]} == {"asked"}
    full.clear()
    house.run(erasing.finish())

    assert refused.status == 503
    assert {told["state"] for told in house.get("/v1/erasures").told["erasures"]} == {"done"}
    assert house.node.world.profiles.find("user_id", "u1") == 0
    assert house.orders("u2") == 1
    assert house.verify().equal


@pytest.mark.parametrize(("days", "told"), [(2, ""), (4, "verspätet"), (31, "gescheitert")])
def test_an_erasure_that_does_not_get_done_is_told_of(
    house: House, monkeypatch: pytest.MonkeyPatch, days: int, told: str
) -> None:
    house.serve(order("u1"), order("u2"))
    monkeypatch.setattr(house.node.journal, "erase", lambda *_, **__: (_ for _ in ()).throw(Busy("The disk is full.")))
    erase(house, finish=False)
    with pytest.raises(Busy):
        house.run(house.app.erasing.finish())
    begin_again(house)
    house.clock.now += days * DAY

    page = house.browse("/", cookie=house.sign_in(), language="de").body.decode()
    metrics = house.get("/metrics").body.decode()

    assert ("verspätet" in page, "gescheitert" in page) == (told == "verspätet", told == "gescheitert")
    assert f"genom_erasure_waits_seconds {days * 86_400}" in metrics
    monkeypatch.undo()
    house.run(house.app.erasing.finish())
    assert "genom_erasures_waiting 0" in house.get("/metrics").body.decode()
