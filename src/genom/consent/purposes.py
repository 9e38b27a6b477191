"""All purposes: names on one side, bits of a 64-bit mask on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

import msgspec

from genom.consent.law import Law
from genom.consent.lifetime import Lifetime
from genom.consent.purpose import Purpose, check_complete, parse_purpose
from genom.consent.regions import UNKNOWN, Regions, parse_regions
from genom.consent.strict_yaml import read_yaml
from genom.errors import BadConfiguration, UnknownName, nearest
from genom.typed import converted

__all__ = ["Purposes", "Retired", "check_successor", "load_purposes"]

_PARTS: Final = ("purposes", "retired", "regions")


class Retired(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A purpose that was given up; neither its name nor its bit comes back."""

    id: str
    bit: int


@dataclass(frozen=True, kw_only=True, eq=False)
class Purposes:
    """The purposes in force, in the order of their bits.

    >>> purposes = load_purposes()
    >>> purposes.mask(["service", "recommend"])
    33
    >>> purposes.names_of(33)
    ['service', 'recommend']
    >>> purposes.names_of(purposes.always)
    ['service', 'security', 'measure_aggregate']
    """

    every: tuple[Purpose, ...]
    retired: tuple[Retired, ...] = ()
    regions: Regions | None = None  # where people's regions are known from; None: nobody's is

    @cached_property
    def by_name(self) -> dict[str, Purpose]:
        """Each purpose by its name."""
        return {purpose.name: purpose for purpose in self.every}

    @cached_property
    def bits(self) -> dict[str, int]:
        """Mask value of each name, for loops that ignore unknown names."""
        return {purpose.name: purpose.mask for purpose in self.every}

    @cached_property
    def tcf_needed(self) -> tuple[tuple[str, int], ...]:
        """Each purpose that purposes of TCF stand for, with the mask of these, storage on the device (1) among them."""
        return tuple(
            (purpose.name, sum(1 << number - 1 for number in {1, *purpose.tcf}))
            for purpose in self.every
            if purpose.tcf
        )

    @cached_property
    def consent_needed(self) -> int:
        """Mask of the purposes that only the person can permit."""
        return self._where(lambda purpose: purpose.needs_consent)

    @cached_property
    def always(self) -> int:
        """Mask of the purposes with another basis than consent."""
        return self._where(lambda purpose: not purpose.needs_consent)

    @cached_property
    def law(self) -> Law:
        """The strictest law: of everybody whose region nobody knows."""
        return Law(self.always, self.consent_needed)

    @cached_property
    def laws(self) -> dict[str, Law]:
        """The law of each region of the table, and the strictest under UNKNOWN."""
        names, every = () if self.regions is None else self.regions.names, self.always | self.consent_needed
        needed = {name: sum(one.mask for one in self.every if one.needs_consent_in(name)) for name in names}
        return {UNKNOWN: self.law} | {name: Law(every & ~mask, mask) for name, mask in needed.items()}

    def law_of(self, regions: Iterable[str]) -> Law:
        """The law for somebody of these regions: of several the strictest, purpose by purpose; of none the strictest.

        >>> purposes = load_purposes()
        >>> purposes.law_of([]) == purposes.law_of(["atlantis"]) == purposes.law
        True
        """
        laws = [self.laws.get(region, self.law) for region in regions]
        return reduce(Law.stricter, laws) if laws else self.law

    @cached_property
    def differing(self) -> int:
        """Mask of the purposes that need consent in one region and none in another."""
        return self._where(lambda purpose: purpose.differs)

    @cached_property
    def fixed(self) -> int:
        """Mask of the purposes that a consent record cannot switch off."""
        return self._where(lambda purpose: not purpose.objectable)

    @cached_property
    def assumable(self) -> int:
        """Mask of the purposes that development mode may assume."""
        return self._where(lambda purpose: purpose.assumable)

    @cached_property
    def of_special(self) -> int:
        """Mask of what an event about a special category of data may serve at most.

        Purposes that rest on explicit consent to it, and those that carry out what the person asked for (they cannot be
        switched off); of these none that is for advertising or prices.

        >>> purposes = load_purposes()
        >>> purposes.names_of(purposes.of_special)
        ['service', 'security', 'special_category']
        """
        return self._where(
            lambda purpose: (purpose.special_categories or not purpose.objectable) and not purpose.for_ads_or_prices
        )

    @property
    def names(self) -> list[str]:
        """All names, in the order of their bits."""
        return [purpose.name for purpose in self.every]

    def purpose(self, name: str) -> Purpose:
        """The purpose of this name; raises UnknownName with the nearest one."""
        try:
            return self.by_name[name]
        except KeyError:
            raise UnknownName(
                f"There is no purpose named {name!r}.",
                why=f"{len(self.every)} purposes are defined, and none has this name",
                fix=nearest(name, self.names) or f"use one of {', '.join(self.names)}",
                code="consent.unknown-purpose",
            ) from None

    def bit(self, name: str) -> int:
        """The mask value of a name; raises UnknownName."""
        return self.purpose(name).mask

    def mask(self, names: Iterable[str]) -> int:
        """The mask of several names; raises UnknownName."""
        mask = 0
        for name in names:
            mask |= self.bit(name)
        return mask

    def names_of(self, mask: int) -> list[str]:
        """Names of the bits in a mask, in the order of their bits; bits of retired purposes have none."""
        return [purpose.name for purpose in self.every if purpose.mask & mask]

    def text_hash(self, name: str) -> str:
        """SHA-256 of the purpose's texts, hex; raises UnknownName."""
        return self.purpose(name).text_hash

    @cached_property
    def lifetimes(self) -> tuple[tuple[int, Lifetime], ...]:
        """How long grants count: mask of purposes and their lifetime, the masks without a common bit.

        >>> [(len(purposes.names_of(mask)), one) for purposes in [load_purposes()] for mask, one in purposes.lifetimes]
        [(17, Lifetime(months=12, days=0))]
        """
        found = dict[Lifetime, int]()
        for purpose in self.every:
            if purpose.needs_consent:
                found[purpose.lifetime] = found.get(purpose.lifetime, 0) | purpose.mask
        return tuple((mask, lifetime) for lifetime, mask in found.items())

    @cached_property
    def gpc(self) -> int:
        """Purposes that Global Privacy Control refuses: those of sale, sharing and targeted advertising in US law."""
        return self._where(lambda purpose: bool({*purpose.gpp} - {"SensitiveDataProcessing"}))

    def as_definition(self) -> dict[str, Any]:
        """The purposes as a value for JSON; `from_definition` is the way back."""
        return {
            "purposes": {purpose.name: purpose.as_definition() for purpose in self.every},
            "retired": msgspec.to_builtins(self.retired, builtin_types=()),
        } | ({} if self.regions is None else {"regions": self.regions.as_definition()})

    @classmethod
    def from_definition(cls, definition: object, *, where: str = "the definition") -> Purposes:
        """The purposes of a definition; `where` names the file in errors. Raises BadConfiguration."""
        parts = _parts(definition, where)
        every = [parse_purpose(name, fields, where=where) for name, fields in parts["purposes"].items()]
        retired = _retired(parts.get("retired") or [], where)
        _check_unique([*retired, *(Retired(p.name, p.bit) for p in every)], where)
        regions = parse_regions(parts["regions"], where=where) if parts.get("regions") is not None else None
        if regions is not None:
            _check_regions(regions, every, where)
        return cls(every=tuple(sorted(every, key=lambda purpose: purpose.bit)), retired=retired, regions=regions)

    def _where(self, accepts: Callable[[Purpose], bool]) -> int:
        return sum(purpose.mask for purpose in self.every if accepts(purpose))


