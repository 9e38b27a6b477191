"""`genom encryption`: how the keys of bodies stand, a new epoch, another root key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from genom.app.client import call_all
from genom.app.rerooting import change_to_given, names_another

__all__ = ["encryption_cli"]

encryption_cli: Final = typer.Typer(no_args_is_help=True, help="Keys under which the bodies of events lie.")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
_DIRECTORY: Final = Path("genom-data")


@encryption_cli.command("status")
def status(data: Data = _DIRECTORY) -> None:
    """Whether bodies are sealed, and under which epoch's key."""
    print(_words(call_all(data, ("GET", "/v1/encryption", None))[0]))


@encryption_cli.command("rotate")
def rotate(data: Data = _DIRECTORY) -> None:
    """Wrap everybody's keys under a new epoch's and destroy the old one; data are not rewritten."""
    print(_words(call_all(data, ("POST", "/v1/encryption:rotate", None))[0]))


@encryption_cli.command("root")
def root(data: Data = _DIRECTORY) -> None:
    """Change the root key: to a new keys/root.key, or to what GENOM_NEW_KEY (or …_FILE, …_PASSPHRASE) gives."""
    if names_another():
        change_to_given(data)
        print("All keys lie under the new root key. Start the node with it: the old one opens nothing any more.")
    else:
        print(_words(call_all(data, ("POST", "/v1/encryption:root", None))[0]))
        print("All keys lie under a new keys/root.key: the old one opens nothing any more.")


def _words(told: dict[str, Any]) -> str:
    how = "are sealed" if told["seals"] else "are NOT sealed (encrypt_bodies is off)"
    epochs = " and ".join(str(epoch) for epoch in told["epochs"])
    return f"New bodies {how}; keys of {told['provided']:,} profiles, under epoch {epochs}."
