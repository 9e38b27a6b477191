"""Pairs: a person and a thing, and what is known of the two together."""
