"""The matrix: every address with a key of every role; what a role lacks is refused, all else answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.http import Route
from genom.app.roles import OWNER, ROLES, rights_of
from genom.app.routes import all_routes
from tests.app.events import order
from tests.app.house import House

BODY = {"userId": "u9", "event": "Seen", "batch": [], "point": "next_product", "person": {"user_id": "u9"}, "n": 1}
GUARDED = [route for route in all_routes() if not route.free]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, dict[str, str]]]:
    with House(tmp_path_factory.mktemp("matrix") / "d") as house:
        house.take(order("u1"))
        keys = {role: key_of(house, role) for role in ROLES}
        yield house, keys | {OWNER: house.server_key}


def key_of(house: House, role: str, **how: object) -> str:
    return str(house.post("/v1/keys", {"name": f"of {role}", "role": role} | how).told["key"])


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
    for key in ("", "sk_invented"):
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
