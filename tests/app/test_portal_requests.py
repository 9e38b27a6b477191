"""The person asks for what the law gives, on their own pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app import audit
from genom.portal.visit import COOKIE
from tests.app.events import order
from tests.app.house import DAY, START, House
from tests.app.portal import plain, visit

MINUTE = 60_000
KINDS = ("access", "portability", "rectification", "restriction", "objection", "erasure")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        house.consent("ada", "personalise_onsite", granted=True)
        house.take(order("ada", 10, at=START - 5 * DAY), order("bob", 10))
        yield house


@pytest.mark.parametrize("kind", KINDS)
def test_each_request_can_be_filed_and_shows_its_date(house: House, kind: str) -> None:
    me = visit(house, "ada")
    assert f'value="{kind}"' in me.get("/me/requests")

    me.press("/me/requests", kind=kind, note="Please <b>now</b>.")

    (asked,) = house.get("/v1/requests").told["requests"]
    assert (asked["kind"], asked["via"], asked["proof"]) == (kind, "portal", "session")
    assert asked["checked_at"] == house.clock.now
    assert asked["note"] == "Please <b>now</b>."
    shown = me.text("/me/requests")
    assert ("answer by 2 Apr 2026" in shown) == (kind != "objection")
    assert "What you have asked for" in shown
    assert "What you have asked for" not in visit(house, "bob").text("/me/requests")


def test_an_objection_acts_at_once(house: House) -> None:
    me = visit(house, "ada")
    me.press("/me/requests", kind="objection", note="")

    assert house.get("/v1/requests").told["requests"][0]["state"] == "done"
    person = house.node.world.people.person(house.node.world.profiles.find("user_id", "ada"))
    marketing = sum(one.mask for one in house.node.purposes.every if one.direct_marketing)
    assert house.node.effective(person, house.clock.now) & marketing == 0
    entries = [entry for entry in house.node.ledger.replay() if entry.act == "objection"]
    assert {entry.actor for entry in entries} == {"person"}
    assert "no more advertising" in me.text("/me/requests?done=objection")


def test_a_session_that_began_long_ago_proves_nothing(house: House) -> None:
    me = visit(house, "ada")
    house.clock.now += 16 * MINUTE

    me.press("/me/requests", kind="erasure", note="")

    (asked,) = house.get("/v1/requests").told["requests"]
    assert (asked["proof"], asked["state"], asked["checked_at"]) == ("", "proof_asked", 0)
    answer = house.post(f"/v1/requests/{asked['id']}", {"act": "do"})
    assert answer.json["code"] == "request.no-proof"


def test_the_person_reads_why_it_takes_longer_or_was_refused(house: House) -> None:
    me = visit(house, "ada", language="de")
    me.press("/me/requests", kind="access", note="")
    (asked,) = house.get("/v1/requests").told["requests"]

    house.post(f"/v1/requests/{asked['id']}", {"act": "extend", "reason": "Drei Systeme."}).told  # noqa: B018
    assert "Antwort bis 02.06.2026" in me.text("/me/requests")
    assert "Warum es länger dauert: Drei Systeme." in me.text("/me/requests")
    house.post(f"/v1/requests/{asked['id']}", {"act": "refuse", "reason": "Schon beantwortet."}).told  # noqa: B018
    assert "Warum abgelehnt wurde: Schon beantwortet." in me.text("/me/requests")
    assert "Merkmal" not in me.text("/me/requests")


@pytest.mark.parametrize("fields", [{"kind": ""}, {"kind": "riches"}, {"kind": "access", "note": "x" * 501}])
def test_a_request_that_makes_no_sense_is_not_sent(house: House, fields: dict[str, str]) -> None:
    me = visit(house, "ada")
    answer = house.browse("/me/requests", fields, cookie=me.cookie)

    assert answer.status == 400
    assert "Nothing was sent" in plain(answer.body.decode())
    assert house.get("/v1/requests").told["requests"] == []


def test_nobody_asks_without_a_session_or_from_elsewhere(house: House) -> None:
    me, form = visit(house, "ada"), {"kind": "erasure", "note": ""}

    assert house.browse("/me/requests", form).status == 401
    assert house.browse("/me/requests", form, cookie=me.cookie, headers={"sec-fetch-site": "cross-site"}).status == 403
    assert house.get("/v1/requests").told["requests"] == []


@pytest.mark.parametrize("confirmed", ["login", "mail", ""])
def test_what_the_shop_says_of_the_link_stands_with_the_request(house: House, confirmed: str) -> None:
    asked = {"type": "user_id", "value": "ada", "confirmed": confirmed}
    url = house.post("/v1/portal-links", asked).told["url"]
    session = house.app.sessions.redeem("portal", url.partition("token=")[2], now=house.clock.now)

    sent = house.browse("/me/requests", {"kind": "access", "note": ""}, cookie=f"{COOKIE}={session}")

    (asked,) = house.get("/v1/requests").told["requests"]
    assert sent.headers["location"].endswith("done=access")
    assert (asked["proof"], asked["checked_at"]) == (confirmed or "session", house.clock.now)
    assert house.post("/v1/portal-links", {"type": "user_id", "value": "ada", "confirmed": "sure"}).status == 400


def test_an_old_session_asks_for_a_fresh_log_in_and_the_time_runs_on(house: House) -> None:
    old = visit(house, "ada")
    house.clock.now += 16 * MINUTE

    answer = old.press("/me/requests", kind="access", note="")
    assert "come back by a new link from the shop" in old.text(dict(answer.headers)["location"])
    (asked,) = house.get("/v1/requests").told["requests"]
    due = asked["due_at"]
    assert "Yes, I asked for this" not in old.get("/me/requests")
    assert house.post(f"/v1/requests/{asked['id']}/copy", {}).json["code"] == "request.no-proof"
    fresh = visit(house, "ada")
    assert "Yes, I asked for this" in fresh.get("/me/requests")
    fresh.press("/me/requests", kind="access", note="")

    (asked,) = house.get("/v1/requests").told["requests"]
    assert (asked["proof"], asked["state"], asked["due_at"]) == ("session", "received", due)
    assert "Yes, I asked for this" not in fresh.get("/me/requests")
    rows = audit.rows(house.node.catalogue, action="request.proved")
    assert [row.details for row in rows] == [{"request": "access", "proof": "session", "checked": True}]
    assert house.post(f"/v1/requests/{asked['id']}/copy", {}).status == 200


def test_what_only_genom_can_find_cannot_be_said(house: House) -> None:
    asked = {"kind": "access", "type": "user_id", "value": "ada"}
    for proof in ("session", "login"):
        assert house.post("/v1/requests", asked | {"proof": proof}).json["code"] == "request.proof"
    filed = house.post("/v1/requests", asked | {"proof": "document"}).told
    assert filed["checked_at"] == 0

    visit(house, "ada").press("/me/requests", kind="access", note="")

    (now,) = house.get("/v1/requests").told["requests"]
    assert (now["id"], now["proof"], now["checked_at"]) == (filed["id"], "session", house.clock.now)
    assert house.post(f"/v1/requests/{now['id']}", {"act": "start", "proof": "known"}).told["proof"] == "session"
