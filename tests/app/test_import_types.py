"""Calls, contacts, e-mail, catalogue, access logs and events of any kind, imported into a node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.app.import_house import REASON, Importer, importing


@pytest.fixture
def importer(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Importer]:  # fmt: skip
    with importing(tmp_path, capsys, monkeypatch) as importer:
        yield importer


def imported(importer: Importer, name: str, content: str = "", *how: str) -> Any:
    """Import a file of a type, or its sample."""
    if content:
        importer.file(f"{name}.csv", content)
    else:
        importer.run("sample", name, "--out", f"{name}.csv")
    return importer.run(name, f"{name}.csv", *how)


def stands(importer: Importer, purpose: str, value: str, kind: str = "user_id") -> dict[str, Any]:
    body = {"type": kind, "value": value}
    told = importer.house.post("/v1/consent:state", body, headers=REASON).told["purposes"]
    found: dict[str, Any] = next(one for one in told if one["purpose"] == purpose)
    return found


def stored(importer: Importer) -> bytes:
    """All that the journal's bodies say."""
    return b"".join(
        json.dumps(importer.events(value, kind)).encode()
        for kind, value in (("user_id", "C-501"), ("user_id", "C-502"), ("card", "70002"))
        if importer.house.node.world.profiles.find(kind, value)
    )


def test_what_was_said_on_the_telephone_is_a_choice_from_then_on(importer: Importer) -> None:
    ran = imported(importer, "calls", "", "--time-zone", "Europe/Berlin")

    assert (ran.status, ran.counts) == (0, (4, 4, 0)), ran
    assert "4 events, 4 choices" in ran.out
    email = stands(importer, "email", "C-501")
    assert (email["state"], email["since"]) == ("granted", "2026-03-02T07:31:05.000Z")
    assert stands(importer, "sms_push", "70002", "card")["state"] == "refused"
    assert {stands(importer, one, "C-502")["state"] for one in ("email", "crm_sales")} == {"refused"}
    entries = [json.loads(line) for path in (importer.house.path / "ledger").rglob("*") if path.is_file()
               for line in path.read_bytes().splitlines() if b"mechanism" in line]  # fmt: skip
    assert {one["mechanism"] for one in entries} == {"phone"}


def test_a_call_that_is_imported_again_overrules_no_later_choice(importer: Importer) -> None:
    imported(importer, "calls")
    importer.house.consent("C-501", "email", granted=False)

    imported(importer, "calls", (importer.folder / "calls.csv").read_text())
    imported(importer, "calls", (importer.folder / "calls.csv").read_text(), "--source", "another")

    assert stands(importer, "email", "C-501")["state"] == "refused"


def test_agents_are_pseudonyms_and_numbers_lie_in_the_vault(importer: Importer) -> None:
    imported(importer, "calls")

    (one,), (other,) = importer.events("C-501", "user_id"), importer.events("C-502", "user_id")
    assert one["event"] == "Call Received"
    assert one["properties"]["duration"] == 252
    assert len(one["properties"]["agent"]) == 16
    assert one["properties"]["agent"] != other["properties"]["agent"]
    assert b"agent" in stored(importer)
    assert b"a.agent" not in stored(importer)
    assert b"5550101" not in stored(importer)


def test_a_number_links_nobody_who_is_known_by_more(importer: Importer) -> None:
    head, row = "time;customer;phone\n", "2026-03-01 10:00;{};+49 731 1\n"

    imported(importer, "calls", head + row.format("u1").replace("1\n", "12345\n") + row.format("u2") * 0
             + row.format("u2").replace("1\n", "12345\n"))  # fmt: skip

    assert importer.house.person("u1") != importer.house.person("u2")


def test_a_purpose_that_is_none_is_told_by_its_column(importer: Importer) -> None:
    ran = imported(importer, "calls", "time;customer;granted\n2026-03-01;u1;emial\n2026-03-01;u2;\n")

    assert (ran.status, ran.counts) == (3, (2, 1, 1))
    assert "row 2, column granted: 'emial' is no purpose; did you mean 'email'?" in ran.out


def test_contacts_name_people_in_the_vault_alone(importer: Importer) -> None:
    ran = imported(importer, "contacts")

    assert (ran.status, ran.counts) == (0, (3, 3, 0)), ran
    assert importer.house.person("70001", "card") == importer.house.person("C-501")
    assert b"Beispiel" not in stored(importer)
    assert b"example.org" not in stored(importer)
    assert b"Ulm" in stored(importer)


