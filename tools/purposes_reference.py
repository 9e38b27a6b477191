"""Writes the tables of docs/reference/purposes.md from the purposes that come with Genom.

python tools/purposes_reference.py [--check]
"""

from __future__ import annotations

from reference_page import main, table

from genom.consent import Purposes, load_purposes
from genom.genome import load_genes


def purposes() -> str:
    """What each purpose is allowed by, and what the person reads."""
    known = load_purposes()
    return f"{_rules(known)}\n\n## What the person reads\n\n{_texts(known)}"


def _rules(known: Purposes) -> str:
    kept = load_genes().purposes
    rows = [
        (
            one.bit,
            f"`{one.name}`",
            ", ".join(f"{region}: {basis}" for region, basis in one.basis.items()),
            one.consent_expires if one.needs_consent else "no",
            "yes" if one.objectable else "no",
            "yes" if one.assumable else "no",
            one.decision_class or "",
            f"{one.read_window_days} days" if one.read_window_days else "",
            f"{one.decision_days} days",
            "yes" if one.name in kept else "no",
        )
        for one in known.every
    ]
    head = [
        "bit",
        "purpose",
        "legal basis",
        "consent",
        "can be refused",
        "assumable",
        "class",
        "window",
        "records",
        "kept",
    ]
    return table(head, rows)


def _texts(known: Purposes) -> str:
    return table(["purpose", "English", "German"], [(f"`{p.name}`", p.text["en"], p.text["de"]) for p in known.every])


if __name__ == "__main__":
    main("purposes.md", purposes)
