"""People who log in: names, roles, passwords; nothing tells a wrong name from a wrong password."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app import users
from genom.app.catalogue import Catalogue
from genom.app.users import Users
from genom.errors import BadRequest, Busy, GenomError, NotFound, NotPermitted, UnknownName
from tests.app.house import House

PASSWORD = "correct horse battery"


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    catalogue = Catalogue(tmp_path / "c.sqlite")
    yield catalogue
    catalogue.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


def test_the_right_password_lets_in_after_a_restart_too(catalogue: Catalogue) -> None:
    Users(catalogue).add("mara", "marketer", PASSWORD, now=7)

    again = Users(catalogue)

    assert again.check("mara", PASSWORD, address="::1") == again.every()[0]
    assert (again.role("mara"), again.role("nobody")) == ("marketer", "")
    with pytest.raises(NotPermitted):
        again.check("mara", PASSWORD + " ", address="::1")


def test_no_password_stands_in_the_file(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "c.sqlite")
    Users(catalogue).add("mara", "marketer", PASSWORD, now=7)
    catalogue.close()

    kept = (tmp_path / "c.sqlite").read_bytes()

    assert b"$argon2id$v=19$m=19456,t=2,p=1$" in kept
    assert PASSWORD.encode() not in kept


def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nothing(catalogue: Catalogue) -> None:
    known = Users(catalogue)
    known.add("mara", "marketer", PASSWORD, now=7)
    said = []
    for name in ("mara", "nobody"):
        with pytest.raises(NotPermitted) as refused:
            known.check(name, "wrong and wrong", address="::1")
        said.append(str(refused.value))

    assert said[0] == said[1]


def test_an_unknown_name_costs_a_hash_as_well(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> None:
    known, hashed = Users(catalogue), list[str]()
    real = users._right
    monkeypatch.setattr(users, "_right", lambda password, kept: hashed.append(kept) or real(password, kept))

    with pytest.raises(NotPermitted):
        known.check("nobody", PASSWORD, address="::1")

    assert len(hashed) == 1
    assert hashed[0].startswith("$argon2id$")


def test_after_ten_wrong_passwords_even_the_right_one_waits(
    catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(users.time, "monotonic", lambda: clock[0])
    known = Users(catalogue)
    known.add("mara", "marketer", PASSWORD, now=7)
    for number in range(10):
        with pytest.raises(NotPermitted):
            known.check("mara", f"wrong and wrong {number}", address="10.0.0.1")

    with pytest.raises(Busy):
        known.check("mara", PASSWORD, address="10.0.0.1")
    assert known.check("mara", PASSWORD, address="10.0.1.1").role == "marketer"  # a stranger does not keep her out
    clock[0] += 901
    assert known.check("mara", PASSWORD, address="10.0.0.1").role == "marketer"


@pytest.fixture
def tried(catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch) -> tuple[Users, list[float]]:
    """Users of whom one is known, without hashes, of which hundreds take a minute; and a clock."""
    clock = [100.0]
    monkeypatch.setattr(users.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(users, "_right", lambda password, _: password == PASSWORD)
    known = Users(catalogue)
    known.add("mara", "marketer", PASSWORD, now=7)
    return known, clock


def fail(known: Users, times: int, *, name: str = "mara", address: str = "10.0.0.{}", browser: str = "") -> None:
    for number in range(times):
        with pytest.raises(NotPermitted):
            known.check(name, "wrong and wrong", address=address.format(number), browser=browser)


def test_a_name_that_many_addresses_try_waits_longer_and_longer_but_is_not_locked(
    tried: tuple[Users, list[float]],
) -> None:
    known, clock = tried
    fail(known, 30)

    waits = []
    for number in range(12):
        waited = 0
        while True:
            try:
                known.check("mara", "wrong and wrong", address=f"10.0.1.{number}")
            except Busy:
                waited, clock[0] = waited + 1, clock[0] + 1
            except NotPermitted:
                break
        waits.append(waited)

    assert waits[:9] == [1, 2, 4, 8, 16, 32, 64, 128, 256]
    assert max(waits) <= 300
    clock[0] += 300
    assert known.check("mara", PASSWORD, address="10.0.9.9").role == "marketer"


def test_a_browser_that_was_there_before_does_not_wait_for_strangers(tried: tuple[Users, list[float]]) -> None:
    known, _ = tried
    fail(known, 10, address="10.0.0.1")
    fail(known, 20, address="10.0.2.{}")

    with pytest.raises(Busy):
        known.check("mara", PASSWORD, address="10.0.0.1")
    assert known.check("mara", PASSWORD, address="10.0.0.1", browser="hers").role == "marketer"
    fail(known, 10, address="10.0.0.1", browser="hers")
    with pytest.raises(Busy):
        known.check("mara", PASSWORD, address="10.0.0.1", browser="hers")


def test_all_addresses_of_one_network_of_ipv6_count_as_one(tried: tuple[Users, list[float]]) -> None:
    known, _ = tried
    fail(known, 10, address="2001:db8::{}")

    with pytest.raises(Busy):
        known.check("mara", PASSWORD, address="2001:db8::ffff:1")
    assert known.check("mara", PASSWORD, address="2001:db8:0:1::1").role == "marketer"


def test_a_flood_of_other_names_makes_nobody_forget_who_is_tried(
    tried: tuple[Users, list[float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(users, "_WATCHED", 30)
    known, _ = tried
    fail(known, 10, address="10.0.0.1")
    for number in range(200):
        fail(known, 1, name=f"user{number}", address=f"10.1.0.{number}")

    with pytest.raises(Busy):
        known.check("mara", PASSWORD, address="10.0.0.1")


def test_one_address_that_tries_many_names_is_slowed_down(catalogue: Catalogue) -> None:
    known = Users(catalogue)
    for number in range(60):
        with pytest.raises(NotPermitted):
            known.check(f"user{number}", "wrong and wrong", address="10.0.0.1")

    with pytest.raises(Busy):
        known.check("mara", PASSWORD, address="10.0.0.1")


@pytest.mark.parametrize(
    ("name", "role", "password", "error"),
    [
        ("Mara", "marketer", PASSWORD, BadRequest),
        ("m", "marketer", PASSWORD, BadRequest),
        ("../mara", "marketer", PASSWORD, BadRequest),
        ("admin", "marketer", PASSWORD, BadRequest),
        ("mara", "owner", PASSWORD, UnknownName),
        ("mara", "king", PASSWORD, UnknownName),
        ("mara", "marketer", "short", BadRequest),
        ("mara", "marketer", "x" * 201, BadRequest),
        ("taken", "marketer", PASSWORD, BadRequest),
    ],
)
def test_what_cannot_be_a_user_is_refused(
    catalogue: Catalogue, name: str, role: str, password: str, error: type[GenomError]
) -> None:
    known = Users(catalogue)
    known.add("taken", "marketer", PASSWORD, now=7)

    with pytest.raises(error):
        known.add(name, role, password, now=7)

    assert [user.name for user in known.every()] == ["taken"]


def test_who_was_removed_is_unknown(catalogue: Catalogue) -> None:
    known = Users(catalogue)
    known.add("mara", "marketer", PASSWORD, now=7)
    known.remove("mara")

    for asked in (lambda: known.remove("mara"), lambda: known.set_role("mara", "analyst")):
        with pytest.raises(NotFound):
            asked()
    with pytest.raises(NotPermitted):
        known.check("mara", PASSWORD, address="::1")


def entered(house: House, **form: str) -> Any:
    return house.browse("/login", {"name": "mara", "password": PASSWORD} | form)


def cookie_of(house: House, role: str = "marketer") -> str:
    house.post("/v1/users", {"name": "mara", "role": role, "password": PASSWORD}).told  # noqa: B018
    answer = entered(house)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert "HttpOnly" in answer.headers["set-cookie"]
    return str(answer.headers["set-cookie"].partition(";")[0])


def test_a_user_logs_in_with_name_and_password(house: House) -> None:
    cookie = cookie_of(house)

    assert house.browse("/", cookie=cookie).status == 200
    wrong = entered(house, password="wrong and wrong")
    assert wrong.status == 401
    assert b"set-cookie" not in wrong.body
    assert "wrong" in wrong.body.decode()
    assert (
        house.browse("/login", {"name": "mara", "password": PASSWORD}, headers={"sec-fetch-site": "cross-site"}).status
        == 403
    )


@pytest.mark.parametrize("change", [{"role": "analyst"}, {"password": "another long one"}])
def test_a_change_of_role_or_password_ends_the_sessions(house: House, change: dict[str, str]) -> None:
    cookie = cookie_of(house)

    house.post("/v1/users", {"name": "mara"} | change).told  # noqa: B018

    assert house.browse("/", cookie=cookie).status == 303
    house.restart()
    assert house.browse("/", cookie=cookie).status == 303


def test_a_removed_user_is_out_at_once(house: House) -> None:
    cookie = cookie_of(house)

    assert house.run(house.ask("DELETE", "/v1/users/mara")).status == 200

    assert house.browse("/", cookie=cookie).status == 303
    assert entered(house).status == 401
    assert [row["action"] for row in house.get("/v1/audit").told["rows"]][:2] == ["user.removed", "user.added"]


def jar(answer: Any) -> dict[str, str]:
    """Name of a cookie → its whole line."""
    return {line.partition("=")[0]: line for line in answer.cookies}


def test_a_browser_in_which_somebody_logged_in_is_known_again_until_they_are_removed(house: House) -> None:
    house.post("/v1/users", {"name": "mara", "role": "marketer", "password": PASSWORD}).told  # noqa: B018
    given = jar(entered(house))
    assert "SameSite=strict" in given["genom_console"]
    assert "Path=/;" in given["genom_console"]
    for word in ("SameSite=strict", "HttpOnly", "Path=/login"):
        assert word in given["genom_browser"]
    browser = given["genom_browser"].partition(";")[0]
    assert house.browse("/", cookie=browser.replace("genom_browser", "genom_console")).status == 303  # opens nothing
    house.restart()
    for _ in range(10):
        assert entered(house, password="wrong and wrong").status == 401
    assert entered(house).status == 429

    again = house.browse("/login", {"name": "mara", "password": PASSWORD}, cookie=browser)
    other = house.browse("/login", {"name": "nora", "password": PASSWORD}, cookie=browser)

    assert (again.status, list(jar(again))) == (303, ["genom_browser", "genom_console"])
    assert jar(again)["genom_browser"].partition(";")[0] == browser
    assert other.status == 401
    house.post("/v1/users", {"name": "mara", "password": "another long one"}).told  # noqa: B018
    assert house.browse("/login", {"name": "mara", "password": "another long one"}, cookie=browser).status == 429
