"""Genom: the marketing genome, a customer data platform and decision engine in one process."""

__all__ = ["__version__"]

__version__ = "0.1.0"
