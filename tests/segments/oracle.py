"""What a rule means, person by person, in Kleene's three values: True, False, None = withheld."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.segments.worlds import BITS, DAY, GENES, Person

Truth = bool | None


def belongs(rule: Mapping[str, Any], person: Person, *, purpose: str = "shop") -> bool:
    return bool(person.permits & BITS[purpose]) and truth(rule, person) is True


def truth(rule: Mapping[str, Any], person: Person) -> Truth:
    if "not" in rule:
        inner = truth(rule["not"], person)
        return None if inner is None else not inner
    if "all" in rule:
        values = [truth(part, person) for part in rule["all"]]
        return False if False in values else None if None in values else True
    if "any" in rule:
        values = [truth(part, person) for part in rule["any"]]
        return True if True in values else None if None in values else False
    return condition(rule, person)


def condition(rule: Mapping[str, Any], person: Person) -> Truth:
    if "event" in rule:
        count = sum(ago < rule["days"] * DAY for ago in person.events.get(rule["event"], []))
        return count >= rule["at_least"] if "at_least" in rule else count <= rule["at_most"]
    if "attribute" in rule:
        return compared(rule["is"], person.size, rule.get("value"))
    gene = GENES[rule["gene"]]
    if any(not person.permits & BITS[need] for need in gene.needs):
        return None
    return compared(rule["is"], held(rule, person), rule.get("value"))


def held(rule: Mapping[str, Any], person: Person) -> float | str | None:
    name = rule["gene"]
    if name == "cells":
        if "cell" in rule:
            return person.cells.get(rule["cell"], 0.0)
        return max(person.cells, key=lambda cell: (person.cells[cell], cell == "tea", cell == "jam"), default=None)
    return person.texts[name] if name in person.texts else person.numbers[name]


def compared(op: str, value: Any, wanted: Any) -> bool:
    if op in {"known", "not known"}:
        return (value is not None) == (op == "known")
    if value is None:
        return False
    return {
        ">": lambda: value > wanted, ">=": lambda: value >= wanted, "<": lambda: value < wanted,
        "<=": lambda: value <= wanted, "=": lambda: value == wanted, "in": lambda: value in wanted,
        "between": lambda: wanted[0] <= value <= wanted[1],
    }[op]()  # fmt: skip
