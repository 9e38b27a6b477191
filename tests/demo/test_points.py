"""The shop's decision points: made of what the node knows."""

from __future__ import annotations

from genom.genome import load_genes
from genom_demo.catalogue import CATEGORIES, DEPARTMENTS, catalogue
from genom_demo.points import LEARNING, actions_of, points_of

shop = catalogue()
points = {point["id"]: point for point in points_of(shop, reward_seconds=20)}


def test_every_feature_is_a_gene_of_the_standard_genome():
    genes = {gene.id for gene in load_genes()}

    assert {feature["gene"] for point in points.values() for feature in point.get("features", ())} <= genes


def test_learning_points_look_at_every_department_bought_and_viewed():
    for name in LEARNING:
        cells = [feature["cell"] for feature in points[name]["features"] if feature["cell"]]
        assert sorted(cells) == sorted([*DEPARTMENTS, *DEPARTMENTS])


def test_every_action_belongs_to_a_point_and_every_point_has_actions():
    actions = actions_of(shop)

    assert {action["point"] for action in actions} == set(points)
    assert len({action["id"] for action in actions}) == len(actions)


def test_recommendations_are_the_shops_own_categories():
    rows = [action for action in actions_of(shop) if action["point"] == "shop_row"]

    assert [row["categories"] for row in rows] == [[term] for term, _ in CATEGORIES]


def test_vouchers_ask_for_the_permission_that_the_banner_names():
    assert points["shop_voucher"]["also"] == ["price"]


def test_arms_share_the_traffic_evenly():
    for name in ("shop_banner", "shop_aa"):
        assert set(points[name]["shares"]) == {offer.id for offer in shop.offers_of(name)}
        assert sum(points[name]["shares"].values()) == 1
