"""What a file of genes may say, and what is wrong with one that cannot be used."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from genom.errors import BadConfiguration, nearest
from genom.genome.attributes import Attribute, check_attributes
from genom.genome.ops import OPS, Op
from genom.words import CHANNELS, Kind

__all__ = [
    "ALSO_MOST",
    "BITS",
    "FAMILIES",
    "HALF_LIVES",
    "KIND_SLOTS",
    "LANGUAGES",
    "LIFETIME",
    "RINGS",
    "Content",
    "Declaration",
    "Filter",
    "read_content",
]

FAMILIES: Final = ("identity", "channels", "rhythm", "intent", "value", "taste", "price", "lifecycle", "trust")
LANGUAGES: Final = ("en", "de")
LIFETIME: Final = "lifetime"
HALF_LIVES: Final[dict[str, int]] = {
    "1h": 3_600_000,
    "1d": 86_400_000,
    "7d": 604_800_000,
    "30d": 2_592_000_000,
    "365d": 31_536_000_000,
}
"""Half-life → milliseconds."""

RINGS: Final = ("events", "items", "messages", "declared")
KIND_SLOTS: Final = 200  # kinds below this feed genes
BITS: Final[dict[str, int]] = {
    "discounted": 1 << 16,
    "coupon": 1 << 17,
    "weekend": 1 << 18,
    "morning": 1 << 19,  # 6 to 12 local time
    "afternoon": 1 << 20,  # 12 to 18
    "evening": 1 << 21,  # 18 to 24
    "night": 1 << 22,  # 0 to 6
    "amount": 1 << 23,  # has an amount in the reporting currency
    "clamped": 1 << 24,
}
"""Bits that the kernel derives from a row once; bits 0 to 15 are the channels, from 32 on further purposes."""

ALSO_MOST: Final = 16  # purposes that families may need beside their own

_KINDS: Final = tuple(name for name, kind in Kind.__members__.items() if kind < KIND_SLOTS)
_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it is built in


class Filter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which rows a gene looks at: kinds of event, the events or their lines, and bits that a row must have."""

    kinds: tuple[str, ...] = ()  # empty = every kind
    lines: bool = False  # the order lines instead of the events
    channel: str = ""
    bits: tuple[str, ...] = ()  # such as discounted, coupon, weekend, morning


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of the YAML: one gene for each of its half-lives."""

    family: str
    name: str
    op: str
    label: dict[str, str]
    of: str = "any"  # name of a filter
    property: str = ""
    over: tuple[str, ...] = (LIFETIME,)
    unit: str = ""
    function: str = ""  # for ring
    length: int = 5  # for ring functions that return the last ones
    attribute: str = ""  # for the ring function `declared`


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of genes, checked."""

    purposes: tuple[str, ...]
    rings: dict[str, int]
    filters: dict[str, Filter]
    genes: list[Any]
    also: dict[str, str] = {}  # family → a purpose that it needs beside its own
    attributes: dict[str, Attribute] = {}

    @property
    def declared(self) -> list[Declaration]:
        """The lines that declare genes."""
        return msgspec.convert(self.genes, list[Declaration])


def read_content(path: Path) -> Content:
    """What a file says; raises BadConfiguration that names the gene, the field and the nearest known name."""
    try:
        content = msgspec.convert(yaml.load(path.read_text("utf-8"), _Loader), Content)  # noqa: S506 -- a safe loader
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        what = f"The genes in {path.name} cannot be read."
        raise BadConfiguration(what, why=str(error), fix="mend the file") from error
    _check_purposes(content.purposes, path.name)
    _check_rings(content.rings, path.name)
    _check_also(content.also, path.name)
    check_attributes(content.attributes, path.name)
    for name, chosen in content.filters.items():
        _check_filter(chosen, f"{path.name}: filter {name}")
    for number, line in enumerate(content.genes, 1):
        _check_gene(line, number, content, path.name)
    return content


def _check_purposes(purposes: tuple[str, ...], file: str) -> None:
    if not 1 <= len(purposes) <= 4:
        what = f"{file} names {len(purposes)} purposes."
        raise BadConfiguration(what, why="a genome is kept for 1 to 4", fix="name 1 to 4")
    if len(set(purposes)) < len(purposes):
        raise BadConfiguration(f"{file} names a purpose twice.", why=", ".join(purposes), fix="name each once")


