"""Destinations of a whole node: who is sent, who is taken out again, and what nobody outside ever hears."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from genom.activate import Answer, Batch, Outcome
from tests.app.destination_house import MAIL, Recipient, claim, counts, define, deliver, name_recipients, report
from tests.app.events import identify, order
from tests.app.house import DAY, HOUR, House
from tests.app.portal import visit
from tests.app.segment_house import ORDERS, pass_time, permitted
from tests.app.segment_house import define as define_segment

ADA = hashlib.sha256(b"ada@mail.example").hexdigest()
USERS = ("ada", "ben", "cleo")
ADS = MAIL | {
    "id": "ads", "recipient": "Ads Inc", "country": "US", "transfer": "adequacy decision (EU-US DPF)",
    "purposes": ["ads_retarget"], "signals": "google", "send": ["email_sha256"],
}  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    name_recipients(tmp_path / "d", email=["Mailer Ltd"], ads_retarget=["Ads Inc"])
    with House(tmp_path / "d", segment_floor=1) as house:
        for user in USERS:
            house.consent(user, "personalise_onsite", granted=True)
            house.serve(permitted(order(user)), permitted(identify(user, f"a-{user}", email=f"{user}@mail.example")))
        define_segment(house, {"gene": ORDERS, "is": ">=", "value": 1})
        yield house


def may(house: House, user: str, purpose: str = "email", *, granted: bool = True) -> None:
    house.consent(user, purpose, granted=granted)


def test_only_who_permits_the_destinations_purpose_is_sent(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)

    deliver(house, recipient)

    (member,) = recipient.members.values()
    assert counts(house) == {"member": 1}
    assert house.person("ada") not in member.id
    assert msgspec.to_builtins(member) == {"id": member.id}  # no address was asked for
    assert deliver(house, recipient) == 0


def test_a_withdrawal_takes_the_person_out_at_the_next_round(house: House) -> None:
    recipient = Recipient()
    for user in USERS:
        may(house, user)
    define(house, MAIL)
    deliver(house, recipient)

    may(house, "ben", granted=False)
    deliver(house, recipient)

    assert len(recipient.members) == 2
    assert counts(house) == {"member": 2, "gone": 1}


def test_the_segments_own_purpose_is_needed_too(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    deliver(house, recipient)

    may(house, "ada", "personalise_onsite", granted=False)
    deliver(house, recipient)

    assert recipient.members == {}


def test_who_withdraws_while_being_sent_is_removed_although_the_answer_came_late(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    (job,) = claim(house)
    assert job.batch
    answer = recipient.send(job.batch)

    may(house, "ada", granted=False)
    deliver(house, recipient)

    assert report(house, job, answer) == 0  # it is about a state that is past
    assert recipient.members == {}
    assert counts(house) == {"gone": 1}


def test_who_withdraws_before_being_sent_is_never_mentioned(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    house.run(house.node.deliveries.settle(now=house.clock.now))
    assert counts(house) == {"wanted": 1}

    may(house, "ada", granted=False)

    assert deliver(house, recipient) == 0
    assert recipient.heard == []
    assert counts(house) == {}


def test_who_withdrew_or_was_erased_since_the_last_look_is_not_sent_by_the_next_claim(house: House) -> None:
    for user in USERS:
        may(house, user)
    define(house, MAIL)
    house.run(house.node.deliveries.settle(now=house.clock.now))
    assert counts(house) == {"wanted": 3}

    may(house, "ada", granted=False)
    house.post("/v1/people:erase", {"type": "user_id", "value": "ben"}).told  # noqa: B018
    jobs = claim(house, look=False)

    assert [len(job.batch.members) for job in jobs if job.batch] == [1]
    recipient = Recipient()
    for job in jobs:
        assert job.batch
        report(house, job, recipient.send(job.batch))
    house.run(house.app.erasing.finish())
    deliver(house, recipient)
    assert counts(house) == {"member": 1}
    assert len(recipient.heard) == 1  # nobody else was ever mentioned


def test_a_recipient_that_fails_is_tried_again_and_is_late_after_a_day(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    deliver(house, recipient)
    may(house, "ada", granted=False)
    recipient.faulty = lambda _: Answer(Outcome.FAILED, why="status 503")

    deliver(house, recipient)
    assert deliver(house, recipient) == 0  # not at once
    for _ in range(9):
        pass_time(house, 6 * HOUR)
        deliver(house, recipient)

    (shown,) = house.get("/v1/destinations").told["destinations"]
    assert (shown["people"], shown["late"]) == ({"leaving": 1}, 1)
    assert shown["problems"] == {"status 503": 1}
    for language, words in {"en": "1 person is not removed yet", "de": "1 Person ist bei mail noch nicht"}.items():
        assert words in house.browse("/", cookie=house.sign_in(), language=language).body.decode()
    recipient.faulty = lambda _: None
    pass_time(house, 6 * HOUR)
    deliver(house, recipient)
    assert recipient.members == {}
    assert counts(house) == {"gone": 1}


def test_a_job_of_the_recipient_is_followed_to_its_end(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    recipient.faulty = lambda _: Answer(Outcome.PENDING, job="j1")
    deliver(house, recipient)
    assert counts(house) == {"sent": 1}

    house.clock.now += 60_000
    (job,) = claim(house)
    assert (job.job, job.batch) == ("j1", None)
    report(house, job, Answer(Outcome.DONE))

    assert counts(house) == {"member": 1}


def test_hashes_are_made_when_they_are_sent_and_stored_nowhere(house: House) -> None:
    recipient = Recipient()
    for user in ("ada", "ben"):
        may(house, user, "ads_retarget")
    define(house, ADS)

    deliver(house, recipient)

    member = next(one for one in recipient.members.values() if one.email_sha256 == ADA)
    assert member.consent == {"ad_user_data": "GRANTED", "ad_personalization": "GRANTED"}
    house.close()
    files = [file for file in house.path.rglob("*") if file.is_file()]
    held = [file for file in files if ADA.encode() in file.read_bytes() or bytes.fromhex(ADA) in file.read_bytes()]
    house.open()
    assert files
    assert held == []


def test_without_an_address_the_recipient_hears_nothing_and_without_both_signals_nobody_is_sent(house: House) -> None:
    recipient = Recipient()
    for user in ("dora", "emil"):
        house.consent(user, "personalise_onsite", granted=True)
        house.serve(permitted(order(user)))
        may(house, user, "ads_retarget")
    pass_time(house, 1_000)
    define(house, ADS)

    assert deliver(house, recipient) == 0
    assert counts(house, "ads") == {"wanted": 2}


def test_two_recipients_cannot_join_what_they_have(house: House) -> None:
    mail, ads = Recipient(), Recipient()
    for user in USERS:
        may(house, user)
        may(house, user, "ads_retarget")
    define(house, MAIL, ADS | {"send": []})

    for job in claim(house):
        assert job.batch
        report(house, job, (mail if job.destination == "mail" else ads).send(job.batch))

    assert len(mail.members) == len(ads.members) == 3
    assert not mail.members.keys() & ads.members.keys()


def test_with_each_period_people_have_other_names_and_nobody_stays_under_a_former_one(house: House) -> None:
    recipient = Recipient()
    for user in ("ada", "ben"):
        may(house, user)
    define(house, MAIL | {"pseudonym_days": 30})
    deliver(house, recipient)
    first = set(recipient.members)
    pass_time(house, DAY)  # the period of 30 days that began on 6 February lasts until 7 March
    deliver(house, recipient)
    assert (set(recipient.members), len(recipient.heard)) == (first, 1)

    pass_time(house, 5 * DAY)
    deliver(house, recipient)

    second = set(recipient.members)
    assert (len(second), first & second) == (2, set())
    assert [batch.what for batch in recipient.heard] == ["add", "remove", "add"]
    deliver(house, recipient)
    assert counts(house) == {"member": 2}  # nothing here knows the former names
    may(house, "ada", granted=False)
    deliver(house, recipient)
    assert len(recipient.members) == 1
    define(house, MAIL)
    deliver(house, recipient)
    assert len(recipient.members) == 1
    assert not recipient.members.keys() & (first | second)


def test_whoever_is_erased_while_names_change_leaves_under_both(house: House) -> None:
    recipient = Recipient()
    for user in ("ada", "ben"):
        may(house, user)
    define(house, MAIL | {"pseudonym_days": 30})
    deliver(house, recipient)
    pass_time(house, 6 * DAY)
    recipient.faulty = lambda batch: Answer(Outcome.FAILED, why="status 500") if batch.what == "remove" else None
    deliver(house, recipient)
    assert len(recipient.members) == 4  # the removal failed, and the new names are there

    house.post("/v1/people:erase", {"type": "user_id", "value": "ada"}).told  # noqa: B018
    house.run(house.app.erasing.finish())
    recipient.faulty = lambda _: None
    for _ in range(3):
        pass_time(house, HOUR)
        deliver(house, recipient)

    assert len(recipient.members) == 1
    assert counts(house) == {"member": 1}
    with house.node.catalogue.begin() as connection:
        assert not connection.exec_driver_sql("SELECT 1 FROM outbox WHERE person = 0").fetchall()


def test_an_erased_person_is_removed_there_and_leaves_no_trace_here(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    may(house, "ben")
    define(house, MAIL)
    deliver(house, recipient)
    copy = house.get(f"/v1/people/{house.person('ada')}/export?reason=test")
    (told,) = json.loads(zipfile.ZipFile(io.BytesIO(copy.body)).read("data.json"))["recipients"]
    assert (told["recipient"], told["state"]) == ("Mailer Ltd", "member")
    known_as = {told["known_there_as"]}
    assert known_as < recipient.members.keys()

    house.post("/v1/people:erase", {"type": "user_id", "value": "ada"}).told  # noqa: B018
    house.run(house.app.erasing.finish())
    recipient.faulty = lambda _: Answer(Outcome.FAILED, why="status 500")
    deliver(house, recipient)
    assert counts(house) == {"leaving": 1, "member": 1}
    recipient.faulty = lambda _: None
    pass_time(house, HOUR)
    deliver(house, recipient)

    assert not known_as & recipient.members.keys()
    assert counts(house) == {"member": 1}
    with house.node.catalogue.begin() as connection:
        assert not connection.exec_driver_sql("SELECT 1 FROM outbox WHERE person = 0").fetchall()


def test_a_destination_that_is_given_up_is_emptied_and_then_gone(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    deliver(house, recipient)

    assert house.run(house.ask("DELETE", "/v1/destinations/mail")).status == 200
    deliver(house, recipient)
    claim(house)

    assert recipient.members == {}
    assert house.get("/v1/destinations").told["destinations"] == []
    assert house.run(house.ask("DELETE", "/v1/destinations/mail")).status == 404
    elsewhere = MAIL | {"url": "https://other.example/"}  # under the same id its removals could go there
    assert house.post("/v1/destinations", {"destinations": [elsewhere]}).json["code"] == "destinations.moved"


def test_where_nobody_can_be_removed_people_are_sent_again_and_run_out(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL | {"removal": "expiry", "expires_days": 20})
    deliver(house, recipient)

    pass_time(house, 11 * DAY)
    deliver(house, recipient)
    assert [batch.what for batch in recipient.heard] == ["add", "add"]
    may(house, "ada", granted=False)
    pass_time(house, 19 * DAY)
    deliver(house, recipient)
    assert counts(house) == {"leaving": 1}
    pass_time(house, DAY)
    deliver(house, recipient)

    assert counts(house) == {"gone": 1}
    assert len(recipient.heard) == 2


def test_a_definition_is_versioned_on_record_and_keeps_its_place(house: House) -> None:
    (first,) = define(house, MAIL)
    (again,) = define(house, MAIL)
    (changed,) = define(house, MAIL | {"label": {"en": "Letters", "de": "Briefe"}})
    moved = house.post("/v1/destinations", {"destinations": [MAIL | {"url": "https://other.example/"}]})

    assert (first["version"], again["version"], changed["version"]) == (1, 1, 2)
    assert first["secret"] == changed["secret"]
    assert moved.status == 400
    assert moved.json["code"] == "destinations.moved"
    deeds = [row["action"] for row in house.get("/v1/audit").told["rows"]]
    assert deeds.count("destination.defined") == 2


def test_one_bad_definition_of_two_changes_nothing(house: House) -> None:
    answer = house.post("/v1/destinations", {"destinations": [MAIL, ADS | {"removal": "none"}]})

    assert answer.status == 400
    assert "$.destinations[1].removal" in answer.body.decode()
    assert counts(house) == {}


class _Chaos:
    """A recipient and a courier that fail as the dice say."""

    def __init__(self, seed: int) -> None:
        self.dice, self.recipient = Random(seed), Recipient()

    def round(self, house: House) -> None:
        for job in claim(house):
            fate = self.dice.random()
            if fate < 0.2 or not job.batch:
                continue  # the courier dies before it sends
            answer = self.recipient.send(job.batch)
            if fate < 0.4:
                continue  # or before it reports
            if fate < 0.6:
                answer = Answer(Outcome.FAILED, why="TimeoutError")  # it has arrived all the same
            report(house, job, answer)


@given(seed=st.integers(0, 10_000), steps=st.lists(st.sampled_from([*USERS, "deliver", "wait"]), max_size=12))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_fails_in_the_end_exactly_those_are_there_who_permit_it(
    house: House, seed: int, steps: list[str]
) -> None:
    chaos, choices = _Chaos(seed), dict.fromkeys(USERS, False)
    for user in USERS:
        may(house, user, granted=False)
    define(house, MAIL)
    for step in steps:
        if step in choices:
            choices[step] = not choices[step]
            may(house, step, granted=choices[step])
        elif step == "deliver":
            chaos.round(house)
        else:
            pass_time(house, 10 * 60_000)

    for _ in range(12):  # nothing fails any more
        pass_time(house, 7 * HOUR)
        deliver(house, chaos.recipient)

    assert len(chaos.recipient.members) == sum(choices.values())
    assert {state for state, count in counts(house).items() if count} <= {"member", "gone"}
    for user in USERS:  # the next example begins with nobody
        may(house, user, granted=False)
    deliver(house, chaos.recipient)
    assert chaos.recipient.members == {}


def test_a_destination_takes_no_fewer_people_than_the_floor_and_advertising_twice_as_many(tmp_path: Path) -> None:
    name_recipients(tmp_path / "d", email=["Mailer Ltd"], ads_retarget=["Ads Inc"])
    mail, ads = Recipient(), Recipient()
    with House(tmp_path / "d", segment_floor=2) as house:
        for user in ("ada", "ben", "cleo", "dora"):
            house.consent(user, "personalise_onsite", granted=True)
            house.serve(permitted(order(user)))
        define_segment(house, {"gene": ORDERS, "is": ">=", "value": 1})
        define(house, MAIL, ADS | {"send": []})
        told = []
        for user in ("ada", "ben", "cleo", "dora"):
            may(house, user)
            may(house, user, "ads_retarget")
            for job in claim(house):
                assert job.batch
                report(house, job, (mail if job.destination == "mail" else ads).send(job.batch))
            told.append((len(mail.members), len(ads.members)))
        assert told == [(0, 0), (2, 0), (3, 0), (4, 4)]

        for user in ("ada", "ben"):
            may(house, user, "ads_retarget", granted=False)
        for job in claim(house):
            assert job.batch
            report(house, job, (mail if job.destination == "mail" else ads).send(job.batch))

        assert (len(mail.members), len(ads.members)) == (4, 0)
        shown = {
            one["destination"]["id"]: one["held_back"] for one in house.get("/v1/destinations").told["destinations"]
        }
        assert shown == {"mail": "", "ads": "fewer than 4 permit it"}


def test_one_person_more_or_less_neither_empties_a_destination_nor_fills_it(tmp_path: Path) -> None:
    name_recipients(tmp_path / "d", email=["Mailer Ltd"])
    recipient, users = Recipient(), [f"u{number}" for number in range(5)]
    with House(tmp_path / "d", segment_floor=5) as house:
        for user in users:
            house.consent(user, "personalise_onsite", granted=True)
            house.serve(permitted(order(user)))
        define_segment(house, {"gene": ORDERS, "is": ">=", "value": 1})
        define(house, MAIL)
        told = []
        for user, granted in [*((user, True) for user in users), ("u0", False), ("u1", False), ("u1", True)]:
            may(house, user, granted=granted)
            deliver(house, recipient)
            told.append(len(recipient.members))

    assert told == [0, 0, 0, 0, 5, 4, 0, 0]


def test_while_a_segment_is_not_known_whoever_is_there_stays_and_whoever_withdraws_goes(house: House) -> None:
    recipient = Recipient()
    for user in ("ada", "ben"):
        may(house, user)
    define(house, MAIL)
    deliver(house, recipient)
    shutil.rmtree(house.path / "segments")  # as after a restore: memberships are in no backup
    house.restart()
    house.node.segments.tended = True
    may(house, "ben", granted=False)
    may(house, "cleo")

    deliver(house, recipient)

    assert len(recipient.members) == 1
    assert house.get("/v1/destinations").told["destinations"][0]["held_back"] == "its segment is being built"
    house.run(house.node.segments.tend(now=house.clock.now))
    deliver(house, recipient)
    assert len(recipient.members) == 2


def test_terms_hold_after_a_change_of_the_purposes_too(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    deliver(house, recipient)
    house.close()
    name_recipients(house.path, email=["Somebody else"])
    house.open()
    house.run(house.node.segments.tend(now=house.clock.now))

    deliver(house, recipient)

    assert recipient.members == {}
    assert "does not name 'Mailer Ltd'" in house.get("/v1/destinations").told["destinations"][0]["held_back"]


def test_what_a_recipient_still_works_on_ends_before_the_removal_is_sent(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL)
    recipient.faulty = lambda _: Answer(Outcome.PENDING, job="add-1")
    deliver(house, recipient)
    recipient.faulty = lambda _: None

    may(house, "ada", granted=False)
    (asked,) = claim(house)
    assert (asked.job, asked.batch) == ("add-1", None)
    report(house, asked, Answer(Outcome.PENDING, job="add-1"))
    assert claim(house) == []  # not before it ended
    house.clock.now += 60_000
    (asked,) = claim(house)
    report(house, asked, Answer(Outcome.DONE))
    (removal,) = claim(house)

    assert removal.batch
    assert removal.batch.what == "remove"


def test_the_same_people_sent_again_are_the_same_message(house: House) -> None:
    may(house, "ada")
    define(house, MAIL)
    (first,) = claim(house)
    house.clock.now += 10 * 60_000  # the courier died

    (again,) = claim(house)

    assert first.batch
    assert again.batch
    assert first.batch.key == again.batch.key
    assert first.rounds != again.rounds


def test_one_member_that_is_refused_keeps_no_other_back_for_ever(house: House) -> None:
    recipient = Recipient()
    for user in USERS:
        may(house, user)
    define(house, MAIL)
    (job,) = claim(house)
    assert job.batch
    bad = job.batch.members[0].id
    report(house, job, Answer(Outcome.FAILED, why="status 400"))

    def picky(batch: Batch) -> Answer | None:
        return Answer(Outcome.FAILED, why="status 400") if bad in {one.id for one in batch.members} else None

    recipient.faulty = picky
    for _ in range(14):
        pass_time(house, 7 * HOUR)
        deliver(house, recipient)

    assert len(recipient.members) == 2
    assert counts(house) == {"wanted": 1, "member": 2}


def test_nobody_who_comes_is_told_on_the_start_page(house: House) -> None:
    may(house, "ada")
    define(house, MAIL)
    house.run(house.node.deliveries.settle(now=house.clock.now))
    house.clock.now += 16 * 60_000
    house.node.deliveries.look_again()
    house.run(house.node.deliveries.settle(now=house.clock.now))

    assert house.get("/v1/destinations").told["destinations"][0]["waiting"] == 1
    for language, words in {"en": "Nobody delivers 1 person to mail", "de": "Niemand übermittelt 1 Person an"}.items():
        assert words in house.browse("/", cookie=house.sign_in(), language=language).body.decode()


def test_another_signing_number_gives_another_secret(house: House) -> None:
    (one,), (other,) = define(house, MAIL), define(house, MAIL | {"signing": 2})

    assert one["secret"] != other["secret"]


@pytest.mark.parametrize("changes", [{"removal": "expiry", "expires_days": 5}, {"recipient": "Ads Inc"}])
def test_terms_that_people_were_sent_under_stay(house: House, changes: dict[str, Any]) -> None:
    define(house, MAIL)

    answer = house.post("/v1/destinations", {"destinations": [MAIL | {"purposes": ["email"]} | changes]})

    assert answer.status == 400


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ("Nobody outside receives data", "Mailer Ltd (DE)", "since", "no longer since")),
        ("de", ("Niemand außerhalb erhält Daten", "Mailer Ltd (DE)", "seit", "nicht mehr seit")),
    ],
)
def test_the_person_reads_who_receives_their_data(house: House, language: str, told: tuple[str, ...]) -> None:
    nobody, recipient, since, gone = told
    may(house, "ada")
    assert nobody in visit(house, "ada", language=language).text("/me/data")

    define(house, MAIL)
    deliver(house, Recipient())
    page = visit(house, "ada", language=language).text("/me/data")
    assert recipient in page
    assert f": {since} " in page
    assert nobody in visit(house, "ben", language=language).text("/me/data")

    may(house, "ada", granted=False)
    deliver(house, Recipient())
    assert f": {gone} " in visit(house, "ada", language=language).text("/me/data")


def correct(house: House, field: str, value: str) -> None:
    """Staff put something of Ada right."""
    asked = house.post("/v1/requests", {"kind": "rectification", "type": "user_id", "value": "ada"}).told["id"]
    for act in ("start", "do"):
        house.post(f"/v1/requests/{asked}", {"act": act, "proof": "known", "field": field, "value": value}).told  # noqa: B018


NEW = hashlib.sha256(b"new@mail.example").hexdigest()


def test_a_corrected_address_takes_the_old_one_out_and_is_sent_itself(house: House) -> None:
    recipient = Recipient()
    for user in USERS:
        may(house, user)
    define(house, MAIL | {"send": ["email_sha256"]})
    deliver(house, recipient)
    heard = len(recipient.heard)

    correct(house, "email", "new@mail.example")
    deliver(house, recipient)
    deliver(house, recipient)

    out, again = recipient.heard[heard:]
    assert [(batch.what, len(batch.members)) for batch in (out, again)] == [("remove", 1), ("add", 1)]
    assert (out.members[0].id, again.members[0].email_sha256) == (again.members[0].id, NEW)
    assert out.key != again.key
    assert ADA not in {member.email_sha256 for member in recipient.members.values()}
    assert counts(house) == {"member": 3}
    assert deliver(house, recipient) == 0


def test_who_withdraws_after_a_correction_is_removed_and_not_sent_again(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL | {"send": ["email_sha256"]})
    deliver(house, recipient)

    correct(house, "email", "new@mail.example")
    may(house, "ada", granted=False)
    deliver(house, recipient)

    assert [batch.what for batch in recipient.heard] == ["add", "remove"]
    assert counts(house) == {"gone": 1}


def test_where_nobody_can_be_removed_the_corrected_address_is_sent_and_the_old_one_expires(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL | {"send": ["email_sha256"], "removal": "expiry", "expires_days": 20})
    deliver(house, recipient)

    correct(house, "email", "new@mail.example")
    deliver(house, recipient)

    assert [(batch.what, batch.members[0].email_sha256) for batch in recipient.heard] == [("add", ADA), ("add", NEW)]
    assert counts(house) == {"member": 1}


@pytest.mark.parametrize(("send", "field"), [([], "email"), (["phone_sha256"], "email"), (["email_sha256"], "name")])
def test_a_correction_that_a_recipient_has_nothing_of_is_no_matter_of_theirs(
    house: House, send: list[str], field: str
) -> None:
    recipient = Recipient()
    house.serve(permitted(identify("ada", "a-ada", phone="+49 221 1234567")))
    may(house, "ada")
    define(house, MAIL | {"send": send})
    deliver(house, recipient)
    assert len(recipient.members) == 1

    correct(house, field, "new@mail.example")

    assert deliver(house, recipient) == 0


def test_on_their_page_a_corrected_person_is_still_there(house: House) -> None:
    recipient = Recipient()
    may(house, "ada")
    define(house, MAIL | {"send": ["email_sha256"]})
    deliver(house, recipient)
    before = visit(house, "ada").text("/me/data")
    assert "Mailer Ltd" in before

    correct(house, "email", "new@mail.example")

    assert counts(house) == {"wrong": 1}
    assert "Mailer Ltd (DE)" in visit(house, "ada").text("/me/data")
