"""What a declaration of genes may say, in YAML or in Python, and what is wrong with one that cannot be used."""

from __future__ import annotations

import builtins
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from genom.errors import BadConfiguration
from genom.genome.attributes import Attribute, check_attributes
from genom.genome.crossing import crossed
from genom.genome.filters import BITS, KIND_SLOTS, Filter, check_filters, known, rows_of
from genom.genome.formula import FormulaError, parse
from genom.genome.ops import HASHED, OPS, RING_OF, Op, Storage
from genom.genome.ring_rows import check_ring_rows, reads_orders
from genom.genome.spans import HALF_LIVES, LIFETIME, check_span, milliseconds
from genom.genome.yaml_text import YamlError, read_yaml
from genom.typed import converted

__all__ = [
    "ALSO_MOST",
    "BITS",
    "FAMILIES",
    "GENE_ID",
    "HALF_LIVES",
    "KIND_SLOTS",
    "LANGUAGES",
    "LIFETIME",
    "RINGS",
    "SPANS_MOST",
    "Content",
    "Declaration",
    "Filter",
    "check_content",
    "read_content",
]

FAMILIES: Final = ("identity", "channels", "rhythm", "intent", "value", "taste", "price", "lifecycle", "trust")
LANGUAGES: Final = ("en", "de")
RINGS: Final = ("events", "items", "messages", "declared", "orders")
_NEEDED: Final = RINGS[:4]  # the others take memory only where a file asks for them
ALSO_MOST: Final = 16  # purposes that families may need beside their own
GENE_ID: Final = re.compile(r"[a-z_]+(?:\.[a-z0-9_]+)+")
"""The id of a gene within a text, such as a definition that uses it; other texts with dots are found, too."""
SPANS_MOST: Final = 40  # different half-lives of a genome: each is computed for every row

