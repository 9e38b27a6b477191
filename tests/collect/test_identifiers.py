"""Who an event is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.words import strength
from tests.collect.calls import refused, taken, track


def _names(server=False, **fields):
    return taken({"type": "track", "event": "A", **fields}, server=server).identifiers


def _external(*ids):
    return {"externalIds": [{"type": kind, "id": value} for kind, value in ids]}


def test_user_and_anonymous_id():
    assert _names(userId="u1", anonymousId="a1") == (("user_id", "u1"), ("anonymous_id", "a1"))


@pytest.mark.parametrize(("number", "text"), [(7, "7"), (12.0, "12"), (1.5, "1.5"), (10**30, "1" + "0" * 30)])
def test_numbers_are_written_out(number, text):
    assert _names(userId=number) == (("user_id", text),)


@pytest.mark.parametrize("nobody", ["", "0", "000-000", "-", "-1", "null", "anonymous", 0, -1, None])
def test_values_that_stand_for_nobody_are_passed_over(nobody):
    assert _names(userId=nobody, anonymousId="a1") == (("anonymous_id", "a1"),)
    assert refused({"type": "track", "event": "A", "userId": nobody}).code == "collect.no-identifier"


def test_a_loyalty_card_is_enough():
    assert _names(context=_external(("card", "4711"))) == (("card", "4711"),)


def test_external_ids_stand_by_strength():
    context = _external(("crm", "c"), ("card", 5), ("app_id", "x"))

    assert _names(userId="u", anonymousId="a", context=context) == (
        ("user_id", "u"),
        ("card", "5"),
        ("app_id", "x"),
        ("crm", "c"),
        ("anonymous_id", "a"),
    )


def test_accounts_and_odd_types_name_nobody():
    ids = [
        {"type": "crm", "id": "c", "collection": "accounts"},
        {"type": "Böse!", "id": "x"},
        {"type": "y", "id": None},
    ]

    assert _names(userId="u", context={"externalIds": ids}) == (("user_id", "u"),)


def test_the_weakest_are_dropped_beyond_eight():
    names = _names(userId="u", anonymousId="a", context=_external(*((f"k{i}", "v") for i in range(9))))

    assert names == (("user_id", "u"), *((f"k{i}", "v") for i in range(7)))


@given(st.lists(st.tuples(st.sampled_from(["card", "crm", "x.y", "user_id"]), st.text(max_size=5)), max_size=12))
def test_identifiers_are_sorted_and_none_twice(ids):
    names = _names(anonymousId="a", context=_external(*ids))

    assert list(names) == sorted(names, key=lambda name: strength(name[0]))
    assert len(set(names)) == len(names) <= 8


@pytest.mark.parametrize("field", ["userId", "anonymousId", "previousId"])
def test_an_identifier_of_ten_thousand_characters_is_refused(field):
    why = refused({"type": "alias", "userId": "u", field: "x" * 10_000})

    assert why.code == "collect.id-too-long"
    assert f"$.{field}" in why.message


def test_a_long_external_id_is_refused():
    assert refused({**track("A"), "context": _external(("card", "x" * 257))}).code == "collect.id-too-long"


def test_256_characters_are_allowed():
    assert _names(userId="x" * 256) == (("user_id", "x" * 256),)


@pytest.mark.parametrize("odd", [True, {}, ["u"]])
def test_an_identifier_of_another_type_is_refused(odd):
    assert refused({"type": "track", "event": "A", "userId": odd}).code == "collect.wrong-type"


def test_an_email_names_a_person_by_server_key_only():
    call = {"type": "identify", "userId": "u", "traits": {"email": " Jo@Shop.example "}}

    assert taken(call).identifiers == (("user_id", "u"),)
    assert taken(call, server=True).identifiers == (("user_id", "u"), ("email", "jo@shop.example"))


def test_an_email_as_external_id_counts_by_server_key_only():
    call = {"type": "identify", "userId": "u", "context": _external(("email", "Jo@Shop.example"))}

    assert taken(call).identifiers == (("user_id", "u"),)
    assert taken(call, server=True).identifiers == (("user_id", "u"), ("email", "jo@shop.example"))


def test_a_group_s_email_names_nobody():
    call = {"type": "group", "userId": "u", "groupId": "g", "traits": {"email": "info@firm.example"}}

    assert taken(call, server=True).identifiers == (("user_id", "u"),)


def test_an_alias_links_the_previous_id():
    call = {"type": "alias", "userId": "u", "previousId": "old"}

    assert taken(call).identifiers == (("user_id", "u"), ("anonymous_id", "old"))
    assert taken(call, server=True).identifiers == (("user_id", "u"), ("user_id", "old"))
