"""`genom privacy`: the records of processing, written and signed; what permitted groups give away."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import typer

from genom.app.client import call_all, text_of
from genom.app.reading import rfc3339

if TYPE_CHECKING:
    from genom.app.special.leaks import Leaked

__all__ = ["leak_lines", "privacy_cli"]

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


@privacy_cli.command("leaks")
def leaks(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False, data: Data = _DIRECTORY
) -> None:
    """Predict from what each purpose may know who has events about special categories, and print how well that works.

    It reads the directory beside its running node, or without one, and writes nothing.
    """
    from genom.app.special.leaks import leaks_of
    from genom.app.training.past import open_record
    from genom.settings import load_settings

    record = open_record(data, load_settings(data), now=time.time_ns() // 1_000_000)
    found = leaks_of(record, progress=lambda text: typer.echo(text, err=True))
    lines = [line for one in found for line in leak_lines(one)]
    print(msgspec.json.encode(found).decode() if as_json else "\n".join(lines))


def leak_lines(one: Leaked) -> list[str]:
    """A figure in words.

    >>> from genom.app.special.leaks import Leaked
    >>> leak_lines(Leaked(purpose="recommend", persons=90, tagged=3))
    ['recommend: 3 of 90 people have tagged events, too few to say anything (20 with and 20 without are needed).']
    """
    people = f"{one.purpose}: {one.tagged:,} of {one.persons:,} people have tagged events"
    if one.auc is None:
        return [f"{people}, too few to say anything (20 with and 20 without are needed)."]
    auc = f"{one.auc.value:.3f} ({one.auc.low:.3f} to {one.auc.high:.3f})"
    told = [f"{people}; what the purpose may know tells them apart with an AUC of {auc}; 0.5 is chance."]
    return [*told, *(f"  {leak.feature} alone: {leak.auc:.3f}" for leak in one.alone)]
