"""Special categories of data (P51): from the tag in the catalogue to everything that must not know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from genom.app.special import tagging
from genom.errors import BadConfiguration
from tests.app.art9_house import EXPLICIT, permitting, rows_of, served_by, special, stocked, tag
from tests.app.events import consenting, order, track, view
from tests.app.house import House
from tests.app.portal import visit

HARMLESS = ["service", "security"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with House(tmp_path / "d") as house:
        stocked(house)
        yield house


def basket(user: str, *products: str) -> dict[str, Any]:
    """An order of one of each."""
    lines = [{"product_id": f"p-{name}", "category": name, "price": 2, "quantity": 1} for name in products]
    return track("Order Completed", user, total=2 * len(lines), currency="EUR", products=lines)


def test_an_event_about_a_tagged_department_serves_nothing_that_may_not_know(house: House) -> None:
    house.serve(permitting(view("u1", "PILLS")), permitting(view("u1", "TEA")))
    pills, tea = rows_of(house)

    assert served_by(house, pills) == HARMLESS
    assert {"recommend", "ads_retarget", "lookalike", "price"} <= set(served_by(house, tea))
    assert special(rows_of(house)) == [True, False]


def test_a_basket_with_one_tagged_product_is_special_as_a_whole(house: House) -> None:
    """Its total tells of the product, and lines without their order would tell that something is hidden."""
    house.serve(permitting(basket("u1", "TEA", "PILLS")))

    assert [served_by(house, row) for row in rows_of(house)] == [HARMLESS] * 3


@pytest.mark.parametrize(
    "said",
    [
        {"product_id": "p-PILLS"},
        {"category": "DRUGS/PILLS"},
        {"department": "DRUGS"},
        {"products": [{"sku": "p-PILLS"}]},
    ],
    ids=str,
)
def test_an_event_of_ones_own_that_names_something_tagged_is_special_too(house: House, said: dict[str, Any]) -> None:
    house.serve(permitting(track("Locker Opened", "u1", **said)), permitting(track("Locker Opened", "u1", box=7)))

    assert special(rows_of(house)[rows_of(house)["line"] == 0]) == [True, False]


def test_an_order_with_a_tagged_coupon_is_special(house: House) -> None:
    tag(house, category_1=["DRUGS"], products=["c-health"])

    house.serve(permitting(order("u1", coupon="c-health")), permitting(order("u1", coupon="c-tea")))

    assert [served_by(house, row) == HARMLESS for row in rows_of(house)] == [True, True, False, False]


def test_explicit_consent_opens_its_own_purpose_and_no_other(house: House) -> None:
    house.serve(consenting(view("u1", "PILLS"), **EXPLICIT))

    assert served_by(house, rows_of(house)[0]) == [*HARMLESS, "special_category"]


def test_genome_popularity_and_copies_know_nothing_of_it(house: House) -> None:
    house.serve(permitting(order("u1", 40.0, category="PILLS")), permitting(order("u1", 5.0, category="TEA")))

    for purpose in ("personalise_onsite", "recommend"):
        genome = house.genome("u1", purpose=purpose)
        assert genome["rhythm.orders.count.lifetime"] == 1
        assert genome["value.order_value.sum.lifetime"] == 5
        assert genome["taste.category.histogram.365d"] == {"TEA": pytest.approx(1)}
    popularity = house.node.world.matrix.popularity(house.clock.now)
    assert popularity[house.node.world.terms[2].find("PILLS")] == 0
    assert popularity[house.node.world.terms[2].find("TEA")] > 0


def test_what_cannot_be_read_is_not_offered_and_the_record_says_nothing_of_it(house: House) -> None:
    house.serve(*(permitting(order("u1", category=name)) for name in ("PILLS", "TESTS", "TEA", "MILK")))

    record = house.decide("u1")

    assert set(record["evidence"]["candidates"]) == {"TEA", "MILK"}
    assert "PILLS" not in str(record)


def test_a_coupon_for_something_tagged_is_tagged_with_it(house: House) -> None:
    coupons = [
        {"id": "c-health", "products": ["p-PILLS", "p-TEA"], "label": {"en": "Health"}},
        {"id": "c-food", "products": ["p-TEA"], "label": {"en": "Food"}},
    ]
    house.post("/v1/actions", {"actions": coupons}).told  # noqa: B018
    house.serve(
        permitting(track("Coupon Redeemed", "u1", coupon_id="c-health")),
        permitting(track("Coupon Redeemed", "u1", coupon_id="c-food")),
    )

    assert special(rows_of(house)) == [True, False]
    assert "c-health" not in house.decide("u1", "next_offer")["evidence"]["candidates"]


def test_the_tag_follows_the_product_whatever_category_the_event_names(house: House) -> None:
    named = track("Product Viewed", "u1", product_id="p-PILLS", category="BARGAINS")
    house.serve(permitting(named), permitting(track("Product Viewed", "u1", product_id="p-PILLS")))

    assert special(rows_of(house)) == [True, True]


def test_products_are_tagged_one_by_one_and_the_tag_is_taken_back(house: House) -> None:
    balm = {"product_id": "p-BALM", "category_1": "CARE", "category_2": "BALM"}
    for said, expected in ((True, True), (None, True), (False, False)):
        product = balm if said is None else balm | {"art9": said}
        house.post("/v1/products", {"products": [product]}).told  # noqa: B018
        house.serve(permitting(view("u1", "BALM")))
        assert special(rows_of(house))[-1] == expected


def test_only_products_that_are_tagged_have_the_tags_worked_out_anew(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[None] = []
    worked_out = tagging.tags_of
    monkeypatch.setattr(tagging, "tags_of", lambda *asked: looks.append(None) or worked_out(*asked))

    def import_products(*products: dict[str, Any]) -> int:
        looks.clear()
        house.post("/v1/products", {"products": [product | {"name": "x"} for product in products]})
        return len(looks)

    tests, tea = {"category_1": "DRUGS", "category_2": "TESTS"}, {"category_1": "FOOD", "category_2": "TEA"}
    house.put("/v1/art9", {"category_1": ["DRUGS"]})

    assert [import_products(*(tea | {"product_id": f"tea-{n}-{m}"} for m in range(50))) for n in range(3)] == [0, 0, 0]
    assert import_products(tea | {"product_id": "tea-9"}, tests | {"product_id": "new"}) == 1
    assert "new" in house.node.desk.tags.items
    assert import_products(tea | {"product_id": "new"}) == 1
    assert "new" not in house.node.desk.tags.items
    assert import_products(tea | {"product_id": "tea-1-1", "art9": True}) == 1
    assert import_products(tea | {"product_id": "tea-1-1"}) == 1


def test_own_events_are_tagged_by_name(house: House) -> None:
    told = tag(house, events=["Prescription Uploaded"])
    house.serve(permitting(track("Prescription Uploaded", "u1")), permitting(track("Locker Opened", "u1")))

    assert told["tagged"]["events"] == ["Prescription Uploaded"]
    assert special(rows_of(house)) == [True, False]


def test_what_a_person_says_of_a_tagged_category_is_special_too(house: House) -> None:
    house.serve(permitting(track("Preference Liked", "u1", category_2="PILLS")))

    assert special(rows_of(house)) == [True]


def test_assumed_permissions_are_no_way_round(house: House) -> None:
    house.take(view("u1", "PILLS"))

    row = rows_of(house)[0]
    assert (served_by(house, row), int(row["assumed"])) == (HARMLESS, 0)


def test_a_file_of_the_data_directory_tags_from_the_start(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.close()
        (tmp_path / "d" / "art9.yaml").write_text("category_2: [PILLS]\n", "utf-8")
        house.open()
        house.serve(permitting(view("u1", "PILLS")), permitting(view("u1", "TESTS")))

        assert special(rows_of(house)) == [True, False]
        told = house.get("/v1/art9").told
        assert (told["file"]["category_2"], told["tagged"]["category_2"]) == (["PILLS"], [])


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"category2": ["PILLS"]}, "unknown part 'category2'"),
        ({"category_2": "PILLS"}, "Expected `array`"),
        ({"category_2": [" "]}, "1 to 200 characters"),
        ({"events": ["Order Completed"]}, "tags 'Order Completed'"),
    ],
)
def test_bad_tags_are_refused_in_words_and_change_nothing(house: House, body: dict[str, Any], says: str) -> None:
    before = house.get("/v1/art9").told
    answer = house.put("/v1/art9", body)

    assert answer.status == 400
    assert says in answer.json["message"] + answer.json["why"]
    assert answer.json["fix"]
    assert house.get("/v1/art9").told == before


def test_a_file_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        house.close()
        (tmp_path / "d" / "art9.yaml").write_text("categories: [PILLS]\n", "utf-8")
        with pytest.raises(BadConfiguration, match="unknown part 'categories'"):
            house.open()
        (tmp_path / "d" / "art9.yaml").unlink()
        house.open()


def test_a_file_that_was_damaged_meanwhile_is_told_and_nothing_is_changed(house: House) -> None:
    before = house.get("/v1/art9").told
    (house.path / "art9.yaml").write_text("category_2: [TESTS")

    answer = house.put("/v1/art9", {"products": ["p-TEA"]})

    assert (answer.status, answer.json["code"]) == (400, "art9.refused")
    assert "art9.yaml" in answer.json["message"]
    (house.path / "art9.yaml").unlink()
    assert house.get("/v1/art9").told == before


def test_a_tag_that_nobody_has_sent_is_told_with_the_nearest_name(house: House) -> None:
    told = tag(house, category_1=["DRUGS", "DRUGSS"], category_2=["Pils"], products=["p-TEST", "quite else"])

    assert told["unknown"].keys() == {"DRUGSS", "Pils", "p-TEST", "quite else"}
    assert "DRUGS" in told["unknown"]["DRUGSS"]
    assert "p-TESTS" in told["unknown"]["p-TEST"]
    assert told["unknown"]["quite else"] == "nothing in products was ever called so; it holds if it comes"
    assert tag(house, category_1=["DRUGS"])["unknown"] == {}


def test_tagging_is_on_record(house: House) -> None:
    rows = house.get("/v1/audit?limit=50").told["rows"]

    assert any(row["action"] == "catalogue.tagged" and row["details"]["category_1"] == 1 for row in rows)


@pytest.mark.parametrize(
    ("language", "agreed", "told"),
    [
        ("en", False, ("One of these events can tell something about your health", "only to carry out your orders")),
        (
            "de",
            True,
            ("Eines dieser Ereignisse kann etwas über Ihre Gesundheit", "Sie haben ausdrücklich eingewilligt"),
        ),
    ],
)
def test_the_person_reads_in_plain_words_that_there_are_special_categories(
    house: House, language: str, agreed: bool, told: tuple[str, ...]
) -> None:
    house.serve(permitting(view("u1", "PILLS"), special_category=agreed), permitting(order("u1")))

    page = visit(house, "u1", language=language).text()

    assert all(text in page for text in told)
    assert "PILLS" not in page


def test_nobody_is_asked_whether_they_like_something_tagged(house: House) -> None:
    house.serve(permitting(view("u1", "PILLS")), permitting(view("u1", "TEA")))

    assert "PILLS" not in visit(house, "u1").text("/me/tell")
