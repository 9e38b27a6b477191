"""What a rule may be about, as the stage sees it: names, forms and codes, without a person's data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from genom.errors import BadRequest, UnknownName, nearest
from genom.segments.rule import AttributeIs, Condition, EventsIn, GeneIs, MemberOf, Rule, conditions
from genom.segments.segment import Segment, in_order

__all__ = ["AttributeField", "GeneField", "Known", "check_rule", "check_segment", "purposes_read"]

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneField:
    """A gene as a rule sees it."""

    id: str
    label: Labels
    family: str
    unit: str
    form: str  # number, days (since a time), text or cells
    fades: bool = False  # its value changes while nothing happens
    coded: bool = False  # its texts, or the names of its cells, have codes
    values: tuple[str, ...] = ()  # the only texts or cells that it can have; empty = open
    needs: tuple[str, ...] = ()  # purposes that its family needs beside the segment's
    purposes: tuple[str, ...] = ()  # that it is kept for; empty = all of the genome
    guessed: bool = False  # a model's answer: without one for a person, neither it nor its negation holds of them
    absent: str = ""  # why it cannot be read of anybody now, such as a prediction without a model


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeField:
    """A declared attribute and its values."""

    label: Labels
    values: Mapping[str, Labels]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything that exists now."""

    genes: Mapping[str, GeneField]
    attributes: Mapping[str, AttributeField]
    events: Mapping[str, Labels]
    channels: Mapping[str, Labels]
    purposes: Collection[str]
    genome: tuple[str, ...]  # purposes that the genome is kept for
    code: Callable[[str, str], int] = lambda _gene, _text: -1  # of a text or cell of a gene; -1 = none (yet)
    said: Callable[[str, str, str], str] = lambda _gene, text, _language: text  # a text or cell of a gene, in words
    called: Callable[[str, str], str] = lambda category, _language: category  # a category, in words
    read_days: Callable[[str, str], int] = lambda _purpose, _event: 0  # for so many an event serves; 0 = for ever
    segments: Mapping[str, Segment] = field(default_factory=dict)


def check_segment(segment: Segment, known: Known, place: str = "$") -> None:
    """Whether all that a segment names exists and fits; raises BadRequest or UnknownName with path and nearest name."""
    _exists(segment.purpose, known.purposes, "purpose", f"{place}.purpose")
    check_rule(segment.rule, known, purpose=segment.purpose, place=f"{place}.rule")
    in_order([*(other for name, other in known.segments.items() if name != segment.id), segment])


def purposes_read(segment: Segment, known: Known) -> list[str]:
    """The purposes whose data decide who is in a segment: its own, and what its genes need beside, at any depth."""
    found, seen, ahead = [segment.purpose], {segment.id}, [segment]
    while ahead:
        rule = ahead.pop().rule
        for _, one in conditions(rule):
            if isinstance(one, GeneIs) and one.gene in known.genes:
                found += known.genes[one.gene].needs
            elif isinstance(one, MemberOf) and one.segment in known.segments and one.segment not in seen:
                seen.add(one.segment)
                ahead.append(known.segments[one.segment])
    return list(dict.fromkeys(found))


def check_rule(rule: Rule, known: Known, *, purpose: str, place: str = "$.rule") -> None:
    """Whether all that a rule names exists and fits."""
    for where, condition in conditions(rule, place):
        _check(condition, known, purpose, where)


