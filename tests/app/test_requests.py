"""Requests of people: dates by the calendar, steps, proofs, and what each kind brings about."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from genom.app.rights.deadlines import load_deadlines
from genom.app.rights.requests import Requests
from genom.errors import BadConfiguration
from tests.app.events import identify, order, view
from tests.app.house import DAY, START, House

LATER = 40 * DAY


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        for purpose in ("personalise_onsite", "recommend", "email"):
            house.consent("ada", purpose, granted=True)
        house.serve(identify("ada", "a-phone", email="ada@example.org", name="Ada"))
        house.take(order("ada", 10, at=START - 5 * DAY), view("ada", "OOLONG"), order("bob", 10))
        yield house


def filed(house: House, kind: str, user: str = "ada", **more: str) -> Any:
    return house.post("/v1/requests", {"kind": kind, "type": "user_id", "value": user} | more).told


def done(house: House, asked: Any, act: str = "do", **more: str) -> Any:
    return house.post(f"/v1/requests/{asked['id']}", {"act": act} | more)


def day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).date().isoformat()


def deeds(house: House) -> list[tuple[str, str]]:
    return [
        (row["action"], row["name"])
        for row in reversed(house.get("/v1/audit?limit=100").told["rows"])
        if row["action"].startswith("request.")
    ]


def test_a_request_is_due_after_one_month_or_what_its_region_says(house: House) -> None:
    assert day(filed(house, "access")["due_at"]) == "2026-04-02"
    assert day(filed(house, "erasure", region="us_ca")["due_at"]) == "2026-04-16"
    assert day(filed(house, "objection", region="us_ca")["due_at"]) == "2026-03-23"


@pytest.mark.parametrize(
    ("asked", "due", "extended"),
    [
        ("2026-01-31", "2026-02-28", "2026-04-30"),
        ("2028-01-30", "2028-02-29", "2028-04-30"),
        ("2026-12-15", "2027-01-15", "2027-03-15"),
        ("2026-11-30", "2026-12-30", "2027-02-28"),
    ],
)
def test_months_are_those_of_the_calendar(asked: str, due: str, extended: str) -> None:
    at = int(datetime.fromisoformat(f"{asked}T23:59:59+00:00").timestamp() * 1000) + 999
    table = load_deadlines()

    assert day(table.due("access", "eu", at)) == due
    assert day(table.extended("access", "eu", at)) == extended
    assert table.due("access", "eu", at) % DAY == at % DAY


def test_a_request_gets_urgent_and_then_overdue(house: House) -> None:
    asked = filed(house, "access")
    seen = []
    for days in (0, 23, 24, 31, 32):
        house.clock.now = START + days * DAY + 1
        told = house.get(f"/v1/requests/{asked['id']}").told
        seen.append((told["urgent"], told["overdue"]))

    assert seen == [(False, False), (False, False), (True, False), (True, True), (True, True)]


def test_an_extension_needs_a_reason_comes_once_and_in_time(house: House) -> None:
    asked = filed(house, "access", proof="known")

    assert done(house, asked, "extend").json["code"] == "request.reason"
    told = done(house, asked, "extend", reason="Three systems have to be searched.").told
    assert (day(told["due_at"]), told["extended"]) == ("2026-06-02", "Three systems have to be searched.")
    assert done(house, asked, "extend", reason="again").json["code"] == "request.no-extension"

    late, opted_out = filed(house, "erasure"), filed(house, "objection", region="us_ca")
    assert done(house, opted_out, "extend", reason="so").json["code"] == "request.no-extension"
    house.clock.now += LATER
    assert done(house, late, "extend", reason="too late").json["code"] == "request.no-extension"


def test_what_is_due_first_stands_on_top_and_closed_ones_last(house: House) -> None:
    a = filed(house, "access")
    house.clock.now += DAY
    b = filed(house, "erasure", "bob")
    c = filed(house, "objection", "bob", region="us_ca")
    done(house, a, "refuse", reason="It was answered last week.")

    told = house.get("/v1/requests").told["requests"]
    assert [one["id"] for one in told] == [c["id"], b["id"], a["id"]]
    assert [one["id"] for one in house.get("/v1/requests?state=open&kind=erasure").told["requests"]] == [b["id"]]
    assert house.get("/v1/requests?state=refused").told["requests"][0]["answer"] == "It was answered last week."


def test_the_same_request_is_filed_once_while_it_is_open(house: House) -> None:
    first = filed(house, "erasure")
    again = filed(house, "erasure", note="again")
    corrections = {filed(house, "rectification", note=str(n))["id"] for n in range(3)}

    assert again == first
    assert len(corrections) == 3


def test_one_person_cannot_fill_the_inbox(house: House) -> None:
    for number in range(20):
        filed(house, "rectification", note=str(number))
    body = {"kind": "rectification", "type": "user_id", "value": "ada"}

    assert house.post("/v1/requests", body).json["code"] == "request.too-many"


@pytest.mark.parametrize("kind", ["access", "portability", "rectification", "erasure"])
def test_what_could_harm_needs_a_proof_of_who_asks(house: House, kind: str) -> None:
    asked = filed(house, kind)

    assert done(house, asked).json["code"] == "request.no-proof"
    assert done(house, asked, proof="she said so").json["code"] == "request.proof"
    assert done(house, asked, "ask_proof").told["state"] == "proof_asked"
    assert house.get(f"/v1/requests/{asked['id']}").told["state"] == "proof_asked"
    assert done(house, asked, "start", proof="document").told["state"] == "in_work"


def test_a_closed_request_stays_closed(house: House) -> None:
    asked = filed(house, "access")
    assert done(house, asked, "refuse").json["code"] == "request.reason"
    done(house, asked, "refuse", reason="Nobody could prove who asks.")

    for act in ("ask_proof", "start", "extend", "refuse", "do"):
        answer = done(house, asked, act, reason="more", proof="known")
        assert answer.json["code"] == "request.closed", act


def test_the_copy_answers_a_request_for_access(house: House) -> None:
    asked = filed(house, "access")
    assert house.post(f"/v1/requests/{asked['id']}/copy", None).json["code"] == "request.no-proof"

    answer = house.post(f"/v1/requests/{asked['id']}/copy?proof=document", None)

    with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
        held = json.loads(packed.read("data.json"))
    assert held["person"] == house.person("ada")
    told = house.get(f"/v1/requests/{asked['id']}").told
    assert (told["state"], told["proof"], told["handled_by"]) == ("done", "document", "key:first")


def test_objection_ends_all_direct_marketing_at_once_and_asks_nothing(house: House) -> None:
    asked = filed(house, "objection")

    assert done(house, asked).told["state"] == "done"
    person = house.node.world.profiles.find("user_id", "ada")
    left = house.node.effective(house.node.world.people.person(person), house.clock.now)
    marketing = [one for one in house.node.purposes.every if one.direct_marketing]
    assert len(marketing) > 5
    assert not [one.name for one in marketing if one.mask & left]
    entries = [entry for entry in house.node.ledger.replay() if entry.act == "objection"]
    assert {entry.purpose for entry in entries} == {one.name for one in marketing}
    house.restart()
    assert house.node.effective(house.node.world.people.person(person), house.clock.now) == left


def test_restriction_empties_every_read_until_it_is_lifted(house: House) -> None:
    before = house.orders("ada", purpose="personalise_onsite")
    asked = filed(house, "restriction")

    done(house, asked).told  # noqa: B018
    person = house.node.world.people.person(house.node.world.profiles.find("user_id", "ada"))
    genome = house.genome("ada", purpose="personalise_onsite")
    assert not [value for gene, value in genome.items() if gene != "as_of" and value not in ("withheld", "forbidden")]
    assert house.node.effective(person, house.clock.now) == 0
    house.restart()
    assert house.node.effective(person, house.clock.now) == 0

    done(house, asked, "lift").told  # noqa: B018
    assert house.orders("ada", purpose="personalise_onsite") == before == 1
    assert done(house, filed(house, "objection"), "lift").json["code"] == "request.act"


def test_a_correction_reaches_vault_and_genome(house: House) -> None:
    mail, ask = filed(house, "rectification", note="new mail"), filed(house, "rectification", note="what I like")
    done(house, mail, proof="known", field="email", value="new@example.org").told  # noqa: B018
    attributes = house.node.world.layout.genes.attributes
    name = next(iter(attributes))
    first, second, *_ = attributes[name].values

    done(house, ask, proof="known", field=name, value=first).told  # noqa: B018
    again = filed(house, "rectification", note="the other one")
    done(house, again, proof="known", field=name, value=second).told  # noqa: B018

    answer = house.get(f"/v1/people/{house.person('ada')}/export")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as packed:
        held = json.loads(packed.read("data.json"))
    assert held["told"]["attributes"] == {name: second}
    assert {"type": "email", "value": "new@example.org"} in held["identifiers"]
    assert b"ada@example.org" not in answer.body


def test_a_correction_of_nothing_known_is_refused_and_stays_open(house: House) -> None:
    asked = filed(house, "rectification")

    assert done(house, asked, proof="known").json["code"] == "request.field"
    assert done(house, asked, proof="known", field="emial", value="x").json["fix"].count("email")
    assert done(house, asked, proof="known", field="email").json["code"] == "request.value"
    assert house.get(f"/v1/requests/{asked['id']}").told["state"] == "in_work"


def test_an_erasure_leaves_the_receipt_and_cuts_the_person_off_all_requests(house: House) -> None:
    other, asked = filed(house, "access", note="canary words"), filed(house, "erasure")
    refused = filed(house, "portability", note="canary words")
    done(house, refused, "refuse", reason="canary reason")
    public = house.person("ada")

    told = done(house, asked, proof="document").told
    house.run(house.app.erasing.finish())

    assert (told["state"], told["subject"]) == ("done", "")
    assert house.get(f"/v1/erasures/{told['receipt']}").told["id"] == told["receipt"]
    every = house.get("/v1/requests").told["requests"]
    assert {one["subject"] for one in every} == {""}
    assert {one["id"]: one["state"] for one in every} == {
        other["id"]: "done", asked["id"]: "done", refused["id"]: "refused",
    }  # fmt: skip
    raw = b"".join(path.read_bytes() for path in house.path.glob("catalogue.sqlite*"))
    assert b"canary words" not in raw
    assert b"canary reason" not in raw
    assert ("request.done", asked["id"]) in deeds(house)
    assert house.get("/v1/audit:verify").told["problem"] == ""
    assert public not in json.dumps(every)


def test_a_request_for_a_person_who_was_erased_meanwhile_is_closed(house: House) -> None:
    asked = filed(house, "restriction")
    house.post("/v1/people:erase", {"type": "user_id", "value": "ada"}).told  # noqa: B018
    early = done(house, asked).status
    house.run(house.app.erasing.finish())

    assert early == 410
    assert house.get(f"/v1/requests/{asked['id']}").told["state"] == "done"


def test_each_step_is_a_row_of_the_audit_log(house: House) -> None:
    asked = filed(house, "access")
    done(house, asked, "ask_proof")
    done(house, asked, "start", proof="mail")
    done(house, asked, "extend", reason="Holidays.")
    done(house, asked, "refuse", reason="No.")

    names = ["filed", "proof_asked", "started", "extended", "refused"]
    assert deeds(house) == [(f"request.{name}", asked["id"]) for name in names]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"kind": "acess"}, "request.kind"),
        ({"value": "nobody"}, "request.nobody"),
        ({"region": "mars"}, "request.region"),
        ({"proof": "trust me"}, "request.proof"),
        ({"note": "x" * 501}, "request.note"),
        ({"extra": 1}, ""),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(house: House, body: dict[str, Any], code: str) -> None:
    answer = house.post("/v1/requests", {"kind": "access", "type": "user_id", "value": "ada"} | body)

    assert answer.status in {400, 404}
    assert answer.json["code"].startswith(code)
    assert house.get("/v1/requests").told["requests"] == []


def test_an_unknown_request_or_deed_is_said(house: House) -> None:
    assert house.get("/v1/requests/r0").json["code"] == "request.not-found"
    assert house.post("/v1/requests/../", {"act": "do"}).status in {404, 405}
    assert done(house, filed(house, "access"), "burn").json["code"] == "request.act"


def test_dates_come_from_a_file_of_the_operator(tmp_path: Path) -> None:
    own = tmp_path / "deadlines.yaml"
    own.write_text("remind_days: 1\nregions: {ch: {law: {de: DSG}, answer: {days: 30}, extension: {days: 10}}}\n")

    assert day(load_deadlines(own).extended("access", "ch", START)) == "2026-04-11"


@pytest.mark.parametrize("text", ["", "remind_days: 1", "remind_days: 1\nregions: {}", "regions: [", "remind_days: -1"])
def test_a_file_of_dates_that_does_not_fit_stops_the_start(tmp_path: Path, text: str) -> None:
    own = tmp_path / "deadlines.yaml"
    own.write_text(text)

    with pytest.raises(BadConfiguration, match=r"deadlines\.yaml"):
        load_deadlines(own)


def test_requests_survive_a_restart(house: House) -> None:
    asked = filed(house, "access")
    house.restart()

    assert isinstance(house.app.requests, Requests)
    assert house.get(f"/v1/requests/{asked['id']}").told["due_at"] == asked["due_at"]
