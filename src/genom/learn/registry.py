"""The registry: `models/NAME/VERSION/` with model, card, manifest and the checksums of all three.

VERSION is the hash of the model's bytes.
What is damaged is never served: an older whole version is, else none, and a problem says so in words.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from genom.learn.card import Card, Manifest, check_card
from genom.learn.models import MODELS
from genom.learn.training import Trained
from genom.learn.trees import unpacked

__all__ = ["Problem", "Stored", "load_current", "model_names", "save"]

_CURRENT: Final = "current"
_KEPT: Final = 3  # versions of a model
_LARGEST: Final = 64_000_000  # bytes of a file
_PARTS: Final = ("model.json", "card.json", "manifest.json")
_SUMS: Final = "checksums.json"  # part → SHA-256 of its bytes
_WHOLE: Final = 1_000_000  # bytes of the checksums
DAY: Final = 86_400_000  # ms


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a model, in words."""

    name: str
    what: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Stored:
    """A model as it is served."""

    version: str
    model: dict[str, Any]
    card: Card


def save(directory: Path, trained: Trained) -> Stored:
    """Write a version durably and make it the served one; the newest few versions stay."""
    content = msgspec.json.encode(trained.model, order="sorted")
    version = _version(content)
    card = msgspec.structs.replace(trained.card, version=version)
    folder = directory / card.name / version
    for part in (directory, folder.parent, folder):
        part.mkdir(mode=0o700, exist_ok=True)
    said = [msgspec.json.format(msgspec.json.encode(part), indent=1) for part in (card, card.manifest)]
    parts = dict(zip(_PARTS, (content, *said), strict=True))
    for name, written in parts.items():
        _write(folder / name, written)
    _write(folder / _SUMS, msgspec.json.encode({name: _sum(written) for name, written in parts.items()}))
    _write(folder.parent / _CURRENT, version.encode())
    _forget_old(folder.parent, keep=version)
    return Stored(version, trained.model, card)


def model_names(directory: Path) -> list[str]:
    """The models that the registry holds in any state."""
    if not directory.is_dir():
        return []
    return sorted(p.name for p in directory.iterdir() if p.is_dir() and (p / _CURRENT).exists())


def load_current(directory: Path, name: str, *, now: int, most_days: int) -> tuple[Stored | None, list[Problem]]:
    """The served version of a model, or the newest older one that is whole, or none; and what was wrong."""
    problems: list[Problem] = []
    for version in _candidates(directory / name):
        try:
            stored = _load(directory / name / version, name, version)
        except (OSError, ValueError, TypeError, AttributeError, LookupError, msgspec.MsgspecError) as error:
            problems.append(_damaged(name, version, error))
            continue
        if now - stored.card.manifest.at > most_days * DAY:
            problems.append(_old(name, (now - stored.card.manifest.at) // DAY, most_days))
            continue
        return stored, problems
    return None, problems or [_damaged(name, "", FileNotFoundError("the folder holds no version"))]


def _candidates(folder: Path) -> Iterator[str]:
    """The current version first, then the others from the newest on."""
    try:
        current = (folder / _CURRENT).read_text("utf-8").strip()[:64]
    except (OSError, UnicodeDecodeError):
        current = ""
    others = [p for p in folder.iterdir() if p.is_dir() and p.name != current] if folder.is_dir() else []
    if current and "/" not in current and not current.startswith("."):
        yield current
    yield from (p.name for p in sorted(others, key=lambda p: p.stat().st_mtime, reverse=True))


def _load(folder: Path, name: str, version: str) -> Stored:
    sums = msgspec.json.decode(_read(folder / _SUMS, most=_WHOLE), type=dict[str, str])
    parts = {part: _read(folder / part, most=_LARGEST) for part in _PARTS}
    for part, content in parts.items():
        if _sum(content) != sums.get(part):
            raise ValueError(f"the bytes of {part} do not match their checksum")
    model = msgspec.json.decode(parts["model.json"], type=dict[str, Any])
    card = msgspec.json.decode(parts["card.json"], type=Card)
    manifest = msgspec.json.decode(parts["manifest.json"], type=Manifest)
    owned = (card.name, card.version, card.question, card.manifest) == (name, version, model["question"], manifest)
    if model["model"] not in MODELS or _version(parts["model.json"]) != version or not owned:
        raise ValueError("its parts belong to different models")
    check_card(card)
    if "trees" in model["fitted"]:  # unpacked once, at load
        model["fitted"] = {**model["fitted"], "trees": unpacked(model["fitted"]["trees"])}
    return Stored(version, model, card)


def _read(path: Path, *, most: int) -> bytes:
    if path.stat().st_size > most:
        raise ValueError(f"{path.name} is larger than {most:,} bytes")
    return path.read_bytes()


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _version(content: bytes) -> str:
    return _sum(content)[:16]


def _again(name: str) -> str:
    return f"train it again: genom learn --only {name}"


def _damaged(name: str, version: str, error: Exception) -> Problem:
    which = f" (version {version})" if version else ""
    why = str(error) if not isinstance(error, FileNotFoundError) else f"a file is missing: {error}"
    return Problem(name, f"The model {name!r}{which} cannot be used.", why[:300], _again(name))


def _old(name: str, days: int, most: int) -> Problem:
    why = f"it was made of data as of {days} days ago; {most} days are allowed, so that erased persons leave it"
    return Problem(name, f"The model {name!r} is too old to be used.", why, _again(name))


def _write(path: Path, content: bytes) -> None:
    scratch = path.with_name(path.name + ".new")
    with open(scratch, "wb", opener=lambda p, flags: os.open(p, flags, 0o600)) as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)


def _forget_old(folder: Path, *, keep: str) -> None:
    versions = sorted((p for p in folder.iterdir() if p.is_dir()), key=lambda p: p.stat().st_mtime, reverse=True)
    for old in [p for p in versions if p.name != keep][_KEPT - 1 :]:
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
