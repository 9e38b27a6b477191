"""`genom users` and `genom key`: who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from genom.app.client import call_all
from genom.app.reading import rfc3339

__all__ = ["key_cli", "user_cli"]

user_cli: Final = typer.Typer(no_args_is_help=True, help="Users: who may log in to the console, with which role.")
key_cli: Final = typer.Typer(no_args_is_help=True, help="Keys of programs: with a role, for purposes.")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
Password = Annotated[
    str,
    typer.Option("--password", prompt=True, hide_input=True, confirmation_prompt=True, help="12 characters or more."),
]
_DIRECTORY: Final = Path("genom-data")
_ROLES: Final = "admin, marketer, analyst, ml_engineer, privacy_agent or dpo."


@user_cli.command("add")
def add(
    name: str,
    password: Password,
    role: Annotated[str, typer.Option(help=_ROLES)],
    data: Data = _DIRECTORY,
) -> None:
    """Let somebody log in; asks for the password if it is not given."""
    user = call_all(data, ("POST", "/v1/users", {"name": name, "role": role, "password": password}))[0]
    print(f"{user['name']} may log in as {user['role']}.")


@user_cli.command("list")
def listed(data: Data = _DIRECTORY) -> None:
    """List who may log in."""
    for user in call_all(data, ("GET", "/v1/users", None))[0]["users"]:
        print(f"{user['name']}: {user['role']}, since {rfc3339(user['at'])}")


@user_cli.command("role")
def role(name: str, role: Annotated[str, typer.Argument(help=_ROLES)], data: Data = _DIRECTORY) -> None:
    """Give somebody another role; they are logged out."""
    call_all(data, ("POST", "/v1/users", {"name": name, "role": role}))
    print(f"{name} is {role} now.")


@user_cli.command("password")
def password(name: str, password: Password, data: Data = _DIRECTORY) -> None:
    """Give somebody another password; they are logged out."""
    call_all(data, ("POST", "/v1/users", {"name": name, "password": password}))
    print(f"{name} has a new password.")


@user_cli.command("remove")
def remove(name: str, data: Data = _DIRECTORY) -> None:
    """Nobody logs in by this name any more."""
    call_all(data, ("DELETE", f"/v1/users/{name}", None))
    print(f"{name} was removed.")


@key_cli.command("add")
def add_key(
    name: str,
    role: Annotated[str, typer.Option(help=_ROLES)],
    purpose: Annotated[list[str] | None, typer.Option(help="Only for this one; repeat it for several.")] = None,
    reason: Annotated[str, typer.Option(help="What it is for.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Make a key; it is the last word printed, this once."""
    body = {"name": name, "role": role, "purposes": purpose or [], "reason": reason}
    made = call_all(data, ("POST", "/v1/keys", body))[0]
    print(f"Key {made['id']} ({role}): {made['key']}")


@key_cli.command("list")
def listed_keys(data: Data = _DIRECTORY) -> None:
    """List the keys, without what opens anything."""
    for key in call_all(data, ("GET", "/v1/keys", None))[0]["keys"]:
        purposes = ", ".join(key["purposes"]) or "all purposes"
        print(f"{key['id']} {key['name']}: {key['kind']} {key['role']}, {purposes}")


@key_cli.command("remove")
def remove_key(ident: Annotated[str, typer.Argument(metavar="ID")], data: Data = _DIRECTORY) -> None:
    """The key opens nothing any more."""
    call_all(data, ("DELETE", f"/v1/keys/{ident}", None))
    print(f"Key {ident} was removed.")
