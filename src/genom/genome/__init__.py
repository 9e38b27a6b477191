"""The genome: declared genes, their algebra, the compiled kernel, the memory, and the gate in front of it."""

from genom.genome.attributes import Attributes
from genom.genome.declaration import GENE_ID, Content, Declaration
from genom.genome.declared import Declared
from genom.genome.gate import Gate, Read, View
from genom.genome.genes import FAMILIES, HALF_LIVES, Gene, Genes, declare, load_genes
from genom.genome.matrix import Matrix
from genom.genome.program import Layout, compile_genes
from genom.genome.refold import known_before, refold
from genom.genome.rows_at import Cell, Columns, numeric_genes, rows_at, views_at
from genom.genome.scan import Ask, Asked, Prepared, Scan, cell_names, changes_by_itself, fades, form_of, is_coded
from genom.genome.statefile import read_state, state_files, state_head, write_state, zero_rows
from genom.genome.windows import DAY, EVER, KINDS, NO_WINDOWS, Windows

__all__ = [
    "DAY",
    "EVER",
    "FAMILIES",
    "GENE_ID",
    "HALF_LIVES",
    "KINDS",
    "NO_WINDOWS",
    "Ask",
    "Asked",
    "Attributes",
    "Cell",
    "Columns",
    "Content",
    "Declaration",
    "Declared",
    "Gate",
    "Gene",
    "Genes",
    "Layout",
    "Matrix",
    "Prepared",
    "Read",
    "Scan",
    "View",
    "Windows",
    "cell_names",
    "changes_by_itself",
    "compile_genes",
    "declare",
    "fades",
    "form_of",
    "is_coded",
    "known_before",
    "load_genes",
    "numeric_genes",
    "read_state",
    "refold",
    "rows_at",
    "state_files",
    "state_head",
    "views_at",
    "write_state",
    "zero_rows",
]
