"""Decide: who gets which action, with which probability, and why. Values in, values out."""

from genom.decide.actions import DO_NOTHING, FOREVER, Action, ActionSet, category_actions
from genom.decide.boosted import Boosted
from genom.decide.candidates import Candidates
from genom.decide.companions import Companions
from genom.decide.decision import Choice, Decision, Model, Outcome, decide
from genom.decide.eligibility import eligible, narrowed_by
from genom.decide.explain import explain
from genom.decide.facts import Facts
from genom.decide.features import FEATURES, features
from genom.decide.linear import Learned
from genom.decide.logistic import Propensity
from genom.decide.points import Point, check_purposes, find_point, load_points
from genom.decide.policy import Policy
from genom.decide.purchases import Bought
from genom.decide.reasons import Reason
from genom.decide.record import Beside, DecisionRecord, Ground, decode_record, encode_record, record_of
from genom.decide.reevaluate import Repeated, agrees, reevaluate
from genom.decide.shape import FEATURES_MAX, Feature, Reward, check_also, check_point, signature

__all__ = [
    "DO_NOTHING",
    "FEATURES",
    "FEATURES_MAX",
    "FOREVER",
    "Action",
    "ActionSet",
    "Beside",
    "Boosted",
    "Bought",
    "Candidates",
    "Choice",
    "Companions",
    "Decision",
    "DecisionRecord",
    "Facts",
    "Feature",
    "Ground",
    "Learned",
    "Model",
    "Outcome",
    "Point",
    "Policy",
    "Propensity",
    "Reason",
    "Repeated",
    "Reward",
    "agrees",
    "category_actions",
    "check_also",
    "check_point",
    "check_purposes",
    "decide",
    "decode_record",
    "eligible",
    "encode_record",
    "explain",
    "features",
    "find_point",
    "load_points",
    "narrowed_by",
    "record_of",
    "reevaluate",
    "signature",
]
