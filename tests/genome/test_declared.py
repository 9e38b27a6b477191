"""What the person told us: the newest word about each thing, in any order of arrival, as many things as are kept."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genom.genome import Declared
from genom.words import Kind
from tests.genome.histories import ONE, T0, THREE, TWO, Row, event, folded, histories, layout_of, rows, value, view
from tests.genome.oracle import about, told

LIKE, DISLIKE, BACK, SAY = (
    Kind.PREFERENCE_LIKED,
    Kind.PREFERENCE_DISLIKED,
    Kind.PREFERENCE_WITHDRAWN,
    Kind.ATTRIBUTE_DECLARED,
)
M, L, NO_SIZE, WIDE = 1 << 16 | 3, 1 << 16 | 4, 1 << 16, 2 << 16 | 1
RINGS = layout_of().genes.rings


def say(kind: Kind, after: int = 0, **fields: int) -> Row:
    return event(T0 + after, kind, **fields)


def declared(*history: Row) -> Declared:
    return view(folded(history)).declared()


def test_the_last_word_about_a_category_counts() -> None:
    history = [say(LIKE, category_2=7), say(DISLIKE, 5, category_2=7), say(LIKE, 6, category_2=8)]

    assert declared(*history).disliked == {7}
    assert declared(*history).liked == {8}
    assert value(history, "taste.told.disliked") == "category_2 7"
    assert value(history, "taste.told.liked") == "category_2 8"


def test_a_word_that_arrives_late_does_not_overrule_a_newer_one() -> None:
    assert declared(say(DISLIKE, 5, category_2=7), say(LIKE, 0, category_2=7)).disliked == {7}


def test_a_declaration_can_be_taken_back() -> None:
    history = [say(DISLIKE, category_2=7), say(BACK, 1, category_2=7), say(SAY, 2, item=M), say(SAY, 3, item=NO_SIZE)]

    told_now = declared(*history)

    assert (told_now.liked, told_now.disliked, told_now.attributes, told_now.told) == (set(), set(), {}, {})
    assert value(history, "taste.size.declared") is None


def test_an_attribute_has_its_last_value_and_others_are_untouched() -> None:
    history = [say(SAY, item=M), say(SAY, 1, item=WIDE), say(SAY, 2, item=L)]

    assert declared(*history).attributes == {"size": "L", "shoe": "wide"}
    assert declared(*history).told == {"size": T0 + 2, "shoe": T0 + 1}
    assert value(history, "taste.size.declared") == "L"


def test_changing_ones_mind_a_hundred_times_displaces_nothing_else() -> None:
    often = [say((LIKE, DISLIKE)[n % 2], 1 + n, category_2=7) for n in range(100)]

    assert declared(say(LIKE, category_2=9), *often).liked == {9}


def test_of_more_things_than_are_kept_the_oldest_is_forgotten() -> None:
    history = [say(LIKE, n, category_2=10 + n) for n in range(RINGS["declared"] + 1)]

    assert declared(*history).liked == {11, 12}


def test_a_declaration_about_nothing_known_takes_no_place() -> None:
    history = [say(LIKE, category_2=9), say(LIKE, 1), say(SAY, 2, item=0), say(SAY, 3, item=77), say(LIKE, 4, line=1)]

    assert declared(*history).liked == {9}
    assert declared(*history).records == 1


def test_categories_beyond_the_vocabulary_share_a_code_that_nobody_can_like() -> None:
    assert declared(say(DISLIKE, category_2=1)).disliked == frozenset()


def test_declarations_are_no_visits_and_no_steps_towards_an_order() -> None:
    history = [event(T0), say(LIKE, 10_000_000, category_2=7)]

    assert value(history, "rhythm.visits.sessions") == 1.0
    assert value(history, "intent.activity.since_order") == 0.0


def test_what_may_not_be_read_was_never_said() -> None:
    matrix = folded([say(DISLIKE, category_2=7, mask=TWO)])

    assert view(matrix, effective=ONE | TWO).declared() == Declared()
    assert view(matrix, column=1, effective=ONE).declared() == Declared()
    assert view(matrix, column=1, effective=TWO).declared().disliked == {7}
    assert view(matrix, column=1, effective=TWO | THREE).declared().disliked == {7}


kinds = st.sampled_from([int(kind) for kind in (LIKE, DISLIKE, BACK, SAY)])
sayings = st.lists(
    st.builds(lambda row, kind: row | {"kind": kind, "line": 0}, rows, kinds),
    max_size=12,
    unique_by=lambda row: (row["ts"], row["id"]),
)


@given(history=sayings, data=st.data())
def test_any_order_repetition_and_merge_say_the_same_as_the_oracle(history: list[Row], data: st.DataObject) -> None:
    late, cut = data.draw(st.permutations(history + history[:2])), data.draw(st.integers(0, len(history)))
    halves = folded(late[:cut])
    merged = folded(late[cut:])
    for name, part in halves.dump(1).items():
        if not name.startswith("popularity"):
            getattr(merged.state, name)[2] = part[1]
    merged.merge(1, 2)

    kept = told([row for row in history if row["mask"] & ONE], RINGS)
    for matrix in (folded(late), merged):
        mine = view(matrix).declared()
        assert mine.liked == {r["category_2"] for r in kept if r["kind"] == LIKE and r["category_2"] > 1}
        assert mine.disliked == {r["category_2"] for r in kept if r["kind"] == DISLIKE and r["category_2"] > 1}
        assert mine.records == len({about(r) for r in kept})


@given(history=histories, extra=sayings)
def test_what_is_said_changes_no_ring_of_what_was_done(history: list[Row], extra: list[Row]) -> None:
    gene = layout_of().genes["rhythm.visits.sessions"]
    done = [row for row in history if row["kind"] not in range(80, 84)]

    with_words = [*done, *(row | {"id": 2**40 + n} for n, row in enumerate(extra))]

    assert view(folded(with_words)).items("events", 24) == view(folded(done)).items("events", 24)
    assert view(folded(done)).read(gene).value == view(folded(with_words)).read(gene).value or not done
