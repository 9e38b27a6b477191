"""Another root key: whatever lies under it is wrapped anew, and nothing else is written.

Three files lie under the root key.  First each gets a second wrapping, under the new key, beside the old one; then the
new key takes the place of the old one; then the old wrappings go, and their bytes.  At every moment one root key opens
all of them, so that a crash anywhere leaves a directory which opens, and readers never wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any, Final

import msgspec

from genom.keys.days import about_day
from genom.keys.epochs import about_epoch
from genom.keys.private import write_private
from genom.keys.root import root_key
from genom.keys.wrapped import BETWEEN, other_root, unwrapped, wrapped

__all__ = ["ABOUT_SECRETS", "change_root", "settle_root"]

ABOUT_SECRETS: Final = b"secrets"
"""What the secrets behind hashes are bound to."""
_FILES: Final = ("secrets.json", "epochs.json", "days.json")

Texts = Iterator[tuple[MutableMapping[str, str], str, bytes]]  # where a text stands, its name, what it is bound to


def change_root(directory: Path, *, old: bytes, new: bytes, take: Callable[[], None]) -> None:
    """Wrap all that lies under the old root key under the new one; `take` puts the new key in the old one's place.

    What a change that was killed left under the new key is taken as well.  Nobody else may write in the directory
    meanwhile; reading goes on.  Raises BadConfiguration if something opens under neither key, and changes nothing then.
    """
    for path, document in _documents(directory):
        for where, name, about in _texts(path.name, document):
            _content(where[name], (old, new), about, path)
    for path, document in _documents(directory):
        _rewrap(path, document, (old, new), (old, new))
    take()
    for path, document in _documents(directory):
        _rewrap(path, document, (old, new), (new,))


def settle_root(directory: Path) -> None:
    """End a change that was killed: what has two wrappings keeps that of the root key of now.

    Raises BadConfiguration if this key does not open all; nothing is changed then.
    """
    texts = [text for path, document in _documents(directory) for text in _texts(path.name, document)]
    if not any(BETWEEN in where[name] for where, name, _ in texts):
        return
    root = root_key(directory, first=False)
    for path, document in _documents(directory):
        for where, name, about in _texts(path.name, document):
            _content(where[name], (root,), about, path)
    for path, document in _documents(directory):
        _rewrap(path, document, (root,), (root,))


def _rewrap(path: Path, document: Any, opening: tuple[bytes, ...], under: tuple[bytes, ...]) -> None:
    for where, name, about in _texts(path.name, document):
        content = _content(where[name], opening, about, path)
        where[name] = BETWEEN.join(wrapped(root, content, about=about) for root in under)
    write_private(path, msgspec.json.encode(document), shred=True)


def _content(text: str, roots: tuple[bytes, ...], about: bytes, path: Path) -> bytes:
    for root in roots:
        if (content := unwrapped(root, text, about=about)) is not None:
            return content
    raise other_root(path)


def _documents(directory: Path) -> Iterator[tuple[Path, Any]]:
    """The files that are there; one that is no JSON is left to whoever reads it, who says so."""
    for name in _FILES:
        path = directory / name
        if path.exists():
            try:
                yield path, msgspec.json.decode(path.read_bytes())
            except msgspec.DecodeError:
                continue


def _texts(name: str, document: Any) -> Texts:
    if name == "epochs.json" and isinstance(document, list):
        for one in document:
            if isinstance(one, dict) and isinstance(one.get("wrapped"), str) and isinstance(one.get("number"), int):
                yield one, "wrapped", about_epoch(one["number"])
    elif name == "days.json" and isinstance(document, dict):
        for day, text in document.items():
            if isinstance(text, str):
                yield document, day, about_day(day)
    elif isinstance(document, dict) and isinstance(document.get("wrapped"), str):
        yield document, "wrapped", ABOUT_SECRETS
