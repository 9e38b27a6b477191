"""Direct identifiers live in the vault and nowhere else."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from genom.app.pipeline import vault_place
from tests.app.events import identify, order
from tests.app.house import House

SECRETS = [
    "ada.lovelace@example.org",
    "+49 731 5550123987",
    "Ada Beispielname",
    "Adaline",
    "Beispielheim",
    "Pfauengasse 7",
]


def everywhere(house: House) -> dict[str, bytes]:
    """Every byte of the data directory, by file."""
    return {str(path.relative_to(house.path)): path.read_bytes() for path in house.path.rglob("*") if path.is_file()}


def send_all(house: House) -> None:
    mail, phone, name, first, last, street = SECRETS
    traits = {
        "email": mail,
        "phone": phone,
        "name": name,
        "firstName": first,
        "lastName": last,
        "address": {"street": street},
    }
    external = [
        {"type": "email", "id": mail, "collection": "users"},
        {"type": "phone", "id": phone, "collection": "users"},
    ]
    for key in (house.write_key, house.server_key):
        house.take(
            identify("u1", "a-1", **traits),
            identify("u2", "a-2") | {"context": {"traits": traits}},
            order("u3", email=mail, phone=phone, first_name=first, last_name=last),
            order("u4") | {"context": {"externalIds": external}},
            key=key,
        )
        shared = {"batch": [order("u5")], "context": {"traits": traits}}
        assert house.post("/v1/batch", shared, key=key).told["accepted"] == 1
    house.consent(mail, "email", granted=True, kind="email")
    house.post("/v1/people:lookup", {"type": "email", "value": mail})
    house.post("/v1/decide", {"point": "next_product", "person": {"email": mail}})


def test_no_file_holds_a_direct_identifier_in_plain_text(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with House(tmp_path / "d") as house:
        send_all(house)
        house.write_state()
        house.verify()

        files = everywhere(house)

        for secret in SECRETS:
            forms = {secret, secret.lower(), secret.replace(" ", ""), secret.encode("utf-16-le").decode("latin-1")}
            held = [name for name, content in files.items() for form in forms if form.encode("latin-1") in content]
            assert held == [], secret
            assert secret not in caplog.text


def test_the_vault_knows_them(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        send_all(house)

        place = vault_place(house.node.world, house.node.world.profiles.find("user_id", "u1"))

        kept = house.node.vault.get(place)
        assert kept.keys() == {"email", "phone", "name", "first_name", "last_name", "address"}
        assert kept["email"] == SECRETS[0]


def test_no_answer_about_a_person_tells_them(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        send_all(house)
        person = house.person("u1")

        bodies = [house.get(f"/v1/people/{person}/{what}").body for what in ("genome", "events", "decisions")]

        assert not any(secret.encode() in body for secret in SECRETS for body in bodies)


def test_a_product_keeps_its_name(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("u1", name="Darjeeling"))

        event = house.get(f"/v1/people/{house.person('u1')}/events").told["events"][0]

        assert event["properties"]["name"] == "Darjeeling"
