"""Roles on the console: who lacks a right gets no link and 403; every page with every role (A10)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from genom.app.pages import mount
from genom.app.pages.role_words import RIGHT_NAMES, ROLE_NAMES
from genom.app.roles import ROLES, rights_of
from genom.console.page import Page, Route
from tests.app.events import order
from tests.app.house import House

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, list[tuple[Page, Route]], dict[str, str]]]:
    pages: list[Page] = []
    patches = pytest.MonkeyPatch()
    real = mount._console_pages
    patches.setattr(mount, "_console_pages", lambda *given: pages.extend(found := real(*given)) or found)
    with House(tmp_path_factory.mktemp("roles") / "d") as house:
        house.serve(order("u1"), order("u2"))
        cookies = {}
        for role in ROLES:
            name = f"of-{role}".replace("_", "-")
            house.post("/v1/users", {"name": name, "role": role, "password": PASSWORD}).told  # noqa: B018
            cookies[role] = house.browse("/login", {"name": name, "password": PASSWORD}).headers["set-cookie"]
        yield house, [(page, route) for page in pages for route in page.routes], cookies
    patches.undo()


@pytest.mark.parametrize("role", ROLES)
def test_every_page_asks_for_its_right(
    house: tuple[House, list[tuple[Page, Route]], dict[str, str]], role: str
) -> None:
    node, routes, cookies = house
    assert len(routes) > 35
    for page, route in routes:
        right, path = route.right or page.right, re.sub(r"\{[^}]*\}", "nothing", route.path)
        assert right, path
        if "stream" in path:
            continue  # it stays open; the page that opens it asks for the same right
        form = None if route.method == "GET" else {"act": "nothing"}
        status = node.browse(path, form, cookie=cookies[role]).status
        assert (status == 403) == (right not in rights_of(role)), (path, route.method, status)


@pytest.mark.parametrize("role", ROLES)
def test_no_link_leads_to_a_page_that_the_role_may_not_open(
    house: tuple[House, list[tuple[Page, Route]], dict[str, str]], role: str
) -> None:
    node, _, cookies = house
    seen, ahead = set[str](), ["/"]
    while ahead:
        path = ahead.pop()
        if path in seen or len(seen) > 60:
            continue
        seen.add(path)
        answer = node.browse(path, cookie=cookies[role])
        assert answer.status == 200, (role, path, answer.status)
        found = re.findall(r'<a\b[^>]*?\bhref="(/[^"#]*)', answer.body.decode())
        ahead += [link.replace("&amp;", "&") for link in found]
    assert ("/people" in seen) == ("people.find" in rights_of(role))
    assert ("/access" in seen) == ("access" in rights_of(role))


def test_what_is_refused_says_who_may(house: tuple[House, list[tuple[Page, Route]], dict[str, str]]) -> None:
    node, _, cookies = house
    page = node.browse("/people", cookie=cookies["marketer"]).body.decode()

    assert RIGHT_NAMES["people.find"][0] in page
    assert ROLE_NAMES["privacy_agent"][0] in page


def test_who_comes_by_a_link_of_the_machine_may_do_everything(
    house: tuple[House, list[tuple[Page, Route]], dict[str, str]],
) -> None:
    node, routes, _ = house
    cookie = node.sign_in()
    for page, route in routes:
        if route.method == "GET" and "stream" not in route.path and page.right != "access":
            assert node.browse(re.sub(r"\{[^}]*\}", "nothing", route.path), cookie=cookie).status != 403


def test_users_and_keys_are_changed_on_their_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    with House(tmp_path_factory.mktemp("access") / "d") as house:
        cookie = house.sign_in()
        new = {"act": "add", "name": "mara", "role": "marketer", "password": PASSWORD}
        assert house.browse("/access/users", new, cookie=cookie).headers["location"] == "/access?done=add"
        mara = house.browse("/login", {"name": "mara", "password": PASSWORD}).headers["set-cookie"]
        assert house.browse("/segments", cookie=mara).status == 200

        change = {"act": "change", "name": "mara", "role": "analyst"}
        assert house.browse("/access/users", change, cookie=cookie).status == 303
        assert house.browse("/segments", cookie=mara).status == 303  # logged out

        made = house.browse("/access/keys", {"act": "make", "name": "shop", "role": "analyst"}, cookie=cookie)
        (key,) = re.findall(r">(sk_[^<]+)<", made.body.decode())
        assert house.get("/v1/stats", key=key).status == 200
        assert key not in house.browse("/access", cookie=cookie).body.decode()
        keys = house.get("/v1/keys").told["keys"]
        ident = next(one["id"] for one in keys if one["name"] == "shop")
        assert house.browse("/access/keys", {"act": "remove", "key": ident}, cookie=cookie).status == 303
        assert house.get("/v1/stats", key=key).status == 401

        again = house.browse("/access/users", new, cookie=cookie, language="de")
        assert again.status == 400
        assert "Es wurde nichts geändert" in again.body.decode()
        assert PASSWORD not in again.body.decode()
        assert house.browse("/access/users", {"act": "remove", "name": "mara"}, cookie=cookie).status == 303
        assert house.get("/v1/users").told == {"users": []}
