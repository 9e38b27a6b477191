"""GPP strings: opt-outs are heard, nothing in a US section permits, and what is damaged never does."""

from __future__ import annotations

import os
import random
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.consent import load_purposes
from genom.consent.signals import Damaged, all_said, gpp_said
from genom.consent.signals.gpp import National, gpp_sections, national, sold_by_us_privacy
from tests.consent.gpp_strings import fibonacci, gpp, header, section
from tests.consent.tc_strings import encode
from tests.consent.test_tcf import PLAIN

MUTATIONS = int(os.environ.get("GENOM_TC_MUTATIONS", "200000")) // 10
PURPOSES = load_purposes()
SOLD = set(PURPOSES.names_of(PURPOSES.gpc))
STAYED = National(1, (1, 1, 1), (2, 2, 2), (0,) * 12, (0, 0), 0, False)  # was told, and opted out of nothing
IN_MARCH = 17_723_664_000  # 1 March 2026, in tenths of a second
ALL_OF_TCF = encode(PLAIN._replace(consents=2047, created=IN_MARCH, updated=IN_MARCH))
TC = "CPXxRfAPXxRfAAfKABENB-CgAAAAAAAAAAYgAAAAAAAA"  # of the specification; its policy is too old to count


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("DBABM~" + TC, [2]),
        ("DBACNY~" + TC + "~1YNN", [2, 6]),
        ("DBABjw~" + TC + "~1YNN", [5, 6]),
        ("DBABMA~" + TC, [2]),  # filled up to a whole byte, as the first edition of the specification writes them
        ("DBACNYA~" + TC + "~1YNN", [2, 6]),
        ("DBAA", []),
    ],
)
def test_the_examples_of_the_specification(text: str, numbers: list[int]) -> None:
    assert [number for number, _ in gpp_sections(text)] == numbers


def test_its_fibonacci_numbers() -> None:
    written = ["11", "011", "0011", "1011", "00011", "10011", "01011"]

    assert [fibonacci(number) for number in range(1, 8)] == written


@given(numbers=st.sets(st.integers(1, 60), max_size=20), ranges=st.booleans(), whole=st.sampled_from([6, 8, 24]))
def test_what_an_encoder_writes_is_understood(numbers: set[int], ranges: bool, whole: int) -> None:
    sections = {number: f"s{number}" for number in numbers}

    assert dict(gpp_sections(gpp(sections, ranges=ranges, whole=whole))) == sections


choices = st.integers(0, 2)
nationals = st.sampled_from([(1, 12, 2), (1, 16, 3), (2, 16, 3)]).flatmap(
    lambda of: st.builds(
        National, st.just(of[0]), st.tuples(*[choices] * 3), st.tuples(*[choices] * 3), st.tuples(*[choices] * of[1]),
        st.tuples(*[choices] * of[2]), choices, st.booleans(),
    )
)  # fmt: skip


@given(of=nationals, whole=st.sampled_from([6, 8]))
def test_national_sections_are_understood(of: National, whole: int) -> None:
    assert national(section(of, whole=whole)) == of
    assert national(section(of, whole=whole, told=False)) == of._replace(gpc=False)


def test_national_sections_as_the_library_of_iab_writes_them() -> None:
    first, second = national("BVQqAAAACg"), national("BVVVkkkkkpFY.YA")

    assert first == STAYED._replace(personal=2)
    assert second == National(1, (1, 1, 1), (1, 1, 1), (2, 1, 0) * 5 + (2,), (2, 1, 0), 1, True)


@pytest.mark.parametrize(
    ("of", "refused"),
    [
        (STAYED, set()),
        (STAYED._replace(opt_outs=(1, 2, 2)), SOLD),
        (STAYED._replace(opt_outs=(2, 1, 2)), SOLD),
        (STAYED._replace(opt_outs=(2, 2, 1)), {"ads_retarget", "lookalike"}),
        (STAYED._replace(gpc=True), SOLD),
        (STAYED._replace(children=(1, 0)), SOLD),
        (STAYED._replace(children=(2, 2)), set()),
        (STAYED._replace(sensitive=(0, 0, 1, *[0] * 9)), {"special_category"}),
        (STAYED._replace(version=2, sensitive=(*[0] * 15, 1), children=(0, 0, 1)), {*SOLD, "special_category"}),
    ],
)
def test_opt_outs_refuse_and_nothing_else_is_said(of: National, refused: set[str]) -> None:
    said = gpp_said(gpp({7: section(of)}), PURPOSES)

    assert said.choices == dict.fromkeys(said.choices, False)
    assert (set(said.choices), set(said.ends), set(said.doubted)) == (refused, set(), set())


@pytest.mark.parametrize(("text", "refused"), [("1YYN", SOLD), ("1NYY", SOLD), ("1YNN", set()), ("1---", set())])
def test_us_privacy(text: str, refused: set[str]) -> None:
    said = gpp_said(gpp({6: text}), PURPOSES)

    assert (set(said.choices), set(said.ends)) == (refused, set())


@pytest.mark.parametrize(
    ("of", "doubted"),
    [
        (STAYED._replace(notices=(2, 1, 1)), SOLD),  # nobody told the person
        (STAYED._replace(notices=(0, 1, 1)), SOLD),  # stayed in what does not apply
        (STAYED._replace(notices=(1, 1, 2)), {"ads_retarget", "lookalike"}),
        (STAYED._replace(notices=(0, 0, 0), opt_outs=(0, 0, 0)), set()),
    ],
)
def test_who_was_not_told_has_not_stayed_in(of: National, doubted: set[str]) -> None:
    said = gpp_said(gpp({7: section(of)}), PURPOSES)

    assert (said.choices, set(said.doubted), bool(said.damaged)) == ({}, doubted, bool(doubted))


