"""Attributes that a person may declare, such as a size: a small table of names with numbers that never change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from genom.errors import BadConfiguration

__all__ = ["NO_ATTRIBUTES", "Attribute", "AttributeValue", "Attributes", "check_same_numbers"]

_MOST: Final = 65_535
_LANGUAGES: Final = ("en", "de")


class AttributeValue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value that an attribute may have."""

    number: int  # its place in the journal for ever, from 1
    label: dict[str, str]


class Attribute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that a person may say of themselves, and the values to choose from."""

    number: int  # its place in the journal for ever, from 1
    label: dict[str, str]
    values: dict[str, AttributeValue]


class Attributes:
    """The declared attributes by name and by number.

    A number is the attribute's times 65,536 plus the value's; value 0 takes the declaration back.

    >>> m = AttributeValue(number=3, label={"en": "M", "de": "M"})
    >>> attributes = Attributes({"size": Attribute(number=1, label={"en": "Size", "de": "Größe"}, values={"M": m})})
    >>> attributes.number("size=M"), attributes.number("size="), attributes.number("size=7"), attributes.text(65539)
    (65539, 65536, 0, 'size=M')
    """

    def __init__(self, table: Mapping[str, Attribute]) -> None:
        self._table = dict(table)
        self._numbers = dict(_pairs(table))
        self._texts = {number: text for text, number in self._numbers.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __getitem__(self, name: str) -> Attribute:
        return self._table[name]

    @property
    def numbers(self) -> dict[str, int]:
        """`attribute=value` → its number, and `attribute=` for each attribute itself."""
        return dict(self._numbers)

    def number(self, text: str) -> int:
        """The number of `attribute=value`; 0 for what is not declared."""
        return self._numbers.get(text, 0)

    def text(self, number: int) -> str:
        """`attribute=value` of a number; empty for one that is not declared."""
        return self._texts.get(number, "")


def _pairs(table: Mapping[str, Attribute]) -> Iterator[tuple[str, int]]:
    for name, attribute in table.items():
        yield f"{name}=", attribute.number << 16
        for value, what in attribute.values.items():
            yield f"{name}={value}", attribute.number << 16 | what.number


def check_attributes(table: Mapping[str, Attribute], file: str) -> None:
    """Raises BadConfiguration for a number that is used twice or out of range, and for a missing label."""
    _check_numbers({name: attribute.number for name, attribute in table.items()}, f"{file}: attributes")
    for name, attribute in table.items():
        where = f"{file}: attribute {name}"
        _check_numbers({value: what.number for value, what in attribute.values.items()}, where)
        for label in (attribute.label, *(what.label for what in attribute.values.values())):
            if not all(label.get(language) for language in _LANGUAGES):
                what = f"{where} has no label in every language."
                raise BadConfiguration(what, why="people read it", fix=f"give {' and '.join(_LANGUAGES)}")


def _check_numbers(numbers: Mapping[str, int], where: str) -> None:
    for name, number in numbers.items():
        if not 1 <= number <= _MOST or list(numbers.values()).count(number) > 1:
            raise BadConfiguration(
                f"{where}: {name} has the number {number}.",
                why=f"numbers are unique, from 1 to {_MOST}, and stay in the journal for ever",
                fix="give it a number that was never used",
            )


def check_same_numbers(attributes: Attributes, stored: Mapping[str, int], file: str) -> None:
    """Raises BadConfiguration if a number is another thing's than before, or a thing has another number.

    The journal holds numbers: what people have said of themselves would be read as something else.
    """
    named = {number: text for text, number in stored.items()}
    for text, number in attributes.numbers.items():
        before, owner = stored.get(text, number), named.get(number, text)
        if before != number or owner != text:
            why = f"it had {_own(before)} before" if before != number else f"that was the number of {owner!r}"
            raise BadConfiguration(
                f"{file}: {text!r} has the number {_own(number)}.",
                why=f"{why}, and what people have said of themselves stands in the journal by number",
                fix="give everything the number that it had, and what is new one that was never used",
            )


def _own(number: int) -> int:
    """Of a value its own number; else the attribute's."""
    return number & _MOST or number >> 16


NO_ATTRIBUTES: Final = Attributes({})
