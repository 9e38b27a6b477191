"""A rule compiled to comparisons on columns, and a postfix program over them.

Truth has three values: true, false and *withheld* (what the person does not permit to be read).  `not`, `all` and
`any` follow Kleene's strong logic, and only *true* makes a member: so nobody is in a segment because of data that may
not be read, nor because of its absence.  The compiler moves every `not` down to the comparisons; there a withheld
value fails the comparison and its negation alike, and above them two values are enough.

What nobody can be asked now (a prediction whose model is missing) is neither true nor false as well, of everybody; and
a prediction of somebody for whom the model has no answer, or fails, is so of them.

What is *unknown* (permitted, but never seen) fails every comparison, and passes its negation: who never ordered has
not ordered within 30 days.

Source: Kleene, "Introduction to Metamathematics", 1952, §64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from genom.segments.known import GeneField, Known
from genom.segments.rule import All, AnyOf, AttributeIs, Condition, EventsIn, GeneIs, Not, Rule, Where

__all__ = ["AND", "EQ", "GE", "GT", "KNOWN", "LE", "LT", "OR", "Column", "Literal", "Program", "Window", "compile_rule"]

GE, GT, LE, LT, EQ, KNOWN = range(6)
AND, OR = -1, -2

_DAY: Final = 86_400_000.0  # ms
_OPS: Final = {">=": GE, ">": GT, "<=": LE, "<": LT, "=": EQ}
_MIRRORED: Final = {GE: LE, GT: LT, LE: GE, LT: GT, EQ: EQ, KNOWN: KNOWN}


class Column(NamedTuple):
    """One number of each person, read for a purpose."""

    purpose: str
    gene: str  # or the name of an attribute
    form: str  # value, since (a time), cell, top, code, texts or attribute
    about: tuple[str, ...] = ()  # the cell, or the texts that make 1


class Window(NamedTuple):
    """The time of the n-th newest event of a kind."""

    purpose: str
    event: str
    where: Where
    place: int  # 0 = the newest


class Member(NamedTuple):
    """Membership of another segment."""

    segment: str


Source = Column | Window | Member


class Literal(NamedTuple):
    """A comparison; `ago`: `level` is milliseconds before now, and the column holds times."""

    source: Source
    op: int
    level: float
    negated: bool
    needs: tuple[str, ...]  # purposes beside the segment's
    ago: bool = False
    absent: bool = False  # nobody's can be read now: neither it nor its negation holds
    guessed: bool = False  # where the column knows nothing, neither it nor its negation holds
    within: int = 0  # days (UTC, today among them) whose events may be read; 0 = for ever


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled rule."""

    purpose: str
    literals: tuple[Literal, ...]
    code: tuple[tuple[int, int], ...]  # (place of a literal, 0), (AND, n) or (OR, n)

    @property
    def sources(self) -> tuple[Source, ...]:
        """What must be there to run it."""
        return tuple(dict.fromkeys(literal.source for literal in self.literals))


def compile_rule(rule: Rule, known: Known, *, purpose: str) -> Program:
    """The program of a rule that was checked against `known`."""
    literals: list[Literal] = []
    code: list[tuple[int, int]] = []
    _Compiler(known, purpose, literals, code).put(rule, negated=False)
    return Program(purpose, tuple(literals), tuple(code))


@dataclass(frozen=True, slots=True)
class _Compiler:
    known: Known
    purpose: str
    literals: list[Literal]
    code: list[tuple[int, int]]

    def put(self, rule: Rule, *, negated: bool) -> None:
        if isinstance(rule, Not):
            self.put(rule.part, negated=not negated)
        elif isinstance(rule, All | AnyOf):
            for part in rule.parts:
                self.put(part, negated=negated)
            self._join(AND if isinstance(rule, All) != negated else OR, len(rule.parts))
        else:
            self._condition(rule, negated)

    def _join(self, how: int, count: int) -> None:
        if count > 1:
            self.code.append((how, count))

    def _condition(self, condition: Condition, negated: bool) -> None:
        if isinstance(condition, GeneIs):
            self._gene(condition, self.known.genes[condition.gene], negated)
        elif isinstance(condition, AttributeIs):
            column = Column(self.purpose, condition.attribute, "attribute")
            self._compare(column, condition.is_, condition.value, negated, name=f"attribute:{condition.attribute}")
        elif isinstance(condition, EventsIn):
            self._events(condition, negated)
        else:
            self._literal(Member(condition.segment), GE, 1.0, negated)

    def _events(self, condition: EventsIn, negated: bool) -> None:
        """At least n: the n-th newest lies in the window; at most n: the one after it does not."""
        most = condition.at_most is not None
        place = condition.at_most if condition.at_most is not None else (condition.at_least or 1) - 1
        source = Window(self.purpose, condition.event, condition.where, place)
        within = self.known.read_days(self.purpose, condition.event)
        self._literal(source, LE if most else GT, condition.days * _DAY, negated, ago=True, within=within)

    def _gene(self, condition: GeneIs, gene: GeneField, negated: bool) -> None:
        form, about = "value", tuple[str, ...]()
        if gene.form == "cells":
            form, about = ("cell", (condition.cell,)) if condition.cell else ("top", ())
        elif gene.form == "days":
            form = "since"
        elif gene.form == "text":
            form = "code" if gene.coded else "texts"
        needs = tuple(name for name in gene.needs if name != self.purpose)
        value, before = condition.value, len(self.literals)
        if form == "texts" and condition.is_ in {"=", "in"}:
            texts = (value,) if isinstance(value, str) else tuple(sorted({str(v) for v in _listed(value)}))
            self._literal(Column(self.purpose, gene.id, form, texts), GE, 1.0, negated, needs=needs)
            return
        column = Column(self.purpose, gene.id, form, about)
        self._compare(column, condition.is_, value, negated, name=gene.id, needs=needs)
        self.literals[before:] = [
            literal._replace(absent=bool(gene.absent), guessed=gene.guessed and literal.op != KNOWN)
            for literal in self.literals[before:]
        ]

    def _compare(
        self, column: Column, op: str, value: object, negated: bool, *, name: str, needs: tuple[str, ...] = ()
    ) -> None:
        if op in {"known", "not known"}:
            self._literal(column, KNOWN, 0.0, negated != (op == "not known"), needs=needs)
            return
        if op == "between":
            low, high = (float(str(v)) for v in _listed(value))
            self._number(column, ">=", low, negated, needs)
            self._number(column, "<=", high, negated, needs)
            self._join(OR if negated else AND, 2)
        elif isinstance(value, str | list):
            texts = [value] if isinstance(value, str) else list(dict.fromkeys(str(v) for v in value))
            for text in texts:
                self._literal(column, EQ, float(self.known.code(name, text)), negated, needs=needs)
            self._join(AND if negated else OR, len(texts))
        else:
            self._number(column, op, float(str(value)), negated, needs)

    def _number(self, column: Column, op: str, value: float, negated: bool, needs: tuple[str, ...]) -> None:
        since = column.form == "since"  # more days since = an earlier time
        code = _MIRRORED[_OPS[op]] if since else _OPS[op]
        self._literal(column, code, value * _DAY if since else value, negated, needs=needs, ago=since)

    def _literal(
        self, source: Source, op: int, level: float, negated: bool, *, needs: tuple[str, ...] = (), ago: bool = False,
        within: int = 0,
    ) -> None:  # fmt: skip
        self.code.append((len(self.literals), 0))
        self.literals.append(Literal(source, op, level, negated, needs, ago, within=within))


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]
