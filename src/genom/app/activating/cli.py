"""`genom destination`: where people are sent, and who is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final
from urllib.parse import quote

import typer

from genom.app.client import call_all, listed_in

__all__ = ["destination_cli"]

destination_cli: Final = typer.Typer(
    no_args_is_help=True, help="Destinations: recipients outside, who are told of the people of a segment."
)

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
File = Annotated[Path, typer.Argument(help="YAML or JSON: one destination, a list, or `destinations:`.")]
_DIRECTORY: Final = Path("genom-data")


@destination_cli.command("list")
def list_destinations(data: Data = _DIRECTORY) -> None:
    """List the destinations with the number of people in each state."""
    told = call_all(data, ("GET", "/v1/destinations", None))[0]["destinations"]
    for one in told:
        found = one["destination"]
        people = ", ".join(f"{count:,} {state}" for state, count in one["people"].items()) or "nobody"
        where = f"{found['recipient']} ({found['country']})"
        left = "; given up" if one["removed"] else ""
        back = f"; nobody new is sent: {one['held_back']}" if one["held_back"] else ""
        waits = f"; nobody comes for {one['waiting']:,}: is the worker alive?" if one["waiting"] else ""
        late = f"; {one['late']:,} removals late" if one["late"] else ""
        print(f"{found['id']} v{one['version']}: {where}: {people}{back}{late}{waits}{left}")
        for why, count in one["problems"].items():
            print(f"  {count:,} wait for another attempt: {why}")
    if not told:
        print("There are no destinations: nobody is sent anywhere.")


@destination_cli.command()
def add(file: File, data: Data = _DIRECTORY) -> None:
    """Add or change the destinations of a file, all or none; prints the secret that signs what is sent."""
    said = {"destinations": listed_in(file, "destinations")}
    for one in call_all(data, ("POST", "/v1/destinations", said))[0]["destinations"]:
        print(f"Destination {one['id']}, version {one['version']}; secret {one['secret']}")


@destination_cli.command()
def remove(name: str, data: Data = _DIRECTORY) -> None:
    """Give a destination up: everybody who was sent there is removed."""
    removed = call_all(data, ("DELETE", f"/v1/destinations/{quote(name, safe='')}", None))[0]["removed"]
    print(f"Destination {removed} given up; `genom destination list` shows who still leaves.")
