"""Destinations of a node: defined, filled from segments, emptied when a person withdraws or is erased."""

from genom.app.activating.delivering import Deliveries, Job, Work

__all__ = ["Deliveries", "Job", "Work"]
