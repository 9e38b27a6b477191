"""What a destination may be: everything that would let people's data out without a way back is refused in words."""

from __future__ import annotations

from typing import Any

import pytest

from genom.activate import Known, PurposeOf, kept_form, read_destination
from genom.errors import BadRequest

MAIL: dict[str, Any] = {
    "id": "mail", "label": {"en": "Newsletter", "de": "Newsletter"}, "recipient": "Mailer Ltd", "country": "DE",
    "contract": "processor", "purposes": ["email"], "segment": "regulars", "url": "https://mail.example/genom",
    "removal": "api",
}  # fmt: skip
ADS = MAIL | {
    "id": "ads", "recipient": "Ads Inc", "country": "US", "transfer": "adequacy decision (EU-US DPF)",
    "purposes": ["ads_retarget"], "signals": "google", "send": ["email_sha256"],
}  # fmt: skip
KNOWN = Known(
    purposes={
        "email": PurposeOf(recipients=["Mailer Ltd"], needs_consent=True, special=False, google=[]),
        "ads_retarget": PurposeOf(
            recipients=["Ads Inc"], needs_consent=True, special=False, google=["ad_user_data", "ad_personalization"]
        ),
        "ads_measure": PurposeOf(recipients=["Ads Inc"], needs_consent=True, special=False, google=["ad_user_data"]),
        "service": PurposeOf(recipients=["Mailer Ltd"], needs_consent=False, special=False, google=[]),
        "health": PurposeOf(recipients=["Mailer Ltd"], needs_consent=True, special=True, google=[]),
    },
    segments=["regulars"],
)


@pytest.mark.parametrize("body", [MAIL, ADS])
def test_a_good_definition_is_kept_as_it_is_read(body: dict[str, Any]) -> None:
    found = read_destination(body, KNOWN)

    assert read_destination(kept_form(found), KNOWN) == found


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"removal": "none"}, "removal", "nobody could be removed"),
        ({"removal": "expiry"}, "expires_days", "0 days"),
        ({"removal": "expiry", "expires_days": 31}, "expires_days", "31 days"),
        ({"purposes": ["health"]}, "purposes", "special categories"),
        ({"purposes": ["mail"]}, "purposes", "no purpose 'mail'"),
        ({"recipient": "Somebody"}, "recipient", "does not name 'Somebody'"),
        ({"segment": "regular"}, "segment", "regulars"),
        ({"country": "US"}, "transfer", "US"),
        ({"contract": "third_party", "purposes": ["service"]}, "contract", "needs consent"),
        ({"signals": "google"}, "signals", "ad_personalization and ad_user_data"),
        ({"url": "http://mail.example/genom"}, "url", "TLS"),
        ({"url": "https://key@mail.example/genom"}, "url", "without user"),
        ({"url": "https://mail.example/genom?key=1"}, "url", "query"),
        ({"url": "ftp://mail.example"}, "url", "TLS"),
        ({"url": "https://host:abc/x"}, "url", "ASCII"),
        ({"url": "http://127.0.0.1:9/\u00e4"}, "url", "ASCII"),
        ({"url": "https://exa..mple.de/x"}, "url", "ASCII"),
        ({"url": "https://[::1/x"}, "url", "ASCII"),
        ({"url": "http://127.0.0.1.evil.example/"}, "url", "TLS"),
        ({"label": {"en": "Newsletter"}}, "label", "English and German"),
        ({"id": "Mail!"}, "id", "lower-case"),
    ],
)
def test_what_cannot_be_undone_or_was_not_permitted_is_refused(changes: dict[str, Any], field: str, words: str) -> None:
    with pytest.raises(BadRequest) as refused:
        read_destination(MAIL | changes, KNOWN, "$.destinations[2]")

    assert str(refused.value).startswith(f"$.destinations[2].{field}: ")
    assert words in str(refused.value)


def test_one_of_two_signals_is_not_enough() -> None:
    with pytest.raises(BadRequest, match="no purpose stands for ad_personalization"):
        read_destination(ADS | {"purposes": ["ads_measure"]}, KNOWN)


@pytest.mark.parametrize("changes", [{"purposes": []}, {"extra": 1}, {"contract": "friend"}, {"send": ["email"]}])
def test_a_form_that_is_unknown_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadRequest, match="no definition of a destination"):
        read_destination(MAIL | changes, KNOWN)


def test_this_machine_may_be_told_without_tls() -> None:
    assert read_destination(MAIL | {"url": "http://127.0.0.1:9000/x"}, KNOWN).url.startswith("http://127")
