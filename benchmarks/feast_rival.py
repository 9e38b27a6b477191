"""Feast's online store, in an environment of its own: 50 features of one entity from SQLite.

python feast_rival.py VALUES.npy READS    prints microseconds and whether the values agree, as JSON

`VALUES.npy` has shape (people, 50): row n is what person n has.  Only numpy, pandas and Feast are loaded.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.types import Float64
from feast.value_type import ValueType

CONFIG = """project: genes
registry: {path}/registry.db
provider: local
online_store: {{type: sqlite, path: {path}/online.db}}
offline_store: {{type: file}}
entity_key_serialization_version: 3
"""


def store_of(directory: Path, values: np.ndarray) -> FeatureStore:
    """A store that holds the values of persons 0, 1 and so on."""
    (directory / "feature_store.yaml").write_text(CONFIG.format(path=directory), "utf-8")
    names = [f"g{n}" for n in range(values.shape[1])]
    now = datetime.now(UTC)
    table = pd.DataFrame(values, columns=names).assign(person=np.arange(len(values)), at=now)
    table.to_parquet(directory / "genes.parquet")
    source = FileSource(path=str(directory / "genes.parquet"), timestamp_field="at")
    person = Entity(name="person", join_keys=["person"], value_type=ValueType.INT64)
    schema = [Field(name=name, dtype=Float64) for name in names]
    view = FeatureView(name="genes", entities=[person], ttl=timedelta(days=999), schema=schema, source=source)
    store = FeatureStore(repo_path=str(directory))
    store.apply([person, view])
    store.write_to_online_store("genes", table)
    return store


def main() -> None:
    """Write, compare everybody, then time single reads."""
    values, reads = np.load(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        store = store_of(Path(directory), values)
        names = [f"g{n}" for n in range(values.shape[1])]
        features, taken, wrong = [f"genes:{name}" for name in names], [], 0
        for person in np.random.default_rng(5).integers(0, len(values), reads).tolist():
            begun = time.perf_counter_ns()
            found = store.get_online_features(features=features, entity_rows=[{"person": person}]).to_dict()
            taken.append(time.perf_counter_ns() - begun)
            mine = np.array([found[name][0] for name in names], np.float64)
            wrong += int(np.count_nonzero(np.nan_to_num(mine) != np.nan_to_num(values[person])))
    print(json.dumps({f"p{p}": round(float(np.percentile(taken, p)) / 1_000, 1) for p in (50, 99)} | {"wrong": wrong}))


if __name__ == "__main__":
    main()
