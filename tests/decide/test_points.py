"""Decision points are read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from genom.decide import check_purposes, find_point, load_points
from genom.decide.points import BUILT_IN
from genom.errors import BadConfiguration, UnknownName


def changed(tmp_path: Path, **changes: object) -> Path:
    entries = yaml.safe_load(BUILT_IN.read_text("utf-8"))
    entries[0].update(changes)
    path = tmp_path / "points.yaml"
    path.write_text(yaml.safe_dump(entries), "utf-8")
    return path


def test_the_built_in_points_serve_one_purpose_each_and_keep_a_tenth_as_control():
    points = load_points()

    assert {name: p.purpose for name, p in points.items()} == {
        "next_offer": "personalise_onsite",
        "next_product": "recommend",
    }
    assert {p.policy.control for p in points.values()} == {0.10}


def test_a_changed_file_is_read(tmp_path):
    assert load_points(changed(tmp_path, version=2))["next_offer"].version == 2


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"colour": "red"}, "colour"),
        ({"version": "1"}, r"\$\.version"),
        ({"candidates": "people"}, r"\$\.candidates"),
        ({"id": "next_product"}, "next_product"),
        ({"id": "Next offer"}, r"\$\.id"),
        ({"label": {"en": "only English"}}, "de"),
        ({"policy": {"control": 0.1, "epsilon": 0.0, "temperature": 1.0, "do_nothing": 0.0}}, r"\$\.policy\.epsilon"),
        ({"policy": {"control": 1.5, "epsilon": 0.1, "temperature": 1.0, "do_nothing": 0.0}}, r"\$\.policy\.control"),
        ({"policy": {"control": 0.1, "epsilon": 0.1, "temperature": 1.0}}, "do_nothing"),
    ],
)
def test_an_unusable_point_is_refused_and_the_place_is_named(tmp_path, changes, named):
    with pytest.raises(BadConfiguration, match=named):
        load_points(changed(tmp_path, **changes))


@pytest.mark.parametrize("text", ["", "a: 1", "- [", "[]", "\x00"])
def test_a_file_without_a_list_of_points_is_refused(tmp_path, text):
    path = tmp_path / "points.yaml"
    path.write_text(text, "utf-8")

    with pytest.raises(BadConfiguration, match="cannot be used"):
        load_points(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadConfiguration, match="cannot be used"):
        load_points(tmp_path / "none.yaml")


def test_a_point_of_an_unknown_purpose_is_refused_with_the_nearest_name(tmp_path):
    points = load_points(changed(tmp_path, also=["prise"]))

    with pytest.raises(BadConfiguration, match="did you mean 'price'"):
        check_purposes(points, {"price", *(point.purpose for point in points.values())})


def test_a_purpose_named_twice_is_refused(tmp_path):
    with pytest.raises(BadConfiguration, match=r"\$\.also"):
        load_points(changed(tmp_path, also=["recommend", "recommend"]))


def test_an_unknown_point_is_refused_with_the_nearest_name():
    with pytest.raises(UnknownName, match="did you mean 'next_offer'"):
        find_point(load_points(), "next_ofer")
