"""The compiled pass and the general reading take the same from every event, however it is written."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.collect import Decoded, open_envelope, segment
from genom.collect.plain import scanned
from genom.collect.scan import GENERAL, PLAIN, SUSPECT, UNICODE
from genom.collect.vocabulary import ACTIONS, Do, Field, Place
from genom.settings import Settings
from genom.words import KINDS
from tests.collect.calls import ARCHIVE, NOW, SHOP, batch, track

BERLIN = {"timezone": "Europe/Berlin", "library": {"name": "analytics.js", "version": "2"}, "locale": "de"}


def _frame(envelope, source, server):
    return segment._frame(envelope, source=source, server=server, received_at=NOW, settings=Settings())


def _states(body, source=SHOP):
    envelope = open_envelope(body, "batch")
    table = scanned(envelope.body, len(envelope.items), _frame(envelope, source, False))
    return None if table is None else table[:, Field.STATE].tolist()


def _generally(envelope, source, server):
    decoded = Decoded([], [])
    for index, item in enumerate(envelope.items):
        segment._read(bytes(item), index, _frame(envelope, source, server), decoded, suspect=True)
    return decoded


def _both(body, source=SHOP, server=False):
    envelope = open_envelope(body, "batch")
    fast = segment.understand(envelope, source=source, server=server, received_at=NOW, settings=Settings())
    return fast, _generally(envelope, source, server)


SCALARS = (
    ["null", "true", "0", "-0", "7", "24.99", "-3.5", "1.005", "12.3456789", "1e3", "2E-3", "1e400", "9" * 400,
     "1234567890", "999999999", "999999999.999999", "0.0005", '""', '"0"', '"-1"', '"null"', '"anonymous"', '"u1"',
     '"Garden/Tools"', '"Getränke"', '"\\u00e4"', '"a\\"b"', '"\\\\"', '"EUR"', '"usd"', '"Europe/Berlin"', '"POS"',
     '"track"', '"page"', '"screen"', '"identify"', '"Order Completed"', '"Product Viewed"', '"Signed In"', '"12.50"',
     '"2025-11-21T10:11:11.345Z"', '"2025-11-21T10:11:11Z"', '"2025-11-21T10:11:11.345678+00:00"',
     '"2024-02-29T00:00:00Z"',      '"2023-02-29T00:00:00Z"', '"2025-11-21T11:11:11+01:00"',
     '"1970-01-01T00:00:00.5Z"', '"9999-12-31T23:59:59.999Z"',
     '"0001-01-01T00:00:00.000Z"', '"2025-11-21T10:11:11.1234567Z"', '"2025-11-21T24:00:00Z"', '"2025-11-21 10:11:11Z"',
     '"2025-11-21"', json.dumps("x" * 101), json.dumps("ü" * 201), json.dumps("u" * 257), '"d00000000000000ff"',
     '"[{\\"}"', '"tablet"', '" TV "', '"des\u212atop"', json.dumps("phone" + " " * 40),
     '"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Mobile/15E148"', '"Mozilla/5.0 (Windows NT 10.0; Müller)"',
     json.dumps("x" * 510 + "ipad"), json.dumps("x" * 508 + "ipad"), json.dumps("ü" * 255 + "ipad")]
)  # fmt: skip
PLACES = {
    Place.EVENT: ["type", "messageId", "userId", "anonymousId", "event", "timestamp", "traits", "originalTimestamp",
                  "sentAt", "previousId", "channel", "integrations", "u\\u0073erId", ""],
    Place.PROPERTIES: ["product_id", "sku", "category", "price", "quantity", "value", "currency", "revenue", "total",
                       "discount", "coupon", "department", "category_1", "products", "email", "channel", "decision_id",
                       "name", "firstName", "pri\\u0063e"],
    Place.CONTEXT: ["timezone", "userHash", "channel", "traits", "externalIds", "decision_id", "campaign", "page",
                    "userAgent"],
    Place.LIBRARY: ["name", "version"],
    Place.DEVICE: ["type", "id"],
}  # fmt: skip
OBJECTS = {Place.EVENT: ["properties", "context"], Place.CONTEXT: ["library", "consent", "device"]}
INNER = {"properties": Place.PROPERTIES, "context": Place.CONTEXT, "library": Place.LIBRARY, "device": Place.DEVICE}
NESTED = (
    ["{}", "[]", '[{"price":1,"quantity":2}]', '{"userId":"x","price":5}', "[1,[2,[3e999]]]",
     '{"categoryPreferences":{}}',      '{"categoryPreferences":{"a":true,"b":false}}',
     '{"categoryPreferences":{"a":1}}', "[" * 33 + "]" * 33,
     '{"email":"a@b.example"}', '[{"type":"card","id":5}]', '{"}":"]","a":"\\\\"}']
)  # fmt: skip


@st.composite
def _objects(draw, place=Place.EVENT):
    """An object of an event as text: keys in any order, twice, escaped; values of any kind; blanks anywhere."""
    blank = draw(st.sampled_from(["", "", " ", "\n\t"]))
    members = []
    for key in draw(st.lists(st.sampled_from(PLACES[place] + 2 * OBJECTS.get(place, [])), max_size=8)):
        inside = key in INNER and draw(st.integers(0, 9)) > 0
        value = draw(_objects(INNER[key]) if inside else st.sampled_from(SCALARS + NESTED))
        members.append(f'"{key}"{blank}:{blank}{value}')
    return "{" + blank + f"{blank},{blank}".join(members) + blank + "}"


def _usual(text):
    """A usual event with other members behind its own, which may repeat them."""
    head = '{"type":"track","event":"Product Viewed","userId":"u1","properties":{"product_id":"p","price":24.99}'
    return head + ("," + text[1:] if text[1:].strip() != "}" else "}")


@settings(max_examples=600)
@given(
    st.lists(_objects() | _objects().map(_usual) | st.sampled_from(SCALARS), min_size=2, max_size=4),
    st.sampled_from([SHOP, ARCHIVE]),
    st.booleans(),
    st.sampled_from(
        ["", ',"sentAt":"2025-11-21T10:11:02.000Z"', ',"writeKey":"k","x":[{"batch":[1]}]', ',"b\\u0061tch":[]']
    ),
)
def test_both_readings_are_the_same(items, source, server, tail):
    fast, general = _both(('{"batch":[' + ",".join(items) + "]" + tail + "}").encode(), source, server)

    assert fast.events == general.events
    assert fast.rejected == general.rejected


USUAL = {
    Place.EVENT: {"type": '"track"', "event": '"Product Viewed"', "userId": '"u1"', "messageId": '"m1"'},
    Place.PROPERTIES: {"product_id": '"p1"', "category": '"Garden/Tools"', "price": "24.99", "quantity": "2"},
    Place.CONTEXT: {"timezone": '"Europe/Berlin"'},
    Place.LIBRARY: {"name": '"analytics.js"'},
    Place.DEVICE: {"type": '"phone"'},
}


def _joined(members):
    return "{" + ",".join(f'"{key}":{value}' for key, value in members) + "}"


def _with(place, key, value, *, twice):
    """A usual event in which one key has another value; or has it first, and its usual one again at the end."""
    members = {each: dict(usual) for each, usual in USUAL.items()}
    members[place].pop(key, None) if twice else None
    members[place][key] = value
    again = [(key, USUAL[place][key])] if twice and key in USUAL[place] else []
    texts = {each: [*own.items(), *(again if each == place else [])] for each, own in members.items()}
    texts[Place.CONTEXT].append(("library", _joined(texts[Place.LIBRARY])))
    texts[Place.CONTEXT].append(("device", _joined(texts[Place.DEVICE])))
    inner = [("properties", _joined(texts[Place.PROPERTIES])), ("context", _joined(texts[Place.CONTEXT]))]
    return _joined([*inner, *texts[Place.EVENT]])


@pytest.mark.parametrize("place", list(USUAL), ids=lambda place: place.name)
@pytest.mark.parametrize("twice", [False, True])
@pytest.mark.parametrize("server", [False, True])
def test_every_key_with_every_value_is_read_the_same(place, twice, server):
    keys = [*PLACES[place], *OBJECTS.get(place, [])]
    items = [_with(place, key, value, twice=twice) for key in keys for value in SCALARS + NESTED]

    fast, general = _both(('{"batch":[' + ",".join(items) + "]}").encode(), server=server)

    assert fast.events == general.events
    assert fast.rejected == general.rejected
    assert len(fast.events) > len(items) / 10


@pytest.mark.parametrize("name", [*KINDS, "My Own Event", "Ünlisted"])
def test_every_kind_is_read_the_same(name):
    details = [
        {},
        {"price": 2.5},
        {"value": 3, "quantity": 4},
        {"price": 0.333333, "quantity": 0.125, "category": "A/B"},
    ]
    items = [{**track(name, **one), "context": BERLIN} for one in details] + [
        {"type": "track", "userId": "u", "event": name}
    ]

    fast, general = _both(json.dumps({"batch": items}, ensure_ascii=False).encode())

    assert fast == general
    assert len(fast.events) == len(items)


def test_the_usual_events_are_plain():
    """Otherwise the pass would be right and useless."""
    product = {
        "product_id": "p",
        "sku": "s",
        "category": "Garden/Tools",
        "price": 24.99,
        "quantity": 2,
        "currency": "EUR",
    }
    events = [
        {**track("Product Viewed", **product), "context": BERLIN, "messageId": "m"},
        {**track("Product Added", **product), "timestamp": "2025-11-21T10:11:11.345Z", "anonymousId": "a"},
        {**track("Artikel geöffnet", value=3), "timestamp": "2025-11-21T10:11:11.345678+00:00"},
        {
            "type": "page",
            "anonymousId": "a-1",
            "name": "Home",
            "properties": {"url": "https://x.example"},
            "context": BERLIN,
        },
        {**track("Signed In"), "context": {"consent": {"categoryPreferences": {"a": True}}, "userHash": "ab"}},
    ]

    assert _states(json.dumps({"batch": events}, ensure_ascii=False).encode()) == [PLAIN, PLAIN, UNICODE, PLAIN, PLAIN]
    fast, general = _both(json.dumps({"batch": events}, ensure_ascii=False).encode())
    assert fast == general
    assert len(fast.events) == 5


@pytest.mark.parametrize(
    "other", [{"x": "y" * 40_000}, {"traits": {"email": "a@b.example"}}, {"userId": 7}, {"event": None}]
)
def test_what_is_not_plain_is_read_as_a_whole(other):
    assert _states(batch({**track("A"), **other}, track("A"))) == [GENERAL, PLAIN]


@pytest.mark.parametrize(
    "other", [b'{"x":1e400}', b'{"x":' + b"[" * 40 + b"]" * 40 + b"}", b'{"x":' + b"1" * 400 + b"}", b"5"]
)
def test_what_may_be_harmful_is_suspect(other):
    assert _states(batch(other, track("A"))) == [SUSPECT, PLAIN]


def test_a_number_no_float_can_hold_is_refused_wherever_it_stands():
    bad = b'{"type":"track","event":"A","userId":"u","messageId":"m","x":[{"y":-1e999}]}'

    fast, general = _both(batch(track("A"), bad))

    assert fast == general
    assert [(no.code, no.message_id) for no in fast.rejected] == [("collect.nan", "m")]
    assert "$.batch[1].x[0].y" in fast.rejected[0].message


@pytest.mark.parametrize(
    "body",
    [
        b'{"batch":[{"userId":"a"},{"userId":"b"}],"batch":[{"userId":"c"},{"userId":"d"}]}',
        b'{"b\\u0061tch":[{"userId":"c"},{"userId":"d"}],"batch":[{"userId":"a"},{"userId":"b"}]}',
        b'{"batch":[],"b\\u0061tch":[{"userId":"c"},{"userId":"d"}]}',
    ],
)
def test_a_batch_named_twice_is_left_to_strict_decoding(body):
    assert _states(body) is None


def test_every_field_that_the_general_reading_knows_has_an_action():
    """A new field in `wire` that the pass does not know would be passed over in silence."""
    from genom.collect import wire  # noqa: PLC0415
    from genom.collect.vocabulary import _KEYS  # noqa: PLC0415

    unread = {  # fields that only count for kinds which are never plain
        Place.PROPERTIES: {"total", "coupon_id", "coupon_upc", "campaign_id", "promotion_id", "attribute"},
        Place.CONTEXT: {"campaign"},
    }
    structs = {
        Place.EVENT: wire.Item,
        Place.PROPERTIES: wire.Properties,
        Place.CONTEXT: wire.Context,
        Place.LIBRARY: wire.Library,
        Place.DEVICE: wire.DeviceSaid,
    }
    for place, struct in structs.items():
        for field in set(struct.__struct_fields__) - unread.get(place, set()):
            assert ACTIONS[place, _KEYS.index(field)] != Do.SKIP, (place, field)
