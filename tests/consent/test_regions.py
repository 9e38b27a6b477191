"""Which law counts: a table of countries, regions of purposes, and of several regions the strictest."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from genom.consent import Law, Purposes, load_purposes
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