def _check(condition: Condition, known: Known, purpose: str, place: str) -> None:
    if isinstance(condition, EventsIn):
        _exists(condition.event, known.events, "event", f"{place}.event")
        if condition.where.channel:
            _exists(condition.where.channel, known.channels, "channel", f"{place}.where.channel")
        _check_days(condition, known, purpose, f"{place}.days")
        return
    if isinstance(condition, MemberOf):
        _exists(condition.segment, known.segments, "segment", f"{place}.segment")
        other = known.segments[condition.segment].purpose
        if other != purpose:
            raise BadRequest(
                f"{place}.segment has another purpose.",
                why=f"{condition.segment!r} is made for {other!r}, and this rule for {purpose!r}",
                fix="use a segment of the same purpose",
                code="segments.purpose",
            )
        return
    if purpose not in known.genome:
        raise BadRequest(
            f"{place} cannot be read for {purpose!r}.",
            why=f"the genome is kept for {' and '.join(known.genome)}; of other purposes only events can be asked",
            fix="use one of these purposes, or conditions on events",
            code="segments.purpose",
        )
    if isinstance(condition, AttributeIs):
        _check_attribute(condition, known, place)
    else:
        _exists(condition.gene, known.genes, "gene", f"{place}.gene")
        gene = known.genes[condition.gene]
        if gene.purposes and purpose not in gene.purposes:
            why = f"it is kept for {' and '.join(gene.purposes)}"
            raise _wrong(f"{place}.gene", why, f"make the segment for that, or use another gene than {gene.id}")
        _check_gene(condition, gene, place)


def _check_days(condition: EventsIn, known: Known, purpose: str, place: str) -> None:
    """What is past the read window serves the purpose no more: a rule that asks for it would not mean what it says."""
    days = known.read_days(purpose, condition.event)
    if days and condition.days > days:
        raise BadRequest(
            f"{place} is more than the purpose may read.",
            why=f"{condition.event!r} may be read for {purpose!r} for {days:,} days, not for {condition.days:,g}",
            fix=f"ask for at most {days:,} days",
            code="segments.read-window",
        )


def _check_attribute(condition: AttributeIs, known: Known, place: str) -> None:
    _exists(condition.attribute, known.attributes, "attribute", f"{place}.attribute")
    if condition.is_ not in {"=", "in", "known", "not known"}:
        raise BadRequest(f"{place}.is cannot be used.", why="an attribute is no number", fix="use =, in or known")
    for text in _texts(condition.value):
        _exists(text, known.attributes[condition.attribute].values, "value", f"{place}.value")


def _check_gene(condition: GeneIs, gene: GeneField, place: str) -> None:
    op, cells = condition.is_, gene.form == "cells"
    if (condition.cell or condition.top) and not cells:
        raise _wrong(f"{place}.cell", f"the gene {gene.id} has one value and no cells", "remove `cell` and `top`")
    if condition.cell and condition.top:
        raise _wrong(f"{place}.cell", "`top` is the largest cell, whichever it is", "remove one of them")
    if cells and not (condition.cell or condition.top) and op not in {"known", "not known"}:
        raise _wrong(place, f"the gene {gene.id} has many cells", "name one as `cell`, or use `top`")
    if condition.cell and gene.values:
        _exists(condition.cell, gene.values, "cell", f"{place}.cell")
    text = condition.top or gene.form == "text"
    if op in {"known", "not known"}:
        return
    if text and op not in {"=", "in"}:
        raise _wrong(f"{place}.is", f"the gene {gene.id} is a text", "use =, in, known or not known")
    if not text and op == "in":
        raise _wrong(f"{place}.is", f"the gene {gene.id} is a number", "use =, between or any")
    if text != isinstance(condition.value, str | list) and op != "between":
        raise _wrong(f"{place}.value", f"the gene {gene.id} is a {'text' if text else 'number'}", "change the value")
    if op == "=" and gene.fades and not text:
        raise _wrong(f"{place}.is", f"{gene.id} fades and is never exactly a number", "use >=, <= or between")
    for value in _texts(condition.value) if text and gene.values else ():
        _exists(value, gene.values, "value", f"{place}.value")


def _texts(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [v for v in value if isinstance(v, str)] if value else []  # type: ignore[attr-defined]  # a list


def _exists(name: str, known: Collection[str], what: str, place: str) -> None:
    if name not in known:
        listed = sorted(known)
        raise UnknownName(
            f"There is no {what} named {name[:60]!r} at {place}.",
            why=f"known are {', '.join(listed[:12])}{' …' if len(listed) > 12 else ''}" if listed else "none exist",
            fix=nearest(name, known) or "use a known name",
            code=f"segments.unknown-{what}",
        )


def _wrong(place: str, why: str, fix: str) -> BadRequest:
    return BadRequest(f"{place} cannot be used.", why=why, fix=fix)
