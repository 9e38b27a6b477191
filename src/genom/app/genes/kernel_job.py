"""The generated kernel of a gene set, compiled by a short process: `python -m genom.app.genes.kernel_job [DIR]`."""

from __future__ import annotations

import sys
from pathlib import Path

from genom.app.genes.sets import genes_of, layout_for
from genom.app.logs import log_as_json
from genom.app.node import file_or_default
from genom.consent import load_purposes
from genom.genome import Layout, load_genes
from genom.genome.generated import compile_kernel

__all__ = ["layout_of", "main"]


def layout_of(directory: Path | None = None) -> Layout:
    """The active gene set of a data directory, or the standard one, under its purposes."""
    purposes = load_purposes(file_or_default(directory, "purposes.yaml") if directory else None)
    return layout_for(genes_of(directory) if directory else load_genes(), purposes)


def main() -> int:
    """Write and compile it, if the cache does not hold it."""
    log_as_json()
    compile_kernel(layout_of(Path(sys.argv[1]) if len(sys.argv) > 1 else None))
    return 0


if __name__ == "__main__":
    sys.exit(main())
