"""Kernels are plain typed functions; `compiled` turns one into machine code that is kept on disk.

Numba asks when the file that a kernel stands in was changed and how long it is.  It does not see another file whose
helpers or numbers went into the machine code, and every file of a wheel bears the same date.  So machine code lies in
a folder for the content of all that a kernel's file imports: it is loaded only for the source that it was made of
(decision 0123).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, cast

__all__ = [
    "added_up",
    "cache_directory",
    "compiled",
    "forget_unused",
    "inlined",
    "load_only",
    "made_of",
    "tell_compilations",
]

P = ParamSpec("P")
R = TypeVar("R")

_ROOT: Final = Path(__file__).parents[1]
_IMPORTS: Final = re.compile(
    rb"^[ \t]*(?:from[ \t]+(genom[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n]*)|import[ \t]+(genom[\w.]*))", re.MULTILINE
)
_FOLDER: Final = re.compile(r"genom-[0-9a-f]{16}")
_KEPT_UNUSED: Final = 60  # days that machine code is kept which no start has used
_used: set[Path] = set()
_one_folder = threading.Lock()  # numba reads the place of its cache from one variable


def _writable(directory: Path) -> bool:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(directory, os.W_OK | os.X_OK)


def cache_directory() -> Path:
    """Where machine code is kept: `NUMBA_CACHE_DIR`, the user's cache directory, or a temporary directory of this user.

    >>> cache_directory().is_absolute()
    True
    """
    if given := os.environ.get("NUMBA_CACHE_DIR"):
        return Path(given).absolute()
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    directory = base.absolute() / "genom" / "numba"
    if _writable(directory):
        return directory
    # A name that others could guess in a shared directory would let them plant code: cold starts are the lesser evil.
    return Path(tempfile.mkdtemp(prefix="genom-numba-"))


_BASE: Final = cache_directory()
os.environ["NUMBA_CACHE_DIR"] = str(_BASE)

import numba  # noqa: E402 - reads NUMBA_CACHE_DIR when it is first imported
from numba.core import config, event  # noqa: E402

config.reload_config()  # type: ignore[no-untyped-call]  # numba may have been imported before us


def made_of(source: bytes) -> str:
    """Sixteen hex digits that stand for a source and all modules of Genom that it imports, and they in turn.

    >>> made_of(b"x = 1") == made_of(b"x = 1"), made_of(b"x = 1") == made_of(b"x = 2")
    (True, False)
    >>> made_of(b"import genom.words")[:4] == made_of(b"import  genom.words")[:4]  # the text itself counts
    False
    """
    total, open_, known = hashlib.sha256(source), list(_imported(source)), set[Path]()
    while open_:
        file = open_.pop()
        if file not in known:
            known.add(file)
            open_.extend(_read(file)[1])
    for file in sorted(known):
        total.update(_read(file)[0])
    return total.hexdigest()[:16]


@lru_cache(None)
def _read(file: Path) -> tuple[bytes, tuple[Path, ...]]:
    """A module's name and content as a digest, and the modules that it imports."""
    source = file.read_bytes()
    name = str(file.relative_to(_ROOT)).encode()
    return hashlib.sha256(name + b"\0" + source).digest(), tuple(_imported(source))


def _imported(source: bytes) -> Iterator[Path]:
    for module, names, alone in _IMPORTS.findall(source):
        name = (module or alone).decode()
        yield from _files(name)
        for each in re.findall(r"\w+", names.decode("utf-8", "replace")):
            yield from _file(f"{name}.{each}")


@lru_cache(None)
def _files(module: str) -> tuple[Path, ...]:
    """The files that importing a module runs: its own and those of the packages around it."""
    parts = module.split(".")
    return tuple(file for end in range(1, len(parts) + 1) for file in _file(".".join(parts[:end])))


@lru_cache(None)
def _file(module: str) -> tuple[Path, ...]:
    place = f"{_ROOT}/{module.replace('.', '/')}"
    return tuple(file for file in (Path(f"{place}.py"), Path(f"{place}/__init__.py")) if file.is_file())


