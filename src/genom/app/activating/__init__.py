"""Destinations of a node: defined, filled from segments, emptied when a person withdraws or is erased."""
