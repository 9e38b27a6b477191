"""Genes as their file declares them, and since when their ids mean what they mean."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import msgspec
import sqlalchemy as sa
import yaml

from genom.app.genes.sets import ACTIVE, gene_sets
from genom.app.node import Node, file_or_default
from genom.app.tables import definitions
from genom.errors import BadConfiguration
from genom.genome import Gene, Layout
from genom.genome.crossing import crossed
from genom.genome.declaration import Content, Declaration
from genom.genome.meanings import meanings_of
from genom.genome.merging import merged, read_said, said_of
from genom.typed import converted

__all__ = ["GeneCode", "version_of"]

_WIDE: Final = 110  # characters of a line


class GeneCode:
    """The declarations and fingerprints of the genome that serves, read once for each genome."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._layout: Layout | None = None
        self._content: Content | None = None
        self._fingerprints: dict[str, str] = {}
        self._since: dict[str, int] = {}

    async def ready(self) -> None:
        """Read in a thread what is new; call it before the rest."""
        layout = self._node.world.layout
        if layout is not self._layout:
            found = await asyncio.to_thread(_read, self._node, layout)
            self._content, self._fingerprints, self._since = found
            self._layout = layout

    def text(self, gene: Gene) -> str:
        """The YAML that declares a gene and the filters that it names; empty if its file has changed since."""
        lines = self._content.declared if self._content else ()
        line = next((line for line in lines if _declares(line, gene)), None)
        if line is None or self._content is None:
            return ""
        plain: dict[str, Any] = msgspec.to_builtins(line)
        if gene.span:
            plain["over"] = [gene.span]
        named = {name: msgspec.to_builtins(self._content.filters[name]) for name in self._filters(line)}
        filters = {name: {key: part for key, part in found.items() if part} for name, found in named.items()}
        said = ({"filters": filters} if filters else {}) | {"genes": [plain]}
        written: str = yaml.safe_dump(said, sort_keys=False, allow_unicode=True, width=_WIDE, default_flow_style=None)
        return written

    def fingerprint(self, gene: Gene) -> str:
        """Of what its id means."""
        return self._fingerprints[gene.id]

    def since(self, gene: Gene) -> int:
        """When this node first knew the gene, unix ms."""
        return self._since.get(gene.id, self._node.started)

    @property
    def built_in(self) -> bool:
        """Whether the operator has declared no genes of their own."""
        return file_or_default(self._node.data.path, "genes.yaml") is None

    def _filters(self, line: Declaration) -> Iterator[str]:
        """The filters that a line names, and those that they are made of."""
        assert self._content is not None, "called with a content"
        open_, seen = [name for name in (line.of, line.to, line.within) if name], {"any"}
        while open_:
            name = open_.pop(0)
            if name not in seen:
                seen.add(name)
                yield name
                found = self._content.filters[name]
                open_ += [*found.all, *found.any, *found.not_]


def _read(node: Node, layout: Layout) -> tuple[Content | None, dict[str, str], dict[str, int]]:
    try:
        content = _content(node)
    except (OSError, BadConfiguration, msgspec.ValidationError):  # the file was changed after the node's start
        content = None
    return content, meanings_of(layout.genes), dict(_first_times(node))


def _content(node: Node) -> Content:
    """What the file says, with the files that were added to it."""
    said = read_said(file_or_default(node.data.path, "genes.yaml"))
    active = gene_sets(node.catalogue).get(int(node.catalogue.get(ACTIVE) or 0))
    for file in active.files if active else ():
        said = merged(said, said_of(file.text, file.name), file.name, anew=False)
    return converted(crossed(said, "genes.yaml"), Content)


def _declares(line: Declaration, gene: Gene) -> bool:
    said = ".".join((line.family, line.name, line.function or line.op))
    same = gene.id == said or gene.id.startswith(f"{said}.")
    return same and line.version == version_of(gene) and (not gene.span or gene.span in line.over)


def version_of(gene: Gene) -> int:
    """Of its meaning, as its id says it."""
    last = gene.id.rpartition(".")[2]
    return int(last[1:]) if last[0] == "v" and last[1:].isdigit() else 1


def _first_times(node: Node) -> Iterator[tuple[str, int]]:
    """Each gene with the time of the oldest version of the meanings that has it."""
    with node.catalogue.begin() as connection:
        rows = connection.execute(
            sa.select(definitions.c.body, definitions.c.at)
            .where(definitions.c.kind == "genes", definitions.c.name == "meanings")
            .order_by(definitions.c.version.desc())
        ).all()
    for body, at in rows:  # the oldest comes last and stays
        yield from ((gene, at) for gene in msgspec.json.decode(body))
