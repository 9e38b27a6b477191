"""Who is who: what links people, and what must not."""

from __future__ import annotations

import hmac
import uuid
from pathlib import Path

import pytest

from tests.app.events import Event, identify, order
from tests.app.house import House


def alias(previous: str, user: str) -> Event:
    return {"type": "alias", "messageId": uuid.uuid4().hex, "previousId": previous, "userId": user}


def proven(event: Event, secret: str, user: str | None = None) -> Event:
    digest = hmac.new(bytes.fromhex(secret), (user or event["userId"]).encode(), "sha256").hexdigest()
    return event | {"context": {"userHash": digest}}


def public(house: House) -> tuple[str, str]:
    """Write key and secret of a source whose clients' word does not count without proof."""
    return house.source("web")


def one_person(house: House, user: str, anonymous: str) -> bool:
    return house.person(user) == house.person(anonymous, "anonymous_id")


def test_a_clients_link_waits_and_its_rows_are_not_added_up(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, _ = public(house)
        house.take(order("u1"), order("a-1"))

        house.take(identify("u1", "a-1"), key=key)

        assert not one_person(house, "u1", "a-1")
        assert (house.orders("u1"), house.orders("a-1", kind="anonymous_id")) == (1, 1)


def test_a_server_that_repeats_the_link_confirms_it(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, _ = public(house)
        house.take(order("u1"), order("a-1"))
        house.take(identify("u1", "a-1"), key=key)
        house.restart()

        house.serve(identify("u1", "a-1"))

        assert one_person(house, "u1", "a-1")
        assert house.orders("u1") == 2
        house.restart()
        assert house.orders("u1") == 2


def test_a_pending_link_is_recorded_once_and_not_with_every_event(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, _ = public(house)

        house.take(*[identify("u1", "a-1") for _ in range(5)], key=key)
        house.take(identify("u1", "a-1"), key=key)

        rows = [row for block in house.node.journal.blocks() for row in block.rows if row["kind"] == 201]
        assert len(rows) == 1


def test_a_proof_of_the_user_id_confirms_the_link(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, secret = public(house)

        house.take(proven(identify("u1", "a-1"), secret), key=key)

        assert one_person(house, "u1", "a-1")


@pytest.mark.parametrize("wrong", ["another source", "another user", "nothing", "not hexadecimal", "number"])
def test_a_wrong_proof_confirms_nothing(tmp_path: Path, wrong: str) -> None:
    with House(tmp_path / "d") as house:
        key, secret = public(house)
        _, other = house.source("other")
        event = identify("u1", "a-1")
        sent = {
            "another source": proven(event, other),
            "another user": proven(event, secret, "u2"),
            "nothing": event | {"context": {"userHash": ""}},
            "not hexadecimal": event | {"context": {"userHash": "é" * 64}},
            "number": event | {"context": {"userHash": 7}},
        }[wrong]

        house.take(sent, key=key)

        assert not one_person(house, "u1", "a-1")


def test_a_source_that_trusts_its_clients_links_at_once(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        key, _ = house.source("kiosk", trusts_links=True)

        house.take(identify("u1", "a-1"), key=key)

        assert one_person(house, "u1", "a-1")


@pytest.mark.parametrize("how", ["trusting", "development", "proof"])
def test_no_write_key_joins_two_known_people(tmp_path: Path, how: str) -> None:
    """Whether a browser that two people share, or a message that names both."""
    with House(tmp_path / "d") as house:
        key, secret = house.source("web", trusts_links=how == "trusting")
        key = house.write_key if how == "development" else key
        card = {"externalIds": [{"type": "card", "id": "c-9", "collection": "users"}]}
        house.serve(identify("u1", "a-1"), order("c-9"))

        proof = proven(identify("u2", ""), secret)["context"] if how == "proof" else {}
        for event, said in ((identify("u2", "a-1"), {}), (identify("u2", "a-2"), card)):
            house.take(event | {"context": said | proof}, key=key)

        assert house.person("u1") != house.person("u2")
        assert house.person("u2") != house.person("c-9", "card")
        house.restart()
        assert house.person("u1") != house.person("u2")


def test_no_write_key_links_by_e_mail(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(identify("u1", "a-1", email="ada@example.org"))

        house.take(order("a-2", email="ada@example.org"), identify("u2", "a-3", email="ada@example.org"))

        assert house.person("u1") not in {house.person("u2"), house.person("a-2", "anonymous_id")}


def test_a_servers_e_mail_links(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(identify("u1", "a-1", email="ada@example.org"))

        assert house.person("Ada@Example.org ", "email") == house.person("u1")


def test_a_clients_alias_names_a_browser_and_a_servers_a_user(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("old"), order("a-1"))

        house.take(alias("a-1", "u1"), alias("old", "u1"))
        assert one_person(house, "u1", "a-1")
        assert house.person("old") != house.person("u1")

        house.serve(alias("old", "u1"))
        assert house.person("old") == house.person("u1")
        assert house.orders("u1") == 2


def test_the_oldest_profile_names_the_person_and_every_name_leads_to_it(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(order("a-1"), order("u1"))
        first, second = house.person("a-1", "anonymous_id"), house.person("u1")

        house.take(identify("u1", "a-1"))

        assert house.person("u1") == house.person("a-1", "anonymous_id") == first
        assert house.get(f"/v1/people/{second}/genome").told["person"] == first


def test_unlink_undoes_a_link_and_a_restart_knows_it(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("a-1"), order("a-1"), identify("u1", "a-1"))
        assert house.orders("u1") == 3

        assert len(house.unlink("a-1", "anonymousId")) == 2

        assert (house.orders("u1"), house.orders("a-1", kind="anonymous_id")) == (1, 2)
        house.restart()
        assert (house.orders("u1"), house.orders("a-1", kind="anonymous_id")) == (1, 2)
        assert house.unlink("a-1", "anonymous_id") == []


def test_a_link_after_an_unlink_counts_again(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(order("u1"), order("a-1"), identify("u1", "a-1"))
        house.unlink("u1")

        house.serve(identify("u1", "a-1"))

        assert house.orders("u1") == 2
        assert house.verify().differences == []


def test_a_profile_in_the_middle_of_a_chain_leaves_three_people(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.serve(order("a-1"), order("u1"), order("a-2"), identify("u1", "a-1"), identify("u1", "a-2"))

        house.unlink("u1")

        assert len({house.person("u1"), *[house.person(a, "anonymous_id") for a in ("a-1", "a-2")]}) == 3
        assert house.verify().differences == []


def test_ids_of_people_tell_neither_order_nor_number_and_cannot_be_guessed(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.take(*[order(f"u{n}") for n in range(20)])
        people = [house.person(f"u{n}") for n in range(20)]

        assert len(set(people)) == 20
        assert sorted(people) != people
        for person in people:
            other = person[:-2] + ("aa" if person[-2:] != "aa" else "ca")
            assert house.get(f"/v1/people/{other}/genome").status == 404
