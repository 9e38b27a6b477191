"""Kernels are plain typed functions; `compiled` turns one into machine code that is kept on disk.

Numba notices a change of the file that a kernel stands in, but not of another file that it calls; so the cache
is separate for each version of Genom, and a kernel that calls helpers keeps them in its own file where it can.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

__all__ = ["added_up", "cache_directory", "compiled", "inlined", "load_only", "tell_compilations"]

P = ParamSpec("P")
R = TypeVar("R")


def _release() -> str:
    try:
        return version("genom")
    except PackageNotFoundError:  # run from the source tree
        return "source"


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
    directory = base.absolute() / "genom" / "numba" / _release()
    if _writable(directory):
        return directory
    # A name that others could guess in a shared directory would let them plant code: cold starts are the lesser evil.
    return Path(tempfile.mkdtemp(prefix="genom-numba-"))


os.environ["NUMBA_CACHE_DIR"] = str(cache_directory())

import numba  # noqa: E402 - reads NUMBA_CACHE_DIR when it is first imported
from numba.core import config, event  # noqa: E402

config.reload_config()  # type: ignore[no-untyped-call]  # numba may have been imported before us


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
    cached = not function.__code__.co_filename.startswith("<")  # numba cannot keep what has no source file
    return cast("Callable[P, R]", numba.njit(cache=cached, nogil=True, error_model="numpy")(function))


def added_up(function: Callable[P, R]) -> Callable[P, R]:
    """As `compiled`, but sums may be added up in any order, and so several numbers at once.

    >>> @added_up
    ... def both(x: float, y: float) -> float:
    ...     return x + y
    >>> both(1.0, 2.0)
    3.0
    """
    cached = not function.__code__.co_filename.startswith("<")
    order = {"reassoc", "nsz", "contract"}
    return cast("Callable[P, R]", numba.njit(cache=cached, nogil=True, error_model="numpy", fastmath=order)(function))


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
