"""Terms become small codes that stay the same, as far as there is room."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genom.journal import Vocabulary
from genom.journal.vocabulary import OTHER_TERM


def test_codes_begin_after_none_and_other() -> None:
    vocabulary = Vocabulary(10)

    assert [vocabulary.code(term) for term in ("", "Wine", "Bread", "Wine")] == [0, 2, 3, 2]
    assert vocabulary.terms == ["", "other", "Wine", "Bread"]


def test_what_does_not_fit_is_other_and_not_journalled() -> None:
    vocabulary = Vocabulary(3)
    vocabulary.code("Wine")

    assert vocabulary.code("Bread") == OTHER_TERM
    assert vocabulary.take_new() == [(2, "Wine")]


def test_new_terms_are_told_once() -> None:
    vocabulary = Vocabulary(10)
    vocabulary.code("Wine")

    assert vocabulary.take_new() == [(2, "Wine")]
    assert vocabulary.take_new() == []


def test_looking_a_term_up_does_not_intern_it() -> None:
    vocabulary = Vocabulary(10)

    assert vocabulary.find("Wine") == 0
    assert vocabulary.take_new() == []


@given(st.lists(st.text(max_size=3), max_size=40), st.integers(2, 12))
def test_a_vocabulary_adopted_from_the_journal_gives_the_same_codes(terms: list[str], size: int) -> None:
    live, rebuilt = Vocabulary(size), Vocabulary(size)
    codes = [live.code(term) for term in terms]
    for code, term in live.take_new():
        rebuilt.adopt(code, term)

    assert [rebuilt.code(term) for term in terms] == codes
    assert rebuilt.take_new() == []
    assert len(live.terms) <= size