def test_a_section_that_is_unknown_denies_as_an_opt_out_would() -> None:
    said = gpp_said(gpp({8: "BAAAAAAA"}), PURPOSES)

    assert (said.choices, set(said.ends)) == (dict.fromkeys(said.choices, False), SOLD)


def test_a_tc_string_inside_is_taken_as_one_and_opt_outs_go_before_it() -> None:
    alone = gpp_said(gpp({2: ALL_OF_TCF}), PURPOSES)
    assert alone.choices == dict.fromkeys(
        ["measure_person", "personalise_onsite", "ads_measure", "ads_retarget", "model_training"], True
    )

    both = gpp_said(gpp({2: ALL_OF_TCF, 6: "1YYN"}), PURPOSES)
    assert {name for name, granted in both.choices.items() if not granted} == SOLD
    assert not both.ends
    old = gpp_said(gpp({1: "BOE", 2: ALL_OF_TCF}), PURPOSES)  # of TCF 1, which nobody understands
    assert {name for name, granted in old.choices.items() if not granted} == SOLD
    nothing = gpp_said(gpp({2: encode(PLAIN._replace(consents=0))}), PURPOSES)
    assert set(nothing.ends) == set(alone.choices)  # a banner says so before anybody has chosen, too


def test_a_damaged_section_costs_what_it_speaks_of_and_the_others_count() -> None:
    said = gpp_said(gpp({2: TC, 6: "1YYN"}), PURPOSES)
    assert (set(said.choices), said.ends) == (SOLD, frozenset())
    assert set(said.doubted) == {"measure_person", "personalise_onsite", "model_training"}
    assert said.damaged == ("section 2: its policy is 2, and 4 is the least",)

    said = gpp_said(gpp({2: ALL_OF_TCF, 7: "BVQ"}), PURPOSES)
    assert {name for name, granted in said.choices.items() if granted} == {
        "measure_person", "personalise_onsite", "model_training",
    }  # fmt: skip
    assert set(said.doubted) == {*SOLD, "special_category"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("DBABM", "names more sections"),
        ("DBABM~", "empty"),
        ("DBABM~a~b", "names 1 sections"),
        ("DBACNY~a", "names 2 sections"),
        ("DBAA~a", "names 0 sections"),
        ("DCABM~a", "version 2"),
        ("CBABM~a", "type 2"),
        ("DBA", "too early"),
        ("DBABA~a", "too early"),
        ("DBABMB~a", "behind its end"),
        ("DBABMAAAAA~a", "behind its end"),
        ("DBABM=~a", "base64url"),
        ("DBABM ~a", "base64url"),
        ("DBABM~ä", "characters"),
        ("DBABM~" + "a" * 20_000, "too long"),
        (header(list(range(1, 50)), ranges=True) + "~a~b", "names more sections"),
        (TC, "type 2"),
    ],
)
def test_a_header_that_does_not_fit_is_refused(text: str, why: str) -> None:
    with pytest.raises(Damaged, match=why):
        gpp_sections(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "early"),
        ("A" * 10, "version is 0"),
        ("D" + section(STAYED)[1:], "version is 3"),
        ("BV_qAAAACg", "value 3"),
        (section(STAYED, covered=0), "agreement"),
        (section(STAYED)[:9], "early"),
        (section(STAYED) + "AAAA", "behind its end"),
        (section(STAYED) + ".YA", "twice"),
        (section(STAYED, told=False) + ".A", "type 0"),
        (section(STAYED, told=False) + ".", "early"),
        (section(STAYED, told=False) + ".a", "behind its end"),
    ],
)
def test_a_national_section_that_is_not_as_it_should_be_is_refused(text: str, why: str) -> None:
    with pytest.raises(Damaged, match=why):
        national(text)


@pytest.mark.parametrize("text", ["", "1YN", "1YNNN", "2YNN", "1ynn", "1YXN", "YNN1", "1YN "])
def test_a_us_privacy_string_that_is_not_as_it_should_be_is_refused(text: str) -> None:
    with pytest.raises(Damaged):
        sold_by_us_privacy(text)


@pytest.mark.parametrize("value", [None, 7, [], {}, "", "DBABM", True, "~" * 50, "é"])
def test_an_event_with_a_damaged_string_stays_out(value: Any) -> None:
    said = all_said({"gpp": value}, PURPOSES)["gpp"]

    assert (said.choices, len(said.damaged)) == ({}, 1)
    assert said.doubted >= {*SOLD, "special_category", "measure_person", "personalise_onsite", "model_training"}


def test_no_mutation_of_an_opt_out_permits() -> None:
    """Whatever becomes of a string, it grants what the TC string inside grants, or less."""
    chance, alphabet = random.Random(29), string.ascii_letters + string.digits + "-_~."
    seeds = [
        gpp({7: section(STAYED._replace(opt_outs=(1, 1, 1), gpc=True))}), gpp({6: "1YYN"}), gpp({6: "1YYN", 8: "BAAA"}),
        gpp({7: section(STAYED._replace(version=2, sensitive=(1,) * 16, children=(1, 1, 1)))}),
    ]  # fmt: skip
    refused = 0
    for _ in range(MUTATIONS):
        text = chance.choice(seeds)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(text) + 1)
            text = text[:at] + chance.choice(alphabet) * chance.randrange(2) + text[at + chance.randrange(3) :]
        said = all_said({"gpp": text}, PURPOSES)["gpp"]
        assert not any(said.choices.values())
        refused += bool(said.damaged)
    assert 0 < refused < MUTATIONS
