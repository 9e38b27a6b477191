"""A request's good events are taken whatever stands beside them, and each bad one is refused with its reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.collect import CALLS, open_envelope, understand
from genom.errors import BadRequest
from genom.settings import Settings
from genom.words import Flag
from tests.collect.calls import NOW, SHOP, batch, received, refused, taken, track

BAD = {
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","properties":{"total":NaN}}': "collect.nan",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","x":[1,{"y":-Infinity}]}': "collect.nan",
    b'{"type":"track","event":"\xff\xfe","userId":"u","messageId":"bad"}': "collect.utf8",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","x":"\xc3("}': "collect.utf8",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","x":'
    + b"[" * 40
    + b"]" * 40
    + b"}": "collect.too-deep",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","x":'
    + b"[" * 4000
    + b"]" * 4000
    + b"}": "collect.too-deep",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","x":"' + b"y" * 33_000 + b'"}': "collect.too-large",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","x":01}': "collect.syntax",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","x":"\\ud800"}': "collect.syntax",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad",}': "collect.syntax",
    b'{"type":"track","event":"A","messageId":"bad"}': "collect.no-identifier",
    b'{"type":"track","userId":"u","messageId":"bad"}': "collect.no-event-name",
    b'{"type":"delete","userId":"u","messageId":"bad"}': "collect.unknown-type",
    b'{"userId":"u","messageId":"bad"}': "collect.unknown-type",
    b'{"type":"track","event":"A","userId":{"$ne":1},"messageId":"bad"}': "collect.wrong-type",
    b'{"type":"track","event":"A","userId":"u","messageId":"bad","properties":[]}': "collect.wrong-type",
}
NO_OBJECTS = [b"5", b'"x"', b"null", b"[]", b"NaN", b"true"]
GOOD = st.builds(
    lambda name, text, user: {"type": "track", "event": name, "userId": user, "properties": {"text": text}},
    st.sampled_from(["A", "Order Completed", "Produkt gesehen", '\\"]}']),
    st.text(max_size=10) | st.sampled_from(['"}]', '\\"', "{[", "\u2028"]),
    st.text("abc", min_size=1, max_size=5),
)


def _as_json(event, ascii_only, spaced):
    return json.dumps(event, ensure_ascii=ascii_only, separators=None if spaced else (",", ":")).encode()


@given(
    st.lists(
        st.builds(_as_json, GOOD, st.booleans(), st.booleans()) | st.sampled_from([*BAD, *NO_OBJECTS]), max_size=12
    ),
    st.sampled_from([b",", b" , ", b",\n"]),
)
def test_every_good_event_is_taken_and_every_bad_one_refused_at_its_place(items, comma):
    body = b'{"writeKey":"k","batch": [' + comma.join(items) + b'],"sentAt":"2025-11-21T10:11:12.000Z"}'

    decoded = received(body)

    bad = {index for index, item in enumerate(items) if item in BAD or item in NO_OBJECTS}
    assert [event.index for event in decoded.events] == [i for i in range(len(items)) if i not in bad]
    assert [no.index for no in decoded.rejected] == sorted(bad)
    assert [no.code for no in decoded.rejected if items[no.index] in BAD] == [
        BAD[items[index]] for index in sorted(bad) if items[index] in BAD
    ]
    assert [event.body for event in decoded.events] == [items[event.index] for event in decoded.events]
    assert [no.raw for no in decoded.rejected] == [items[no.index] for no in decoded.rejected]


@pytest.mark.parametrize("item", [item for item in BAD if BAD[item] != "collect.unknown-type"], ids=BAD.get)
def test_a_single_event_is_refused_in_the_same_way(item):
    decoded = received(item, "track")

    assert [(no.index, no.code, no.message_id) for no in decoded.rejected] == [(0, BAD[item], "bad")]
    assert decoded.rejected[0].message.startswith("`$")


@given(st.lists(GOOD, min_size=1, max_size=4), st.data())
def test_a_batch_cut_anywhere_gives_its_complete_events(events, data):
    items = [json.dumps(event).encode() for event in events]
    whole = batch(*items, writeKey="k")
    cut = data.draw(st.integers(0, len(whole) - 1))
    ends = [len(b'{"batch":[') + len(b",".join(items[: n + 1])) for n in range(len(items))]
    complete = sum(end <= cut for end in ends)

    try:
        decoded = received(whole[:cut])
    except BadRequest:
        assert complete == 0
        return

    assert len(decoded.events) == complete
    assert len(decoded.rejected) <= 1


@given(st.binary(max_size=200), st.sampled_from(CALLS))
def test_random_bytes_are_at_most_a_bad_request(body, call):
    with suppress(BadRequest):
        received(body, call)


@settings(max_examples=300)
@given(st.data())
def test_a_body_with_one_byte_changed_is_at_most_a_bad_request(data):
    body = bytearray(batch(track("Order Completed", total=5, products=[{"price": 1}]), track("A"), writeKey="k"))
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))

    try:
        decoded = received(bytes(body))
    except BadRequest:
        return

    assert len(decoded.events) + len(decoded.rejected) >= 1


FIELDS = st.sampled_from(
    ["type", "userId", "anonymousId", "messageId", "event", "properties", "context", "traits", "timestamp", "sentAt",
     "channel", "total", "price", "quantity", "products", "currency", "category", "email", "externalIds", "consent",
     "categoryPreferences", "timezone", "library", "campaign", "decision_id", "id", "name", "product_id", "address"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=6)
    | st.sampled_from(["track", "identify", "Order Completed", "Product Viewed", "email", "a@b.example"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.lists(st.dictionaries(FIELDS, ANYTHING, max_size=10), min_size=1, max_size=3),
    st.booleans(),
    st.dictionaries(FIELDS, ANYTHING),
)
def test_whatever_stands_in_the_fields_each_event_is_taken_or_refused(items, server, context):
    decoded = received(batch(*items, context=context, sentAt=context.get("sentAt")), server=server)

    places = sorted([event.index for event in decoded.events] + [no.index for no in decoded.rejected])
    assert places == list(range(len(items)))
    for event in decoded.events:
        assert 0 <= event.ts <= NOW
        assert 0 <= event.hour_of_week < 168
        assert 1 <= len(event.identifiers) <= 8
        assert all(type(value) is str and value for _, value in event.identifiers)
        assert all(abs(amount) <= 10**18 for amount in (event.amount, event.discount, event.quantity))
        assert isinstance(json.loads(event.body), dict)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("body", [b"", b"garbage", b"[]", b'"x"', b"5", b"null", b"{", b'{"batch":', b"\xff\xfe"])
def test_a_body_without_event_boundaries_is_unreadable(body, call):
    with pytest.raises(BadRequest) as error:
        open_envelope(body, call)

    assert error.value.code == "collect.body-unreadable"


@pytest.mark.parametrize("body", [b"{}", b'{"batch":5}', b'{"batch":null}', b'{"batch":{}}', b'{"userId":"u"}'])
def test_a_batch_call_without_a_batch_is_unreadable(body):
    with pytest.raises(BadRequest):
        open_envelope(body, "batch")


def test_an_empty_batch_is_no_error():
    decoded = received(b'{"batch":[]}')

    assert (decoded.events, decoded.rejected) == ([], [])


@pytest.mark.parametrize(
    ("body", "call", "key"),
    [
        (b'{"batch":[],"writeKey":"k"}', "batch", "k"),
        (b'{"batch":[{"writeKey":"k1"},{"writeKey":"k2"}]}', "batch", "k1"),
        (b'{"batch":[{"userId":"u"}]}', "batch", ""),
        (b'{"batch":[{"userId":NaN}],"writeKey":"k"}', "batch", "k"),
        (b'{"batch":[{"x":NaN},{"writeKey":"k2"}], "writeKey" : "k" ', "batch", "k"),
        (b'{"writeKey":"k","batch":[{"x":1},{"x', "batch", "k"),
        (b'{"userId":"u","writeKey":"k"}', "track", "k"),
        (b'{"userId":NaN,"writeKey":"k"}', "track", "k"),
        (b'{"userId":"u","writeKey":5}', "track", ""),
        (b'\xef\xbb\xbf{"userId":"u","writeKey":"k"}', "track", "k"),
    ],
)
def test_the_write_key_is_found(body, call, key):
    assert open_envelope(body, call).write_key == key


def test_nan_in_the_batch_s_own_context_costs_no_event():
    body = b'{"batch":[{"type":"track","event":"A","userId":"u"}],"context":{"screen":NaN,"channel":"pos"}}'

    decoded = received(body)

    assert [event.channel for event in decoded.events] == [3]
    assert json.loads(decoded.events[0].body)["context"] == {"screen": None, "channel": "pos"}


def test_a_context_too_large_to_be_copied_refuses_the_events():
    items = [track("A")] * 400
    body = batch(*items, context={"text": "x" * 30_000})

    decoded = received(body)

    assert {no.code for no in decoded.rejected} == {"collect.too-large"}
    assert len(decoded.rejected) == 400


def test_a_shared_context_counts_for_the_depth():
    deep = json.loads("[" * 31 + "]" * 31)

    assert received(batch(track("A"), context={"deep": deep})).rejected[0].code == "collect.too-deep"
    assert received(batch(track("A"), context={"deep": deep[0]})).events


def test_32_levels_are_allowed():
    def nested(levels):
        return {"type": "track", "event": "A", "userId": "u", "x": json.loads("[" * levels + "]" * levels)}

    assert taken(nested(31))
    assert refused(nested(32)).code == "collect.too-deep"
    assert len(received(batch(*[nested(31)] * 50)).events) == 50
    assert [no.index for no in received(batch(*[track("A")] * 50, nested(32))).rejected] == [50]


def test_brackets_in_a_text_are_no_levels():
    assert taken(track("A", text="[" * 100))
    assert len(received(batch(*[track("A", text="[{" * 200)] * 20)).events) == 20


def test_a_server_key_may_send_larger_events():
    event = {**track("A"), "x": "y" * 200_000}

    assert refused(event).code == "collect.too-large"
    assert taken(event, server=True).flags == Flag.SERVER


def test_a_larger_event_by_server_key_is_refused_and_its_raw_bytes_are_cut():
    why = refused({**track("A"), "x": "y" * 300_000}, server=True)

    assert why.code == "collect.too-large"
    assert len(why.raw) == 262_144


def test_a_message_id_of_more_than_100_characters_is_refused():
    assert taken({**track("A"), "messageId": "m" * 100}).message_id == "m" * 100
    assert taken({**track("A"), "messageId": 17.0}).message_id == "17"
    assert refused({**track("A"), "messageId": "m" * 101}).code == "collect.id-too-long"


def test_an_event_name_of_more_than_200_characters_is_refused():
    assert taken(track("n" * 200)).name == "n" * 200
    assert "$.event" in refused(track("n" * 201)).message


def test_a_flood_of_tiny_items_gives_a_bounded_answer():
    decoded = received(b'{"batch":[' + b",".join([b"1"] * 30_000) + b"]}")

    assert len(decoded.rejected) == 10_001
    assert decoded.rejected[-1].code == "collect.too-many-events"


def test_the_path_names_the_event_and_the_field():
    body = batch(track("A"), b'{"type":"track","event":"A","userId":"u","properties":{"products":[{"price":NaN}]}}')

    why = received(body).rejected[0]

    assert why.message.startswith("`$.batch[1].properties.products[0].price` is not a finite number")


def test_understanding_is_pure():
    envelope = open_envelope(batch(track("A"), track("B")), "batch")

    first, second = (
        understand(envelope, source=SHOP, server=False, received_at=NOW, settings=Settings()) for _ in range(2)
    )

    assert first == second