_NAME: Final = re.compile(r"[a-z0-9_]+")
_NAME_LONGEST: Final = 64
_LETTERS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line of the YAML: one gene for each of its half-lives or windows."""

    family: str
    name: str
    op: str
    label: dict[str, str]
    of: str = "any"  # name of a filter
    property: str = ""
    to: str = ""  # name of a filter: the rows that a ratio divides by
    to_property: str = ""  # what is summed of them; empty = they are counted
    within: str = ""  # name of a filter: the whole that a share is a part of
    over: tuple[str, ...] = (LIFETIME,)
    unit: str = ""
    function: str = ""  # for ring
    length: int = 5  # for ring functions that return the last ones
    ring: str = ""  # for functions of orders: `orders`, the ring that nothing else displaces them from
    attribute: str = ""  # for the ring function `declared`
    buckets: int = 0  # for distinct and for histograms of open sets; 0 = 64
    formula: str = ""  # for expression
    description: dict[str, str] = {}  # one or two sentences; written from the rest where it is missing
    purposes: tuple[str, ...] = ()  # of those of the file; empty = all
    owner: str = ""  # who answers questions about it
    version: int = 1  # a changed meaning needs a new name or the next version

    @builtins.property  # a field has this name
    def called(self) -> str:
        """The function of a ring: the one that is named, or the op's own of the same name."""
        return self.function or (self.op if self.op in RING_OF else "")


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Genes and what they share."""

    purposes: tuple[str, ...]
    rings: dict[str, int]
    filters: dict[str, Filter]
    genes: list[Any]  # Declaration, or a mapping with its fields
    also: dict[str, str] = {}  # family → a purpose that it needs beside its own
    attributes: dict[str, Attribute] = {}
    owner: str = ""  # of genes that name none

    @property
    def declared(self) -> list[Declaration]:
        """The lines that declare genes."""
        return converted(self.genes, list[Declaration])


def read_content(path: Path) -> Content:
    """What a file says; raises BadConfiguration that names the gene, the field and the nearest known name."""
    try:
        said = read_yaml(path.read_text("utf-8"))
        content = converted(crossed(said, path.name), Content)
    except (msgspec.ValidationError, YamlError) as error:
        what = f"The genes in {path.name} cannot be read."
        raise BadConfiguration(what, why=str(error), fix="mend the file") from error
    check_content(content, path.name)
    return content


def check_content(content: Content, file: str) -> None:
    """Raises BadConfiguration that names the gene, the field and the nearest known name."""
    _check_purposes(content.purposes, file)
    _check_rings(content.rings, file)
    _check_also(content.also, file)
    check_attributes(content.attributes, file)
    check_filters(content.filters, file)
    for number, line in enumerate(content.genes, 1):
        _check_gene(line, number, content, file)
    spans = {milliseconds(span) for line in content.declared if OPS[line.op].decays for span in line.over} - {0}
    if len(spans) > SPANS_MOST:
        what = f"{file} uses {len(spans)} different half-lives."
        raise BadConfiguration(what, why=f"there is room for {SPANS_MOST}", fix="let genes share half-lives")


def _check_purposes(purposes: tuple[str, ...], file: str) -> None:
    if not 1 <= len(purposes) <= 4:
        what = f"{file} names {len(purposes)} purposes."
        raise BadConfiguration(what, why="a genome is kept for 1 to 4", fix="name 1 to 4")
    if len(set(purposes)) < len(purposes):
        raise BadConfiguration(f"{file} names a purpose twice.", why=", ".join(purposes), fix="name each once")


def _check_rings(rings: Mapping[str, int], file: str) -> None:
    for name in rings:
        known(name, RINGS, "ring", file)
    for name in _NEEDED:
        if name not in rings:
            what = f"{file}: the ring {name!r} has no size."
            raise BadConfiguration(what, why="genes read it", fix=f"add {name}: 32 to rings")
    for name, size in rings.items():
        if not 1 <= size <= 1024 or size & (size - 1):
            what = f"{file}: the ring {name!r} has {size} records."
            raise BadConfiguration(what, why="it must be a power of two up to 1024", fix="use 16, 32 …")


def _check_also(also: Mapping[str, str], file: str) -> None:
    for family in also:
        known(family, FAMILIES, "family", f"{file}: also")
    if len(set(also.values())) > ALSO_MOST:
        what = f"{file} names {len(set(also.values()))} purposes under `also`."
        raise BadConfiguration(what, why=f"there is room for {ALSO_MOST}", fix="use fewer")


def _check_gene(given: Any, number: int, content: Content, file: str) -> None:
    line, where = _line(given, number, file)
    known(line.family, FAMILIES, "family", where)
    _check_name(line.name, where)
    known(line.op, OPS, "op", where)
    if line.op == "prediction":
        what = f"{where} is a prediction."
        raise BadConfiguration(what, why="a model computes it, and no file says how", fix="train one: `genom learn`")
    known(line.of, content.filters, "filter", where)
    for purpose in line.purposes:
        known(purpose, content.purposes, "purpose", where)
    _check_form(line, OPS[line.op], where)
    _check_rows(line, OPS[line.op], content.filters, where)
    _check_ring(line, content, where)
    _takes(line.attribute, content.attributes if line.called == "declared" else (), "attribute", where)
    _check_formula(line, where)
    if OPS[line.op].storage is Storage.RING and line.family in content.also:
        what = f"{where} reads a ring, and its family needs the purpose {content.also[line.family]!r} also."
        raise BadConfiguration(what, why="a ring keeps what serves the first purpose alone", fix="use another family")
    _check_words(line, where)
    if line.version < 1:
        raise BadConfiguration(f"{where} has the version {line.version}.", why="versions count from 1", fix="remove it")


def _line(given: Any, number: int, file: str) -> tuple[Declaration, str]:
    """A line and its name in errors."""
    if isinstance(given, Declaration):
        return given, f"{file}: {given.family}.{given.name}"
    named = [str(given[key]) for key in ("family", "name") if key in given] if isinstance(given, dict) else []
    where = f"{file}: {'.'.join(named) or f'gene {number}'}"
    for key in given if isinstance(given, dict) else ():
        known(str(key), Declaration.__struct_fields__, "field", where)
    try:
        return converted(given, Declaration), where
    except msgspec.ValidationError as error:
        raise BadConfiguration(f"{where} cannot be read.", why=str(error), fix="mend the line") from error


def _check_name(name: str, where: str) -> None:
    """It is a part of ids, which formulas, rules and addresses of pages name."""
    if not _NAME.fullmatch(name) or len(name) > _NAME_LONGEST:
        plain = re.sub(r"[^a-z0-9]+", "_", name.lower().translate(_LETTERS)).strip("_")[:_NAME_LONGEST]
        raise BadConfiguration(
            f"{where} has the name {name[:80]!r}.",
            why=f"a name has at most {_NAME_LONGEST} characters, each of a to z, 0 to 9 or _, for it is part of an id",
            fix=f"use a name such as {plain or 'coffee'!r}; `label` says it to people, in any letters",
        )


def _check_words(line: Declaration, where: str) -> None:
    for language in LANGUAGES:
        if not line.label.get(language):
            what = f"{where} has no label in the language {language!r}."
            raise BadConfiguration(what, why="every gene is shown in each", fix="add it")
        if line.description and not line.description.get(language):
            what = f"{where} has no description in the language {language!r}."
            raise BadConfiguration(what, why="every gene is explained in each", fix="add it, or leave both out")


def _check_form(line: Declaration, op: Op, where: str) -> None:
    """What an op takes must be there, and what it does not take must not: it would be ignored."""
    if line.property or not op.optional:
        _takes(line.property, op.properties, "property", where)
    older = OPS["declared"].functions if line.op == "ring" else {}  # so it was written before it was an op
    _takes(line.called, {**op.functions, **older}, "function", where)
    if line.length < 1:
        what = f"{where} has the length {line.length}."
        raise BadConfiguration(what, why="it must be at least 1", fix="remove it or enlarge it")
    _check_buckets(line, where)
    for span in line.over:
        check_span(span, where, what="window" if op.windows else "half-life")
        if not op.windows and not (op.lifetime if span == LIFETIME else op.decays):
            what = f"{where} cannot be kept over {span!r}."
            raise BadConfiguration(what, why=f"the op {line.op} has no such form", fix="remove it")


def _check_buckets(line: Declaration, where: str) -> None:
    takes = line.op == "distinct" or (line.op == "histogram" and line.property in HASHED)
    if line.buckets and not takes:
        what = f"{where} has {line.buckets} buckets."
        raise BadConfiguration(what, why="its op or property takes none", fix="remove `buckets`")
    if line.buckets and (not 16 <= line.buckets <= 4096 or line.buckets & (line.buckets - 1)):
        what = f"{where} has {line.buckets} buckets."
        raise BadConfiguration(what, why="it must be a power of two from 16 to 4096", fix="use 64, 128 …")


def _check_rows(line: Declaration, op: Op, filters: Mapping[str, Filter], where: str) -> None:
    """The filters fit the op and each other."""
    for field, name in (("to", line.to), ("within", line.within)):
        _takes(name, filters if op.base == field else (), f"filter `{field}`", where)
    if line.to_property:
        _takes(line.to_property, op.properties if op.base == "to" else (), "property `to_property`", where)
    if line.of == "any":
        if op.functions and RING_OF[line.called].needs_rows:
            what = f"{where} has no filter."
            raise BadConfiguration(what, why="it counts since the last of some rows", fix="add `of`")
        return
    if op.functions and not RING_OF[line.called].takes_rows:
        what = f"{where} has the filter {line.of!r}."
        raise BadConfiguration(what, why="its function reads a whole ring", fix="remove `of`")
    if line.op == "expression":
        what = f"{where} has the filter {line.of!r}."
        raise BadConfiguration(what, why="it reads genes, not events", fix="remove `of`")
    if line.within and filters[line.of].lines != filters[line.within].lines:
        what = f"{where} is a share of {line.of!r} within {line.within!r}."
        raise BadConfiguration(what, why="one counts events, the other order lines", fix="use two of a kind")
    if op.functions:
        check_ring_rows(line.called, rows_of(line.of, filters), where)


def _check_ring(line: Declaration, content: Content, where: str) -> None:
    if not line.ring:
        return
    known(line.ring, ("orders",), "ring", where)
    if line.ring not in content.rings:
        what = f"{where} reads the ring {line.ring!r}, which is not kept."
        raise BadConfiguration(what, why="`rings` does not name it", fix=f"add {line.ring}: 16 to rings")
    if not reads_orders(line.called, rows_of(line.of, content.filters)):
        what = f"{where} reads the ring of orders."
        why = "its function or its filter looks at other events too"
        raise BadConfiguration(what, why=why, fix="use a filter of ORDER_COMPLETED alone, or remove `ring`")


def _check_formula(line: Declaration, where: str) -> None:
    if line.op != "expression":
        _takes(line.formula, (), "formula", where)
        return
    if not line.unit:
        what = f"{where} states no unit."
        raise BadConfiguration(what, why="a formula may mix units", fix="add `unit`, such as share or EUR")
    try:
        parse(line.formula)
    except FormulaError as error:
        what = f"{where} has the formula {line.formula!r}."
        raise BadConfiguration(what, why=str(error), fix="mend the formula") from error


def _takes(name: str, names: Collection[str], what: str, where: str) -> None:
    if names:
        known(name, names, what, where)
    elif name:
        said = f"{where} has the {what} {name!r}."
        raise BadConfiguration(said, why=f"its op takes no {what}", fix=f"remove `{what}`")
