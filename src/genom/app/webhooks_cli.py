"""`genom webhook`: systems that send signed bodies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import typer

from genom.app.client import call_all, listed_in

__all__ = ["webhook_cli"]

webhook_cli: Final = typer.Typer(no_args_is_help=True, help="Webhooks: other systems that send signed bodies.")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
File = Annotated[Path, typer.Argument(help="YAML or JSON: one webhook, a list, or `webhooks:`.")]
_DIRECTORY: Final = Path("genom-data")


@webhook_cli.command("add")
def add(file: File, data: Data = _DIRECTORY) -> None:
    """Add or change the webhooks of a file, all or none; a secret that Genom makes is printed this once."""
    for one in call_all(data, ("POST", "/v1/webhooks", {"webhooks": listed_in(file, "webhooks")}))[0]["webhooks"]:
        secret = f"; secret {one['secret']}" if one.get("secret") else ""
        print(f"Webhook {one['name']}, version {one['version']}: POST /v1/webhooks/{one['name']}{secret}")


@webhook_cli.command("list")
def listed(data: Data = _DIRECTORY) -> None:
    """List the webhooks."""
    told = call_all(data, ("GET", "/v1/webhooks", None))[0]["webhooks"]
    for one in told:
        webhook = one["webhook"]
        events = ", ".join(rule.get("event") or rule.get("type", "track") for rule in webhook["events"])
        print(f"{webhook['name']} v{one['version']}: source {webhook['source']}, {events}")
    if not told:
        print("There are no webhooks.")


@webhook_cli.command("remove")
def remove(name: str, data: Data = _DIRECTORY) -> None:
    """Remove a webhook and its secret."""
    removed = call_all(data, ("DELETE", f"/v1/webhooks/{quote(name, safe='')}", None))[0]["removed"]
    print(f"Webhook {removed} removed.")


@webhook_cli.command("try")
def try_out(
    name: str,
    file: Annotated[Path, typer.Argument(help="A body as the system sends it.", exists=True, dir_okay=False)],
    data: Data = _DIRECTORY,
) -> None:
    """Print the events that a body would become; nothing is taken.  Exit status 1 if any of it would be rejected."""
    body = {"body": file.read_text("utf-8")}
    told = call_all(data, ("POST", f"/v1/webhooks/{quote(name, safe='')}/try", body))[0]
    for event in told["events"]:
        print(json.dumps(event, indent=2, ensure_ascii=False))
    for one in told["rejected"]:
        print(f"{one['index']}: {one['code']}: {one['message']}")
    raise typer.Exit(1 if told["rejected"] else 0)
