"""Writes docs/reference/genes.md from the standard genome, or says with --check whether it is current.

python tools/genes_reference.py [--check]
"""

import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from genom.genome import FAMILIES, Gene, Genes, load_genes
from genom.genome.ops import OPS

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "genes.md"
ATTRIBUTES = load_genes().attributes
HEAD = """# The genes of a shop

<!-- written by tools/genes_reference.py; change src/genom/genome/standard.yaml instead -->

The standard genome has {genes} genes in {families} families, kept apart for each purpose ({purposes}).
A gene's id is its family, name, op or function, and span.
A span such as `30d` is a half-life: after 30 days an event counts half.
`lifetime` never fades.
{also}"""


def reference(genes: Genes) -> str:
    """The page."""
    purposes = ", ".join(f"`{purpose}`" for purpose in genes.purposes)
    also = "".join(
        f"The family `{family}` also needs the purpose `{purpose}`: an event must serve both, both must be permitted.\n"
        for family, purpose in genes.also.items()
    )
    head = HEAD.format(genes=len(genes), families=len(FAMILIES), purposes=purposes, also=also)
    return head + "".join(f"\n{part}" for family in FAMILIES for part in section(family, genes))


def section(family: str, genes: Genes) -> Iterator[str]:
    """The table of one family: one line for all spans of a gene."""
    own = [gene for gene in genes if gene.family == family]
    yield f"## {family} ({len(own)})\n"
    rows = [line(list(spans)) for _, spans in groupby(own, key=stem)]
    yield "".join(["| Gene | Over | Meaning | Deutsch | Unit | From |\n|---|---|---|---|---|---|\n", *rows])


def stem(gene: Gene) -> str:
    """The id without its span."""
    return gene.id.removesuffix(f".{gene.span}") if gene.span else gene.id


def line(spans: list[Gene]) -> str:
    """One gene in all its spans."""
    gene = spans[0]
    over = ", ".join(one.span for one in spans) if gene.span else ""
    label, german = (plain(gene, language) for language in ("en", "de"))
    return f"| `{stem(gene)}` | {over} | {label} | {german} | {gene.unit} | {source(gene)} |\n"


def plain(gene: Gene, language: str) -> str:
    """The label without the words for its span."""
    return gene.label[language].rpartition(", ")[0] if gene.span else gene.label[language]


def source(gene: Gene) -> str:
    """Which rows and which property of them."""
    if gene.attribute:
        values = ", ".join(f"`{value}`" for value in ATTRIBUTES[gene.attribute].values)
        return f"what the person told: the attribute `{gene.attribute}` ({values})"
    if gene.function:
        return f"the last records: {OPS[gene.op].functions[gene.function].__doc__.splitlines()[0].rstrip('.').lower()}"
    if gene.formula:
        return "computed from " + ", ".join(f"`{name}`" for name in gene.inputs)
    rows = f"`{gene.filter_name}`" + (" lines" if gene.filter.lines else "")
    if gene.base_name:
        rows += f" {OPS[gene.op].base} `{gene.base_name}`"
    return f"{rows}: {gene.property}" if gene.property else rows


def main() -> int:
    """Write the page, or compare it."""
    text = reference(load_genes())
    if "--check" not in sys.argv:
        PAGE.write_text(text, "utf-8")
        return 0
    if PAGE.exists() and PAGE.read_text("utf-8") == text:
        return 0
    print(f"{PAGE.name} is not current.\n  fix: run python tools/genes_reference.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
