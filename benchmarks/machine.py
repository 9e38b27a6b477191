"""What a figure was measured on, and what a tree of processes uses of it (Linux, read from /proc)."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["commit", "cpu_seconds", "machine", "process_tree", "proportional_bytes", "resident_bytes"]

PACKAGES = ("genom", "numpy", "numba", "msgspec", "uvicorn", "uvloop", "httptools", "sqlalchemy")


def _installed(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _first(path: str, word: str) -> str:
    """Value of the first line that starts with `word` in a file of `name: value` lines."""
    lines = Path(path).read_text("utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(word)), "unknown")


def machine() -> dict[str, object]:
    """Processor, cores, memory, kernel, Python and package versions."""
    return {
        "cpu": _first("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_bytes": int(_first("/proc/meminfo", "MemTotal").split()[0]) * 1024,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "packages": {package: _installed(package) for package in PACKAGES},
        "load_before": round(os.getloadavg()[0], 2),
    }


def commit() -> str:
    """The checkout's commit, with a + if files were changed since; unknown outside of one."""
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    except OSError:
        return "unknown"
    return done.stdout.strip() or "unknown"


def process_tree(root: int) -> list[int]:
    """The process and all its descendants that run now."""
    tree, seen = [root], 0
    while seen < len(tree):
        for task in Path(f"/proc/{tree[seen]}/task").glob("*/children"):
            try:
                tree += [int(child) for child in task.read_text("ascii").split()]
            except OSError:
                continue  # the thread ended between listing and reading
        seen += 1
    return tree


def resident_bytes(root: int) -> int:
    """Resident memory of a process tree, shared pages counted in each process: cheap, and never too little."""
    pages = 0
    for pid in process_tree(root):
        try:
            pages += int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
        except (OSError, IndexError):
            continue  # it ended
    return pages * os.sysconf("SC_PAGE_SIZE")


def proportional_bytes(root: int) -> int:
    """Memory of a process tree with shared pages counted once; it halts the processes for milliseconds."""
    total = 0
    for pid in process_tree(root):
        try:
            total += int(_first(f"/proc/{pid}/smaps_rollup", "Pss:").split()[0]) * 1024
        except (OSError, ValueError):
            continue  # it ended, or is a zombie without memory
    return total


def cpu_seconds(root: int) -> float:
    """User and system time of a process tree so far."""
    ticks = 0
    for pid in process_tree(root):
        try:
            after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in after_name[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")
