"""Segments over HTTP: what is told, what is refused, what goes on record."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from genom.app import audit
from genom.app.pages.segments import SegmentPages
from genom.app.segmenting.export import scan_people
from genom.errors import BadRequest
from tests.app.events import consenting, identify, order, view
from tests.app.house import DAY, House
from tests.app.segment_house import BUYERS, ORDERS, PURPOSE, body, define, members, pass_time, people, permitted


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "data", segment_floor=1) as opened:
        yield opened


@pytest.fixture
def shy(tmp_path: Path) -> Iterator[House]:
    """A node with the floor that it has by default."""
    with House(tmp_path / "data", people_max=2_000) as opened:
        yield opened


def tried(house: House, rule: dict[str, Any], **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = house.post("/v1/segments/preview", {"purpose": PURPOSE, "rule": rule} | more).told
    return told


def test_a_preview_counts_the_rule_and_each_condition_alone(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)), permitted(order("ben")), permitted(view("cleo")))
    rule = {"all": [BUYERS, {"event": "Order Completed", "days": 3, "at_least": 1}]}

    told = tried(house, rule)

    assert told["people"] == {"count": 1, "text": "1"}
    assert told["everyone"]["count"] == 3
    assert [(one["place"], one["people"]["count"]) for one in told["conditions"]] == [
        ("$.rule.all[0]", 1), ("$.rule.all[1]", 2)
    ]  # fmt: skip
    assert told["sentence"]["de"].endswith("Einkauf abgeschlossen mindestens einmal in den letzten 3 Tagen")


def test_a_preview_counts_a_negated_condition_as_it_stands(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)), permitted(order("ben")))

    told = tried(house, {"not": BUYERS})

    assert (told["people"]["count"], told["conditions"][0]["people"]["count"]) == (1, 1)


def test_a_preview_follows_what_happens_after_it(house):
    house.serve(permitted(order("ada")))
    assert tried(house, BUYERS)["people"] == {"count": None, "text": "< 1"}

    house.serve(permitted(order("ada")))

    assert tried(house, BUYERS)["people"]["count"] == 1


def test_a_preview_defines_nothing(house):
    tried(house, BUYERS)

    assert house.get("/v1/segments").told == {"segments": [], "unreadable": {}}


def test_a_preview_says_whom_the_rule_reaches(house):
    both = {PURPOSE: True, "email": True}
    house.serve(*(consenting(order("ada"), **both) for _ in range(2)), *(permitted(order("ben")) for _ in range(2)))

    told = tried(house, BUYERS)

    assert (told["people"]["count"], told["reach"]["email"]["count"]) == (2, 1)


def test_a_channel_reaches_who_permits_it_and_has_what_it_takes(house):
    mail = {PURPOSE: True, "email": True, "ads_retarget": True}
    ada = identify("ada", "browser", email="ada@example.org")
    house.serve(
        *(consenting(order(user), **mail) for user in ("ada", "ben") for _ in range(2)), consenting(ada, **mail)
    )

    told = tried(house, BUYERS)["channels"]

    counts = {name: (one["people"]["count"], one["permit"]["count"]) for name, one in told.items()}
    assert counts == {
        "email": (1, 2), "sms": (None, None), "onsite": (1, 2), "sales": (None, None), "ads": (1, 2)
    }  # fmt: skip


def test_neither_few_who_are_reached_nor_few_who_are_not_are_told(shy):
    """Of a part a number of its own is told, so that what is left out cannot be taken from it."""
    mail = {PURPOSE: True, "email": True}
    with_mail = [consenting(identify(f"u{n}", f"b{n}", email=f"u{n}@example.org"), **mail) for n in range(190)]
    shy.serve(*(consenting(order(f"u{n}"), **mail) for n in range(200)), *with_mail)
    one = {"gene": ORDERS, "is": ">=", "value": 1}

    told = shy.post("/v1/segments/preview", {"purpose": PURPOSE, "rule": one}).told

    held, profiles = shy.node.segments.held, shy.node.world.profiles
    counts = [
        held.teller.told(held.teller.crowd(np.array([profiles.find("user_id", f"u{n}") for n in range(size)])))
        for size in (200, 190)
    ]
    email = told["channels"]["email"]
    assert [told["people"]["count"], email["people"]["count"]] == counts
    assert email["permit"]["count"] == counts[0]
    assert told["channels"]["sms"]["people"] == {"count": None, "text": "< 75"}


def test_examples_are_masked_and_satisfy_the_rule(house):
    house.serve(*(permitted(order(f"u{i}")) for i in range(30) for _ in range(1 + i % 2)))

    told = tried(house, BUYERS)

    assert len(told["examples"]) == 15
    masked = {f"{house.person(f'u{i}')[:2]}•••{house.person(f'u{i}')[-2:]}" for i in range(1, 30, 2)}
    assert set(told["examples"]) == masked


def test_a_count_below_the_floor_says_no_more_than_that(shy):
    shy.serve(*(permitted(order(f"u{i}")) for i in range(49) for _ in range(2)))
    define(shy, BUYERS)

    told = tried(shy, BUYERS)
    listed = shy.get("/v1/segments").told["segments"][0]
    refused = shy.get("/v1/segments/buyers/members?reason=test")

    assert told["people"] == listed["people"] == {"count": None, "text": "< 75"}
    assert told["conditions"][0]["people"]["count"] is None
    assert (told["examples"], told["share"]) == ([], None)
    assert (refused.status, refused.json["code"]) == (400, "segments.too-small")
    assert "49" not in json.dumps(shy.get("/v1/segments/buyers").told)


def test_a_count_well_above_the_floor_is_told_and_a_list_from_the_floor_on(shy):
    shy.serve(*(permitted(order(f"u{i}")) for i in range(50) for _ in range(2)))
    define(shy, BUYERS)
    assert len(members(shy)) == 50

    shy.serve(*(permitted(order(f"v{i}")) for i in range(150) for _ in range(2)))
    pass_time(shy, 1)

    told = shy.get("/v1/segments").told["segments"][0]["people"]
    assert told["text"] == f"\N{ALMOST EQUAL TO} {told['count']}"
    assert told["count"] % 10 == 0


def test_no_two_counts_tell_of_the_few_people_between_two_rules(shy):
    """The differencing attack at every place that tells a number: each of them tells the same moved one."""
    few = [f"f{i}" for i in range(5)]
    shy.serve(*(permitted(order(f"u{i}")) for i in range(200) for _ in range(2)))
    shy.serve(*(permitted(view(name)) for name in few))
    wide = {"any": [BUYERS, {"event": "Product Viewed", "days": 3, "at_least": 1}]}
    define(shy, BUYERS)
    define(shy, wide, "wide")
    pass_time(shy, 1)
    numbers = {f"u{i}" for i in range(200)}, {f"u{i}" for i in range(200)} | set(few)

    for name, rule, who in (("buyers", BUYERS, numbers[0]), ("wide", wide, numbers[1])):
        teller, profiles = shy.node.segments.held.teller, shy.node.world.profiles
        expected = teller.told(teller.crowd(np.array([profiles.find("user_id", one) for one in who])))
        detail, preview = shy.get(f"/v1/segments/{name}").told, tried(shy, rule)
        page = shy.run(SegmentPages(shy.node).segment(name, language="en"))
        told = {
            detail["segment"]["people"]["count"], preview["people"]["count"], page.row.people, page.tried.people,
            *(point["people"]["count"] for point in detail["hourly"] + detail["daily"]),
            *(point.people for point in page.growth),
        }  # fmt: skip
        assert told == {expected}
    assert tried(shy, wide)["conditions"][1]["people"]["count"] is None
    assert shy.get("/v1/segments/buyers/changes?reason=test").status == 200
    assert shy.get("/v1/segments/wide/changes?reason=test").json["code"] == "segments.too-near"


def test_changes_of_a_small_segment_are_told_to_nobody(shy):
    shy.serve(*(permitted(order(f"u{i}")) for i in range(49) for _ in range(2)))
    define(shy, BUYERS)

    assert shy.get("/v1/segments/buyers/changes?reason=test").json["code"] == "segments.too-small"


def test_members_come_in_pages_and_the_reason_goes_on_record(house):
    house.serve(*(permitted(order(f"u{i}")) for i in range(5) for _ in range(2)))
    define(house, BUYERS)

    first = house.get("/v1/segments/buyers/members?reason=audit+of+march&limit=3").told
    second = house.get(f"/v1/segments/buyers/members?reason=audit+of+march&limit=3&after={first['after']}").told

    assert (len(first["people"]), len(second["people"]), second["after"]) == (3, 2, None)
    assert set(first["people"]) | set(second["people"]) == people(house, *(f"u{i}" for i in range(5)))
    row = audit.rows(house.node.catalogue, limit=1)[0]
    assert (row.action, row.name, row.reason) == ("segment.members_read", "buyers", "audit of march")


def test_members_without_a_reason_are_refused(house):
    define(house, {"not": BUYERS})
    house.serve(permitted(order("ada")))

    assert house.get("/v1/segments/buyers/members").json["code"] == "segments.reason"


def test_a_write_key_reads_nothing_of_segments(house):
    define(house, BUYERS)

    for path in ("", "/buyers", "/buyers/members?reason=x", "/buyers/changes", "/buyers/genome?genes=a&reason=x"):
        assert house.get(f"/v1/segments{path}", key=house.write_key).status == 403


def test_a_person_knows_its_segments(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    define(house, BUYERS)
    define(house, {"gene": ORDERS, "is": "<", "value": 2}, "others")

    told = house.get(f"/v1/people/{house.person('ada')}/segments").told

    assert told == {"segments": [{"id": "buyers", "version": 1}]}


def test_versions_keep_author_and_rule_and_a_removal_is_one(house):
    define(house, BUYERS)
    define(house, {"gene": ORDERS, "is": ">=", "value": 3})

    versions = house.get("/v1/segments/buyers").told["versions"]
    assert [(one["version"], one["rule"]["value"]) for one in versions] == [(1, 2.0), (2, 3.0)]

    house.run(house.ask("DELETE", "/v1/segments/buyers")).told  # noqa: B018
    assert house.get("/v1/segments/buyers").status == 404
    assert define(house, BUYERS) == 4
    assert [one["removed"] for one in house.get("/v1/segments/buyers").told["versions"]] == [False, False, True, False]


def test_a_version_that_is_being_built_says_how_far_it_is(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    house.node.segments.tended = True  # somebody else builds it
    house.post("/v1/segments", body(BUYERS)).told  # noqa: B018

    listed = house.get("/v1/segments").told["segments"][0]
    refused = house.get("/v1/segments/buyers/members?reason=test")

    assert (listed["building"], listed["progress"]) == (True, 0.0)
    assert (refused.status, refused.json["code"]) == (503, "segments.building")
    house.run(house.node.segments.tend(now=house.clock.now))
    assert house.get("/v1/segments").told["segments"][0]["building"] is False
    assert members(house) == people(house, "ada")


def test_everybody_can_be_scanned_in_batches_for_now_and_later(house):
    house.serve(*(permitted(order(f"u{i}")) for i in range(6)), consenting(order("no"), **{PURPOSE: False}))
    at = house.clock.now + 30 * DAY
    genes = ["rhythm.orders.count.30d", "rhythm.order.recency"]

    batches = list(scan_people(house.node, genes, purpose=PURPOSE, at=at))

    rows = pa.Table.from_batches(batches).to_pylist()
    assert {row["person"] for row in rows} == people(house, *(f"u{i}" for i in range(6)))
    assert [row["rhythm.orders.count.30d"] for row in rows] == pytest.approx([0.5] * 6, rel=1e-6)
    assert [row["rhythm.order.recency"] for row in rows] == pytest.approx([30.0] * 6)
    with pytest.raises(BadRequest, match="past"):
        scan_people(house.node, genes, purpose=PURPOSE, at=house.clock.now - DAY)


def test_a_segment_that_others_ask_about_stays(house):
    define(house, BUYERS)
    define(house, {"not": {"segment": "buyers"}}, "rest")

    refused = house.run(house.ask("DELETE", "/v1/segments/buyers"))

    assert (refused.status, refused.json["code"]) == (400, "segments.used")
    assert house.get("/v1/segments/buyers").told["segment"]["used_by"] == ["rest"]


def test_segments_that_ask_about_each_other_are_defined_together_or_not_at_all(house):
    good = [body({"segment": "buyers"}, "a"), body(BUYERS)]
    circle = [body({"segment": "y"}, "x"), body({"segment": "x"}, "y")]

    refused = house.post("/v1/segments", {"segments": circle})
    house.post("/v1/segments", {"segments": good}).told  # noqa: B018

    assert (refused.status, refused.json["code"]) == (400, "segments.circle")
    assert [one["id"] for one in house.get("/v1/segments").told["segments"]] == ["a", "buyers"]


@pytest.mark.parametrize(
    "sent",
    [
        b"[" * 100_000,
        b'{"purpose":"personalise_onsite","rule":' + b'{"not":' * 5_000 + b"1" + b"}" * 5_001,
        b"nonsense",
        b'{"purpose":"personalise_onsite"}',
        b'{"purpose":"personalise_onsite","rule":{"gene":"rhythm.orders.count.lifetime","is":">=","value":1e400}}',
        b'{"purpose":"x","rule":{"segment":"y"}}',
        b"[]",
    ],
)
def test_a_body_that_cannot_be_used_is_refused_in_words(house, sent):
    answer = house.post("/v1/segments/preview", sent)

    assert answer.status == 400
    assert answer.json["fix"]


def test_the_builder_is_told_what_it_may_offer(house):
    house.serve(permitted(view("ada", "TEA")))

    told = house.get(f"/v1/segments/fields?purpose={PURPOSE}").told
    fields = {(field["kind"], field["id"]): field for field in told["fields"]}

    assert fields["gene", ORDERS]["operators"][-1] == "="
    assert fields["gene", "rhythm.order.recency"]["form"] == "days"
    assert "TEA" in fields["top", "taste.category.histogram.365d"]["values"]
    assert fields["attribute", "size"]["labels"]["M"]["de"] == "M"
    assert ("event", "Order Completed") in fields
    assert not [
        field for field in house.get("/v1/segments/fields?purpose=email").told["fields"] if field["kind"] == "gene"
    ]


def test_genomes_of_a_segment_come_as_arrow_with_null_for_what_may_not_be_read(house):
    both = {PURPOSE: True, "price": True}
    house.serve(
        *(consenting(order("ada", 4.0), **both) for _ in range(2)), *(permitted(order("ben")) for _ in range(2))
    )
    define(house, BUYERS)
    price = "price.discounted_lines.count.lifetime"
    genes = f"{ORDERS},rhythm.order.recency,{price},channels.last.last,taste.category.histogram.365d[TEA]"

    answer = house.get(f"/v1/segments/buyers/genome?reason=test&genes={genes}")
    table = pa.ipc.open_stream(answer.body).read_all().to_pylist()

    rows = {row.pop("person"): row for row in table}
    assert set(rows) == people(house, "ada", "ben")
    ada, ben = rows[house.person("ada")], rows[house.person("ben")]
    assert (ada[ORDERS], ada[price], ben[ORDERS], ben[price]) == (2.0, 0.0, 2.0, None)
    told = house.genome("ada")
    assert ada["channels.last.last"] == told["channels.last.last"]
    assert ada["taste.category.histogram.365d[TEA]"] == pytest.approx(told["taste.category.histogram.365d"]["TEA"])


def test_an_export_names_what_it_cannot_read(house):
    house.serve(*(permitted(order("ada")) for _ in range(2)))
    define(house, BUYERS)

    for genes, said in (
        ("rhythm.orders.count.liftime", "no gene named"),
        ("taste.category.histogram.365d", "many cells"),
        (f"{ORDERS}[TEA]", "one value"),
        ("", "0 genes"),
    ):
        answer = house.get(f"/v1/segments/buyers/genome?reason=test&genes={genes}")
        assert answer.status == 400
        assert said in answer.json["message"] + answer.json["why"]


RULES = {
    "often": {"gene": ORDERS, "is": ">=", "value": 2},
    "tea": {"gene": "taste.category.histogram.365d", "cell": "TEA", "is": ">=", "value": 1.25},
    "quiet": {"not": {"gene": "rhythm.order.recency", "is": "<=", "value": 2}},
    "mixed": {
        "any": [
            {"all": [{"segment": "often"}, {"not": {"segment": "tea"}}]},
            {"event": "Product Viewed", "days": 1.5, "at_least": 2, "where": {"category": "TEA"}},
        ]
    },
}


def test_at_every_moment_memberships_are_what_single_reads_say(house):
    """Random days of a shop: after each batch, every segment holds exactly those of whom its rule is true."""
    chance, users = random.Random(7), [f"u{i}" for i in range(10)]
    log: list[tuple[str, str, int]] = []
    for name, rule in RULES.items():
        house.post("/v1/segments", body(rule, name)).told  # noqa: B018
    for _ in range(25):
        for user in chance.sample(users, 3):
            category, make = chance.choice(["TEA", "JAM"]), chance.choice([order, view])
            event = make(user, category=category) if make is order else make(user, category)
            house.serve(permitted(event))
            log.append((user, f"{make.__name__} {category}", house.clock.now))
        expected = by_hand(house, users, log)
        assert {name: members(house, name) for name in RULES} == expected
        house.clock.now += chance.choice([0, DAY // 3, DAY])
        pass_time(house, DAY // 7)
        assert {name: members(house, name) for name in RULES} == by_hand(house, users, log)


def by_hand(house: House, users: list[str], log: list[tuple[str, str, int]]) -> dict[str, set[str]]:
    seen, now = {user for user, _, _ in log}, house.clock.now
    found: dict[str, set[str]] = {name: set() for name in RULES}
    for user in (user for user in users if user in seen):
        genome = house.genome(user, purpose=PURPOSE)
        cells, recency = genome["taste.category.histogram.365d"], genome["rhythm.order.recency"]
        views = sum(now - at < 1.5 * DAY for who, what, at in log if (who, what) == (user, "view TEA"))
        often = genome[ORDERS] >= 2
        tea = isinstance(cells, dict) and cells.get("TEA", 0) >= 1.25
        quiet = not (isinstance(recency, float) and recency <= 2)
        truth = {"often": often, "tea": tea, "quiet": quiet, "mixed": (often and not tea) or views >= 2}
        for name in RULES:
            if truth[name]:
                found[name].add(house.person(user))
    return found


@pytest.mark.parametrize(("apart", "status"), [(0, 200), (1, 400), (49, 400), (50, 200)])
def test_two_lists_do_not_tell_of_a_group_below_the_floor(shy, apart, status):
    shy.serve(*(permitted(order(f"u{i}")) for i in range(120) for _ in range(2)))
    if apart:
        shy.serve(*(permitted(order(f"u{i}")) for i in range(apart)))
    define(shy, BUYERS)
    define(shy, {"gene": ORDERS, "is": "=", "value": 2}, "twice")
    older, newer = (shy.get(f"/v1/segments/{name}/members?reason=test") for name in ("buyers", "twice"))

    assert older.status == 200
    assert newer.status == status
    if status == 400:
        assert newer.json["code"] == "segments.too-near"
        assert "'buyers'" in newer.json["message"]
        assert shy.get("/v1/segments/twice/genome?reason=test").json["code"] == "segments.too-near"
    both = set(older.told["people"]) - set(newer.told["people"]) if status == 200 else set()
    assert len(both) in {0, apart}
