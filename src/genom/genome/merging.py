"""Genes added to those of a file: what an added file may say, and how it becomes one declaration with the base.

An added file has `filters` and `genes`, and may have `axes`, `crosses` and an `owner`.  Purposes, rings, attributes
and families' further purposes belong to the base alone: they change what every gene is kept for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from genom.errors import BadConfiguration, nearest
from genom.genome.crossing import crossed
from genom.genome.spans import LIFETIME
from genom.genome.yaml_text import YamlError, read_yaml
from genom.typed import converted

__all__ = ["merged", "read_said", "said_of"]

Said = Mapping[str, Any]
"""A declaration as it was read, before anything is checked."""


class _Added(msgspec.Struct, forbid_unknown_fields=True):
    """What an added file may say."""

    filters: dict[str, Any] = {}
    genes: list[Any] = []
    axes: dict[str, Any] = {}
    crosses: list[Any] = []
    owner: str = ""


def said_of(text: str, file: str) -> Said:
    """What a YAML text says.  Raises BadConfiguration."""
    try:
        said = read_yaml(text)
    except YamlError as error:
        raise BadConfiguration(f"{file} cannot be read.", why=str(error), fix="mend the file") from error
    if not isinstance(said, Mapping):
        raise BadConfiguration(f"{file} cannot be read.", why="it says nothing by name", fix="begin with `genes:`")
    return said


def read_said(path: Path | None = None) -> Said:
    """What a file says, by default the standard genome."""
    path = path or Path(__file__).with_name("standard.yaml")
    return said_of(path.read_text("utf-8"), path.name)


def merged(base: Said, added: Said, file: str, *, anew: bool = True) -> Said:
    """One declaration of both, for `declare`; `anew`: a gene that the base has already is refused, else left out.

    Raises BadConfiguration.

    >>> base = {"purposes": ["recommend"], "filters": {"any": {}}, "genes": []}
    >>> merged(base, {"genes": [{"name": "x", "op": "count"}], "owner": "shop"}, "mine.yaml")["genes"]
    [{'owner': 'shop', 'name': 'x', 'op': 'count'}]
    """
    _check_words(added, base, file)
    try:
        new = converted(added, _Added)
        held = crossed(base, "genes.yaml")
        axes = _together(base.get("axes") or {}, new.axes, "axis", file)
        said = crossed({"filters": new.filters, "genes": new.genes, "axes": axes, "crosses": new.crosses}, file)
    except msgspec.ValidationError as error:
        raise BadConfiguration(f"{file} cannot be read.", why=str(error), fix="mend the file") from error
    filters = _together(held.get("filters") or {}, said["filters"], "filter", file)
    known = {gene for line in held.get("genes") or [] for gene in _ids(line)}
    genes = [_owned(line, number, new.owner, file) for number, line in enumerate(said["genes"], 1)]
    fresh = [line for line in genes if not _already(line, known, file, anew=anew)]
    return {**held, "filters": filters, "genes": [*(held.get("genes") or []), *fresh]}


def _check_words(added: Said, base: Said, file: str) -> None:
    fields = _Added.__struct_fields__
    for word in added:
        if word in fields:
            continue
        if word in base or word in {"also", "attributes"}:
            raise BadConfiguration(
                f"{file} says `{word}`.",
                why="an added file adds genes; this belongs to genes.yaml, for it concerns every gene",
                fix=f"remove `{word}`; to change it, edit genes.yaml and restart the node",
            )
        raise BadConfiguration(
            f"{file} has the unknown field {str(word)[:60]!r}.",
            why=f"an added file has {', '.join(fields)}",
            fix=nearest(str(word), fields) or "remove it",
        )
    if not (added.get("genes") or added.get("crosses")):
        raise BadConfiguration(f"{file} adds no gene.", why="it has no `genes`", fix="declare one under `genes:`")


def _together(base: Mapping[str, Any], new: Mapping[str, Any], what: str, file: str) -> dict[str, Any]:
    for name, said in new.items():
        if name in base and base[name] != said:
            raise BadConfiguration(
                f"{file} changes the {what} {name!r}.",
                why="genes that exist use it, and a gene never changes its meaning",
                fix=f"give yours another name, such as {name}_2",
            )
    return {**base, **new}


def _owned(line: Any, number: int, owner: str, file: str) -> dict[str, Any]:
    if not isinstance(line, Mapping):
        what = f"{file}: gene {number} cannot be read."
        raise BadConfiguration(what, why="it says nothing by name", fix="write {family: …, name: …, op: …}")
    return {"owner": owner, **line} if owner else dict(line)


def _already(line: Said, known: set[tuple[str, ...]], file: str, *, anew: bool) -> bool:
    twice = [gene for gene in _ids(line) if gene in known]
    if twice and anew:
        raise BadConfiguration(
            f"{file} adds {'.'.join(filter(None, twice[0]))}, which exists already.",
            why="a gene is declared once, and its id means one thing for ever",
            fix="leave it out; for another meaning take another name or the next `version`",
        )
    return bool(twice)


def _ids(line: Said) -> Iterator[tuple[str, ...]]:
    """Family, name, form, span and version of the genes of a line; whether they make sense is asked later."""
    if isinstance(line, Mapping):
        over = line.get("over", [LIFETIME])
        named = [str(line.get(key, "")) for key in ("family", "name")]
        form, version = str(line.get("function") or line.get("op", "")), line.get("version", 1)
        for span in over if isinstance(over, list) else []:
            yield (*named, form, str(span), "" if version == 1 else f"v{version}")
