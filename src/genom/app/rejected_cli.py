"""`genom rejected`: events that were refused, why, and another try once the cause is mended."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

import msgspec
import typer

from genom.app.client import call_all, reached
from genom.app.show.refusals import refusal_help
from genom.app.trying_again import Tried
from genom.errors import BadRequest, counted
from genom.typed import from_json

__all__ = ["rejected_cli"]

rejected_cli: Final = typer.Typer(no_args_is_help=True, help="Refused events: why, and another try.")

Data = Annotated[Path, typer.Option("--data", envvar="GENOM_DATA", help="Data directory.", show_default="./genom-data")]
Source = Annotated[str, typer.Option(help="Only of this source.")]
Code = Annotated[str, typer.Option(help="Only of this code, such as collect.nan.")]
Day = Annotated[str, typer.Option(help="Only of this day (UTC), such as 2026-03-02.")]
Message = Annotated[str, typer.Option("--message-id", help="Only with this message id.")]
Language = Annotated[str, typer.Option("--language", help="en or de.")]
_DIRECTORY: Final = Path("genom-data")
_CALL: Final = 1_000  # events of one call: as often is progress told
_NONE: Final = (
    "No refused event fits. What a sender gets wrong from now on stands here, with its reason, for as long as "
    "`bad_row_days` says."
)


@rejected_cli.command("list")
def listed(  # noqa: PLR0917 -- options are given by their names
    source: Source = "",
    code: Code = "",
    day: Day = "",
    message_id: Message = "",
    limit: Annotated[int, typer.Option(help="How many, the newest first.")] = 50,
    after: Annotated[str, typer.Option(help="Behind the event of this id.")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """List refused events: id, when they came, source, code, and how to mend it; what names somebody is masked."""
    asked = {"source": source, "code": code, "day": day, "message_id": message_id, "limit": limit, "after": after}
    told = _asked(data, asked)
    for row in told["rows"]:
        print(f"{row['id']}  {row['received_at']}  {row['source']}  {row['code']}  {row['message']}")
    if not told["rows"]:
        print(_NONE)
    elif told["next"]:
        print(f"More: --after {told['next']}", file=sys.stderr)


@rejected_cli.command("counts")
def counts(
    source: Source = "", code: Code = "", day: Day = "", data: Data = _DIRECTORY, language: Language = "en"
) -> None:
    """Count refused events by source and code, and say what to do about each."""
    if language not in {"en", "de"}:
        raise BadRequest(f"There is no language {language!r}.", why="help is told in two", fix="use en or de")
    told = _asked(data, {"source": source, "code": code, "day": day, "limit": 1})
    for group in told["counts"]:
        print(f"{group['rows']:>9,}  {group['source']}  {group['code']}  {refusal_help(group['code'], language)}")
    print(counted(told["total"], "event", "events") if told["total"] else _NONE)


@rejected_cli.command("show")
def show(
    row: Annotated[str, typer.Argument(metavar="ID", help="As `genom rejected list` tells it.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.", show_default="the key's")] = "",
    data: Data = _DIRECTORY,
) -> None:
    """Print a refused event as it came; that goes on record."""
    with reached(data) as way:
        headers = {"X_Reason": reason} if reason else {}
        told = msgspec.json.decode(way.call("GET", f"/v1/rejected/{quote(row, safe='')}", None, **headers))
    for name in ("received_at", "source", "code", "message", "message_id", "call", "sent_with"):
        print(f"{name}: {told[name]}", file=sys.stderr)
    if told["context"]:
        print(f"context of its batch: {told['context']}", file=sys.stderr)
    print(told["raw"])


@rejected_cli.command("replay")
def replay(  # noqa: PLR0917 -- options are given by their names
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Only these.")] = None,
    source: Source = "",
    code: Code = "",
    day: Day = "",
    message_id: Message = "",
    everything: Annotated[bool, typer.Option("--all", help="All that are kept.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would come of it.")] = False,
    data: Data = _DIRECTORY,
) -> None:
    """Try refused events again with the settings of today; each counts once, however often this is run."""
    body: dict[str, Any] = {"source": source, "code": code, "day": day, "message_id": message_id}
    if not (ids or everything or any(body.values())):
        raise BadRequest(
            "It is not said which refused events are meant.",
            why="neither ids nor --source, --code, --day or --message-id were given",
            fix="name some of them, or say --all",
        )
    body |= {"ids": ids or [], "all": everything, "dry_run": dry_run, "most": _CALL}
    told = Tried(dry_run=dry_run)
    with reached(data) as way:
        while True:
            answer = way.call("POST", "/v1/rejected:replay", json.dumps(body | {"after": told.next}).encode())
            told.add(from_json(answer, Tried))
            if not told.next:
                break
            print(f"{told.tried:,} tried, {told.taken:,} {'would be ' if dry_run else ''}taken …", file=sys.stderr)
    print(*_said(told), sep="\n")


def _said(told: Tried) -> list[str]:
    """What came of it, in sentences."""
    if not told.tried:
        return [_NONE]
    of = counted(told.tried, "event", "events")
    became = "would be taken now" if told.dry_run else "was taken" if told.tried == 1 else "were taken"
    lines = [f"{told.taken:,} of {of} {became}."]
    lines += [f"{number:,} {words}" for number, words in _others(told) if number]
    return lines + [f"{number:>9,}  {code}  {refusal_help(code, 'en')}" for code, number in told.reasons.items()]


def _others(told: Tried) -> list[tuple[int, str]]:
    return [
        (told.duplicates, "came before; an event counts once."),
        (told.erased, "of before an erasure of the person: not taken."),
        (told.unable, "cannot be tried: cut, of a source that is gone, or kept without how it came."),
        (told.refused, "would be refused as before:" if told.dry_run else "refused again, which stay:"),
    ]


def _asked(data: Path, asked: dict[str, Any]) -> dict[str, Any]:
    query = urlencode({name: value for name, value in asked.items() if value})
    told: dict[str, Any] = call_all(data, ("GET", f"/v1/rejected?{query}", None))[0]
    return told
