"""Webhooks: declarations that are refused, signatures, and the mapping of bodies."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.collect.webhooks import Signature, Webhook, check_signature, mapped, read_webhook
from genom.errors import BadRequest, NotPermitted

SECRET, NOW = b"whsec_test", 1_763_719_875_000  # unix ms
FEW = settings(max_examples=80)
ORDERED: dict[str, Any] = {
    "when": {"$.topic": ["orders/create", "orders/paid"]},
    "event": "Order Completed",
    "fields": {
        "userId": ["$.order.customer.id", "$.order.customer_id"],
        "timestamp": "$.order.created_at",
        "properties.order_id": "$.order.id",
        "properties.total": "$.order.total",
        "properties.currency": "EUR",
        "properties.products": {
            "each": "$.order.lines",
            "fields": {"product_id": "$.sku", "price": "$.price.amount", "quantity": "$.n", "kind": "goods"},
        },
        "context.channel": {"constant": "server"},
    },
}
DECLARED: dict[str, Any] = {
    "name": "shop", "source": "default", "signature": {"header": "X-Sig", "format": "hex"}, "events": [ORDERED],
}  # fmt: skip
BODY: dict[str, Any] = {
    "topic": "orders/create",
    "order": {
        "id": 77, "customer": {"id": 5}, "created_at": "2025-11-21T10:11:12Z", "total": "5.50",
        "lines": [{"sku": "p1", "price": {"amount": 2.5}, "n": 1}, {"sku": "p2", "price": None}],
    },
}  # fmt: skip


def declared(**changes: Any) -> Webhook:
    return read_webhook(DECLARED | changes, ["default"])


def one(body: Any, **changes: Any) -> dict[str, Any]:
    made = mapped(json.dumps(body).encode(), declared(**changes))
    assert made.rejected == []
    (item,) = made.envelope.items
    event: dict[str, Any] = json.loads(item)
    return event


def reason(body: bytes, **changes: Any) -> tuple[str, str]:
    (why,) = mapped(body, declared(**changes)).rejected
    assert why.raw == body
    return why.code, why.message


def test_a_body_is_mapped_path_by_path() -> None:
    event = one(BODY)

    assert event.pop("messageId").startswith("shop-")
    assert event == {
        "type": "track",
        "event": "Order Completed",
        "userId": 5,
        "timestamp": "2025-11-21T10:11:12Z",
        "properties": {
            "order_id": 77,
            "total": "5.50",
            "currency": "EUR",
            "products": [
                {"product_id": "p1", "price": 2.5, "quantity": 1, "kind": "goods"},
                {"product_id": "p2", "kind": "goods"},
            ],
        },
        "context": {"channel": "server"},
    }


def test_the_first_path_that_leads_somewhere_counts() -> None:
    assert one({"topic": "orders/paid", "order": {"customer_id": "c9"}})["userId"] == "c9"


def test_the_first_rule_that_fits_counts() -> None:
    other = {"event": "Order Cancelled", "when": {"$.topic": "orders/cancelled"}, "fields": {"userId": "$.who"}}
    last = {"type": "identify", "fields": {"userId": "$.who", "traits.plan": "$.plan"}}
    rules = [ORDERED, other, last]

    assert one({"topic": "orders/cancelled", "who": "u1"}, events=rules)["event"] == "Order Cancelled"
    assert one({"topic": "x", "who": "u1", "plan": "gold"}, events=rules)["traits"] == {"plan": "gold"}


def test_the_same_content_has_the_same_message_id_and_another_has_another() -> None:
    spaced = json.loads(json.dumps(BODY, indent=3))
    assert one(BODY)["messageId"] == one(spaced)["messageId"]
    assert one(BODY)["messageId"] != one(BODY | {"topic": "orders/paid"})["messageId"]
    assert one(BODY)["messageId"] != one(BODY, name="other")["messageId"]


def test_the_senders_own_id_names_the_message() -> None:
    rule = ORDERED | {"fields": ORDERED["fields"] | {"messageId": "$.order.id"}}

    assert one(BODY, events=[rule])["messageId"] == 77


def test_a_list_is_split_into_bodies_of_their_own() -> None:
    rule = {"event": "Email Opened", "when": {"$.event": "open"}, "fields": {"userId": "$.user"}}
    body = [{"event": "open", "user": "u1"}, {"event": "bounce", "user": "u2"}, {"event": "open", "user": "u3"}]

    made = mapped(json.dumps(body).encode(), declared(events=[rule], split="$"))

    assert [json.loads(item)["userId"] for item in made.envelope.items] == ["u1", "u3"]
    (why,) = made.rejected
    assert (why.index, why.code, json.loads(why.raw)) == (1, "webhook.no-rule", body[1])


def test_what_fits_nothing_is_told_with_its_path() -> None:
    assert reason(b'{"topic":"carts/update"}') == (
        "webhook.no-rule", "`$.topic` is 'carts/update', and no rule is for it; add a rule to the webhook's `events`.",
    )  # fmt: skip
    assert reason(b"{}")[1].startswith("`$.topic` is not there, and no rule is for it")
    code, message = reason(b'{"topic":"orders/paid","order":{}}')
    assert code == "webhook.nothing-found"
    assert message.startswith("`$.order.customer.id` is not there, nor anything else that 'Order Completed' is made of")


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "collect.syntax"), (b"a=1&b=2", "collect.syntax"), (b'{"a":NaN}', "collect.nan"),
     (b'{"a":"\xff"}', "collect.utf8"), (b"[" * 100_000, "collect.too-deep")],
)  # fmt: skip
def test_what_is_no_json_is_told(body: bytes, code: str) -> None:
    assert reason(body)[0] == code


def test_what_is_no_list_cannot_be_split() -> None:
    assert reason(b'{"events":7}', split="$.events")[0] == "webhook.no-list"
    assert reason(json.dumps({"events": [1] * 1_001}).encode(), split="$.events")[0] == "collect.too-many-events"


def test_a_true_is_no_one() -> None:
    rule = {"event": "A", "when": {"$.live": True}, "fields": {"userId": "$.u"}}

    assert one({"live": True, "u": "u1"}, events=[rule])["userId"] == "u1"
    assert reason(b'{"live":1,"u":"u1"}', events=[rule])[0] == "webhook.no-rule"


NESTED = {"each": "$.b", "fields": {}}
REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a name": ({"name": "Shop!"}, "$.name"),
    "a source": ({"source": "defualt"}, "did you mean 'default'?"),
    "a split": ({"split": "events"}, "$.split"),
    "an unknown key": ({"eval": "1"}, "unknown field `eval`"),
    "no rule": ({"events": []}, "$.events"),
    "a header": ({"signature": {"header": "X Sig", "format": "hex"}}, "$.signature.header"),
    "a format": ({"signature": {"header": "X", "format": "md5"}}, "$.signature.format"),
    "a path": ({"events": [ORDERED | {"fields": {"userId": "$.a[?(@.b)]c d"}}]}, "is no path"),
    "a path of when": ({"events": [ORDERED | {"when": {"topic": "x"}}]}, ".when['topic']"),
    "a field": ({"events": [ORDERED | {"fields": {"writeKey": "$.a"}}]}, "there is no such field"),
    "a whole object": ({"events": [ORDERED | {"fields": {"properties": "$.a"}}]}, "there is no such field"),
    "a part of a text": ({"events": [ORDERED | {"fields": {"userId.a": "$.a"}}]}, "there is no such field"),
    "a clash": ({"events": [ORDERED | {"fields": {"traits.a": "$.a", "traits.a.b": "$.b"}}]}, "stands above"),
    "a null": ({"events": [ORDERED | {"fields": {"userId": None}}]}, "neither a path nor a constant"),
    "a mixed list": ({"events": [ORDERED | {"fields": {"userId": ["$.a", "u1"]}}]}, "no list of paths"),
    "an object": ({"events": [ORDERED | {"fields": {"userId": {"each": "$.a"}}}]}, "it is no list"),
    "a nested list": (
        {"events": [ORDERED | {"fields": {"properties.a": {"each": "$.a", "fields": {"b": NESTED}}}}]},
        "it is no list",
    ),
    "no event": ({"events": [{"fields": {"userId": "$.a"}}]}, "$.events[0].event"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "told"), REFUSED.values(), ids=REFUSED)
def test_a_declaration_that_cannot_be_used_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(BadRequest) as refused:
        declared(**changes)

    assert told in str(refused.value)


def signed(body: bytes, secret: bytes = SECRET) -> str:
    return hmac.digest(secret, body, "sha256").hex()


def timed(body: bytes, at: int, secret: bytes = SECRET) -> str:
    return f"t={at},v1={signed(f'{at}.'.encode() + body, secret)}"


def check(form: str, said: str, body: bytes = b"{}", *, prefix: str = "", now: int = NOW) -> str:
    """The code of the refusal, "" if it is good."""
    signature = Signature(header="X-Sig", format=form, prefix=prefix, tolerance=300)  # type: ignore[arg-type]
    headers = {b"x-sig": said.encode()} if said else {}
    try:
        check_signature(signature, SECRET, headers, body, now=now)
    except NotPermitted as error:
        return error.code if error.status == 401 and signed(body) not in str(error) else f"tells: {error}"
    return ""


def test_signatures_of_each_form() -> None:
    digest = bytes.fromhex(signed(b"{}"))
    at = NOW // 1_000

    assert check("hex", digest.hex()) == ""
    assert check("hex", digest.hex().upper()) == ""
    assert check("hex", f"sha256={digest.hex()}", prefix="sha256=") == ""
    assert check("base64", base64.b64encode(digest).decode()) == ""
    assert check("timestamped", timed(b"{}", at)) == ""
    assert check("timestamped", f"v0=x,v1=00,{timed(b'{}', at)}") == "", "while the sender changes its secret"


@pytest.mark.parametrize("form", ["hex", "base64", "timestamped"])
def test_a_wrong_signature_is_refused(form: str) -> None:
    at = NOW // 1_000
    others = {
        "hex": [signed(b"{} "), signed(b"{}", b"other"), signed(b"{}")[:-2], "zz", "ä"],
        "base64": [base64.b64encode(bytes.fromhex(signed(b"{} "))).decode(), signed(b"{}"), "!"],
        "timestamped": [timed(b"{} ", at), timed(b"{}", at, b"other"), signed(b"{}"), f"t={at}", f"v1={signed(b'{}')}",
                        timed(b"{}", at).replace(f"t={at}", f"t={at + 1}")],
    }  # fmt: skip
    for said in [*others[form], "", "x" * 5_000]:
        assert check(form, said) == "webhook.signature", said


def test_a_signature_of_another_time_is_refused() -> None:
    at = NOW // 1_000

    assert check("timestamped", timed(b"{}", at - 300)) == ""
    assert check("timestamped", timed(b"{}", at - 301)) == "webhook.too-old"
    assert check("timestamped", timed(b"{}", at + 301)) == "webhook.too-old"


@FEW
@given(st.binary(max_size=60))
def test_no_header_that_is_made_up_is_taken(said: bytes) -> None:
    for form in ("hex", "base64", "timestamped"):
        signature = Signature(header="X", format=form)  # type: ignore[arg-type]
        with pytest.raises(NotPermitted):
            check_signature(signature, SECRET, {b"x": said}, b"{}", now=NOW)


KEYS = ["topic", "order", "customer", "id", "lines", "sku", "price", "amount"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=12,
)  # fmt: skip


@FEW
@given(JSON, st.sampled_from(["", "$", "$.order", "$.lines"]))
def test_whatever_comes_is_mapped_or_told(body: Any, split: str) -> None:
    rules = [ORDERED | {"when": {"$.topic": ["a", 1, True]}}, ORDERED | {"when": {}}]
    made = mapped(json.dumps(body).encode(), declared(events=rules, split=split))

    assert len(made.envelope.items) == len(made.origin)
    assert made.rejected or made.origin or body == [] or split


@FEW
@given(st.binary(max_size=40))
def test_whatever_bytes_come_are_mapped_or_told(body: bytes) -> None:
    mapped(body, declared())
