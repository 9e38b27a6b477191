"""What is shown of an event names nobody, however its keys are spelt and whatever its bytes are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from genom.app.pages.masking import facts_of, masked_json, masked_text, raw_of
from tests.app.house import House

SECRET = "Hildegard"
KEYS = re.findall(
    r"\S+",
    """
    email E-Mail email_address emailAddress phone phoneNumber phone_number PhoneNo mobile mobileNumber handy Telefon
    firstName first_name FIRST-NAME lastName surname full_name fullName given_name familyName vorname Nachname
    shipping_address billingAddress billing_name address1 street street_name Straße strasse postal_code PostCode
    zip zipcode PLZ iban IBAN bic date_of_birth birthday birthDate Geburtsdatum dob userId customer_id username
    password resetToken credit_card cardNumber ip ip_address latitude lng city traits customer recipient
""",
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        yield house


@pytest.mark.parametrize("key", KEYS)
def test_a_personal_key_is_masked_however_it_is_spelt(key: str) -> None:
    event = {"properties": {key: SECRET, "deep": {key: [{"any": SECRET}]}}}

    assert SECRET not in json.dumps(masked_json(event))
    assert SECRET not in str(facts_of(event))


@pytest.mark.parametrize("key", ["name", "shipping", "description", "recipe", "price", "product_id", "category", "sku"])
def test_what_names_nobody_stays_readable(key: str) -> None:
    assert masked_json({"properties": {key: SECRET}}) == {"properties": {key: SECRET}}


@pytest.mark.parametrize(
    "text",
    [
        "https://shop.example/?email=ada%40example.org",
        "https://shop.example/thanks?first=1&name=Hildegard#top",
        "/unsubscribe/ada%40example.org",
        "#access_token=Hildegard",
        "?q=Hildegard",
        '{"first": "Hildegard"}',
        '[{"first": "Hildegard"}]',
    ],
)
def test_a_url_keeps_only_its_path_and_json_in_a_text_is_masked(text: str) -> None:
    shown = masked_text(text)

    assert SECRET not in shown
    assert "ada" not in shown


@pytest.mark.parametrize("body", [b'{"first_name":"Hildegard"', b"Hildegard", b'["Hildegard"]', b"\xffHildegard"])
def test_of_what_cannot_be_read_only_the_size_is_shown(body: bytes) -> None:
    assert SECRET not in raw_of(body, "en")
    assert str(len(body)) in raw_of(body, "en")


def test_a_refused_event_in_latin_1_shows_nobody(house: House) -> None:
    event = '{"type":"identify","userId":"C-204118","traits":{"firstName":"Jürgen","street":"Am Hildegardplatz 7"}}'
    house.post("/v1/batch", b'{"batch":[' + event.encode("latin-1") + b"]}", key=house.write_key)

    page = house.browse("/events/live", cookie=house.sign_in()).body.decode()

    assert "refused" in page
    for secret in ("rgen", SECRET, "C-204118"):
        assert secret not in page


@pytest.mark.parametrize("path", ["/people", "/people/{person}", "/events/live"])
def test_a_strangers_words_are_masked_on_every_page(house: House, path: str) -> None:
    house.consent("u1", "personalise_onsite", granted=True)
    named = {"type": "track", "userId": "u1", "event": "Mail to ada@example.org"}
    house.take(
        {
            **named,
            "messageId": "m1",
            "properties": {"query": "ask ada@example.org", "url": "/x?email=ada%40example.org"},
        }
    )

    page = house.browse(path.format(person=house.person("u1")), cookie=house.sign_in()).body.decode()

    assert "Mail to •••" in page
    assert "example.org" not in page
