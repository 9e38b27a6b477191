"""The purposes that come with Genom, and what a purposes file may say."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from genom.consent import STORED, Purpose, Purposes, check_successor, load_purposes
from genom.consent.purpose import parse_purpose
from genom.errors import BadConfiguration, UnknownName
from genom.genome import load_genes

PURPOSES = load_purposes()

# Stored masks carry these numbers for ever: a new purpose is added here, nothing else changes.
BITS = {
    "service": 0,
    "security": 1,
    "measure_aggregate": 2,
    "measure_person": 3,
    "personalise_onsite": 4,
    "recommend": 5,
    "email": 6,
    "sms_push": 7,
    "crm_sales": 8,
    "ads_measure": 9,
    "ads_retarget": 10,
    "lookalike": 11,
    "share_partner": 12,
    "sale_us": 13,
    "model_training": 14,
    "price": 15,
    "score_clv_churn": 16,
    "experiment": 17,
    "special_category": 18,
    "research_dp": 19,
}
FREE_BIT = 40

A_PURPOSE = {"bit": FREE_BIT, "text": {"en": "Post.", "de": "Post."}, "basis": {"eu": "consent"}}


def definition(**changes: Any) -> dict[str, Any]:
    """The built-in definition with a purpose `postal`, whose fields are changed; None takes a field out."""
    changed = deepcopy(PURPOSES.as_definition())
    fields = {**A_PURPOSE, **changes}
    changed["purposes"]["postal"] = {field: value for field, value in fields.items() if value is not None}
    return changed


def without(name: str, *, retired: bool) -> dict[str, Any]:
    changed = deepcopy(PURPOSES.as_definition())
    bit = changed["purposes"].pop(name)["bit"]
    changed["retired"] = [{"id": name, "bit": bit}] if retired else []
    return changed


def test_every_purpose_keeps_its_bit_for_ever() -> None:
    assert {name: PURPOSES.purpose(name).bit for name in PURPOSES.names} == BITS


def test_exactly_three_purposes_need_no_consent() -> None:
    assert PURPOSES.names_of(PURPOSES.always) == ["service", "security", "measure_aggregate"]
    assert PURPOSES.always & PURPOSES.consent_needed == 0
    assert PURPOSES.names_of(PURPOSES.always | PURPOSES.consent_needed) == PURPOSES.names


def test_development_mode_may_assume_four_purposes() -> None:
    assert PURPOSES.names_of(PURPOSES.assumable) == ["service", "measure_person", "personalise_onsite", "recommend"]


def test_only_service_and_security_cannot_be_objected_to() -> None:
    assert PURPOSES.names_of(PURPOSES.fixed) == ["service", "security"]


def test_a_purpose_needs_consent_if_any_region_asks_for_it() -> None:
    assert PURPOSES.purpose("sale_us").basis == {"eu": "consent", "us": "opt_out"}
    assert PURPOSES.purpose("sale_us").needs_consent


@given(names=st.lists(st.sampled_from(sorted(BITS)), unique=True))
def test_names_and_masks_are_two_ways_to_say_the_same(names: list[str]) -> None:
    mask = PURPOSES.mask(names)

    assert mask == sum(1 << BITS[name] for name in names)
    assert PURPOSES.names_of(mask) == sorted(names, key=BITS.__getitem__)


def test_an_unknown_name_gets_the_nearest_one_suggested() -> None:
    with pytest.raises(UnknownName, match="did you mean 'recommend'"):
        PURPOSES.bit("recomend")


def test_another_text_has_another_hash() -> None:
    before = Purposes.from_definition(definition())
    after = Purposes.from_definition(definition(text={"en": "Post!", "de": "Post."}))

    assert after.text_hash("postal") != before.text_hash("postal")
    assert after.text_hash("email") == before.text_hash("email")


def test_the_order_of_languages_does_not_change_the_text_hash() -> None:
    turned = Purposes.from_definition(definition(text={"de": "Post.", "en": "Post."}))

    assert turned.text_hash("postal") == Purposes.from_definition(definition()).text_hash("postal")


def test_a_version_survives_storage_as_json() -> None:
    stored = msgspec.json.encode(PURPOSES.as_definition())

    restored = Purposes.from_definition(msgspec.json.decode(stored))

    assert restored.every == PURPOSES.every
    assert restored.retired == PURPOSES.retired


def test_retired_purposes_survive_storage() -> None:
    purposes = Purposes.from_definition(without("email", retired=True))

    assert Purposes.from_definition(purposes.as_definition()).retired == purposes.retired != ()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"bit": None}, "'postal' lacks the field 'bit'"),
        ({"text": None}, "'postal' lacks the field 'text'"),
        ({"basis": None}, "'postal' lacks the field 'basis'"),
        ({"bit": 64}, "'postal' has an unusable 'bit'"),
        ({"bit": -1}, "'postal' has an unusable 'bit'"),
        ({"bit": True}, "'postal' has an unusable 'bit'"),
        ({"bit": "7"}, "'postal' has an unusable 'bit'"),
        ({"bit": BITS["email"]}, "'postal' has the 'bit' 6 of 'email'"),
        ({"text": {"en": "Post."}}, "'postal' has no 'de' in 'text'"),
        ({"text": {"en": " ", "de": "Post."}}, "'postal' has no 'en' in 'text'"),
        ({"text": "Post."}, "'postal' has an unusable 'text'"),
        ({"basis": {"us": "consent"}}, "'postal' has no region 'eu' in 'basis'"),
        ({"basis": {"eu": "concent"}}, "did you mean 'consent'"),
        ({"basis": {"eu": "legitimate_interest"}}, "'postal' lacks the field 'balancing'"),
        ({"bassis": {"eu": "consent"}}, "unknown field 'bassis'.*did you mean 'basis'"),
        ({"assumable": True}, "'postal' sets 'assumable' to true"),
        ({"objectable": False}, "'postal' sets 'objectable' to false"),
        ({"decision_class": "A4"}, "'postal' has an unusable 'decision_class'"),
        ({"read_window_days": 0}, "'postal' has an unusable 'read_window_days'"),
    ],
)
def test_a_bad_purpose_is_named_with_file_and_field(tmp_path: Path, changes: dict[str, Any], says: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(definition(**changes)), "utf-8")

    with pytest.raises(BadConfiguration, match=f"(?s){says}") as refused:
        load_purposes(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize("name", ["email", "sms_push", "ads_retarget", "sale_us", "special_category"])
def test_no_file_can_make_a_sensitive_purpose_assumable(name: str) -> None:
    changed = PURPOSES.as_definition()
    changed["purposes"][name]["assumable"] = True

    with pytest.raises(BadConfiguration, match="sets 'assumable' to true"):
        Purposes.from_definition(changed)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("purposes:\n  a: {bit: 1}\n  a: {bit: 2}\n", "'a' stands twice"),
        ("purposes:\n  a: {bit: 1, bit: 2}\n", "'bit' stands twice"),
        ("purposes: [", "not usable YAML.*line 1"),
        ("", "no mapping 'purposes'"),
        ("- a\n", "no mapping 'purposes'"),
        ("purposes: {}\nretierd: []\n", "did you mean 'retired'"),
        ("purposes: {}\nretired: [7]\n", "'retired' in .* is unusable"),
        ("purposes: {no: {bit: 1}}\n", "False cannot be the name"),
        ("purposes: {E-Mail: {bit: 1}}\n", "'E-Mail' cannot be the name"),
        ("purposes: {email: 6}\n", "'email' is not a mapping"),
    ],
)
def test_an_unusable_file_says_where(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(BadConfiguration, match=f"(?s){says}") as refused:
        load_purposes(path)
    assert str(path) in str(refused.value)


def test_a_file_that_is_not_there_or_not_text_is_bad_configuration(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("purposes: {für: 1}".encode("latin-1"))

    for name in ("missing.yaml", "latin.yaml"):
        with pytest.raises(BadConfiguration, match=name):
            load_purposes(tmp_path / name)


@pytest.mark.parametrize("purpose", PURPOSES.every, ids=lambda one: one.name)
def test_each_purpose_that_comes_with_genom_ends_for_all_that_it_uses(purpose: Purpose) -> None:
    """And nothing is stored for less time than the records of decisions: what they taught could not be taken apart."""
    for category in {*STORED} & {*purpose.categories} or {"visits"}:
        read, stored = purpose.read_days(category), purpose.storage_days(category)

        assert read is not None
        assert stored is not None
        assert read <= stored
        assert stored >= purpose.decision_days == 730
    if purpose.name in {*load_genes().every_purpose}:  # else a ring would be withheld until each sweep
        assert not purpose.read_windows
        assert not purpose.storage_windows


def test_a_retired_bit_does_not_come_back() -> None:
    changed = definition() | {"retired": [{"id": "fax", "bit": FREE_BIT}]}

    with pytest.raises(BadConfiguration, match="'postal' has the 'bit' 40 of 'fax'"):
        Purposes.from_definition(changed)


def test_a_retired_name_does_not_come_back() -> None:
    changed = definition() | {"retired": [{"id": "postal", "bit": 41}]}

    with pytest.raises(BadConfiguration, match="'postal' stands twice"):
        Purposes.from_definition(changed)


@pytest.mark.parametrize(
    "accepted",
    [PURPOSES.as_definition(), definition(), without("email", retired=True)],
    ids=["the same", "one more", "one retired"],
)
def test_a_version_may_add_and_retire(accepted: dict[str, Any]) -> None:
    check_successor(PURPOSES, Purposes.from_definition(accepted))


def test_a_version_may_not_give_a_bit_to_another_purpose() -> None:
    changed = without("email", retired=False)
    changed["purposes"]["postal"] = A_PURPOSE | {"bit": BITS["email"]}

    with pytest.raises(BadConfiguration, match="Bit 6 belongs to the purpose 'email' and means 'postal'"):
        check_successor(PURPOSES, Purposes.from_definition(changed))


def test_a_version_may_not_move_a_purpose() -> None:
    changed = PURPOSES.as_definition()
    changed["purposes"]["email"]["bit"] = FREE_BIT

    with pytest.raises(BadConfiguration, match="Bit 6 belongs to the purpose 'email'"):
        check_successor(PURPOSES, Purposes.from_definition(changed))


def test_a_version_may_not_drop_a_purpose_without_retiring_it() -> None:
    with pytest.raises(BadConfiguration, match="retired"):
        check_successor(PURPOSES, Purposes.from_definition(without("email", retired=False)))


def test_what_is_retired_stays_retired() -> None:
    old = Purposes.from_definition(without("email", retired=True))

    with pytest.raises(BadConfiguration, match="no longer listed as retired"):
        check_successor(old, PURPOSES)


@pytest.mark.parametrize(
    "signals", [{"google": ("ad_user_data",)}, {"gpp": ("SaleOptOut",)}, {"tcf": (4,)}, {"decision_class": "A1"}]
)
def test_no_purpose_of_advertising_or_prices_is_about_special_categories(signals: dict[str, Any]) -> None:
    health = {
        "bit": 40, "text": {"en": "Health", "de": "Gesundheit"}, "basis": {"eu": "explicit_consent"},
        "categories": ["special"], "special_categories": True,
    }  # fmt: skip
    assert parse_purpose("health", health, where="here").special_categories

    with pytest.raises(BadConfiguration, match="uses special categories for advertising or prices"):
        parse_purpose("health", health | signals, where="here")


def test_special_data_serve_explicit_consent_and_what_was_asked_for() -> None:
    purposes = load_purposes()

    assert purposes.names_of(purposes.of_special) == ["service", "security", "special_category"]
    ads = [one.name for one in purposes.every if one.for_ads_or_prices]
    assert {"ads_measure", "ads_retarget", "lookalike", "share_partner", "sale_us", "price"} <= set(ads)
