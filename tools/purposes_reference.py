"""Writes the tables of docs/reference/purposes.md from the purposes that come with Genom.

python tools/purposes_reference.py [--check]
"""

from __future__ import annotations

from collections.abc import Callable

from reference_page import main, table

from genom.consent import STORED, Purpose, Purposes, load_purposes
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
            _days(one, one.read_days),
            _days(one, one.storage_days),
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
        "read",
        "stored",
        "records",
        "kept",
    ]
    return table(head, rows)


def _days(one: Purpose, days: Callable[[str], int | None]) -> str:
    """The days that most categories have, and those of the others."""
    found = {category: days(category) for category in STORED if category in one.categories}
    usual = days("") or 0
    others = [f"{name} {number}" for name, number in found.items() if number and number != usual]
    return f"{usual} days{''.join(f', {other}' for other in others)}" if usual or others else ""


def _texts(known: Purposes) -> str:
    return table(["purpose", "English", "German"], [(f"`{p.name}`", p.text["en"], p.text["de"]) for p in known.every])


if __name__ == "__main__":
    main("purposes.md", purposes)