def load_purposes(path: Path | None = None) -> Purposes:
    """The purposes of a file, by default those that come with Genom.

    Raises BadConfiguration that names file, purpose and field.
    """
    if path is not None:
        return _complete(read_yaml(path), where=str(path))
    with as_file(files("genom.consent") / "purposes.yaml") as built_in:
        return _complete(read_yaml(built_in), where=built_in.name)


def _complete(definition: object, *, where: str) -> Purposes:
    """The purposes of a file, which must say all that the records of processing tell."""
    purposes = Purposes.from_definition(definition, where=where)
    for purpose in purposes.every:
        check_complete(purpose, where)
    return purposes


def check_successor(old: Purposes, new: Purposes) -> None:
    """Whether `new` may follow `old`: every bit that was ever given keeps its one meaning.

    Raises BadConfiguration if a bit changed its purpose, a purpose its bit, or one left without being retired.
    """
    given = {purpose.name: purpose.bit for purpose in new.every}
    retired = {(gone.id, gone.bit) for gone in new.retired}
    names = {bit: name for name, bit in given.items()} | {bit: name for name, bit in retired}
    for purpose in old.every:
        if names.get(purpose.bit, purpose.name) != purpose.name:
            raise _refused(purpose.bit, purpose.name, f"means {names[purpose.bit]!r} in the new version")
        if given.get(purpose.name) != purpose.bit and (purpose.name, purpose.bit) not in retired:
            raise _refused(purpose.bit, purpose.name, "is neither in use by it nor retired in the new version")
    for gone in old.retired:
        if (gone.id, gone.bit) not in retired:
            raise _refused(gone.bit, gone.id, "is no longer listed as retired in the new version")


