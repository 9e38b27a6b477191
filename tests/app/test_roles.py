"""Every address names a right, and no role holds more than its work needs."""

from __future__ import annotations

from genom.app.roles import RIGHTS, ROLES
from genom.app.routes import all_routes


def test_every_address_names_a_right_or_is_free() -> None:
    wrong = [f"{r.method} {r.path}" for r in all_routes() if (r.right in RIGHTS) == r.free]

    assert wrong == []


def test_every_right_is_needed_by_an_address() -> None:
    assert {route.right for route in all_routes() if not route.free} == set(RIGHTS)


def test_every_right_of_a_role_exists() -> None:
    assert all(rights <= RIGHTS.keys() for rights in ROLES.values())


def test_only_the_privacy_agent_reaches_single_people() -> None:
    reach = {role for role, rights in ROLES.items() if any(right.startswith("people.") for right in rights)}

    assert reach == {"privacy_agent"}


def test_what_lists_single_people_needs_the_right_to_read_them() -> None:
    lists = {"/v1/segments/{segment}/members", "/v1/segments/{segment}/changes", "/v1/segments/{segment}/genome"}
    rows = [r for r in all_routes() if r.path in lists or r.path.startswith(("/v1/people/{", "/v1/decisions/{"))]

    assert len(rows) == 10
    assert {route.right for route in rows} == {"people.read"}
