"""Live segments: who belongs is right at every acknowledgement, after silence, merges, splits, choices and restarts."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from genom.genome import Matrix
from genom.segments import changes as log_of_changes
from tests.app.events import consenting, identify, order, track, view
from tests.app.house import DAY, HOUR, House, without_windows
from tests.app.segment_house import (
    BUYERS,
    ORDERS,
    PURPOSE,
    changes,
    define,
    members,
    pass_time,
    people,
    permitted,
    tend,
)  # fmt: skip

ONE_GENE = """
purposes: [personalise_onsite]
rings: {events: 32, items: 32, messages: 16, declared: 16}
filters: {order: {kinds: [ORDER_COMPLETED]}}
genes:
  - {family: rhythm, name: orders, op: count, of: order, over: [lifetime], label: {en: Orders, de: Bestellungen}}
"""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "data", segment_floor=1) as opened:
        yield opened


def test_an_event_makes_a_member_before_it_is_acknowledged(house):
    house.serve(permitted(order("ada")))
    define(house, BUYERS)
    assert members(house) == set()

    house.serve(permitted(order("ada")))

    assert members(house) == people(house, "ada")
    assert changes(house)[-1] == ("entered", house.person("ada"), "event")


def test_who_was_there_before_the_segment_belongs_too(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)), permitted(order("ben")))

    define(house, BUYERS)

    assert members(house) == people(house, "ada")
    assert changes(house) == [("built", None, "built")]


def test_a_change_names_the_row_that_it_came_of(house):
    define(house, BUYERS)
    house.serve(permitted(order("ada")), permitted(order("ada")), permitted(view("ben")))

    told = house.get("/v1/segments/buyers/changes").told["changes"][-1]
    rows = house.get(f"/v1/people/{house.person('ada')}/events").told["events"]

    assert told["sequence"] >= max(row["sequence"] for row in rows)
    assert told["version"] == 1


def test_time_alone_makes_people_leave(house):
    define(house, {"event": "Order Completed", "days": 7, "at_least": 1})
    house.serve(permitted(order("ada")))
    assert members(house) == people(house, "ada")

    pass_time(house, 8 * DAY)

    assert members(house) == set()
    assert changes(house)[-1] == ("left", house.person("ada"), "time")


def test_time_alone_makes_people_enter(house):
    define(house, {"gene": "rhythm.order.recency", "is": ">", "value": 30})
    house.serve(permitted(order("ada")), permitted(view("ben")))
    assert members(house) == set()

    pass_time(house, 31 * DAY)

    assert members(house) == people(house, "ada")


def test_a_fading_value_is_judged_as_it_fades(house):
    define(house, {"gene": "rhythm.orders.count.1d", "is": ">=", "value": 0.9})
    house.serve(*(permitted(order("ada")) for _ in range(4)))

    seen = []
    for _ in range(4):
        seen.append(bool(members(house)))
        pass_time(house, DAY)

    assert seen == [True, True, True, False]  # 4, 2, 1, 0.5


def test_units_of_fading_values_move_along_for_years(tmp_path):
    without_windows(tmp_path / "data")
    with House(tmp_path / "data", segment_floor=1) as house:
        define(house, {"gene": "rhythm.events.count.1h", "is": ">=", "value": 0.9})
        for _ in range(6):
            pass_time(house, 200 * DAY)
            house.consent("ada", PURPOSE, granted=True)  # the last grant may have run out
            house.serve(permitted(order("ada")))
            assert members(house) == people(house, "ada")
            pass_time(house, 2 * HOUR)
            assert members(house) == set()


def test_a_withdrawn_consent_takes_effect_at_once_and_a_new_one_too(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    define(house, BUYERS)

    house.consent("ada", PURPOSE, granted=False)
    assert members(house) == set()
    house.consent("ada", PURPOSE, granted=True)
    assert members(house) == people(house, "ada")

    assert changes(house)[1:] == [
        ("left", house.person("ada"), "choice"), ("entered", house.person("ada"), "choice")
    ]  # fmt: skip


def test_who_never_permitted_the_purpose_is_in_no_segment_not_even_by_not(house):
    house.serve(consenting(order("ada"), personalise_onsite=False), permitted(view("ben")))

    define(house, {"not": BUYERS})

    assert members(house) == people(house, "ben")


def test_a_price_gene_needs_the_price_purpose_and_not_does_not_get_round_it(house):
    rule = {"not": {"gene": "price.discounted_lines.count.lifetime", "is": ">", "value": 5}}
    both = {"personalise_onsite": True, "price": True}
    house.serve(consenting(order("ada"), **both), permitted(order("ben")))

    define(house, rule)

    assert members(house) == people(house, "ada")


def test_two_people_who_are_one_belong_as_one(house):
    house.serve(permitted(order("ada")), permitted(order("a-1")))
    define(house, BUYERS)
    gone = house.person("a-1", "anonymous_id")

    house.serve(permitted(identify("ada", "a-1")))

    assert members(house) == {house.person("ada")}
    assert house.person("a-1", "anonymous_id") == house.person("ada") != gone or house.person("ada") == gone


def test_events_of_one_person_count_for_the_other_after_a_merge_and_not_after_a_split(house):
    define(house, {"event": "Order Completed", "days": 30, "at_least": 2})
    house.serve(permitted(order("ada")), permitted(order("a-1")))
    assert members(house) == set()

    house.serve(permitted(identify("ada", "a-1")))
    assert members(house) == {house.person("ada")}

    house.unlink("a-1", "anonymous_id")
    tend(house)
    assert members(house) == set()


def test_assumed_events_count_for_seven_days(house):
    house.take(*(order("ada") for _ in range(2)))  # a write key of a source in development mode
    define(house, {"all": [BUYERS, {"event": "Order Completed", "days": 30, "at_least": 2}]})
    assert members(house) == people(house, "ada")

    pass_time(house, 7 * DAY + 1)

    assert members(house) == set()


def test_members_of_others_are_followed(house):
    define(house, BUYERS)
    define(house, {"all": [{"not": {"segment": "buyers"}}, {"gene": ORDERS, "is": ">=", "value": 1}]}, "once")
    house.serve(permitted(order("ada")))
    assert (members(house), members(house, "once")) == (set(), people(house, "ada"))

    house.serve(permitted(order("ada")))

    assert (members(house), members(house, "once")) == (people(house, "ada"), set())


def test_a_new_version_replaces_the_old_one_when_it_is_built(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)), permitted(order("ben")))
    define(house, BUYERS)

    assert define(house, BUYERS) == 1
    assert define(house, {"gene": ORDERS, "is": ">=", "value": 1}) == 2

    assert members(house) == people(house, "ada", "ben")
    assert changes(house) == [("built", None, "built")]


def test_a_start_goes_on_and_says_nothing_twice(house):
    define(house, BUYERS)
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    before = changes(house)

    house.restart()
    tend(house)

    assert members(house) == people(house, "ada")
    assert changes(house) == before


def test_a_kill_loses_no_membership_and_doubles_no_record(house):
    define(house, BUYERS)
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    before = changes(house)
    house.node.segments._write = lambda *_: None  # a kill saves nothing

    house.restart()
    tend(house)

    assert members(house) == people(house, "ada")
    assert changes(house) == before


def test_what_changed_while_the_node_was_down_is_written_once_at_the_start(house):
    define(house, {"event": "Order Completed", "days": 7, "at_least": 1})
    house.serve(permitted(order("ada")))
    house.close()
    house.clock.now += 8 * DAY
    house.open()
    tend(house)

    assert changes(house)[-1] == ("left", house.person("ada"), "start")
    house.restart()
    tend(house)
    assert [change[0] for change in changes(house)] == ["built", "entered", "left"]


def test_a_category_that_nobody_had_heard_of_is_followed_from_its_first_event(house):
    define(house, {"event": "Product Viewed", "days": 30, "at_least": 1, "where": {"category": "RARE"}}, "viewers")
    define(house, {"gene": "intent.viewed_category.last", "is": "=", "value": "RARE"}, "lately")

    house.serve(permitted(view("ada", "RARE")), permitted(view("ben", "TEA")))

    assert members(house, "viewers") == people(house, "ada")
    assert members(house, "lately") == people(house, "ada")


def test_what_somebody_says_of_themselves_is_followed(house):
    define(house, {"attribute": "size", "is": "in", "value": ["M", "L"]})

    house.serve(permitted(track("Attribute Declared", "ada", attribute="size", value="L")))

    assert members(house) == people(house, "ada")


def test_genes_that_only_a_view_can_read_are_followed(house):
    define(house, {"gene": "rhythm.orders.gap_mean", "is": ">=", "value": 1})
    now = house.clock.now

    house.serve(permitted(order("ada", at=now - 3 * DAY)), permitted(order("ada", at=now)))

    assert members(house) == people(house, "ada")


def test_a_failure_of_segments_never_refuses_an_event(house, monkeypatch):
    define(house, BUYERS)
    monkeypatch.setattr(house.node.segments._keeper, "take", lambda *_, **__: 1 / 0)
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    monkeypatch.undo()

    tend(house)

    assert members(house) == people(house, "ada")


@contextmanager
def full_disk_of_changes() -> Iterator[None]:
    """The log of changes finds no room; everything else does."""

    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(log_of_changes, "write_all", none_left)
        yield


def test_who_entered_while_the_disk_was_full_is_written_once_there_is_room(house):
    define(house, BUYERS)
    with full_disk_of_changes():
        house.serve(*(permitted(order("ada")) for _ in range(2)))
        tend(house)
        assert members(house) == people(house, "ada")
        assert [change[0] for change in changes(house)] == ["built"]

    tend(house)

    assert changes(house) == [("built", None, "built"), ("entered", house.person("ada"), "event")]


def test_a_choice_is_taken_while_the_disk_is_full(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    define(house, BUYERS)
    with full_disk_of_changes():
        house.consent("ada", PURPOSE, granted=False)
        assert members(house) == set()

    tend(house)

    assert changes(house)[-1] == ("left", house.person("ada"), "choice")


@pytest.mark.parametrize("saved", [True, False])
def test_a_start_writes_what_a_full_disk_did_not_take(house, saved):
    define(house, BUYERS)
    house.serve(*(permitted(order("ben")) for _ in range(2)))
    with full_disk_of_changes():
        house.serve(*(permitted(order("ada")) for _ in range(2)))
        house.consent("ben", PURPOSE, granted=False)
        pass_time(house, HOUR)
        if not saved:
            house.node.segments._write = lambda *_: None  # a kill saves nothing
        house.restart()

    tend(house)

    assert members(house) == people(house, "ada")
    assert [change[0] for change in changes(house)[:2]] == ["built", "entered"]
    assert sorted(changes(house)[2:]) == [  # in order of the people, as a start finds them
        ("entered", house.person("ada"), "start"), ("left", house.person("ben"), "start")
    ]  # fmt: skip


def test_a_version_that_was_built_while_the_disk_was_full_is_built_by_the_next_start(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    with full_disk_of_changes():
        define(house, BUYERS)
        assert members(house) == people(house, "ada")
        house.restart()

    tend(house)

    assert members(house) == people(house, "ada")
    assert changes(house) == [("built", None, "built")]


def test_growth_has_a_point_an_hour(house):
    define(house, BUYERS)
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    pass_time(house, HOUR)

    told = house.get("/v1/segments/buyers").told

    assert [point["people"]["count"] for point in told["hourly"]] == [None, 1]
    assert told["segment"]["people"] == {"count": 1, "text": "1"}


def test_an_event_right_after_a_start_takes_nobody_out_whose_past_is_not_read_yet(house):
    define(house, {"event": "Order Completed", "days": 30, "at_least": 2})
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    before = changes(house)

    house.restart()
    house.serve(permitted(view("ada")))  # before the first turn of the work beside the commits
    tend(house)

    assert members(house) == people(house, "ada")
    assert changes(house) == before


def test_a_refusal_right_after_a_start_acts_at_once(house):
    define(house, {"event": "Order Completed", "days": 30, "at_least": 2})
    house.serve(*(permitted(order("ada")) for _ in range(2)))

    house.restart()
    house.consent("ada", PURPOSE, granted=False)

    assert house.node.segments.of_person(1, now=house.clock.now) == []
    tend(house)
    assert [change[0] for change in changes(house)] == ["built", "entered", "left"]


def test_what_was_assumed_ends_for_readers_before_a_sweep_sees_it(house):
    house.take(*(order("ada") for _ in range(2)))
    define(house, BUYERS)
    assert members(house) == people(house, "ada")

    house.clock.now += 7 * DAY + 1

    assert members(house) == set()


def test_large_groups_read_slow_genes_right_after_the_answer(house):
    define(house, {"gene": "rhythm.orders.gap_mean", "is": ">=", "value": 1})
    now = house.clock.now
    events = [permitted(order(f"u{i}", at=now - day * DAY)) for i in range(100) for day in (0, 3)]

    house.serve(*events)
    tend(house)

    assert members(house) == people(house, *(f"u{i}" for i in range(100)))


def test_another_genome_in_a_live_node_is_followed(house):
    define(house, {"all": [BUYERS, {"event": "Order Completed", "days": 30, "at_least": 2}]})
    house.serve(*(permitted(order("ada")) for _ in range(2)), permitted(order("ben")))
    world = house.node.world
    swapped = Matrix(world.layout, world.matrix.people)
    swapped.load(world.matrix.dump(world.profiles.count))

    world.matrix = swapped
    house.serve(permitted(order("ben")))
    tend(house)

    assert members(house) == people(house, "ada", "ben")


def test_a_segment_about_a_gene_that_is_no_more_is_told_and_stops_nobody(house):
    define(house, {"gene": "rhythm.pages.count.7d", "is": ">=", "value": 1}, "readers")
    define(house, {"not": {"segment": "readers"}}, "others")
    define(house, BUYERS)
    (house.path / "genes.yaml").write_text(ONE_GENE, "utf-8")

    house.restart()
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    tend(house)

    told = house.get("/v1/segments").told
    assert [segment["id"] for segment in told["segments"]] == ["buyers"]
    assert set(told["unreadable"]) == {"readers", "others"}
    assert "rhythm.pages.count.7d" in told["unreadable"]["readers"]
    assert members(house) == people(house, "ada")
