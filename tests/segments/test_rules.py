"""Rules are read from plain data; every fault is told with its place and the nearest known name."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import yaml
from hypothesis import given

from genom.errors import BadRequest, UnknownName
from genom.segments import Segment, as_plain, check_segment, in_order, kept_form, read_rule, read_segment
from tests.segments.worlds import KNOWN, label, rules

COUNT = {"gene": "count", "is": ">=", "value": 2}


def segment(rule: dict, name: str = "mine", purpose: str = "shop") -> Segment:
    return read_segment({"id": name, "label": label(name), "purpose": purpose, "rule": rule})


def refused(rule: object, *, purpose: str = "shop") -> BadRequest:
    with pytest.raises(BadRequest) as told:
        check_segment(segment(rule, purpose=purpose), KNOWN)  # type: ignore[arg-type]  # a bad one on purpose
    return told.value


@given(rule=rules)
def test_json_and_yaml_say_the_same(rule):
    read = read_rule(rule)

    assert read_rule(json.loads(json.dumps(as_plain(read)))) == read
    assert read_rule(yaml.safe_load(yaml.safe_dump(as_plain(read)))) == read


@given(rule=rules)
def test_a_kept_segment_reads_as_it_was(rule):
    made = segment(rule)

    assert read_segment(kept_form(made)) == made


@given(rule=rules)
def test_every_rule_of_the_other_tests_is_accepted(rule):
    check_segment(segment(rule), KNOWN)


@pytest.mark.parametrize(
    ("rule", "place", "fix"),
    [
        ({"gene": "cuont", "is": ">=", "value": 2}, "$.rule.gene", "'count'"),
        ({"all": [COUNT, {"gen": "count", "is": ">=", "value": 2}]}, "$.rule.all[1]", "'gene'"),
        ({"not": {"any": [{"gene": "count", "is": "betwen", "value": 2}]}}, "$.rule.not.any[0].is", "'between'"),
        ({"all": [{"gene": "count", "is": ">=", "value": 2, "vale": 3}]}, "$.rule.all[0]", "'value'"),
        ({"event": "Order Complete", "days": 3, "at_least": 1}, "$.rule.event", "'Order Completed'"),
        ({"attribute": "size", "is": "=", "value": "s"}, "$.rule.value", ""),
        ({"attribute": "sise", "is": "known"}, "$.rule.attribute", "'size'"),
        ({"segment": "others"}, "$.rule.segment", ""),
        ({"gene": "cells", "cell": "teas", "is": ">", "value": 1}, "$.rule.cell", "'tea'"),
        (
            {"event": "Order Completed", "days": 3, "at_least": 1, "where": {"channel": "wep"}},
            "$.rule.where.channel", "'web'",
        ),
    ],
)  # fmt: skip
def test_an_unknown_name_is_told_with_its_place_and_the_nearest(rule, place, fix):
    error = refused(rule)

    assert isinstance(error, UnknownName)
    assert place in error.what
    assert fix in error.fix


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ({}, "$.rule"),
        ({"all": []}, "$.rule.all"),
        ({"all": COUNT}, "$.rule.all"),
        ({"all": [COUNT], "any": [COUNT]}, "$.rule"),
        ({"not": [COUNT]}, "$.rule.not"),
        ({"gene": "count", "is": ">="}, "$.rule.value"),
        ({"gene": "count", "is": ">=", "value": "two"}, "$.rule.value"),
        ({"gene": "count", "is": ">=", "value": True}, "$.rule.value"),
        ({"gene": "count", "is": ">=", "value": float("nan")}, "$.rule.value"),
        ({"gene": "count", "is": "between", "value": [3, 1]}, "$.rule.value"),
        ({"gene": "count", "is": "between", "value": [1]}, "$.rule.value"),
        ({"gene": "count", "is": "known", "value": 1}, "$.rule.value"),
        ({"gene": "fading", "is": "=", "value": 1}, "$.rule.is"),
        ({"gene": "taste", "is": ">", "value": 1}, "$.rule.is"),
        ({"gene": "count", "is": "=", "value": "tea"}, "$.rule.value"),
        ({"gene": "count", "cell": "tea", "is": ">", "value": 1}, "$.rule.cell"),
        ({"gene": "cells", "is": ">", "value": 1}, "$.rule"),
        ({"gene": "cells", "cell": "tea", "top": True, "is": "=", "value": "tea"}, "$.rule.cell"),
        ({"event": "Order Completed", "days": 0, "at_least": 1}, "$.rule.days"),
        ({"event": "Order Completed", "days": 3, "at_least": 99}, "$.rule.at_least"),
        ({"event": "Order Completed", "days": 3}, "$.rule"),
        ({"event": "Order Completed", "days": 3, "at_least": 1, "at_most": 2}, "$.rule"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(rule, place):
    error = refused(rule)

    assert place in error.what
    assert error.why
    assert error.fix


def test_groups_nest_eight_deep_and_no_deeper():
    rule: dict = COUNT
    for _ in range(8):
        rule = {"not": rule}
    read_rule(rule)

    with pytest.raises(BadRequest, match="stands too deep"):
        read_rule({"not": rule})


def test_a_rule_has_a_hundred_conditions_and_no_more():
    read_rule({"all": [COUNT] * 100})

    with pytest.raises(BadRequest, match="has 101 conditions"):
        read_rule({"all": [COUNT] * 101})


def test_a_nesting_bomb_is_refused_in_words():
    bomb: dict = COUNT
    for _ in range(100_000):
        bomb = {"not": bomb}

    with pytest.raises(BadRequest, match="stands too deep"):
        read_rule(bomb)


def test_an_unknown_purpose_is_refused_with_the_nearest():
    assert "'shop'" in refused(COUNT, purpose="shup").fix


def test_genes_can_be_asked_only_for_a_purpose_that_the_genome_is_kept_for():
    assert "$.rule" in refused(COUNT, purpose="email").what
    check_segment(segment({"event": "Order Completed", "days": 3, "at_least": 1}, purpose="email"), KNOWN)


def test_another_segment_must_have_the_same_purpose():
    other = segment({"event": "Order Completed", "days": 3, "at_least": 1}, "other", purpose="email")

    with pytest.raises(BadRequest, match="another purpose"):
        check_segment(segment({"segment": "other"}), replace(KNOWN, segments={"other": other}))


def test_a_circle_of_segments_is_refused_and_named():
    a, b = segment({"segment": "b"}, "a"), segment({"not": {"segment": "c"}}, "b")
    c = segment({"all": [COUNT, {"segment": "a"}]}, "c")

    with pytest.raises(BadRequest) as told:
        in_order([a, b, c])

    assert "a → b → c → a" in told.value.why


def test_a_segment_that_asks_about_itself_is_refused():
    mine = segment({"segment": "mine"})

    with pytest.raises(BadRequest, match="rests on itself"):
        check_segment(mine, replace(KNOWN, segments={"mine": mine}))


def test_segments_stand_behind_those_that_they_ask_about():
    a, b, c = segment({"segment": "c"}, "a"), segment(COUNT, "b"), segment({"segment": "b"}, "c")

    assert [one.id for one in in_order([a, b, c])] == ["b", "c", "a"]


@pytest.mark.parametrize("name", ["", "Big", "9lives", "a-b", "x" * 61])
def test_an_unusable_id_is_refused(name):
    with pytest.raises(BadRequest, match=r"\$\.id"):
        segment(COUNT, name)
