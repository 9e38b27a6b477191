"""Holders: every store of a node that keeps personal data finds it, counts it, hands it out, and lets go of it."""

from genom.app.holders.all import NOT_PERSONAL, all_holders, subject_of_identifier, subject_of_person, whole

__all__ = ["NOT_PERSONAL", "all_holders", "subject_of_identifier", "subject_of_person", "whole"]
