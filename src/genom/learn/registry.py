"""The registry: `models/NAME/VERSION/` with model, card, manifest and the checksums of all three.

VERSION is the hash of the model's bytes.  A new version serves as its question's policy says (`releases.py`).
What is damaged is never served: the whole version that served before is, else none, and a problem says so in words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from genom.errors import BadRequest, NotFound
from genom.keys import write_private
from genom.learn.card import Card, Manifest, check_card
from genom.learn.models import MODELS
from genom.learn.releases import Release, keep_log, locked, log_of, served_line, verdict_on
from genom.learn.training import Trained
from genom.learn.trees import unpacked
from genom.typed import from_json

__all__ = [
    "Known",
    "Problem",
    "Stored",
    "approve",
    "known_versions",
    "load_current",
    "model_names",
    "roll_back",
    "save",
]

_CURRENT: Final = "current"
_KEPT: Final = 3  # newest versions of a model, beside the one that serves and the one before
_LARGEST: Final = 64_000_000  # bytes of a file
_PARTS: Final = ("model.json", "card.json", "manifest.json")
_SUMS: Final = "checksums.json"  # part → SHA-256 of its bytes
_WHOLE: Final = 1_000_000  # bytes of the checksums
DAY: Final = 86_400_000  # ms
_FAULTS: Final = (OSError, ValueError, TypeError, AttributeError, LookupError, msgspec.MsgspecError)
"""What a damaged version can fail with."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A version that the registry holds."""

    version: str
    state: str  # serves, waits, before (it served), or empty
    card: Card | None  # None: it is damaged
    problem: str  # why it cannot be served; empty: it can
    releases: tuple[Release, ...]  # what was decided about it, the newest first


def save(directory: Path, trained: Trained) -> Stored:
    """Write a version durably; it serves if its question's policy says so, else it waits for approval."""
    content = msgspec.json.encode(trained.model, order="sorted")
    version = _version(content)
    card = msgspec.structs.replace(trained.card, version=version)
    folder = directory / card.name / version
    for part in (directory, folder.parent, folder):
        part.mkdir(mode=0o700, exist_ok=True)
    said = [msgspec.json.format(msgspec.json.encode(part), indent=1) for part in (card, card.manifest)]
    parts = dict(zip(_PARTS, (content, *said), strict=True))
    for name, written in parts.items():
        write_private(folder / name, written)
    write_private(folder / _SUMS, msgspec.json.encode({name: _sum(written) for name, written in parts.items()}))
    with locked(folder.parent):
        served = _current(folder.parent)
        if served != version:
            why, serves = verdict_on(card, _card_of(folder.parent, served))
            _decide(folder.parent, Release(version=version, at=card.trained_at, by="training", why=why, serves=serves))
        _forget_old(folder.parent, new=version)
    return Stored(version, trained.model, card)


def approve(directory: Path, name: str, version: str | None, *, by: str, now: int, most_days: int) -> tuple[str, str]:
    """Make a version serve: the newest that waits unless one is named.  Returns it and the one that served.

    Raises NotFound, or BadRequest if it cannot be served.
    """
    known = _known_model(directory, name, now=now, most_days=most_days)
    waiting = [one.version for one in known if one.state == "waits"]
    chosen = version or (waiting[0] if waiting else None)
    if chosen is None:
        raise BadRequest(
            f"No version of {name!r} waits for approval.", why="each was decided about", fix="name the version"
        )
    return _release(directory / name, known, chosen, by=by, now=now, why="approved")


def roll_back(directory: Path, name: str, *, by: str, now: int, most_days: int) -> tuple[str, str]:
    """Make the version serve that did before.  Returns it and the one that served.

    Raises NotFound, or BadRequest if there is none or it cannot be served.
    """
    known = _known_model(directory, name, now=now, most_days=most_days)
    line = _line(directory / name)
    if len(line) < 2:
        raise BadRequest(
            f"The model {name!r} has no version to go back to.",
            why="no other version has served before",
            fix="approve another one, or train it again",
        )
    return _release(directory / name, known, line[-2], by=by, now=now, why="rolled_back")


