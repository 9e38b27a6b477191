"""The builder's tree: to plain data and back, changed by buttons, made to fit its fields."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genom.console.segments_fields import Family, Field, Fields, faults_of, fresh, settled
from genom.console.segments_form import changed, opening, tree_from
from genom.console.segments_tree import MATCHES, Condition, Group, Part, depth_of, leaves, plain_of, tree_of
from genom.web import form_of

ORDERS = Field(
    key="gene:orders", label="Orders", family="rhythm", form="number", operators=(">=", "between", "known", "=")
)
SIZE = Field(
    key="attribute:size", label="Size", family="told", form="text", operators=("=", "in", "known"),
    values=(("M", "M"), ("L", "L")),
)  # fmt: skip
MIX = Field(key="cell:mix", label="Mix", family="rhythm", form="number", operators=(">=",), values=(("web", "Web"),))
VIEWED = Field(key="event:Product Viewed", label="Viewed", family="event")
LEFT = Field(key="event:Cart Viewed", label="Carts", family="event", days=20)
BUYERS = Field(key="segment:buyers", label="Buyers", family="segment")
FIELDS = Fields(
    purpose="p", purposes=(("p", "P"),), channels=(), floor=50,
    families=(
        Family(id="rhythm", label="R", fields=(ORDERS, MIX)), Family(id="told", label="T", fields=(SIZE,)),
        Family(id="event", label="E", fields=(VIEWED, LEFT)), Family(id="segment", label="S", fields=(BUYERS,)),
    ),
)  # fmt: skip

numbers = st.integers(-(10**9), 10**9).map(str) | st.decimals(-(10**6), 10**6, places=3).map(
    lambda value: f"{value.normalize():f}"
)
conditions = st.one_of(
    numbers.map(lambda n: Condition(field="gene:orders", op=">=", values=(n,))),
    st.tuples(numbers, numbers).map(lambda two: Condition(field="gene:orders", op="between", values=two)),
    st.just(Condition(field="gene:orders", op="known", values=("",))),
    st.lists(st.sampled_from("ML"), min_size=1, unique=True).map(
        lambda some: Condition(field="attribute:size", op="in", values=tuple(some))
    ),
    numbers.map(lambda n: Condition(field="cell:mix", op=">=", cell="web", values=(n,))),
    st.just(Condition(field="segment:buyers")),
    st.tuples(st.integers(1, 3650), st.integers(1, 20), st.sampled_from(["at_least", "at_most"])).map(
        lambda n: Condition(
            field="event:Product Viewed", op=n[2], days=str(n[0]), times=str(n[1]),
            where={"channel": "web", "coupon": "no", "amount_at_least": "2"},
        )
    ),
)  # fmt: skip
groups = st.recursive(
    st.builds(Group, match=st.sampled_from(MATCHES), parts=st.lists(conditions, min_size=1, max_size=3).map(tuple)),
    lambda inner: st.builds(
        Group, match=st.sampled_from(MATCHES), parts=st.lists(conditions | inner, min_size=1, max_size=3).map(tuple)
    ),
    max_leaves=6,
)


@given(groups, st.sampled_from(["en", "de"]))
def test_a_tree_survives_plain_data(tree: Group, language: str) -> None:
    plain = plain_of(tree, language, texts=FIELDS.texts)

    again = tree_of(plain, language)

    assert plain_of(again, language, texts=FIELDS.texts) == plain
    assert shape(again) == shape(tree)


def shape(part: Part) -> object:
    if isinstance(part, Condition):
        return part.field
    return (part.match, *(shape(each) for each in part.parts))


@given(groups)
def test_a_tree_survives_the_form_that_it_makes(tree: Group) -> None:
    made = settled(tree, FIELDS)
    assert isinstance(made, Group)

    assert settled(tree_from(form_of(form(made).encode(), KIND), FIELDS), FIELDS) == made


KIND = "application/x-www-form-urlencoded"


def form(part: Part, place: str = "0") -> str:
    """The fields as the template writes them."""
    from urllib.parse import urlencode  # noqa: PLC0415

    if isinstance(part, Group):
        inner = (form(each, f"{place}.{number}") for number, each in enumerate(part.parts))
        return "&".join([urlencode({f"match:{place}": part.match}), *inner])
    pairs = [(f"field:{place}", part.field), (f"was:{place}", part.field), (f"op:{place}", part.op)]
    pairs += [(f"val:{place}", value) for value in part.values]
    pairs += [(f"cell:{place}", part.cell), (f"days:{place}", part.days), (f"times:{place}", part.times)]
    pairs += [(f"{name}:{place}", text) for name, text in part.where.items()]
    return urlencode(pairs)


def test_the_opening_has_four_conditions_in_two_groups() -> None:
    tree = opening(FIELDS)

    assert len(list(leaves(tree))) == 4
    assert [isinstance(part, Group) for part in tree.parts] == [False, False, True]


def test_buttons_add_and_remove() -> None:
    tree = opening(FIELDS)

    larger, focus = changed(tree, "condition:0.2", FIELDS)
    assert (len(list(leaves(larger))), focus) == (5, "0.2.2")
    deeper, focus = changed(larger, "group:0.2", FIELDS)
    assert (focus, depth_of(deeper)) == ("0.2.3.0", 3)
    smaller, focus = changed(deeper, "remove:0.2", FIELDS)
    assert (len(list(leaves(smaller))), focus) == (2, "0")


def test_a_group_that_loses_its_last_part_goes_and_the_root_keeps_one() -> None:
    one = Condition(field="segment:buyers")
    tree = Group(match="all", parts=(one, Group(match="any", parts=(one,))))

    left, _ = changed(tree, "remove:0.1.0", FIELDS)
    assert left == Group(match="all", parts=(one,))
    assert changed(left, "remove:0.0", FIELDS)[0] == left


@pytest.mark.parametrize(
    "act", ["remove:0.9", "remove:0", "group:0.0", "condition:x", "remove:0.-1", "", "save", "x:0"]
)
def test_an_unknown_button_changes_nothing(act: str) -> None:
    assert changed(opening(FIELDS), act, FIELDS)[0] == opening(FIELDS)


def test_and_and_or_of_a_single_part_are_the_same() -> None:
    tree = Group(match="any", parts=(Group(match="not_all", parts=(Condition(field="segment:buyers"),)),))

    made = settled(tree, FIELDS)

    assert isinstance(made, Group)
    assert (made.match, made.parts[0].match) == ("all", "none")  # type: ignore[union-attr]


def test_a_field_that_was_chosen_anew_begins_afresh() -> None:
    sent = b"match:0=all&family:0.0=told&field:0.0=gene:orders&was:0.0=gene:orders&op:0.0=>%3D&val:0.0=7"

    tree = tree_from(form_of(sent, KIND), FIELDS)

    assert tree.parts == (Condition(field="attribute:size", op="=", values=("M",)),)


@pytest.mark.parametrize(
    ("condition", "fault"),
    [
        (Condition(field="gene:orders", op=">=", values=("two",)), "number"),
        (Condition(field="gene:orders", op=">=", values=("",)), "number"),
        (Condition(field="gene:orders", op="between", values=("3", "2")), "order"),
        (Condition(field="gene:orders", op="known"), ""),
        (Condition(field="gene:gone", op=">=", values=("1",)), "gone"),
        (Condition(field="attribute:size", op="in", values=()), "value"),
        (Condition(field="cell:mix", op=">=", values=("1",)), "cell"),
        (Condition(field="event:Product Viewed", op="at_least", days="0", times="1"), "days"),
        (Condition(field="event:Product Viewed", op="at_least", days="4000", times="1"), "days"),
        (Condition(field="event:Product Viewed", op="at_least", days="3", times="0"), "times"),
        (Condition(field="event:Cart Viewed", op="at_least", days="20", times="1"), ""),
        (Condition(field="event:Cart Viewed", op="at_least", days="21", times="1"), "window"),
        (Condition(field="event:Product Viewed", op="at_most", days="3", times="0"), ""),
        (Condition(field="event:Product Viewed", op="at_most", days="3", times="1.5"), "times"),
        (Condition(field="event:Product Viewed", op="at_least", days="3", times="21"), "times"),
        (Condition(field="event:Product Viewed", op="at_least", days="3", times="1", where={"amount_at_most": "x"}),
         "amount"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_at_its_place(condition: Condition, fault: str) -> None:
    tree = Group(match="all", parts=(Condition(field="segment:buyers"), condition))

    assert faults_of(tree, FIELDS, "en") == ({"0.1": fault} if fault else {})


def test_a_condition_begins_with_days_that_may_be_read() -> None:
    assert (fresh(VIEWED).days, fresh(LEFT).days) == ("30", "20")


def test_a_rule_that_is_too_deep_or_too_long_is_told() -> None:
    one: Part = Condition(field="segment:buyers")
    deep = one
    for _ in range(5):
        deep = Group(match="none", parts=(deep,))
    assert isinstance(deep, Group)

    assert faults_of(deep, FIELDS, "en") == {"0": "deep"}
    assert faults_of(Group(match="all", parts=(one,) * 101), FIELDS, "en") == {"0": "many"}


@pytest.mark.parametrize(
    "plain",
    [None, 1, "x", [], {}, {"all": []}, {"all": 3}, {"not": 4}, {"gene": 3}, {"x": 1}, {"event": None}],
)
def test_an_address_without_a_rule_gives_an_empty_tree(plain: object) -> None:
    assert tree_of(plain, "en").parts == ()


def test_numbers_are_read_in_the_language_of_their_reader() -> None:
    typed = Condition(field="gene:orders", op=">=", values=("1.234,5",))

    assert plain_of(typed, "de")["value"] == 1234.5
    assert plain_of(replace(typed, values=("1,234.5",)), "en")["value"] == 1234.5
    assert tree_of(plain_of(typed, "de"), "de").parts[0] == replace(typed, values=("1234,5",))
