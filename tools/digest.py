"""Prints one digest of the content of files and folders, so that `make` rebuilds for changes and not for checkouts.

python tools/digest.py src pyproject.toml
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path


def files_in(path: Path) -> Iterator[Path]:
    """Files below a path in a stable order, without caches."""
    found = sorted(path.rglob("*")) if path.is_dir() else [path]
    return (p for p in found if p.is_file() and "__pycache__" not in p.parts)


def digest(paths: list[Path]) -> str:
    """A digest that changes when a file is added, taken away, renamed or edited."""
    total = hashlib.sha256()
    for path in paths:
        for file in files_in(path):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            total.update(f"{file.as_posix()} {content}\n".encode())
    return total.hexdigest()


if __name__ == "__main__":
    print(digest([Path(name) for name in sys.argv[1:]]))
