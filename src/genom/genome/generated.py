"""The generated kernels on disk: written and compiled by one process, loaded by all others, never compiled by a node.

A kernel is a source file in the cache directory, named by what it depends on.  Who loads it generates the text again
and compares: a file that is damaged or was changed is not run.  Where there is none, the interpreter serves.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numba
import numpy as np
from numpy.typing import NDArray

from genom.compiled import cache_directory, load_only, made_of
from genom.genome.generate import source_of
from genom.genome.program import Layout
from genom.words import ROW

__all__ = ["Fold", "Serving", "available", "compile_kernel", "fold_of", "serving"]

log = logging.getLogger("genom.kernel")

Fold = Callable[..., int]
_lock = threading.Lock()
_served: dict[str, Serving] = {}


@dataclass(frozen=True, slots=True)
class Serving:
    """Which kernel folds a gene set."""

    fold: Fold | None  # None: the interpreter
    reason: str  # why it is the interpreter, else empty
    awaited: Path | None = None  # the file that tells that the kernel can be loaded


def fold_of(layout: Layout) -> Fold | None:
    """The generated kernel of a gene set, or None while the interpreter serves it."""
    found = _served.get(layout.version)
    return (found or serving(layout)).fold


def serving(layout: Layout, *, again: bool = False) -> Serving:
    """Which kernel serves a gene set; it is looked for once, or `again`."""
    with _lock:
        found = _served.get(layout.version)
        if found is None or (again and found.fold is None):
            found = _load(layout)
            if found.reason:
                log.info("genes are folded by the interpreter", extra={"reason": found.reason})
            _served[layout.version] = found
        return found


def available(layout: Layout) -> bool:
    """Whether another process has compiled the kernel of a gene set."""
    return _ready(_path(source_of(layout))).exists()


def compile_kernel(layout: Layout) -> Path:
    """Write and compile the kernel of a gene set, if the cache does not hold it; takes seconds."""
    source = source_of(layout)
    path = _path(source)
    if not _holds(path, source):
        _write(path, source)
    fold = cast("Any", _import(path))
    try:
        fold.compile(_types(layout))
    except Exception as error:  # noqa: BLE001 -- whatever is wrong with the cached machine code
        log.warning("the gene kernel's machine code is damaged and compiled again", extra={"reason": repr(error)})
        for damaged in Path(fold.stats.cache_path).glob(f"{path.stem}.*"):
            damaged.unlink()
        cast("Any", _import(path)).compile(_types(layout))
    _ready(path).touch()
    return path


def _load(layout: Layout) -> Serving:
    if os.environ.get("GENOM_KERNEL") == "interpreter":
        return Serving(None, "GENOM_KERNEL asks for it")
    try:
        source = source_of(layout)
        path = _path(source)
        if not path.exists():
            return Serving(None, "no kernel is compiled for this gene set yet", _ready(path))
        if not _holds(path, source):
            return Serving(None, f"{path.name} is not what was generated; it is damaged or was changed")
        fold = _import(path)
        if not load_only(fold, _types(layout)):
            awaited = None if _ready(path).exists() else _ready(path)
            return Serving(None, f"the machine code of {path.name} is not in the cache", awaited)
    except Exception as error:  # noqa: BLE001 -- whatever a damaged cache does must not keep a node from serving
        return Serving(None, f"it could not be loaded: {error!r}")
    return Serving(fold, "")


def _path(source: str) -> Path:
    return cache_directory() / "kernels" / f"fold_{made_of(source.encode())}.py"


def _ready(path: Path) -> Path:
    return path.with_suffix(".ready")


def _holds(path: Path, source: str) -> bool:
    return path.exists() and path.read_bytes() == source.encode()


def _write(path: Path, source: str) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    scratch = path.with_suffix(f".{os.getpid()}.new")
    scratch.write_text(source, "utf-8")
    scratch.replace(path)


def _import(path: Path) -> Fold:
    spec = importlib.util.spec_from_file_location(f"genom_{path.stem}", path)
    assert spec is not None, "a path ending in .py has a spec"
    assert spec.loader is not None, "and a loader"
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where machine code that comes from the cache looks for its names
    spec.loader.exec_module(module)
    return cast("Fold", module.fold)


def _types(layout: Layout) -> tuple[object, ...]:
    """The types of the kernel's arguments."""
    shapes: list[tuple[tuple[int, ...], Any]] = [((0,), ROW), ((0,), np.uint64), ((0,), np.int64)]
    state: list[tuple[tuple[int, ...], Any]] = [
        ((0, 0, 0), np.int32),
        ((0, 0, 0), np.float32),
        ((0, 0, 0), np.int64),
        ((0, 0, 0, 0), np.int64),
    ]
    state += [((0,), np.float64), ((0,), np.int64)]
    rows, of_state = ([_typeof(np.zeros(*one)) for one in part] for part in (shapes, state))
    return (*rows, numba.uint64, numba.int64, numba.int64, _typeof(layout.table.ranges), *of_state)


def _typeof(array: NDArray[Any]) -> object:
    return numba.typeof(array)  # type: ignore[no-untyped-call]  # numba has no annotations
