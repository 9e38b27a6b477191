from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.identity import Party, People, Profiles, Verdict, judge, party, prove

ADA = Party(type="user_id", person=1, known=True)
BOB = Party(type="user_id", person=2, known=True)
BROWSER = Party(type="anonymous_id", person=3, known=False)
TABLET = Party(type="anonymous_id", person=4, known=False)
BOBS_BROWSER = Party(type="anonymous_id", person=2, known=True)
CARD = Party(type="card", person=5, known=True)
EMAIL = Party(type="email", person=6, known=True)

parties = st.sampled_from([ADA, BOB, BROWSER, TABLET, BOBS_BROWSER, CARD, EMAIL])


def by_write_key(a: Party, b: Party, *, trusted: bool = False, proven: bool = False) -> Verdict:
    return judge(a, b, server=False, trusted=trusted, proven=proven)


def test_a_browsers_link_waits() -> None:
    assert by_write_key(ADA, BROWSER) is Verdict.PENDING


def test_a_browsers_link_counts_if_the_source_is_trusted() -> None:
    assert by_write_key(ADA, BROWSER, trusted=True) is Verdict.CONFIRMED


def test_a_browsers_link_counts_if_the_user_id_is_proven() -> None:
    assert by_write_key(ADA, BROWSER, proven=True) is Verdict.CONFIRMED


def test_a_proof_of_a_user_id_says_nothing_about_a_card() -> None:
    assert by_write_key(CARD, BROWSER, proven=True) is Verdict.PENDING


@pytest.mark.parametrize("trusted", [False, True])
@pytest.mark.parametrize("other", [BOB, CARD, EMAIL])
def test_a_write_key_never_links_two_known_people(other: Party, trusted: bool) -> None:
    assert by_write_key(ADA, other, trusted=trusted, proven=True) is Verdict.PENDING


def test_a_write_key_never_links_by_email() -> None:
    assert by_write_key(EMAIL, BROWSER, trusted=True, proven=True) is Verdict.PENDING


def test_a_shared_device_is_not_linked_to_its_second_user() -> None:
    assert by_write_key(ADA, BOBS_BROWSER, trusted=True, proven=True) is Verdict.REFUSED


def test_two_devices_are_linked_only_on_trust() -> None:
    assert by_write_key(BROWSER, TABLET) is Verdict.PENDING
    assert by_write_key(BROWSER, TABLET, trusted=True) is Verdict.CONFIRMED


@given(a=parties, b=parties, trusted=st.booleans(), proven=st.booleans())
def test_a_server_key_links_anything(a: Party, b: Party, trusted: bool, proven: bool) -> None:
    expected = Verdict.SAME if a.person == b.person else Verdict.CONFIRMED

    assert judge(a, b, server=True, trusted=trusted, proven=proven) is expected


@given(a=parties, b=parties, trusted=st.booleans(), proven=st.booleans())
def test_the_sides_of_a_link_are_alike(a: Party, b: Party, trusted: bool, proven: bool) -> None:
    assert by_write_key(a, b, trusted=trusted, proven=proven) is by_write_key(b, a, trusted=trusted, proven=proven)


def test_a_device_is_known_once_it_is_linked_to_a_user() -> None:
    profiles, people = Profiles(bytes(16), capacity=10), People(10)
    (browser, user), _ = profiles.resolve([("anonymous_id", "x"), ("user_id", "ada")])
    alone = party(browser, profiles=profiles, people=people)

    people.link(user, browser)

    assert alone == Party(type="anonymous_id", person=browser, known=False)
    assert party(browser, profiles=profiles, people=people) == Party(type="anonymous_id", person=browser, known=True)


@given(secret=st.binary(min_size=1), user_id=st.text(max_size=20))
def test_the_hmac_of_the_user_id_is_a_proof(secret: bytes, user_id: str) -> None:
    proof = hmac.new(secret, user_id.encode(), hashlib.sha256).hexdigest()

    assert prove(secret, user_id, proof)
    assert prove(secret, user_id, proof.upper())
    assert not prove(secret, user_id + "x", proof)
    assert not prove(secret + b"x", user_id, proof)


def test_the_proof_is_that_of_rfc_4231() -> None:
    assert prove(
        b"Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )


@pytest.mark.parametrize("user_hash", ["", "é", "\ud800", "0" * 64])
def test_anything_else_proves_nothing(user_hash: str) -> None:
    assert not prove(b"secret", "ada", user_hash)


def test_without_a_secret_nothing_is_proven() -> None:
    assert not prove(b"", "ada", hmac.new(b"", b"ada", "sha256").hexdigest())
