"""Which law counts: a table of countries, regions of purposes, and of several regions the strictest."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from genom.consent import (
    CHOICE,
    ENDED,
    ERASURE,
    REGION,
    Entry,
    Law,
    Ledger,
    Purposes,
    fold,
    load_purposes,
    take,
)
from genom.consent.purpose import BASES
from genom.errors import BadConfiguration

COUNTRIES = {"DE": "eu", "US": "us", "Vereinigte Staaten": "us"}
RECORDED = BASES[:4]


def definition(**changes: Any) -> dict[str, Any]:
    """The built-in purposes with a table of countries; parts of it are changed, None takes one out."""
    changed = deepcopy(load_purposes().as_definition())
    table = {"from": "traits.country", "countries": COUNTRIES} | changes
    changed["regions"] = {part: value for part, value in table.items() if value is not None}
    return changed


PURPOSES = Purposes.from_definition(definition())


def test_without_a_table_there_is_one_law() -> None:
    purposes = load_purposes()

    assert purposes.regions is None
    assert purposes.laws == {"": Law(purposes.always, purposes.consent_needed)}
    assert "regions" not in purposes.as_definition()


def test_only_the_region_that_says_so_is_laxer() -> None:
    strict, lax, sale = PURPOSES.law_of(["eu"]), PURPOSES.law_of(["us"]), PURPOSES.bit("sale_us")

    assert strict == PURPOSES.law_of([]) == PURPOSES.law
    assert lax == Law(strict.always | sale, strict.consent_needed & ~sale)


def test_of_several_regions_the_strictest_counts_purpose_by_purpose() -> None:
    parts = definition(countries={"DE": "eu", "US": "us", "CA": "ca"})
    parts["purposes"]["email"]["basis"] = {"eu": "double_opt_in", "us": "opt_out", "ca": "double_opt_in"}
    parts["purposes"]["sale_us"]["basis"] = {"eu": "consent", "us": "consent", "ca": "opt_out"}
    purposes = Purposes.from_definition(parts)
    email, sale = purposes.bit("email"), purposes.bit("sale_us")

    assert purposes.law_of(["us"]).always & (email | sale) == email
    assert purposes.law_of(["ca"]).always & (email | sale) == sale
    assert purposes.law_of(["us", "ca"]) == purposes.law


def test_a_country_is_looked_up_whatever_its_capitals_and_the_unknown_is_strictest() -> None:
    regions = PURPOSES.regions
    assert regions is not None

    assert [regions.region_of(said) for said in ("us", " US ", "vereinigte staaten", "Deutschland", None, 49)] == [
        "us", "us", "us", "", "", "",
    ]  # fmt: skip
    assert PURPOSES.law_of([""]) == PURPOSES.law_of(["us", ""]) == PURPOSES.law


def test_a_definition_with_a_table_is_read_back_as_it_was() -> None:
    again = Purposes.from_definition(PURPOSES.as_definition())

    assert again.regions == PURPOSES.regions
    assert again.laws == PURPOSES.laws


def test_the_bases_of_a_purpose_differ_where_one_needs_no_consent() -> None:
    assert PURPOSES.names_of(PURPOSES.differing) == ["sale_us"]
    assert PURPOSES.purpose("sale_us").basis_in(["us"]) == "opt_out"
    assert PURPOSES.purpose("sale_us").basis_in([]) == "consent"
    assert PURPOSES.purpose("email").basis_in(["us"]) == "double_opt_in"  # which names no region but eu


REGIONS = ("eu", "us", "ca", "br")
bases = st.dictionaries(st.sampled_from(REGIONS[1:]), st.sampled_from([b for b in BASES if b != "explicit_consent"]))


@given(some=st.lists(bases, min_size=1, max_size=4), of=st.lists(st.sampled_from([*REGIONS, "", "atlantis"])))
def test_a_law_is_what_the_bases_of_its_regions_say(some: list[dict[str, str]], of: list[str]) -> None:
    """The rule in words, purpose by purpose; and no region more can make a law laxer."""
    parts = definition(countries={region.upper(): region for region in REGIONS[:1]})
    parts["purposes"] = {
        f"p{bit}": {
            "bit": bit, "text": {"en": "x", "de": "x"}, "basis": {"eu": "consent"} | basis, "balancing": "weighed",
        }
        for bit, basis in enumerate(some)
    }  # fmt: skip
    for region in {region for basis in some for region in basis}:
        parts["regions"]["countries"][region] = region
    purposes = Purposes.from_definition(parts)
    law = purposes.law_of(of)

    for purpose in purposes.every:
        named = [purpose.basis.get(region, "") for region in of]
        counts = named if named and all(named) else list(purpose.basis.values())
        assert bool(law.consent_needed & purpose.mask) == any(basis in RECORDED for basis in counts)
    assert law.always ^ law.consent_needed == purposes.always | purposes.consent_needed
    assert purposes.law_of([*of, "eu"]).always & ~law.always == 0 or not of


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"from": None}, "from"),
        ({"from": "properties.country"}, "properties.country"),
        ({"from": "traits"}, "'traits'"),
        ({"from": 7}, "str"),
        ({"countries": None}, "countries"),
        ({"countries": {}}, "length"),
        ({"countries": {"DE": "eu", "de ": "us"}}, "two regions"),
        ({"countries": {"US": "usa"}}, "'usa'"),
        ({"countries": {"US": ["us"]}}, "str"),
        ({"country": {}}, "country"),
    ],
)
def test_a_table_that_cannot_be_used_names_what_is_wrong(changes: dict[str, Any], what: str) -> None:
    with pytest.raises(BadConfiguration) as error:
        Purposes.from_definition(definition(**changes))

    assert what in str(error.value)
    assert "regions" in str(error.value)


def test_a_slip_in_a_region_is_told_the_nearest() -> None:
    with pytest.raises(BadConfiguration, match="did you mean 'us'"):
        Purposes.from_definition(definition(countries={"US": "uss"}))


def test_norway_without_quotes_is_told_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "purposes.yaml"
    text = yaml.safe_dump(load_purposes().as_definition() | {"regions": {"from": "traits.country"}}, sort_keys=False)
    file.write_text(f"{text}  countries: {{DE: eu, NO: eu}}\n")

    with pytest.raises(BadConfiguration, match="quotes"):
        load_purposes(file)


PROFILES = {f"{number:02x}": number for number in range(3)}  # the identifier with hash "ff" has no profile
entries = st.builds(
    lambda act, subjects, at, granted, region: Entry(
        at=at, subjects=tuple(subjects), purpose="sale_us" if act in {CHOICE, ENDED} else "",
        granted=granted and act == CHOICE, text=PURPOSES.text_hash("sale_us"), act=act,
        region=region if act == REGION else "",
    ),
    act=st.sampled_from([CHOICE, ENDED, REGION, REGION, ERASURE]),
    subjects=st.sets(st.sampled_from(["00", "01", "02", "ff"]), min_size=1, max_size=3),
    at=st.integers(0, 5),
    granted=st.booleans(),
    region=st.sampled_from(["eu", "us", "", "a region of before"]),
)  # fmt: skip


@settings(max_examples=150)
@given(starts=st.lists(st.lists(entries, max_size=6), max_size=3))
def test_the_law_of_everybody_is_the_fold_of_the_ledger_after_any_restarts(starts: list[list[Entry]]) -> None:
    live = fold([], purposes=PURPOSES, profile_of=PROFILES.get)
    with TemporaryDirectory() as directory:
        for batch in starts:
            with Ledger(Path(directory), file_bytes=900) as ledger:
                for each in ledger.append(batch):
                    take(live, each, purposes=PURPOSES, profile_of=PROFILES.get)
        with Ledger(Path(directory)) as ledger:
            replayed = fold(ledger.replay(), purposes=PURPOSES, profile_of=PROFILES.get)

    for choices in (live, replayed):
        choices.adopt("ff", 9)
    for person in ([0], [1], [2], [9], [0, 1], [1, 2, 9]):
        assert replayed.standing(person, at=9) == live.standing(person, at=9)
        assert replayed.grounds.regions(person) == live.grounds.regions(person)


def said(act: str, *, subject: str = "01", at: int = 0, granted: bool = False, region: str = "") -> Entry:
    text = PURPOSES.text_hash("sale_us")
    purpose = "" if act in {REGION, ERASURE} else "sale_us"
    return Entry(at=at, subjects=(subject,), purpose=purpose, granted=granted, text=text, act=act, region=region)


def needs_consent(*history: Entry, profile: int = 1) -> bool:
    choices = fold(history, purposes=PURPOSES, profile_of=PROFILES.get)
    choices.adopt("ff", 9)
    return bool(choices.standing([profile], at=9).law.consent_needed & PURPOSES.bit("sale_us"))


def test_where_no_consent_is_needed_a_denial_asks_for_it_and_a_grant_takes_the_denial_back() -> None:
    moved, ended = said(REGION, region="us"), said(ENDED)
    granted, refused = said(CHOICE, granted=True), said(CHOICE)

    assert not needs_consent(moved)
    assert needs_consent(moved, ended)
    assert needs_consent(ended, moved)
    assert not needs_consent(moved, ended, granted)
    assert needs_consent(moved, granted, ended)
    assert needs_consent(moved, ended, refused)


def test_an_erasure_makes_nobodys_law_laxer() -> None:
    moved, ended, erased = said(REGION, region="us"), said(ENDED), said(ERASURE)

    assert needs_consent(moved, erased)
    assert not needs_consent(moved, erased, moved)
    assert needs_consent(ended, erased, moved)


def test_who_waits_under_a_hash_brings_region_and_denials_along() -> None:
    moved, ended = said(REGION, subject="ff", region="us"), said(ENDED, subject="ff")

    assert not needs_consent(moved, profile=9)
    assert needs_consent(ended, moved, profile=9)


def test_of_two_words_the_one_of_the_later_time_counts() -> None:
    newer, older = said(REGION, at=5, region="us"), said(REGION, at=3, region="eu")

    assert not needs_consent(newer, older)
    assert needs_consent(said(REGION, at=5, region="eu"), said(REGION, at=3, region="us"))
    assert needs_consent(newer, said(REGION, at=5, region="eu"))


def test_a_region_that_the_table_leads_to_no_more_is_unknown() -> None:
    assert needs_consent(said(REGION, region="us"), said(REGION, region="a region of before"))
