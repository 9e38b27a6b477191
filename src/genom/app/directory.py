"""The data directory: one owner, one lock, the secrets that never change."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from genom.errors import BadConfiguration, DirectoryInUse
from genom.keys import Epochs, Root, settle_root, write_private
from genom.keys.changing import ABOUT_SECRETS
from genom.keys.wrapped import BETWEEN

__all__ = [
    "RESTORING",
    "SECRETS",
    "DataDirectory",
    "Secrets",
    "open_directory",
    "read_secrets",
    "running_node",
    "take_lock",
]

SECRETS: Final = "keys/secrets.json"
RESTORING: Final = "restore.unfinished"
"""Mark of a directory that a backup is being restored into: who was erased since may be in it still."""
_WRAPPED = "wrapped"
_BEFOREHAND: Final = {"lock"} | {
    f"{name}.yaml" for name in ("art9", "deadlines", "genes", "points", "purposes", "questions", "settings")
}
"""What an operator may put into a directory before the first start."""

_PARTS: Final = {"message": 16, "identity": 16, "item": 16, "public": 16, "vault": 32, "seed": 16}


@dataclass(frozen=True, slots=True)
class Secrets:
    """Keys that turn identifiers into hashes and ids; whoever has them can link the stores."""

    message: bytes
    identity: bytes
    item: bytes
    public: bytes
    vault: bytes
    seed: bytes


@dataclass(frozen=True, slots=True)
class DataDirectory:
    """An open data directory, held by this process until it ends."""

    path: Path
    secrets: Secrets
    lock: int  # file descriptor

    def announce(self, **facts: object) -> None:
        """Write who holds the directory, for the commands that go through a running node."""
        write_private(self.path / "node.json", json.dumps({"pid": os.getpid(), **facts}).encode())

    def close(self) -> None:
        """Release the directory."""
        (self.path / "node.json").unlink(missing_ok=True)
        os.close(self.lock)


def open_directory(path: Path, *, create: bool = True, restoring: bool = False) -> DataDirectory:
    """Take a data directory for this process; an existing empty one is taken and set to 0700.

    Raises DirectoryInUse if another process holds it, BadConfiguration if it is something else, or a restore into it
    did not end and this is not it (`restoring`).
    """
    if not restoring and (path / RESTORING).exists():
        raise BadConfiguration(
            f"A restore into {path} did not end.", why="people who were erased since the backup may be in it still",
            fix="run `genom restore` into it again; it begins anew", code="restore.unfinished",
        )  # fmt: skip
    if not path.exists() and not create:
        raise BadConfiguration(
            f"There is no data directory {path}.", why="the path does not exist", fix="start `genom up` once"
        )
    if path.exists() and not path.is_dir():
        raise BadConfiguration(
            f"{path} is not a directory.", why="a file has this name", fix="name a directory, or a new one"
        )
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    foreign = {entry.name for entry in path.iterdir()} - _BEFOREHAND
    if foreign and not (path / "keys").exists():
        raise BadConfiguration(
            f"{path} is not a data directory of Genom.",
            why=f"it holds other files, such as {min(foreign)!r}",
            fix="name an empty directory or one that Genom made",
        )
    path.chmod(0o700)
    lock = take_lock(path)
    (path / "node.json").unlink(missing_ok=True)  # of a node that was killed
    try:
        settle_root(path / "keys")
        return DataDirectory(path, _made_secrets(path), lock)
    except BaseException:
        os.close(lock)
        raise


def take_lock(path: Path) -> int:
    """The file descriptor of a directory's lock, held by this process; raises DirectoryInUse."""
    lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise _in_use(path) from None
    return lock


def _in_use(path: Path) -> DirectoryInUse:
    node = running_node(path)
    return DirectoryInUse(
        f"The data directory {path} is in use.",
        why=f"process {node['pid']} holds it" if node and "pid" in node else "another process holds it",
        fix="stop that process, or use its node: commands find it by themselves",
    )


def running_node(path: Path) -> dict[str, object] | None:
    """What the process that holds the directory announced (nothing while it starts), or None if nobody holds it."""
    try:
        with (path / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            found: dict[str, object] = json.loads((path / "node.json").read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        return found
    except FileNotFoundError:
        return None
    return None


def read_secrets(path: Path) -> Secrets:
    """The secrets of a data directory, which lie under its root key.

    Raises BadConfiguration if they do not open.
    """
    place = path / SECRETS
    stored = _stored(place)
    try:
        if _WRAPPED in stored:
            root = Root(place.parent, first=False)
            text = _stored(place)[_WRAPPED]  # read behind the root key, which may have been changed with it
            bytes.fromhex(text.replace(BETWEEN, ""))
            stored = json.loads(root.unwrap(text, about=ABOUT_SECRETS, where=place))
        return Secrets(**{name: bytes.fromhex(stored[name]) for name in _PARTS})
    except (AttributeError, ValueError, KeyError, TypeError) as error:
        raise _damaged(place) from error


def _stored(place: Path) -> dict[str, str]:
    """What the file of secrets holds, wrapped or plain."""
    try:
        stored = json.loads(place.read_bytes())
    except ValueError as error:
        raise _damaged(place) from error
    if not isinstance(stored, dict):
        raise _damaged(place)
    return stored


def _damaged(place: Path) -> BadConfiguration:
    return BadConfiguration(
        f"{place} is damaged.", why="without the secrets in it nobody is found, and no vault opens",
        fix="restore the directory keys/ from a backup that was made with these data",
    )  # fmt: skip


def _made_secrets(path: Path) -> Secrets:
    """The secrets, made at the first use of a directory; those of an older Genom are wrapped."""
    place = path / SECRETS
    place.parent.mkdir(mode=0o700, exist_ok=True)
    plain: dict[str, str] = {}
    if not place.exists():
        if (path / "catalogue.sqlite").exists():
            raise BadConfiguration(
                f"The keys of {path} are lost.", why=f"there is no {SECRETS}, and with others nobody would be found",
                fix="restore the directory keys/ from a backup that was made with these data",
            )  # fmt: skip
        plain = {name: secrets.token_hex(size) for name, size in _PARTS.items()}
    elif _WRAPPED not in (stored := _stored(place)):
        plain = stored
    if plain:
        first = not (place.parent / "epochs.json").exists()
        if not first:
            Epochs(place.parent)  # under another root key the secrets could never be opened beside the data keys
        root = Root(place.parent, first=first)
        sealed = root.wrap(json.dumps(plain).encode(), about=ABOUT_SECRETS)
        write_private(place, json.dumps({_WRAPPED: sealed}).encode(), shred=True)
    return read_secrets(path)
