"""`genom privacy`: the records of processing, written and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from genom.app.client import call_all, text_of
from genom.app.reading import rfc3339

__all__ = ["privacy_cli"]

privacy_cli: Final = typer.Typer(no_args_is_help=True, help="What a privacy officer answers for.")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
_DIRECTORY: Final = Path("genom-data")


@privacy_cli.command("records")
def records(
    out: Annotated[Path | None, typer.Option(help="A file to write instead of printing.")] = None,
    language: Annotated[str, typer.Option("--language", help="en or de.")] = "en",
    data: Data = _DIRECTORY,
) -> None:
    """Write the records of processing activities (Art. 30 GDPR) from the configuration, as Markdown."""
    text = text_of(data, f"/v1/privacy/records?language={language}")
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, "utf-8")
        print(f"{out}: {len(text.splitlines())} lines.")


@privacy_cli.command("sign")
def sign(data: Data = _DIRECTORY) -> None:
    """Sign the records as they are now; they are marked stale when the configuration changes."""
    signed = call_all(data, ("POST", "/v1/privacy/records:sign", None))[0]
    print(f"Signed {signed['hash'][:16]} at {rfc3339(signed['at'])}.")
