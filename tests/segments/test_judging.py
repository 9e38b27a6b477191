"""Programs say of everybody what the rule means, person by person."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genom.segments import as_plain, compile_rule, conditions, read_rule
from genom.segments.program import Program
from tests.segments.oracle import belongs
from tests.segments.worlds import KNOWN, NOW, Person, arranged, people, rules, scales


def compiled(rule: dict) -> Program:
    return compile_rule(read_rule(rule), KNOWN, purpose="shop")


def judged(rule: dict, crowd: list[Person], **how: object) -> list[bool]:
    programs, columns = arranged([compiled(rule)], crowd)
    chosen = how or {"first": 1, "last": len(crowd) + 1}
    return programs.judge(columns, at=NOW, scales=scales(), **chosen)[0].astype(bool).tolist()


@given(rule=rules, crowd=st.lists(people, min_size=1, max_size=12))
def test_a_program_says_what_the_rule_means(rule, crowd):
    assert judged(rule, crowd) == [belongs(rule, person) for person in crowd]


@given(rule=rules, crowd=st.lists(people, min_size=1, max_size=8), data=st.data())
def test_some_people_are_judged_as_everybody_is(rule, crowd, data):
    who = np.array(data.draw(st.lists(st.integers(1, len(crowd)), max_size=20)), np.int64)

    everybody = judged(rule, crowd)

    assert judged(rule, crowd, who=who) == [everybody[person - 1] for person in who]


@given(rule=rules, crowd=st.lists(people, min_size=1, max_size=8))
def test_a_rule_and_its_negation_share_nobody(rule, crowd):
    yes, no = judged(rule, crowd), judged({"not": rule}, crowd)

    assert not any(a and b for a, b in zip(yes, no, strict=True))


@given(rule=rules, person=people, other=st.sampled_from([0.0, 1.3, 40.0]))
def test_what_may_not_be_read_changes_nothing(rule, person, other):
    """Flip a withheld value, or take it away: who belongs stays the same."""
    person.permits &= ~2  # price is withheld
    flipped = Person(**{**vars(person), "numbers": person.numbers | {"price": other}})

    assert judged(rule, [person]) == judged(rule, [flipped])


def test_a_withheld_gene_makes_nobody_a_member_by_not():
    withheld = Person(permits=1, numbers={"price": 5.0, "count": 1.0})
    permitted = Person(permits=3, numbers={"price": 5.0, "count": 1.0})
    rule = {"not": {"gene": "price", "is": ">", "value": 10}}

    assert judged(rule, [withheld, permitted]) == [False, True]


def test_a_withheld_gene_does_not_take_away_what_another_condition_gives():
    withheld = Person(permits=1, numbers={"price": 5.0, "count": 1.0})
    rule = {"any": [{"gene": "price", "is": ">", "value": 10}, {"gene": "count", "is": ">=", "value": 1}]}

    assert judged(rule, [withheld]) == [True]


def test_who_never_ordered_has_not_ordered_lately():
    never, lately = Person(numbers={"last": None}), Person(numbers={"last": 3.0})
    rule = {"not": {"gene": "last", "is": "<", "value": 30}}

    assert judged(rule, [never, lately]) == [True, False]


def test_nobody_who_refuses_the_purpose_belongs_anywhere():
    refuses = Person(permits=6, numbers={"count": 9.0})

    assert judged({"gene": "count", "is": ">=", "value": 1}, [refuses]) == [False]
    assert judged({"not": {"gene": "count", "is": ">=", "value": 100}}, [refuses]) == [False]


@given(inner=rules, crowd=st.lists(people, min_size=1, max_size=8))
def test_membership_of_another_segment_is_its_rule(inner, crowd):
    asks = compile_rule(read_rule({"not": {"segment": "inner"}}), KNOWN, purpose="shop")

    programs, columns = arranged([compiled(inner), asks], crowd, names={"inner": 0})
    passed = programs.judge(columns, at=NOW, scales=scales(), first=1, last=len(crowd) + 1)

    expected = [bool(person.permits & 1) and not belongs(inner, person) for person in crowd]
    assert passed[1].astype(bool).tolist() == expected


@given(rule=rules, person=people)
def test_conditions_alone_are_programs_too(rule, person):
    for _, condition in conditions(read_rule(rule)):
        assert judged(as_plain(condition), [person]) == [belongs(as_plain(condition), person)]


def test_thousands_of_people_are_judged_in_chunks_of_one_meaning():
    crowd = [Person(numbers={"count": float(i % 7)}) for i in range(5_000)]

    found = judged({"gene": "count", "is": ">=", "value": 3}, crowd)

    assert found == [i % 7 >= 3 for i in range(5_000)]
