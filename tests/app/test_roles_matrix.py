"""The matrix: every address with a key of every role; what a role lacks is refused, all else answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app.http import Route
from genom.app.roles import OWNER, ROLES, rights_of
from genom.app.routes import all_routes
from tests.app.events import order
from tests.app.house import House
from tests.app.segment_house import ORDERS, define
from tests.consent.tc_strings import encode
from tests.consent.test_tcf import PLAIN

BODY = {"userId": "u9", "event": "Seen", "batch": [], "point": "next_product", "person": {"user_id": "u9"}, "n": 1}
GUARDED = [route for route in all_routes() if not route.free]
BY_APP_ID = {"/com.snowplowanalytics.snowplow/tp2", "/i"}  # without a key they look at it: see test_snowplow_route


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, str]]]:
    with House(tmp_path_factory.mktemp("matrix") / "d") as house:
        house.take(order("u1"))
        keys = {role: key_of(house, role) for role in ROLES}
        yield house, keys | {OWNER: house.server_key}


def key_of(house: House, role: str, **how: object) -> str:
    return str(house.post("/v1/keys", {"name": f"of {role}", "role": role, "reason": "a test"} | how).told["key"])


def path_of(route: Route) -> str:
    return "/".join("nothing" if part.startswith("{") else part for part in route.path.split("/"))


@pytest.mark.parametrize("role", [*ROLES, OWNER])
@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")
def test_every_cell(house: tuple[House, dict[str, str]], route: Route, role: str) -> None:
    node, keys = house
    answer = node.run(node.ask(route.method, path_of(route), BODY, key=keys[role]))

    if route.right in rights_of(role):
        assert answer.status != 401
        assert answer.status != 403
    else:
        assert answer.status == 403
        assert answer.json["code"] == "key.no-right"
        assert route.right in answer.json["why"]


@pytest.mark.parametrize("route", GUARDED, ids=lambda route: f"{route.method} {route.path}")
def test_without_a_key_nothing_is_answered(house: tuple[House, dict[str, str]], route: Route) -> None:
    node, _ = house
    for key in ("sk_invented",) if route.path in BY_APP_ID else ("", "sk_invented"):
        assert node.run(node.ask(route.method, path_of(route), BODY, key=key)).status == 401


def test_a_key_serves_its_purposes_alone(house: tuple[House, dict[str, str]]) -> None:
    node, _ = house
    person = node.person("u1")
    key = key_of(node, "privacy_agent", purposes=["recommend"])

    answers = {
        purpose: node.get(f"/v1/people/{person}/genome?purpose={purpose}", key=key)
        for purpose in ("recommend", "personalise_onsite")
    }

    assert answers["recommend"].status == 200
    assert (answers["personalise_onsite"].status, answers["personalise_onsite"].json["code"]) == (403, "key.no-purpose")


@pytest.fixture
def limited(tmp_path: Path) -> Iterator[tuple[House, str]]:
    """A node on which a key may serve `recommend` alone; one person permits it, the other does not."""
    with House(tmp_path / "d") as house:
        house.consent("u1", "recommend", granted=True)
        house.consent("u1", "personalise_onsite", granted=True)
        house.serve(order("u1", 3.0), order("u2", 4.0))
        house.consent("u1", "recommend", granted=False)
        house.serve(order("u1", 5.0))
        house.consent("u1", "recommend", granted=True)
        house.consent("u2", "recommend", granted=False)
        yield house, key_of(house, "privacy_agent", purposes=["recommend"])


def test_a_key_of_a_purpose_reads_events_that_serve_it_alone(limited: tuple[House, str]) -> None:
    house, key = limited
    path = f"/v1/people/{house.person('u1')}/events"

    assert len(house.get(path).told["events"]) == 2
    assert [event["properties"]["total"] for event in house.get(path, key=key).told["events"]] == [3.0]
    nothing = house.get(f"/v1/people/{house.person('u2')}/events", key=key)
    assert (nothing.status, nothing.json["code"]) == (404, "person.not-permitted")


def test_a_key_of_a_purpose_reads_decisions_for_it_alone(limited: tuple[House, str]) -> None:
    house, key = limited
    mine = house.decide("u1", point="next_product")["decision_id"]
    other = house.decide("u1", point="next_offer")["decision_id"]
    path = f"/v1/people/{house.person('u1')}/decisions"
    by_point = {one["point"]: one["purpose"] for one in house.get(path).told["decisions"]}
    assert by_point == {"next_product": "recommend", "next_offer": "personalise_onsite"}

    assert [one["point"] for one in house.get(path, key=key).told["decisions"]] == ["next_product"]
    assert house.get(f"/v1/decisions/{mine}", key=key).status == 200
    assert house.get(f"/v1/decisions/{other}", key=key).json["code"] == "key.no-purpose"


def test_a_key_of_a_purpose_gets_no_copy_of_everything(limited: tuple[House, str]) -> None:
    house, key = limited

    answer = house.get(f"/v1/people/{house.person('u1')}/export", key=key)

    assert (answer.status, answer.json["code"]) == (403, "key.no-purpose")


def test_a_key_of_a_purpose_reads_segments_for_it_alone(limited: tuple[House, str]) -> None:
    house, key = limited
    for name, purpose in (("mine", "recommend"), ("theirs", "personalise_onsite")):
        define(house, {"gene": ORDERS, "is": ">=", "value": 0}, name, purpose=purpose)

    for what in ("members?reason=x", "genome?reason=x&genes=value.orders.count", "changes"):
        assert house.get(f"/v1/segments/theirs/{what}", key=key).json["code"] == "key.no-purpose", what
        assert house.get(f"/v1/segments/mine/{what}", key=key).status != 403, what
    told = house.get(f"/v1/people/{house.person('u1')}/segments", key=key).told["segments"]
    assert [one["id"] for one in told] == ["mine"]


NAMED: dict[str, Any] = {"type": "user_id", "value": "u1"}
WHOLE: dict[str, Any] = {  # about a person as a whole, with a body that would do: keys of some purposes are refused
    "GET /v1/people/{person}/export": None,
    "POST /v1/portal-links": NAMED,
    "GET /v1/requests": None,
    "POST /v1/requests": NAMED | {"kind": "access"},
    "GET /v1/requests/{request}": None,
    "POST /v1/requests/{request}": {"act": "start"},
    "POST /v1/requests/{request}/copy": {},
    "POST /v1/people:unlink": NAMED,
    "POST /v1/people:undo-unlink": NAMED,
    "POST /v1/people:import-copy": b"",
    "POST /v1/people:erase": NAMED,
    "POST /v1/people:find": NAMED,
    "DELETE /v1/sample": None,
    "GET /v1/rejected": None,
    "GET /v1/rejected/{row}": None,
    "POST /v1/rejected:replay": {"all": True},
    "POST /v1/consent/tc": NAMED | {"tc": encode(PLAIN._replace(consents=2047))},
    "POST /v1/consent/google": NAMED | {"google": {"ad_storage": "granted"}},
    "POST /v1/consent/gpp": NAMED | {"gpp": "DBAA"},
    "POST /v1/consent/minor": NAMED | {"minor": True},
    "POST /v1/consent/region": NAMED | {"country": "US"},
}
BY_PURPOSE = {  # the handler asks for which purpose it reads or writes
    "GET /v1/people/{person}/genome",
    "GET /v1/people/{person}/events",
    "GET /v1/people/{person}/decisions",
    "GET /v1/people/{person}/segments",
    "GET /v1/people/{person}/consent",
    "POST /v1/consent:state",
    "POST /v1/consent",
    "GET /v1/decisions/{decision}",
    "GET /v1/segments/{segment}/members",
    "GET /v1/segments/{segment}/changes",
    "GET /v1/segments/{segment}/genome",
}
NO_DATA = {"POST /v1/people:lookup"}  # answers with a public id, and for a key of purposes only if one is permitted


def test_each_way_to_people_is_open_to_keys_of_a_purpose_for_it_alone_or_closed(limited: tuple[House, str]) -> None:
    house, key = limited
    rights = {"people.read", "people.find", "people.change", "people.erase", "requests.read", "requests.write"}
    rights |= {"rejected.read", "rejected.raw", "rejected.write"}
    reached = {f"{route.method} {route.path}" for route in GUARDED if route.right in rights}
    assert reached == WHOLE.keys() | BY_PURPOSE | NO_DATA
    number = house.post("/v1/requests", NAMED | {"kind": "access"}).told["id"]
    entries = sum(1 for _ in house.node.ledger.replay())

    for address, body in WHOLE.items():
        method, _, path = address.partition(" ")
        path = path.replace("{person}", house.person("u1")).replace("{request}", number)
        answer = house.run(house.ask(method, path, body, key=key))
        assert (answer.status, answer.json["code"]) == (403, "key.no-purpose"), address
    assert house.get(f"/v1/requests/{number}").told["state"] == "received"
    assert sum(1 for _ in house.node.ledger.replay()) == entries
    assert house.person("u1")


@pytest.mark.parametrize("granted", [True, False])
def test_a_key_of_a_purpose_records_choices_about_it_alone(limited: tuple[House, str], granted: bool) -> None:
    house, key = limited
    mine, theirs = (NAMED | {"purpose": purpose, "granted": granted} for purpose in ("recommend", "ads_retarget"))
    entries = [entry.purpose for entry in house.node.ledger.replay()]

    for body in (theirs, {"consents": [mine, theirs]}):
        refused = house.post("/v1/consent", body, key=key)
        assert (refused.status, refused.json["code"]) == (403, "key.no-purpose")
    assert house.post("/v1/consent", mine, key=key).told["granted"] is granted

    assert [entry.purpose for entry in house.node.ledger.replay()] == [*entries, "recommend"]


def test_a_key_of_a_purpose_tries_rules_for_it_alone(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key = key_of(house, "marketer", purposes=["recommend"])
        rule = {"gene": ORDERS, "is": ">=", "value": 0}

        tried = {
            purpose: house.post("/v1/segments/preview", {"purpose": purpose, "rule": rule}, key=key)
            for purpose in ("recommend", "personalise_onsite")
        }

        assert tried["recommend"].status == 200
        assert (tried["personalise_onsite"].status, tried["personalise_onsite"].json["code"]) == (403, "key.no-purpose")


def test_a_key_of_a_purpose_gives_no_access_that_reaches_further(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, long_enough = key_of(house, "admin", purposes=["recommend", "email"]), "a long enough one"
        house.post("/v1/users", {"name": "mara", "role": "marketer", "password": long_enough}).told  # noqa: B018

        def make(*purposes: str) -> int:
            asked = {"name": "more", "role": "analyst", "purposes": list(purposes), "reason": "a test"}
            return house.post("/v1/keys", asked, key=key).status

        assert (make("recommend"), make("email", "recommend")) == (200, 200)
        assert (make(), make("recommend", "personalise_onsite")) == (403, 403)
        for user in ({"name": "nora", "role": "analyst"}, {"name": "mara"}):
            refused = house.post("/v1/users", user | {"password": long_enough}, key=key)
            assert (refused.status, refused.json["code"]) == (403, "key.no-purpose")
        assert [user["name"] for user in house.get("/v1/users").told["users"]] == ["mara"]


def test_who_reads_people_says_why(house: tuple[House, dict[str, str]]) -> None:
    node, _ = house
    silent = key_of(node, "privacy_agent", reason="")
    path = f"/v1/people/{node.person('u1')}/events"

    assert node.get(path, key=silent).json["code"] == "key.no-reason"
    assert node.get(path.replace("/events", "/export"), key=silent).json["code"] == "key.no-reason"
    assert node.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}, key=silent).status == 400
    assert node.get(path, key=silent, headers={"X-Reason": "case 7"}).status == 200
    assert node.get(path, key=silent, headers={"X-Reason": "x" * 501}).json["code"] == "audit.reason"


def test_a_key_that_tries_all_identifiers_has_to_wait(tmp_path: Path) -> None:
    with House(tmp_path / "d", lookups_per_minute=3) as node:
        node.serve(order("u1"))
        tried = [node.post("/v1/people:lookup", {"type": "user_id", "value": f"u{n}"}) for n in range(5)]

        assert [answer.status for answer in tried] == [404, 200, 404, 429, 429]
        assert (tried[-1].json["code"], tried[-1].headers["retry-after"]) == ("request.too-many", "60")
        node.clock.now += 60_000
        assert node.post("/v1/people:lookup", {"type": "user_id", "value": "u1"}).status == 200


def test_a_key_is_shown_once_and_can_be_taken_back(house: tuple[House, dict[str, str]]) -> None:
    node, _ = house
    made = node.post("/v1/keys", {"name": "shop", "role": "analyst", "reason": "weekly figures"}).told
    listed = {key["id"]: key for key in node.get("/v1/keys").told["keys"]}
    assert (listed[made["id"]]["role"], listed[made["id"]]["reason"]) == ("analyst", "weekly figures")
    assert made["key"] not in str(listed)
    assert made["key"].encode() not in b"".join(file.read_bytes() for file in Path(node.path).glob("catalogue*"))
    assert node.get("/v1/stats", key=made["key"]).status == 200

    assert node.run(node.ask("DELETE", f"/v1/keys/{made['id']}")).status == 200

    assert node.get("/v1/stats", key=made["key"]).status == 401
    assert node.run(node.ask("DELETE", f"/v1/keys/{made['id']}")).status == 404


def test_what_is_no_key_is_refused_in_words(house: tuple[House, dict[str, str]]) -> None:
    node, _ = house
    owner = next(k for k in node.get("/v1/keys").told["keys"] if k["kind"] == "server" and k["role"] == OWNER)

    assert node.post("/v1/keys", {"name": "x", "role": "analist"}).json["fix"].count("analyst") == 1
    assert node.post("/v1/keys", {"name": "", "role": "analyst"}).json["code"] == "key.name"
    assert node.post("/v1/keys", {"name": "x", "role": "analyst", "purposes": ["nothing"]}).status == 400
    assert node.run(node.ask("DELETE", f"/v1/keys/{owner['id']}")).json["code"] == "key.last"
    assert node.get("/v1/stats").status == 200


def test_no_role_makes_itself_the_owner(house: tuple[House, dict[str, str]]) -> None:
    """A one-time link into the console has every right, so a key with a role may not make one."""
    node, keys = house
    for role in ROLES:
        assert node.post("/v1/console-links", {}, key=keys[role]).status == 403
        assert node.post("/v1/keys", {"name": "x", "role": OWNER}, key=keys[role]).status in {400, 403}
        assert node.post("/v1/users", {"name": "x1", "role": OWNER, "password": "x" * 12}, key=keys[role]).status in {
            400,
            403,
        }


RESERVED_ROLES = ("privacy_agent", "dpo")


@pytest.mark.parametrize("role", RESERVED_ROLES)
def test_who_looks_after_users_can_neither_become_nor_make_who_reads_people(
    house: tuple[House, dict[str, str]], role: str
) -> None:
    node, keys = house
    owner, name = node.server_key, role.replace("_", "-")
    password = "a long enough one"
    assert node.post("/v1/users", {"name": name, "role": role, "password": password}, key=owner).status == 200
    theirs = node.post("/v1/keys", {"name": "theirs", "role": role, "reason": "calls"}, key=owner).told["id"]
    first = next(k["id"] for k in node.get("/v1/keys").told["keys"] if k["role"] == OWNER)
    admin = keys["admin"]
    refused = [
        node.post("/v1/users", {"name": "new", "role": role, "password": password}, key=admin),
        node.post("/v1/users", {"name": name, "role": "marketer"}, key=admin),
        node.post("/v1/users", {"name": name, "password": "their new password"}, key=admin),
        node.run(node.ask("DELETE", f"/v1/users/{name}", key=admin)),
        node.post("/v1/keys", {"name": "mine", "role": role, "reason": "calls"}, key=admin),
        node.run(node.ask("DELETE", f"/v1/keys/{theirs}", key=admin)),
        node.run(node.ask("DELETE", f"/v1/keys/{first}", key=admin)),
    ]

    assert {(answer.status, answer.json["code"]) for answer in refused} == {(403, "role.reserved")}
    assert node.post("/v1/users", {"name": f"m-{name}", "role": "marketer", "password": password}, key=admin).told
    assert node.post("/v1/users", {"name": f"m-{name}", "role": role}, key=admin).status == 403
    assert node.run(node.ask("DELETE", f"/v1/users/{name}", key=owner)).status == 200
