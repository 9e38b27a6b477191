"""Filters name categories; their codes are known as soon as the journal has learnt them, also after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from genom.genome import load_genes
from tests.app.events import order, track
from tests.app.house import House

STANDARD = Path(load_genes.__code__.co_filename).with_name("standard.yaml")
TEA = "taste.tea_lines.count.lifetime"
NO_TEA = "taste.other_lines.count.lifetime"


def own_genes() -> dict[str, Any]:
    """The standard genome with two genes about a category."""
    content: dict[str, Any] = yaml.safe_load(STANDARD.read_text("utf-8"))
    content["filters"] |= {
        "tea": {"lines": True, "where": {"category_2": ["TEA"]}},
        "no_tea": {"kinds": ["ORDER_COMPLETED"], "lines": True, "not": ["tea"]},
    }
    for name, of in (("tea_lines", "tea"), ("other_lines", "no_tea")):
        label = {"en": name, "de": f"{name} (de)"}
        line = {"family": "taste", "name": name, "op": "count", "of": of, "unit": "lines", "label": label}
        content["genes"].append(line)
    return content


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    path = tmp_path / "d"
    path.mkdir(mode=0o700)
    (path / "genes.yaml").write_text(yaml.safe_dump(own_genes(), allow_unicode=True), "utf-8")
    with House(path) as house:
        house.consent("u1", "personalise_onsite", granted=True)
        house.take(order("u1", category="MILK"), order("u1", category="TEA"), order("u1", category="TEA"))
        yield house


def counted(house: House) -> tuple[float, float]:
    """Lines of tea, and the others."""
    genome = house.genome("u1")
    return genome[TEA], genome[NO_TEA]


def test_a_category_that_is_new_counts_from_its_first_line_on(house: House) -> None:
    assert counted(house) == (2.0, 1.0)


def test_the_codes_are_known_again_after_a_restart_and_a_refold(house: House) -> None:
    house.restart()
    house.take(order("u1", category="TEA"), order("u1", category="BREAD"))

    assert counted(house) == (3.0, 2.0)
    assert house.verify().equal


def test_a_state_file_knows_them_too(house: House) -> None:
    house.write_state()
    house.restart()
    house.take(order("u1", category="TEA"))

    assert counted(house) == (3.0, 1.0)
    assert house.verify().equal


def test_categories_beyond_the_room_are_counted_together_as_other(tmp_path: Path) -> None:
    with House(tmp_path / "many") as house:
        house.consent("u1", "personalise_onsite", granted=True)
        for start in range(0, 500, 50):
            names = range(start, start + 50)
            lines = [{"product_id": f"p{n}", "category": f"C{n}", "price": 1, "quantity": 1} for n in names]
            house.take(track("Order Completed", "u1", total=50, currency="EUR", products=lines))

        cells = house.genome("u1")["taste.category.histogram.365d"]

        assert len(cells) == 383
        assert cells["other"] == pytest.approx(500 - 382, rel=1e-4)
        assert house.genome("u1")["value.lines.count.lifetime"] == 500.0
