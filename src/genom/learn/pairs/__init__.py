"""Pairs: a person and a thing, and what is known of the two together; a file for each kind of thing."""

from genom.learn.pairs.category import category_answers, category_context, category_features, covered_categories
from genom.learn.pairs.coupon import Coupons, coupon_answers, coupon_context, coupon_features, coupon_pairs

__all__ = [
    "Coupons",
    "category_answers",
    "category_context",
    "category_features",
    "coupon_answers",
    "coupon_context",
    "coupon_features",
    "coupon_pairs",
    "covered_categories",
]
