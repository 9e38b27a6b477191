"""How many genes say something about how many of the people of a data directory?

    python benchmarks/coverage.py DIR [--purpose PURPOSE]

DIR is a data directory, such as one with the sample.  Values are read through the gate as of now, with what each person
permits; who permits nothing counts among the people.  A count of nothing says nothing (see genom.genome.coverage).
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from pathlib import Path

import numpy as np

from genom.app.training.past import open_record
from genom.genome import FAMILIES, views_at
from genom.genome.coverage import covered
from genom.settings import load_settings


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--purpose", default="recommend")
    asked = parser.parse_args()
    record = open_record(asked.directory, load_settings(asked.directory), now=time.time_ns() // 1_000_000)
    need = record.purposes.bit(asked.purpose)
    past = record.past(need)
    everyone = len(np.unique(record.world.people.person_of[1 : record.world.profiles.count + 1]))
    views = views_at(
        record.world.layout, past.rows, past.rows["mask"], past.who,
        pairs=(np.arange(len(past.persons)), np.full(len(past.persons), record.at)),
        effective=past.effective, purpose=asked.purpose, purpose_bit=record.purposes.bit,
    )  # fmt: skip
    counts = covered(view for _, view in views)
    genes = record.world.layout.genes
    print(json.dumps({
        "people": everyone, "permitting": len(past.persons), "genes": len(genes),
        "row_bytes": record.world.layout.row_bytes,
        "for_half": sum(2 * counts[gene.id] >= everyone for gene in genes),
        "for_someone": sum(counts[gene.id] > 0 for gene in genes),
        "for_half_by_family": {
            family: sum(2 * counts[gene.id] >= everyone for gene in genes if gene.family == family)
            for family in FAMILIES
        },
        "genes_by_family": Counter(gene.family for gene in genes),
    }, indent=1))  # fmt: skip


if __name__ == "__main__":
    main()