def test_whoever_unsubscribes_refuses_e_mail_and_machines_open_under_another_name(importer: Importer) -> None:
    importer.house.consent("C-502", "email", granted=True)
    before = stands(importer, "email", "C-502")["state"]
    late = "event;time;customer\nunsubscribed;2026-03-01;C-502\nopened;2026-03-01;C-502\n"

    importer.house.clock.now += 86_400_000
    ran = imported(importer, "email-events", late.replace("2026-03-01", "2026-03-02T13:00:00"))

    assert (ran.status, before) == (0, "granted"), ran
    assert stands(importer, "email", "C-502")["state"] == "refused"
    (importer.folder / "email-events.csv").unlink()
    sample = imported(importer, "email-events")
    assert (sample.status, sample.counts) == (0, (7, 7, 0))
    names = [one["event"] for one in importer.events("C-501", "user_id")]
    assert sorted(names) == [
        "Email Delivered", "Email Link Clicked", "Email Opened", "Email Opened by Machine", "Email Sent",
    ]  # fmt: skip
    (machine,) = [one for one in importer.events("C-501", "user_id") if one["event"] == "Email Opened by Machine"]
    assert machine["properties"]["machine"] is True
    assert b"r=ada" not in stored(importer)


def test_an_old_unsubscription_does_not_undo_a_newer_consent(importer: Importer) -> None:
    importer.house.consent("C-502", "email", granted=True)

    imported(importer, "email-events")

    assert stands(importer, "email", "C-502")["state"] == "granted"


def test_a_house_without_the_purpose_takes_unsubscriptions_as_events(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genom.app.importing.run._purposes", lambda _: frozenset({"service"}))

    ran = imported(importer, "email-events", "event;time;customer\nunsubscribed;2026-03-01;C-1\n")

    assert (ran.status, "Said by them: 1 event." in ran.out) == (0, True), ran
    assert stands(importer, "email", "C-1")["state"] == "open"


def test_products_go_to_the_catalogue_with_their_tags(importer: Importer) -> None:
    ran = imported(importer, "products")

    assert (ran.status, "4 products" in ran.out) == (0, True), ran
    assert importer.house.node.desk.products["4711"] == ("DRINKS", "TEA")
    assert importer.house.node.desk.tags.concern({"3300": ("HEALTH", "DEVICES")})


def test_pages_of_a_log_keep_no_address_and_mark_bots(importer: Importer) -> None:
    ran = imported(importer, "access-logs")

    assert (ran.status, ran.counts) == (0, (5, 3, 0)), ran
    assert "1 row left out: requests for parts of pages" in ran.out
    assert "1 row left out: requests that were answered by no page" in ran.out
    (page,) = importer.events("C-501", "user_id")
    assert page["timestamp"] == "2026-03-02T08:01:30.000Z"
    profiles = importer.house.get("/v1/stats").told
    assert profiles["events"] == 3
    assert b"192.0.2" not in json.dumps(page).encode()


def test_events_of_any_kind_have_all_other_columns_as_properties(importer: Importer) -> None:
    ran = imported(importer, "events")

    assert (ran.status, ran.counts) == (0, (2, 2, 0)), ran
    booked = importer.events("C-501", "user_id")[-1]
    assert booked["event"] == "Workshop Booked"
    assert booked["properties"] == {"workshop": "tea tasting", "seats": "2"}


def test_a_mapping_says_which_columns_are_properties_and_what_the_event_is(importer: Importer) -> None:
    importer.file(
        "m.yaml", "type: events\nconstants: {event: Ticket Closed}\ncolumns: {time: am}\nproperties: {topic: Thema}\n"
    )

    ran = imported(importer, "events", "Kunde;am;Thema;intern\nu1;2026-03-01;Tee;geheim\n", "--mapping", "m.yaml")

    assert (ran.status, "Columns that are not read: intern" in ran.out) == (0, True), ran
    (event,) = importer.events("u1", "user_id")
    assert (event["event"], event["properties"]) == ("Ticket Closed", {"topic": "Tee"})


def test_a_visitor_without_a_name_is_an_anonymous_profile(importer: Importer) -> None:
    ran = imported(importer, "events", "event;time;anonymous_id;email\nSeen;2026-03-01;a-1;\n")

    assert ran.status == 0, ran
    assert importer.events("a-1", "anonymous_id")[0]["event"] == "Seen"