def _check_rings(rings: Mapping[str, int], file: str) -> None:
    for name in rings:
        _known(name, RINGS, "ring", file)
    for name in RINGS:
        if name not in rings:
            what = f"{file}: the ring {name!r} has no size."
            raise BadConfiguration(what, why="genes read it", fix=f"add {name}: 32 to rings")
        size = rings[name]
        if not 1 <= size <= 1024 or size & (size - 1):
            what = f"{file}: the ring {name!r} has {size} records."
            raise BadConfiguration(what, why="it must be a power of two up to 1024", fix="use 16, 32 …")


def _check_also(also: Mapping[str, str], file: str) -> None:
    for family in also:
        _known(family, FAMILIES, "family", f"{file}: also")
    if len(set(also.values())) > ALSO_MOST:
        what = f"{file} names {len(set(also.values()))} purposes under `also`."
        raise BadConfiguration(what, why=f"there is room for {ALSO_MOST}", fix="use fewer")


def _check_filter(chosen: Filter, where: str) -> None:
    for kind in chosen.kinds:
        _known(kind, _KINDS, "kind", where)
    for bit in chosen.bits:
        _known(bit, BITS, "bit", where)
    if chosen.channel:
        _known(chosen.channel, CHANNELS, "channel", where)


def _check_gene(given: Any, number: int, content: Content, file: str) -> None:
    named = [str(given[key]) for key in ("family", "name") if key in given] if isinstance(given, dict) else []
    where = f"{file}: {'.'.join(named) or f'gene {number}'}"
    for key in given if isinstance(given, dict) else ():
        _known(str(key), Declaration.__struct_fields__, "field", where)
    try:
        line = msgspec.convert(given, Declaration)
    except msgspec.ValidationError as error:
        raise BadConfiguration(f"{where} cannot be read.", why=str(error), fix="mend the line") from error
    _known(line.family, FAMILIES, "family", where)
    _known(line.op, OPS, "op", where)
    _known(line.of, content.filters, "filter", where)
    _check_form(line, OPS[line.op], where)
    _takes(line.attribute, content.attributes if line.function == "declared" else (), "attribute", where)
    if line.op == "ring" and line.family in content.also:
        what = f"{where} reads a ring, and its family needs the purpose {content.also[line.family]!r} also."
        raise BadConfiguration(what, why="a ring keeps what serves the first purpose alone", fix="use another family")
    for language in LANGUAGES:
        if not line.label.get(language):
            what = f"{where} has no label in the language {language!r}."
            raise BadConfiguration(what, why="every gene is shown in each", fix="add it")


def _check_form(line: Declaration, op: Op, where: str) -> None:
    """What an op takes must be there, and what it does not take must not: it would be ignored."""
    _takes(line.property, op.properties, "property", where)
    _takes(line.function, op.functions, "function", where)
    if op.functions and line.of != "any":
        what = f"{where} has the filter {line.of!r}."
        raise BadConfiguration(what, why="its function reads a whole ring", fix="remove `of`")
    if line.length < 1:
        what = f"{where} has the length {line.length}."
        raise BadConfiguration(what, why="it must be at least 1", fix="remove it or enlarge it")
    for span in line.over:
        _known(span, (*HALF_LIVES, LIFETIME), "half-life", where)
        if (span == LIFETIME and not op.lifetime) or (span != LIFETIME and not op.decays):
            what = f"{where} cannot be kept over {span!r}."
            raise BadConfiguration(what, why=f"the op {line.op} has no such form", fix="remove it")


def _takes(name: str, known: Collection[str], what: str, where: str) -> None:
    if known:
        _known(name, known, what, where)
    elif name:
        said = f"{where} has the {what} {name!r}."
        raise BadConfiguration(said, why=f"its op takes no {what}", fix=f"remove `{what}`")


def _known(name: str, known: Collection[str], what: str, where: str) -> None:
    if name not in known:
        raise BadConfiguration(
            f"{where} has the unknown {what} {name!r}.",
            why=f"known are {', '.join(sorted(known))}",
            fix=nearest(name, known) or "use a known name",
        )
