"""Another root key for a data directory: what lies under it is wrapped anew, and the old one opens nothing of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from genom.app.directory import take_lock
from genom.errors import BadRequest
from genom.keys import NEW, ROOT_FILE, change_root, given_root, root_key, shred, write_private

__all__ = ["change_own_root", "change_to_given", "names_another"]


def names_another(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a root key to change to."""
    return any(environment.get(NEW + end) for end in ("_FILE", "", "_PASSPHRASE"))


def change_own_root(keys: Path, environment: Mapping[str, str] = os.environ) -> None:
    """A new `root.key` in a directory of keys, while whoever holds the directory goes on reading.

    Raises BadRequest if the root key comes from elsewhere: a running process could not be told of another.
    """
    if given_root(keys, environment) is not None:
        raise BadRequest(
            "The root key cannot be changed beside a node.",
            why="the environment gives it (GENOM_KEY, GENOM_KEY_FILE or …_PASSPHRASE), and would give the old one",
            fix=f"stop the node, give the new key as {NEW}_FILE, {NEW} or {NEW}_PASSPHRASE, and run "
            "`genom encryption root`",
            code="keys.root-given",
        )
    new = os.urandom(32)
    place = keys / ROOT_FILE
    old = root_key(keys, environment, first=False)
    change_root(keys, old=old, new=new, take=lambda: write_private(place, new, shred=True))


def change_to_given(directory: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Change to the root key that the environment names as the new one; no process may hold the directory.

    A change that was killed is ended by the same call.  Raises DirectoryInUse if a node serves it, and BadRequest if
    both keys are the same.
    """
    keys = directory / "keys"
    if not keys.is_dir():
        raise BadRequest(f"{directory} has no keys.", why="no node was ever started on it", fix="check --data")
    lock = take_lock(directory)
    try:
        new = given_root(keys, environment, NEW)
        old = given_root(keys, environment)
        if new is None or new == old:
            raise BadRequest("The root key is the same.", why="nothing would change", fix=f"give another as {NEW}…")
        if old is None:  # without `root.key` a change was killed at its very end
            old = root_key(keys, environment, first=False) if (keys / ROOT_FILE).exists() else new
        change_root(keys, old=old, new=new, take=lambda: None)
        shred(keys / ROOT_FILE)
    finally:
        os.close(lock)