def known_versions(directory: Path, name: str, *, now: int, most_days: int) -> list[Known]:
    """All versions of a model, the newest first; a version that is damaged or too old says so."""
    folder = directory / name
    if not folder.is_dir():
        return []
    log, current, line = log_of(folder), _current(folder), _line(folder)
    found: list[Known] = []
    for version in sorted(_versions(folder), key=lambda p: p.stat().st_mtime, reverse=True):
        releases = tuple(entry for entry in reversed(log) if entry.version == version.name)
        state = "serves" if version.name == current else "before" if version.name in line[-2:-1] else ""
        if not state and releases and not releases[0].serves and not any(known.state for known in found):
            state = "waits"
        card, problem = None, ""
        try:
            card = _load(version, name, version.name).card
        except _FAULTS as error:
            problem = _why(error)
        if card is not None and now - card.manifest.at > most_days * DAY:
            problem = _old(name, (now - card.manifest.at) // DAY, most_days).why
        found.append(Known(version=version.name, state=state, card=card, problem=problem, releases=releases))
    return found


def model_names(directory: Path) -> list[str]:
    """The models that the registry holds in any state."""
    if not directory.is_dir():
        return []
    return sorted(p.name for p in directory.iterdir() if p.is_dir() and ((p / _CURRENT).exists() or log_of(p)))


def load_current(directory: Path, name: str, *, now: int, most_days: int) -> tuple[Stored | None, list[Problem]]:
    """The served version of a model, or the newest older one that is whole, or none; and what was wrong."""
    problems: list[Problem] = []
    for version in _candidates(directory / name):
        try:
            stored = _load(directory / name / version, name, version)
        except _FAULTS as error:
            problems.append(_damaged(name, version, error))
            continue
        if now - stored.card.manifest.at > most_days * DAY:
            problems.append(_old(name, (now - stored.card.manifest.at) // DAY, most_days))
            continue
        return stored, problems
    if problems or (log_of(directory / name) and not _line(directory / name)):  # all of them wait
        return None, problems
    return None, [_damaged(name, "", FileNotFoundError("the folder holds no version"))]


def _candidates(folder: Path) -> list[str]:
    """The current version first, then those that served before, from the last on; never one that waits."""
    current, line = _current(folder), _line(folder)
    others = line[::-1]
    if not line:  # what an older Genom kept
        newest = sorted(_versions(folder), key=lambda p: p.stat().st_mtime, reverse=True)
        others = [] if log_of(folder) else [p.name for p in newest]
    return list(dict.fromkeys([*([current] if current else []), *others]))


def _versions(folder: Path) -> list[Path]:
    return [p for p in folder.iterdir() if p.is_dir()] if folder.is_dir() else []


def _line(folder: Path) -> list[str]:
    """The versions that led to the one that serves, as far as they are still there."""
    return [version for version in served_line(log_of(folder)) if (folder / version).is_dir()]


def _current(folder: Path) -> str:
    try:
        current = (folder / _CURRENT).read_text("utf-8").strip()[:64]
    except (OSError, UnicodeDecodeError):
        return ""
    return "" if "/" in current or current.startswith(".") else current


def _card_of(folder: Path, version: str) -> Card | None:
    """The card of a version; None if there is none that can be read."""
    try:
        return _load(folder / version, folder.name, version).card if version else None
    except _FAULTS:
        return None


def _known_model(directory: Path, name: str, *, now: int, most_days: int) -> list[Known]:
    if name not in model_names(directory):
        raise NotFound(
            f"There is no model named {name[:80]!r}.",
            why=f"the registry holds {', '.join(model_names(directory)) or 'none'}",
            fix="train it with `genom learn`",
        )
    return known_versions(directory, name, now=now, most_days=most_days)


def _release(folder: Path, known: list[Known], version: str, *, by: str, now: int, why: str) -> tuple[str, str]:
    chosen = next((one for one in known if one.version == version), None)
    if chosen is None:
        raise NotFound(
            f"The model {folder.name!r} has no version {version[:40]!r}.",
            why=f"its versions are {', '.join(one.version for one in known)}",
            fix="name one of these",
        )
    if chosen.problem:
        raise BadRequest(
            f"Version {version} of the model {folder.name!r} cannot be served.",
            why=chosen.problem,
            fix=_again(folder.name),
            code="model.unusable",
        )
    with locked(folder):
        before = _current(folder)
        if before == version:
            raise BadRequest(f"Version {version} of {folder.name!r} serves already.", why="", fix="name another one")
        _decide(folder, Release(version=version, at=now, by=by, why=why, serves=True))
    return version, before


def _decide(folder: Path, release: Release) -> None:
    """Write down what was decided, and have the version serve if it should."""
    log = log_of(folder)
    if not log and (before := _current(folder)):  # an older Genom let it serve
        log = [Release(version=before, at=release.at, by="training", why="first", serves=True)]
    keep_log(folder, [*log, release], write_private)
    if release.serves:
        write_private(folder / _CURRENT, release.version.encode())


def _load(folder: Path, name: str, version: str) -> Stored:
    sums = from_json(_read(folder / _SUMS, most=_WHOLE), dict[str, str])
    parts = {part: _read(folder / part, most=_LARGEST) for part in _PARTS}
    for part, content in parts.items():
        if _sum(content) != sums.get(part):
            raise ValueError(f"the bytes of {part} do not match their checksum")
    model = from_json(parts["model.json"], dict[str, Any])
    card = from_json(parts["card.json"], Card)
    manifest = from_json(parts["manifest.json"], Manifest)
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
    return Problem(name, f"The model {name!r}{which} cannot be used.", _why(error), _again(name))


def _why(error: Exception) -> str:
    missing = isinstance(error, FileNotFoundError) and error.filename
    return (f"a file is missing: {Path(str(missing)).name}" if missing else str(error))[:300]


def _old(name: str, days: int, most: int) -> Problem:
    why = f"it was made of data as of {days} days ago; {most} days are allowed, so that erased persons leave it"
    return Problem(name, f"The model {name!r} is too old to be used.", why, _again(name))


def _forget_old(folder: Path, *, new: str) -> None:
    """The new version, the one that serves, the one before and the newest few stay."""
    versions = sorted(_versions(folder), key=lambda p: p.stat().st_mtime, reverse=True)
    stay = {new, _current(folder), *_line(folder)[-2:]}
    for version in [p.name for p in versions if p.name not in stay]:
        if len(stay - {""}) < _KEPT:
            stay.add(version)
    for old in [p for p in versions if p.name not in stay]:
        for file in old.iterdir():
            file.unlink()
        old.rmdir()
