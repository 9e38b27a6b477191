"""What names a person directly leaves the body; all else stays as it was sent."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.collect.calls import batch, received, taken, track

ADDRESS = {"city": "Köln", "street": "Domplatz 1"}


def test_traits_go_to_the_vault():
    traits = {
        "email": " Jo@Shop.example ",
        "phone": 4922112345,
        "name": "Jo Doe",
        "firstName": "Jo",
        "last_name": "Doe",
        "address": ADDRESS,
        "plan": "gold",
    }

    event = taken({"type": "identify", "userId": "u", "traits": traits})

    assert event.direct == {
        "email": "Jo@Shop.example",
        "phone": "4922112345",
        "name": "Jo Doe",
        "first_name": "Jo",
        "last_name": "Doe",
        "address": '{"city":"Köln","street":"Domplatz 1"}',
    }
    assert json.loads(event.body) == {"type": "identify", "userId": "u", "traits": {"plan": "gold"}}


def test_traits_come_before_the_context_s_and_properties():
    event = taken(
        {
            **track("Signed Up", email="c@x.example", phone="3", name="a product"),
            "traits": {"email": "a@x.example"},
            "context": {"traits": {"email": "b@x.example", "phone": "2", "age": 5}},
        }
    )

    assert event.direct == {"email": "a@x.example", "phone": "2"}
    assert json.loads(event.body)["context"] == {"traits": {"age": 5}}
    assert json.loads(event.body)["properties"] == {"name": "a product"}


def test_an_empty_value_leaves_the_body_and_is_no_identifier():
    event = taken({"type": "identify", "userId": "u", "traits": {"email": None, "phone": ""}})

    assert event.direct == {}
    assert json.loads(event.body)["traits"] == {}


def test_external_ids_that_name_directly_leave_too():
    ids = [{"type": "email", "id": "a@x.example"}, {"type": "crm", "id": "c"}]

    event = taken({**track("A"), "context": {"externalIds": ids}})

    assert event.direct == {"email": "a@x.example"}
    assert json.loads(event.body)["context"] == {"externalIds": [{"type": "crm", "id": "c"}]}


def test_a_group_s_traits_stay():
    traits = {"name": "Firm", "email": "info@firm.example"}

    event = taken({"type": "group", "userId": "u", "groupId": "g", "traits": traits})

    assert event.direct is None
    assert json.loads(event.body)["traits"] == traits


@given(st.sampled_from(["email", "phone", "name", "firstName", "first_name", "lastName", "last_name", "address"]))
def test_the_value_is_in_no_byte_of_the_body(key):
    secret = "Zx81-secret@value.example"

    event = taken({"type": "identify", "userId": "u", "traits": {key: secret}})

    assert secret.encode() not in event.body
    assert secret in event.direct.values()


def test_an_event_without_them_keeps_its_bytes():
    raw = b'{ "type":"track", "event":"A",\n"userId":"u", "properties":{"name":"Spade" , "x":1.50} }'

    event = received(batch(raw)).events[0]

    assert event.body == raw
    assert event.direct is None


def test_a_batch_s_context_lies_under_each_event_s():
    items = [{**track("A"), "context": {"locale": "de", "app": {"name": "x"}}}, track("B")]

    events = received(batch(*items, context={"channel": "pos", "locale": "en", "app": {"build": 1}})).events

    assert [json.loads(event.body)["context"] for event in events] == [
        {"channel": "pos", "locale": "de", "app": {"build": 1, "name": "x"}},
        {"channel": "pos", "locale": "en", "app": {"build": 1}},
    ]
    assert [event.channel for event in events] == [3, 3]


def test_a_batch_s_consent_and_traits_count_for_each_event():
    consent = {"categoryPreferences": {"advertising": False}}

    event = received(batch(track("A"), context={"consent": consent, "traits": {"email": "a@x.example"}})).events[0]

    assert event.consent == {"advertising": False}
    assert event.direct == {"email": "a@x.example"}
    assert b"a@x.example" not in event.body


def test_integrations_are_laid_under_as_well():
    event = received(batch({**track("A"), "integrations": {"Meta": True}}, integrations={"All": False, "Meta": False}))

    assert json.loads(event.events[0].body)["integrations"] == {"All": False, "Meta": True}


@pytest.mark.parametrize(
    ("context", "consent"),
    [
        ({}, None),
        ({"consent": {}}, None),
        ({"consent": {"categoryPreferences": {}}}, {}),
        ({"consent": {"categoryPreferences": {"a": True, "b": False}}}, {"a": True, "b": False}),
    ],
)
def test_consent_is_what_the_event_says(context, consent):
    assert taken({**track("A"), "context": context}).consent == consent


def test_the_proof_of_a_user_id_is_passed_on():
    assert taken({**track("A"), "context": {"userHash": "ab12"}}).user_hash == "ab12"
    assert taken({**track("A"), "context": {"userHash": 5}}).user_hash == ""


def test_a_key_in_an_event_is_not_kept_with_it():
    event = {"type": "track", "event": "Paid", "userId": "u", "writeKey": "k"}
    body = json.dumps({"writeKey": "k", "batch": [event]}).encode()

    assert b"writeKey" not in taken(event).body
    assert b"writeKey" not in received(body).events[0].body
