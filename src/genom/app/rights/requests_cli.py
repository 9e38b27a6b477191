"""`genom requests`: what people ask for about their data, and until when."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from genom.app.client import call_all
from genom.app.reading import rfc3339

__all__ = ["request_cli"]

request_cli: Final = typer.Typer(no_args_is_help=True, help="Requests of people about their data, and their dates.")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
_DIRECTORY: Final = Path("genom-data")


@request_cli.command("file")
def file(  # noqa: PLR0917 -- options are given by their names
    kind: Annotated[str, typer.Argument(help="access, portability, rectification, restriction, objection or erasure.")],
    of: Annotated[str, typer.Option("--type", help="Type of an identifier, such as user_id, card or email.")],
    value: Annotated[str, typer.Option(help="The identifier.")],
    region: Annotated[str, typer.Option(help="Whose law counts; of deadlines.yaml.", show_default="the first")] = "",
    note: Annotated[str, typer.Option(help="What the person said.")] = "",
    proof: Annotated[str, typer.Option(help="session, mail, document, in_person or known.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """File a request; prints its id and its date."""
    body = {"kind": kind, "type": of, "value": value, "region": region, "note": note, "proof": proof}
    _print(call_all(data, ("POST", "/v1/requests", body))[0])


@request_cli.command("list")
def listed(
    state: Annotated[str, typer.Option(help="open, done, refused …")] = "open",
    kind: Annotated[str, typer.Option(help="Only of this kind.", show_default="all")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """List requests, the next due first."""
    for one in call_all(data, ("GET", f"/v1/requests?state={state}&kind={kind}", None))[0]["requests"]:
        _print(one)


@request_cli.command("act")
def act(  # noqa: PLR0917 -- options are given by their names
    request: str,
    deed: Annotated[str, typer.Argument(help="ask_proof, start, extend, refuse, do or lift.")],
    reason: Annotated[str, typer.Option(help="The person reads it; needed to extend and to refuse.")] = "",
    proof: Annotated[str, typer.Option(help="session, mail, document, in_person or known.")] = "",
    field: Annotated[str, typer.Option(help="What a correction is about, such as email or an attribute.")] = "",
    value: Annotated[str, typer.Option(help="What is right.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Let a request go on, up to what it asks for; copies are handed out by `genom export` and the console."""
    body = {"act": deed, "reason": reason, "proof": proof, "field": field, "value": value}
    _print(call_all(data, ("POST", f"/v1/requests/{request}", body))[0])


def _print(one: dict[str, Any]) -> None:
    late = "overdue" if one["overdue"] else "urgent" if one["urgent"] else one["state"]
    said = [
        f"{one['id']}: {one['kind']} of {one['subject'] or 'nobody any more'}",
        late,
        f"due {rfc3339(one['due_at'])}",
    ]
    said += [one["answer"]] * bool(one["answer"]) + [f"receipt {one['receipt']}"] * bool(one["receipt"])
    print(", ".join(said))
