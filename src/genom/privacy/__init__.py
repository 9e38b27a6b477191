"""Rights of the person: who holds their data, requests with deadlines, export, erasure, receipts, audit."""

from genom.privacy.holders import Count, Erased, Holder, Subject

__all__ = ["Count", "Erased", "Holder", "Subject"]
