"""Identity: whose event it is, which identifiers belong together, and what never leaves the vault."""

from __future__ import annotations

import pytest

from tests.contract.http.black_box import Door, Event, add_source, order, track, unique


@pytest.fixture(scope="module")
def distrusted(door: Door) -> str:
    """Write key of a source whose clients' links need proof."""
    return add_source(door.node.data, "--consent", "required")


def identify(user: str, anonymous: str, **more: object) -> Event:
    return {"type": "identify", "userId": user, "anonymousId": anonymous, "messageId": unique("m"), **more}


def anonymous_view(anonymous: str) -> Event:
    view = track("Product Viewed", "", product_id="p1") | {"anonymousId": anonymous}
    del view["userId"]
    return view


def test_an_identify_call_makes_one_person_of_two_identifiers(door: Door) -> None:
    user, anonymous = unique(), unique("a")
    door.take(anonymous_view(anonymous), order(user))
    before = {door.person(user), door.person(anonymous, "anonymous_id")}

    door.take(identify(user, anonymous))

    assert len(before) == 2
    assert door.person(user) == door.person(anonymous, "anonymous_id") in before


def test_linking_adds_the_rows_up(door: Door) -> None:
    counts, _ = door.counting_genes()
    user, anonymous = unique(), unique("a")
    unknown = order(user) | {"anonymousId": anonymous, "messageId": unique("m")}
    del unknown["userId"]
    door.take(order(user), order(user), unknown)

    door.take(identify(user, anonymous))

    values, person = door.values(door.person(user)), door.person(user)
    assert {values[name] for name in counts} == {3}
    assert len([event for event in door.events(person) if event["type"] == "track"]) == 3


def test_an_event_with_several_identifiers_links_them(door: Door) -> None:
    user, anonymous = unique(), unique("a")

    door.take(order(user) | {"anonymousId": anonymous})

    assert door.person(user) == door.person(anonymous, "anonymous_id")


def test_an_alias_links_the_previous_id(door: Door) -> None:
    old, new = unique("old"), unique("new")
    door.take(anonymous_view(old), order(new))

    door.take({"type": "alias", "previousId": old, "userId": new, "messageId": unique("m")})

    assert door.person(old, "anonymous_id") == door.person(new)


def test_a_public_key_never_joins_two_known_people(door: Door) -> None:
    one, other = unique(), unique()
    door.take(order(one), order(other))

    door.take({"type": "alias", "previousId": one, "userId": other, "messageId": unique("m")})

    assert door.person(one) != door.person(other)


def test_links_reach_through_chains(door: Door) -> None:
    first, second, user = unique("a"), unique("a"), unique()

    door.take(identify(user, first), identify(user, second))

    assert door.person(first, "anonymous_id") == door.person(second, "anonymous_id") == door.person(user)


def test_any_identifier_and_the_persons_id_lead_to_the_same_events(door: Door) -> None:
    user, anonymous = unique(), unique("a")
    door.take(anonymous_view(anonymous))
    old = door.person(anonymous, "anonymous_id")

    door.take(identify(user, anonymous), order(user))

    assert door.events(old) == door.events(door.person(user))


def test_a_clients_link_waits_until_a_server_repeats_it(door: Door, distrusted: str) -> None:
    user, anonymous = unique(), unique("a")
    link = identify(user, anonymous)
    door.take(order(user), anonymous_view(anonymous), link, key=distrusted)
    waiting = door.person(user) != door.person(anonymous, "anonymous_id")

    door.serve(link | {"messageId": unique("m")})

    assert waiting
    assert door.person(user) == door.person(anonymous, "anonymous_id")


def test_a_number_as_an_id_is_its_text(door: Door) -> None:
    number = int(unique("").lstrip("-")[:12], 16)

    door.take(order("") | {"userId": number})

    assert len(door.events(door.person(str(number)))) == 1


def test_an_e_mail_address_finds_its_person(door: Door) -> None:
    user, address = unique(), f"{unique('mail')}@example.com"

    door.serve(identify(user, unique("a"), traits={"email": address}))

    assert door.person(address, "email") == door.person(user)


def test_direct_identifiers_stay_out_of_journal_log_and_answers(door: Door) -> None:
    user, address, phone = unique(), f"{unique('mail')}@example.com", "+49 731 5550123987"
    door.take(identify(user, unique("a"), traits={"email": address, "phone": phone, "name": "Erika Beispielname"}))

    kept = [path for path in (door.node.data / "journal").rglob("*") if path.is_file()]
    told = str(door.events(door.person(user)))

    assert kept
    for secret in (address, phone, "Erika Beispielname"):
        assert all(secret.encode() not in path.read_bytes() for path in [*kept, door.node.log])
        assert secret not in told


@pytest.mark.parametrize("blocked", ["-1", "null", "anonymous", "0000"])
def test_identifiers_that_stand_for_nobody_link_nobody(door: Door, blocked: str) -> None:
    first, second = unique("a"), unique("a")

    door.batch(*[track("Product Viewed", blocked, product_id="p") | {"anonymousId": a} for a in (first, second)])

    assert door.person(first, "anonymous_id") != door.person(second, "anonymous_id")
