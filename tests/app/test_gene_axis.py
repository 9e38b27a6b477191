"""A shop's own leading departments become an axis of its genes."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from genom.app.genes.axis import axis, leading
from genom.app.training.past import open_record
from genom.errors import BadRequest
from genom.genome import declare
from genom.settings import Settings
from tests.app.events import order, view
from tests.app.house import House


def test_the_most_bought_come_first_and_views_do_not_count(tmp_path: Path) -> None:
    with House(tmp_path / "d") as house:
        for category in ("MILK", "TEA", "TEA", "BREAD", "BREAD", "BREAD"):
            house.take(order("u1", 4, category=category))
        house.take(view("u1", "COFFEE"))
    record = open_record(tmp_path / "d", Settings(), now=house.clock.now)

    assert leading(record, column="category_2", most=2) == {"BREAD": 3, "TEA": 2}
    assert list(leading(record, column="category_2")) == ["BREAD", "TEA", "MILK"]
    with pytest.raises(BadRequest, match="no column of categories"):
        leading(record, column="brand")


def test_what_is_printed_is_an_axis_that_a_declaration_takes() -> None:
    printed = axis({'TEA "GREEN"': 9, "DRUG GM": 5, "DRUG, GM": 4, "***": 1})

    members = yaml.safe_load(printed)["axes"]["department"]
    assert list(members) == ["tea_green", "drug_gm", "drug_gm_more", "other"]
    assert members["tea_green"]["is"] == 'TEA "GREEN"'
    genes = declare(
        {
            "purposes": ["recommend"],
            "rings": {"events": 32, "items": 32, "messages": 16, "declared": 16},
            "filters": {"any": {}},
            **yaml.safe_load(printed),
            "crosses": [
                {
                    "each": ["department"],
                    "filters": {"<department>": {"lines": True, "where": {"category_1": ["<department.is>"]}}},
                    "genes": [
                        {
                            "family": "taste", "name": "<department>", "op": "count", "of": "<department>",
                            "unit": "lines", "label": {"en": "<department>", "de": "<department>"},
                        }
                    ],
                }
            ],
            "genes": [],
        }
    )  # fmt: skip
    assert [gene.id for gene in genes][:2] == ["taste.tea_green.count.lifetime", "taste.drug_gm.count.lifetime"]
