"""A person's values as sentences and as a table, through the gate: what is withheld never gets here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from genom.app.pages.me.words import COUNTED, DAYS, PHRASES, SENTENCES, say
from genom.app.pages.values import said
from genom.app.show import names
from genom.app.show.clean import clean
from genom.genome import Read
from genom.web import Formats

__all__ = ["details", "estimates", "plain_term", "sentences"]

_DAY: Final = 86_400_000  # ms
_LEAST: Final = 0.5  # a faded count below it is nothing any more
_CELLS: Final = 3
_NOTHING: Final = 0.05  # less is shown as zero


def plain_term(term: str) -> str:
    """A term of the catalogue as people read it; cash registers write in capitals.

    >>> plain_term("BEERS/ALES"), plain_term("Kitchen and table")
    ('Beers/ales', 'Kitchen and table')
    """
    text = clean(term, most=80)
    return text.capitalize() if text.isupper() and len(text) > 3 else text


def sentences(
    reads: Mapping[str, Read], family: str, *, formats: Formats, now: int, terms: Mapping[str, str]
) -> tuple[str, ...]:
    """The sentences of a family; `terms` are categories by the name that people read."""
    told = []
    for gene, english, german in SENTENCES:
        read = reads.get(gene)
        if read is None or read.gene.family != family or read.state != "known":
            continue
        if value := _value(read, formats, now, terms):
            told.append((german if formats.language == "de" else english).format(v=value))
    return tuple(told)


def details(
    reads: Mapping[str, Read], family: str, *, formats: Formats, terms: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Everything that is known of a family and is not zero: what it is, and its value."""
    kept = []
    for read in reads.values():
        if read.gene.family != family or read.state != "known" or _is_nothing(read):
            continue
        value = _cells(read, formats, terms, most=8) if read.cells is not None else _plain(read, formats, terms)
        if value:
            kept.append((read.gene.label[formats.language], value))
    return tuple(kept)


def estimates(
    guesses: Iterable[Read], family: str, *, formats: Formats, terms: Mapping[str, str]
) -> tuple[str, ...]:  # fmt: skip
    """What is only estimated, each with its probability: nobody should take it for something that was observed."""
    told = []
    for read in guesses:
        if read.gene.family != family or read.state != "known":
            continue
        if read.cells:
            best = sorted(read.cells, key=lambda name: (-read.cells[name], name))[:_CELLS]  # type: ignore[index]
            value = ", ".join(f"{terms.get(n) or plain_term(n)} ({formats.percent(read.cells[n], 0)})" for n in best)
        elif isinstance(read.value, float):
            value = formats.percent(read.value, 0)
        else:
            continue
        told.append(f"{read.gene.label[formats.language]}: {value}")
    return tuple(told)


def _is_nothing(read: Read) -> bool:
    return isinstance(read.value, float) and abs(read.value) < _NOTHING


def _value(read: Read, formats: Formats, now: int, terms: Mapping[str, str]) -> str:
    gene, value = read.gene, read.value
    if read.cells is not None:
        return _most(read, formats, terms)
    if isinstance(value, str):
        at = _time(value) if gene.unit == "time" else None
        return formats.date(at) if at is not None else _plain(read, formats, terms)
    if value is None or abs(value) < _LEAST:
        return formats.percent(value, 0) if gene.unit == "share" and value else ""
    if gene.op == "recency":
        return formats.ago(now - int(value * _DAY), now)
    if gene.op == "count":
        return _count(gene.id.split(".")[1], round(value), formats)
    return formats.percent(value, 0) if gene.unit == "share" else said(read, formats)


def _count(name: str, number: int, formats: Formats) -> str:
    """So many things, or so many times."""
    if name in COUNTED:
        return f"{formats.number(number)} {COUNTED[name][2 * (formats.language == 'de') + (number != 1)]}"
    if number <= 1:
        return say(PHRASES, "once", formats.language)
    return say(PHRASES, "times", formats.language, n=formats.number(number))


def _most(read: Read, formats: Formats, terms: Mapping[str, str]) -> str:
    cells = read.cells or {}
    best = max(cells, key=lambda name: (cells[name], name))
    if read.gene.property == "weekday":
        return say(DAYS, best, formats.language) if best in DAYS else ""
    if read.gene.property == "hour_of_day":
        return say(PHRASES, "hour", formats.language, a=str(int(best)), b=str(int(best) + 1))
    return _cells(read, formats, terms, most=_CELLS)


def _cells(read: Read, formats: Formats, terms: Mapping[str, str], *, most: int) -> str:
    cells, gene = read.cells or {}, read.gene
    total = sum(cells.values())
    if total <= 0:
        return ""
    largest = sorted(cells, key=lambda name: (-cells[name], name))[:most]
    named = [(_cell(gene.id, name, formats.language, terms), cells[name] / total) for name in largest]
    return ", ".join(f"{name} ({formats.percent(share, 0)})" for name, share in named if share >= 0.005)


def _cell(gene: str, name: str, language: str, terms: Mapping[str, str]) -> str:
    if gene.startswith(("channels.", "rhythm.")):
        return names.cell(gene, name, language)
    return terms.get(name) or plain_term(name)


def _plain(read: Read, formats: Formats, terms: Mapping[str, str]) -> str:
    if isinstance(read.value, str) and read.gene.property.startswith("category"):
        return terms.get(read.value) or plain_term(read.value)
    if isinstance(read.value, str) and read.gene.function in {"last_categories", "liked", "disliked"}:
        return ", ".join(terms.get(name) or plain_term(name) for name in read.value.split(", "))
    return said(read, formats)


def _time(text: str) -> int | None:
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return None