def forget_unused() -> int:
    """Delete machine code that no start of two months has used; how many folders went.  Call it with all loaded."""
    now, gone = time.time(), 0
    for folder in _used:
        if folder.is_dir():
            os.utime(folder)
    for folder in _BASE.iterdir() if _BASE.is_dir() else ():
        if _FOLDER.fullmatch(folder.name) and now - folder.stat().st_mtime > _KEPT_UNUSED * 86_400:
            shutil.rmtree(folder, ignore_errors=True)
            gone += 1
    return gone


def _kept(function: Callable[P, R], **how: Any) -> Callable[P, R]:
    """A function that is compiled at its first call, or taken from its folder of the cache."""
    file = Path(function.__code__.co_filename)
    if not file.is_file():  # numba cannot keep what has no source file
        return cast("Callable[P, R]", numba.njit(**how)(function))
    with _one_folder:
        config.CACHE_DIR = str(_folder(file))  # type: ignore[attr-defined]  # set by name when numba starts
        try:
            return cast("Callable[P, R]", numba.njit(cache=True, **how)(function))
        finally:
            config.CACHE_DIR = str(_BASE)  # type: ignore[attr-defined]


@lru_cache(None)
def _folder(file: Path) -> Path:
    folder = _BASE / f"genom-{made_of(file.read_bytes())}"
    _used.add(folder)
    return folder


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """Compile a function at its first call for each set of argument types; it runs without the interpreter lock.

    Division by zero gives infinity or NaN as in numpy, and floating point keeps its order of operations,
    so that the same inputs give the same bits on every run.

    >>> @compiled
    ... def double(x: int) -> int:
    ...     return 2 * x
    >>> double(21)
    42
    """
    return _kept(function, nogil=True, error_model="numpy")


def added_up(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, but sums may be added up in any order, and so several numbers at once.

    >>> @added_up
    ... def both(x: float, y: float) -> float:
    ...     return x + y
    >>> both(1.0, 2.0)
    3.0
    """
    return _kept(function, nogil=True, error_model="numpy", fastmath={"reassoc", "nsz", "contract"})


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """A helper whose code is put into each kernel that calls it: passing many arrays costs more than a small body.

    >>> @inlined
    ... def twice(x: int) -> int:
    ...     return 2 * x
    >>> twice(21)
    42
    """
    return cast("Callable[P, R]", numba.njit(inline="always", error_model="numpy")(function))


class _NotCached(Exception):
    """Machine code would have to be compiled."""


class _Refusal(event.Listener):
    def __init__(self, dispatcher: object) -> None:
        self._dispatcher = dispatcher

    def on_start(self, event: event.Event) -> None:
        if event.data["dispatcher"] is self._dispatcher:
            raise _NotCached

    def on_end(self, event: event.Event) -> None:
        """Nothing was begun."""


def load_only(function: Callable[P, R], types: tuple[object, ...]) -> bool:
    """Take a compiled function's machine code for argument types from the cache; false if it is not there.

    Nothing is compiled, now or at a later call: a compilation holds the interpreter's lock for seconds.

    >>> @compiled
    ... def half(x: int) -> float:
    ...     return x / 2
    >>> load_only(half, (numba.int64,))
    False
    """
    dispatcher = cast("Any", function)
    with event.install_listener("numba:compile", _Refusal(dispatcher)):
        try:
            dispatcher.compile(types)
        except _NotCached:
            return False
    dispatcher.disable_compile()
    return True


class _Listener(event.Listener):
    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell

    def on_start(self, event: event.Event) -> None:
        function = event.data["dispatcher"].py_func
        self._tell(f"{function.__module__}.{function.__qualname__}")

    def on_end(self, event: event.Event) -> None:
        """Nothing to say: the next name, or the start of service, shows that it is done."""


def tell_compilations(tell: Callable[[str], None]) -> Callable[[], None]:
    """Call `tell` with a kernel's name whenever one is compiled rather than loaded; returns how to stop.

    >>> names: list[str] = []
    >>> stop = tell_compilations(names.append)
    >>> @compiled
    ... def triple(x: int) -> int:
    ...     return 3 * x
    >>> triple(2)
    6
    >>> stop(); len(names)
    1
    """
    listener = _Listener(tell)
    event.register("numba:compile", listener)  # type: ignore[no-untyped-call]  # numba.core has no annotations
    return lambda: event.unregister("numba:compile", listener)  # type: ignore[no-untyped-call]
