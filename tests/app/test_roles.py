"""Every address names a right, and no role holds more than its work needs."""

from __future__ import annotations

from pathlib import Path

import pytest

from genom.app.pages.role_words import RIGHT_NAMES, ROLE_NAMES
from genom.app.roles import RIGHTS, ROLES
from genom.app.routes import all_routes
from tests.app.house import House


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


def test_every_right_and_role_has_words_but_those_that_no_page_needs() -> None:
    assert RIGHT_NAMES.keys() == RIGHTS.keys() - {"collect", "decide"}
    assert ROLE_NAMES.keys() >= ROLES.keys()


@pytest.mark.parametrize(("language", "words"), [
    ("en", "a right that you do not have: the audit log.\nThese roles have it: Data-protection officer."),
    ("de", "hierfür fehlt Ihnen ein Recht: das Prüfprotokoll.\nDiese Rollen haben es: Datenschutzbeauftragte Person."),
])  # fmt: skip
def test_whoever_is_refused_a_page_reads_in_words_what_is_missing(tmp_path: Path, language: str, words: str) -> None:
    with House(tmp_path / "d") as house:
        house.app.users.add("mia", "marketer", "correct horse battery", now=house.clock.now)

        page = house.browse("/audit", cookie=house.sign_in(subject="mia", reason=""), language=language)

    assert page.status == 403
    assert words in page.body.decode()
