"""What the builder offers, in the reader's language: fields by family, with their values in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from genom.app.node import Node
from genom.app.segmenting.fields import FieldShown, fields_of
from genom.app.show import names
from genom.app.show.clean import clean
from genom.app.show.vocabulary import CHANNELS, FAMILIES
from genom.app.term_names import names_of
from genom.console.segments_fields import Family, Field, Fields
from genom.segments import Segment

__all__ = ["BuilderFields"]

_OTHERS: Final = {
    "attribute": ("Own statements", "Eigene Angaben"),
    "event": ("Events", "Ereignisse"),
    "segment": ("Segments", "Segmente"),
}
_CELLS: Final = {"cell": ("one part", "ein Teil"), "top": ("the largest part", "der größte Teil")}
_AGO: Final = ("days ago", "Tage her")
_PARTS: Final = frozenset({"probability", "share"})  # numbers from 0 to 1
_HALF: Final = ("0.5", "0,5")
Said = Callable[[str, str], str]  # gene and a text or cell of it → in words
_KEPT: Final = 8  # sets of fields, of as many purposes and languages


class BuilderFields:
    """The fields of each purpose and language, made anew when there are others."""

    def __init__(self, node: Node) -> None:
        self._node, self._layout, self._called = node, node.world.layout, names_of(node.catalogue)
        self._made: dict[tuple[object, ...], Fields] = {}

    def of(self, purpose: str, *, without: str, language: str, now: int) -> Fields:
        """What a rule may be about; raises UnknownName."""
        world = self._node.world
        key = (
            purpose,
            language,
            self._node.models.turn,
            *(len(vocabulary.terms) for vocabulary in (world.terms[1], world.terms[2])),
        )
        called = names_of(self._node.catalogue)
        if world.layout is not self._layout or called is not self._called or len(self._made) > _KEPT:
            self._layout, self._called = world.layout, called
            self._made.clear()
        if key not in self._made:
            self._made[key] = self._make(purpose, language=language, now=now)
        made = self._made[key]
        segments = _segments(self._node.segments.newest(), purpose, without, language)
        return replace(made, families=(*made.families, segments)) if segments.fields else made

    def _make(self, purpose: str, *, language: str, now: int) -> Fields:
        told = fields_of(self._node, purpose, now=now)
        purposes = sorted(told.purposes, key=lambda name: (name not in told.genome, told.purposes.index(name)))
        known = self._node.segments.known(now=now)
        families = (
            _family(name, told.fields, lambda gene, value: known.said(gene, value, language), language)
            for name in (*FAMILIES, "attribute", "event")
        )
        return Fields(
            purpose=purpose,
            purposes=tuple((name, names.purpose(name, language)) for name in purposes),
            families=tuple(family for family in families if family.fields),
            channels=tuple((name, names.channel(name, language)) for name in CHANNELS if name != "unknown"),
            floor=self._node.segments.held.teller.least,
        )


def _segments(defined: Iterable[Segment], purpose: str, without: str, language: str) -> Family:
    fields = [
        Field(key=f"segment:{one.id}", family="segment", label=clean(one.label[language], most=120))
        for one in defined
        if one.purpose == purpose and one.id != without
    ]
    label = _OTHERS["segment"][language == "de"]
    return Family(id="segment", label=label, fields=tuple(sorted(fields, key=lambda field: field.label.casefold())))


def _family(name: str, shown: Iterable[FieldShown], said: Said, language: str) -> Family:
    label = _OTHERS[name][language == "de"] if name in _OTHERS else names.family(name, language)
    mine = [one for one in shown if name == (one.family or one.kind)]
    labels = {(one.kind, one.id): _label(one, language) for one in mine}
    times = Counter(labels.values())
    fields = [_field(one, name, labels[one.kind, one.id], language, said=said, once=times) for one in mine]
    return Family(id=name, label=label, fields=tuple(sorted(fields, key=lambda field: field.label.casefold())))


def _label(one: FieldShown, language: str) -> str:
    label = clean(one.label.get(language) or one.id, most=120)
    return f"{label}: {_CELLS[one.kind][language == 'de']}" if one.kind in _CELLS else label


def _field(one: FieldShown, family: str, label: str, language: str, *, said: Said, once: Counter[str]) -> Field:
    return Field(
        key=f"{one.kind}:{one.id}",
        label=label if once[label] == 1 else f"{label} ({one.id})",
        family=family,
        unit=_unit(one, language),
        form=one.form,
        operators=tuple(one.operators),
        values=tuple((value, _value(one, value, said, language)) for value in one.values),
        needs=tuple(names.purpose(name, language) for name in one.needs),
        begins=_HALF[language == "de"] if one.unit in _PARTS else "",
        days=one.days,
    )


def _unit(one: FieldShown, language: str) -> str:
    if one.form == "days" and one.unit != "days":  # a time is compared by how long ago it was
        return _AGO[language == "de"]
    return names.unit(one.unit, 2, language) if one.unit and one.form != "text" else ""


def _value(one: FieldShown, value: str, said: Said, language: str) -> str:
    if value in one.labels:
        return clean(one.labels[value].get(language) or value, most=80)
    return said(one.id, value)