def _refused(bit: int, name: str, what: str) -> BadConfiguration:
    return BadConfiguration(
        f"Bit {bit} belongs to the purpose {name!r} and {what}.",
        why="stored masks carry the bit for ever, so another meaning would permit what nobody agreed to",
        fix=f"leave {name!r} at bit {bit}, or list {{id: {name}, bit: {bit}}} under 'retired' and use a free bit",
    )


def _parts(definition: object, where: str) -> dict[str, Any]:
    """The parts of a definition, checked for being there and being alone."""
    if not isinstance(definition, dict) or not isinstance(definition.get("purposes"), dict):
        raise BadConfiguration(
            f"{where} defines no purposes.", why="it has no mapping 'purposes'", fix="write 'purposes:' and name them"
        )
    for part in definition:
        if part not in _PARTS:
            raise BadConfiguration(
                f"{where} has an unknown part {part!r}.",
                why="its parts are 'purposes', 'retired' and 'regions'",
                fix=nearest(str(part), _PARTS) or "remove it",
            )
    return definition


def _check_regions(regions: Regions, every: Iterable[Purpose], where: str) -> None:
    """A region that no purpose names would be a slip of the pen: the strictest basis would count there."""
    known = sorted({region for purpose in every for region in purpose.basis})
    for region in regions.names:
        if region not in known:
            raise BadConfiguration(
                f"The part 'regions' leads to a region {region!r}, which no purpose names.",
                why=f"the legal bases in {where} are for {', '.join(known)}",
                fix=nearest(region, known) or f"give a purpose a basis for {region!r}, or take the countries out",
            )


def _retired(value: object, where: str) -> tuple[Retired, ...]:
    try:
        return converted(value, tuple[Retired, ...])
    except msgspec.ValidationError as error:
        raise BadConfiguration(
            f"The list 'retired' in {where} is unusable.", why=str(error), fix="write entries as {id: old_name, bit: 7}"
        ) from error


def _check_unique(given: Iterable[Retired], where: str) -> None:
    """Retired ones come first in `given`, so that the error names the newcomer."""
    names: set[str] = set()
    bits: dict[int, str] = {}
    for each in given:
        if each.id in names:
            raise BadConfiguration(
                f"Purpose {each.id!r} stands twice.", why=f"{where} has it in 'purposes' and 'retired'",
                fix="a retired purpose stays retired; give the new one another name",
            )  # fmt: skip
        if each.bit in bits:
            raise BadConfiguration(
                f"Purpose {each.id!r} has the 'bit' {each.bit} of {bits[each.bit]!r}.",
                why=f"{where} gives it to both, and a bit has one meaning for ever",
                fix=f"give {each.id!r} a free bit: {', '.join(map(str, _free(bits)))} …",
            )
        names.add(each.id)
        bits[each.bit] = each.id


def _free(bits: Iterable[int]) -> list[int]:
    return sorted(set(range(64)) - set(bits))[:3]
